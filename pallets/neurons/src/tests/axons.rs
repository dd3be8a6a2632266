//! Where miners serve.
use crate::{mock::*, Axons, Error, Event};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResultWithPostInfo, Pays},
};
use laurel_types::{Axon, AxonAddress, ModelRoot, NetUid, Uid};
use sp_runtime::DispatchError;

const HOTKEY: u64 = 50;
const ADDRESS: AxonAddress = AxonAddress::V4([10, 1, 2, 3], 8_091);
const ELSEWHERE: AxonAddress = AxonAddress::V4([10, 1, 2, 4], 8_091);

fn publish(address: AxonAddress) -> DispatchResultWithPostInfo {
    Neurons::publish_axon(RuntimeOrigin::signed(HOTKEY), NET, address, 1, MODEL)
}

fn fee_of(result: DispatchResultWithPostInfo) -> Pays {
    result.expect("is published").pays_fee
}

#[test]
fn a_published_axon_is_live_until_its_lifetime_ends() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_ok!(publish(ADDRESS));
        let axon = Axon {
            address: ADDRESS,
            protocol: 1,
            model: MODEL,
            published_at: 1,
            expires_at: 101,
        };
        System::assert_last_event(
            Event::AxonPublished {
                netuid: NET,
                uid: Uid(0),
                hotkey: HOTKEY,
                axon,
            }
            .into(),
        );
        assert_eq!(Neurons::live_axon(NET, Uid(0)), Some(axon));
        skip_blocks(99);
        assert_eq!(Neurons::live_axon(NET, Uid(0)), Some(axon));
        skip_blocks(1);
        assert_eq!(Neurons::live_axon(NET, Uid(0)), None);
    });
}

#[test]
fn renewing_an_axon_is_free_and_prolongs_it() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_eq!(fee_of(publish(ADDRESS)), Pays::No);
        skip_blocks(RENEWAL);
        assert_eq!(fee_of(publish(ADDRESS)), Pays::No);
        assert_eq!(
            Neurons::live_axon(NET, Uid(0)).map(|axon| axon.expires_at),
            Some(1 + RENEWAL + 100)
        );
    });
}

#[test]
fn the_same_axon_is_not_renewed_within_the_renewal_interval() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_ok!(publish(ADDRESS));
        skip_blocks(RENEWAL - 1);
        assert_noop!(publish(ADDRESS), Error::<Test>::AxonRenewedTooSoon);
    });
}

#[test]
fn a_changed_axon_is_published_at_any_time_but_within_the_interval_for_a_fee() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_ok!(publish(ADDRESS));
        assert_eq!(fee_of(publish(ELSEWHERE)), Pays::Yes);
        assert_eq!(
            Neurons::live_axon(NET, Uid(0)).map(|axon| axon.address),
            Some(ELSEWHERE)
        );
        skip_blocks(RENEWAL);
        assert_eq!(fee_of(publish(ADDRESS)), Pays::No);
    });
}

#[test]
fn an_axon_can_be_renewed_before_it_expires_however_long_the_interval_is() {
    ExtBuilder::default()
        .tuned(|params| params.axon_interval = 1_000)
        .build_and_execute(|| {
            register(ALICE, HOTKEY);
            assert_ok!(publish(ADDRESS));
            skip_blocks(49);
            assert_noop!(publish(ADDRESS), Error::<Test>::AxonRenewedTooSoon);
            skip_blocks(1);
            assert_eq!(fee_of(publish(ADDRESS)), Pays::No);
        });
}

#[test]
fn an_address_that_nobody_could_dial_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        for address in [
            AxonAddress::V4([10, 1, 2, 3], 0),
            AxonAddress::V4([0, 0, 0, 0], 80),
            AxonAddress::V4([255, 255, 255, 255], 80),
            AxonAddress::V4([224, 0, 0, 1], 80),
            AxonAddress::V4([127, 0, 0, 1], 80),
            AxonAddress::V6([0; 16], 80),
        ] {
            assert_noop!(publish(address), Error::<Test>::AddressNotDialable);
        }
    });
}

#[test]
fn a_development_chain_admits_loopback() {
    ExtBuilder::default().with_loopback().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_ok!(publish(AxonAddress::V4([127, 0, 0, 1], 80)));
    });
}

#[test]
fn a_model_that_the_subnet_does_not_pay_for_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        let model = ModelRoot([99; 32]);
        let result = Neurons::publish_axon(RuntimeOrigin::signed(HOTKEY), NET, ADDRESS, 1, model);
        assert_noop!(result, Error::<Test>::ModelNotAccepted);
    });
}

#[test]
fn only_a_neuron_of_the_subnet_publishes_there() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(publish(ADDRESS), Error::<Test>::NotRegistered);
        register(ALICE, HOTKEY);
        add_subnet(NetUid(2), BOB, TheSubnets::get()[&NET].params);
        let elsewhere = Neurons::publish_axon(RuntimeOrigin::signed(HOTKEY), NetUid(2), ADDRESS, 1, MODEL);
        assert_noop!(elsewhere, Error::<Test>::NotRegistered);
        // The coldkey cannot act for its hotkey.
        let by_coldkey = Neurons::publish_axon(RuntimeOrigin::signed(ALICE), NET, ADDRESS, 1, MODEL);
        assert_noop!(by_coldkey, Error::<Test>::NotRegistered);
        let by_root = Neurons::publish_axon(RuntimeOrigin::root(), NET, ADDRESS, 1, MODEL);
        assert_noop!(by_root, DispatchError::BadOrigin);
    });
}

#[test]
fn a_withdrawn_axon_is_gone() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        let withdraw = || Neurons::withdraw_axon(RuntimeOrigin::signed(HOTKEY), NET);
        assert_noop!(withdraw(), Error::<Test>::NoAxon);
        assert_ok!(publish(ADDRESS));
        assert_ok!(withdraw());
        assert_eq!(Neurons::live_axon(NET, Uid(0)), None);
        // Who reads what changed since a block finds that it ended.
        let now = System::block_number();
        assert_eq!(Axons::<Test>::get(NET, Uid(0)).map(|axon| axon.expires_at), Some(now));
        assert_noop!(withdraw(), Error::<Test>::NoAxon);
        System::assert_last_event(
            Event::AxonWithdrawn {
                netuid: NET,
                uid: Uid(0),
                hotkey: HOTKEY,
            }
            .into(),
        );
        let by_stranger = Neurons::withdraw_axon(RuntimeOrigin::signed(BOB), NET);
        assert_noop!(by_stranger, Error::<Test>::NotRegistered);
    });
}
