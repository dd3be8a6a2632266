//! A subnet that ends leaves nothing here.
use crate::{mock::*, Count, Difficulty, Neurons as Stored, Pricing, Protected, SpentSeal, SpentSeals};
use frame_support::{assert_noop, assert_ok, storage::unhashed, weights::Weight};
use laurel_support::{Neurons as _, OnSubnetRemoved};
use laurel_types::{AxonAddress, Balance, NetUid};
use sp_io::hashing::twox_128;

const OTHER: NetUid = NetUid(2);

/// Keys of this pallet's storage.
fn stored() -> Vec<Vec<u8>> {
    let prefix = twox_128(b"Neurons").to_vec();
    let mut keys = Vec::new();
    let mut next = sp_io::storage::next_key(&prefix);
    while let Some(key) = next.filter(|key| key.starts_with(&prefix)) {
        assert!(unhashed::exists(&key));
        next = sp_io::storage::next_key(&key);
        keys.push(key);
    }
    keys
}

/// A subnet that has something of everything.
fn a_full_life(netuid: NetUid) {
    add_subnet(netuid, OWNER, TheSubnets::get()[&NET].params);
    for hotkey in 100..108 {
        assert_ok!(Neurons::burned_register(
            RuntimeOrigin::signed(OWNER),
            netuid,
            hotkey,
            Balance::MAX,
            Some(CONSENT)
        ));
        let address = AxonAddress::V4([8, 8, 8, 8], 80);
        assert_ok!(Neurons::publish_axon(
            RuntimeOrigin::signed(hotkey),
            netuid,
            address,
            1,
            MODEL
        ));
    }
    assert_ok!(Neurons::protect_neuron(RuntimeOrigin::signed(OWNER), netuid, 101));
    SpentSeals::<Test>::mutate(netuid, |spent| {
        let seal = [1; 32];
        spent.try_push(SpentSeal { block: 1, seal }).unwrap()
    });
}

/// Takes the subnet away as the subnets pallet does before it removes the rest.
fn end(netuid: NetUid) {
    TheSubnets::mutate(|subnets| subnets.remove(&netuid));
    Ending::set(vec![netuid]);
}

/// Weakness 50: most of a removed network stayed behind for the next one of that number.
#[test]
fn a_removed_subnet_leaves_nothing_of_its_neurons() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, 50);
        let before = stored();
        a_full_life(OTHER);
        end(OTHER);
        let mut steps = 0;
        loop {
            // Enough for three neurons at a time.
            let (used, done) = Neurons::remove_step(OTHER, Weight::from_parts(135, 0));
            assert!(used.all_lte(Weight::from_parts(135, 0)));
            steps += 1;
            if done {
                break;
            }
            assert_ok!(Neurons::do_try_state());
        }
        assert_eq!(steps, 3);
        Ending::set(Vec::new());
        assert_eq!(stored(), before);
        assert_eq!(Neurons::count(NET), 1);
        // Asked again, there is nothing to do and nothing happens.
        assert!(Neurons::remove_step(OTHER, Weight::from_parts(135, 0)).1);
        assert_eq!(stored(), before);
    });
}

#[test]
fn a_step_too_small_for_anything_does_nothing_and_costs_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        a_full_life(OTHER);
        let before = Stored::<Test>::iter().count();
        end(OTHER);
        assert_eq!(
            Neurons::remove_step(OTHER, Weight::from_parts(109, 0)),
            (Weight::zero(), false)
        );
        assert_eq!(Stored::<Test>::iter().count(), before);
        assert!(Neurons::remove_step(OTHER, Weight::MAX).1);
        assert_eq!(Count::<Test>::get(OTHER), 0);
        assert!(Pricing::<Test>::get(OTHER).is_none() && Difficulty::<Test>::get(OTHER).is_none());
        assert_eq!(Protected::<Test>::get(OTHER), None);
    });
}

#[test]
fn nobody_registers_or_serves_in_a_subnet_that_is_being_removed() {
    ExtBuilder::default().build_and_execute(|| {
        a_full_life(OTHER);
        end(OTHER);
        let register = Neurons::burned_register(RuntimeOrigin::signed(OWNER), OTHER, 110, Balance::MAX, Some(CONSENT));
        assert_noop!(register, crate::Error::<Test>::SubnetDoesNotExist);
        let address = AxonAddress::V4([8, 8, 8, 9], 80);
        let publish = Neurons::publish_axon(RuntimeOrigin::signed(100), OTHER, address, 1, MODEL);
        assert_noop!(publish, crate::Error::<Test>::SubnetDoesNotExist);
        assert_eq!(Neurons::registrations(&100), vec![]);
    });
}
