//! Registering: what is paid, who gets which uid, when it is refused.
use crate::{mock::*, Count, Error, Event, Uids};
use codec::Encode;
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResultWithPostInfo, GetDispatchInfo},
    traits::fungible::Inspect,
    weights::Weight,
};
use laurel_support::{Hotkeys, NeuronId, Neurons as _};
use laurel_types::{Balance, NetUid, RegistrationId, Uid};
use sp_runtime::DispatchError;

const HOTKEY: u64 = 50;

fn try_register(coldkey: u64, hotkey: u64, max_price: Balance) -> DispatchResultWithPostInfo {
    Neurons::burned_register(RuntimeOrigin::signed(coldkey), NET, hotkey, max_price, Some(CONSENT))
}

#[test]
fn a_registered_hotkey_holds_the_next_uid_and_belongs_to_the_coldkey_that_paid() {
    ExtBuilder::default().build_and_execute(|| {
        skip_blocks(4);
        assert_ok!(try_register(ALICE, HOTKEY, 100));

        let neuron = NeuronId {
            uid: Uid(0),
            hotkey: HOTKEY,
            registration: RegistrationId(0),
            registered_at: 5,
        };
        assert_eq!(Neurons::neurons(NET), vec![neuron.clone()]);
        assert_eq!(Neurons::neuron(NET, Uid(0)), Some(neuron));
        assert_eq!(Neurons::uid_of(NET, &HOTKEY), Some(Uid(0)));
        assert_eq!(Neurons::count(NET), 1);
        assert_eq!(SomeHotkeys::owner(&HOTKEY), Some(ALICE));
        let (uid, registration) = (Uid(0), RegistrationId(0));
        System::assert_last_event(
            Event::NeuronRegistered {
                netuid: NET,
                uid,
                hotkey: HOTKEY,
                coldkey: ALICE,
                registration,
                price: 100,
            }
            .into(),
        );
    });
}

#[test]
fn the_price_moves_to_the_burn_account_to_the_unit_and_nothing_is_destroyed() {
    ExtBuilder::default().build_and_execute(|| {
        let issuance = Balances::total_issuance();
        let quote = quote(NET).unwrap_or_default();
        assert!(quote > 0);
        assert_ok!(try_register(ALICE, HOTKEY, quote));
        assert_eq!(Balances::balance(&ALICE), FUNDS - quote);
        assert_eq!(Balances::balance(&BURN), DEPOSIT + quote);
        assert_eq!(Balances::total_issuance(), issuance);
    });
}

#[test]
fn uids_and_registration_ids_are_given_in_order() {
    ExtBuilder::default().build_and_execute(|| {
        let uids: Vec<_> = (0..5).map(|i| register(ALICE, HOTKEY + i)).collect();
        assert_eq!(uids, (0..5).map(Uid).collect::<Vec<_>>());
        let ids: Vec<_> = Neurons::neurons(NET)
            .into_iter()
            .map(|neuron| neuron.registration.0)
            .collect();
        assert_eq!(ids, vec![0, 1, 2, 3, 4]);
    });
}

#[test]
fn registration_ids_are_unique_across_subnets() {
    ExtBuilder::default().build_and_execute(|| {
        let other = NetUid(2);
        add_subnet(other, BOB, TheSubnets::get()[&NET].params);
        register(ALICE, HOTKEY);
        assert_ok!(Neurons::burned_register(
            RuntimeOrigin::signed(ALICE),
            other,
            HOTKEY,
            Balance::MAX,
            Some(CONSENT)
        ));
        assert_eq!(
            Neurons::neuron(other, Uid(0)).map(|neuron| neuron.registration),
            Some(RegistrationId(1))
        );
        assert_eq!(Neurons::registrations(&HOTKEY), vec![(NET, Uid(0)), (other, Uid(0))]);
    });
}

#[test]
fn a_price_above_the_maximum_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_register(ALICE, HOTKEY, 99), Error::<Test>::PriceAboveMaximum);
    });
}

#[test]
fn a_coldkey_must_be_able_to_pay_the_whole_price_and_live() {
    ExtBuilder::default().build_and_execute(|| {
        let keep = 100 + DEPOSIT;
        assert_ok!(Balances::transfer_keep_alive(
            RuntimeOrigin::signed(ALICE),
            BOB,
            FUNDS - keep + 1
        ));
        assert_noop!(try_register(ALICE, HOTKEY, 100), Error::<Test>::BalanceBelowPrice);
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(BOB), ALICE, 1));
        assert_ok!(try_register(ALICE, HOTKEY, 100));
        assert_eq!(Balances::balance(&ALICE), DEPOSIT);
    });
}

#[test]
fn a_hotkey_registers_once_in_a_subnet() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_noop!(
            try_register(ALICE, HOTKEY, Balance::MAX),
            Error::<Test>::AlreadyRegistered
        );
    });
}

#[test]
fn nobody_registers_the_hotkey_of_another_coldkey() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(SomeHotkeys::bind(&HOTKEY, &BOB, Some(&CONSENT)));
        assert_noop!(
            try_register(ALICE, HOTKEY, Balance::MAX),
            DispatchError::Other("another's hotkey")
        );
        assert_ok!(try_register(BOB, HOTKEY, Balance::MAX));
    });
}

#[test]
fn registration_can_be_switched_off() {
    ExtBuilder::default()
        .tuned(|params| params.registration_allowed = false)
        .build_and_execute(|| {
            assert_noop!(
                try_register(ALICE, HOTKEY, Balance::MAX),
                Error::<Test>::RegistrationOff
            );
            assert_eq!(quote(NET), None);
        });
}

/// Weakness 44: a cap a block or an interval makes registering a race that the block's author decides.
#[test]
fn a_block_is_never_full_and_each_registration_in_it_raises_the_price() {
    ExtBuilder::default().build_and_execute(|| {
        let mut paid = Vec::new();
        for hotkey in HOTKEY..HOTKEY + 5 {
            let quote = quote(NET).unwrap();
            assert_noop!(try_register(ALICE, hotkey, quote - 1), Error::<Test>::PriceAboveMaximum);
            assert_ok!(try_register(ALICE, hotkey, quote));
            paid.push(quote);
        }
        assert_eq!(paid, vec![100, 200, 400, 800, 1_600]);
    });
}

#[test]
fn one_subnets_price_does_not_rise_with_anothers_registrations() {
    ExtBuilder::default().build_and_execute(|| {
        add_subnet(NetUid(2), BOB, TheSubnets::get()[&NET].params);
        assert_ok!(try_register(ALICE, HOTKEY, 100));
        assert_ok!(Neurons::burned_register(
            RuntimeOrigin::signed(ALICE),
            NetUid(2),
            HOTKEY,
            100,
            None
        ));
    });
}

/// Weakness 47: whoever registered an unknown hotkey first owned it, with or without the hotkey's knowledge.
#[test]
fn an_unknown_hotkey_is_registered_only_with_its_consent() {
    ExtBuilder::default().build_and_execute(|| {
        let register =
            |consent| Neurons::burned_register(RuntimeOrigin::signed(ALICE), NET, HOTKEY, Balance::MAX, consent);
        assert_noop!(register(None), DispatchError::Other("no consent"));
        assert_noop!(register(Some(FORGED)), DispatchError::Other("no consent"));
        assert_eq!(SomeHotkeys::owner(&HOTKEY), None);
        assert_ok!(register(Some(CONSENT)));
    });
}

#[test]
fn who_keeps_state_is_told_of_a_newcomer_once_it_can_be_looked_up() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, HOTKEY);
        assert_eq!(Welcomed::get(), vec![(NET, Uid(0), Some(HOTKEY))]);
    });
}

#[test]
fn a_check_says_what_the_call_would_without_changing_anything() {
    ExtBuilder::default().build_and_execute(|| {
        let check = |max_price| {
            Neurons::check_burned_register(&ALICE, NET, &HOTKEY, max_price, Some(&CONSENT)).map(|(_, price)| price)
        };
        frame_support::assert_storage_noop!(assert_eq!(check(100), Ok(100)));
        assert_eq!(check(99), Err(Error::<Test>::PriceAboveMaximum.into()));
        register(ALICE, HOTKEY);
        assert_eq!(check(100), Err(Error::<Test>::AlreadyRegistered.into()));
    });
}

#[test]
fn a_subnet_that_does_not_exist_takes_nobody() {
    ExtBuilder::default().build_and_execute(|| {
        let register = Neurons::burned_register(
            RuntimeOrigin::signed(ALICE),
            NetUid(9),
            HOTKEY,
            Balance::MAX,
            Some(CONSENT),
        );
        assert_noop!(register, Error::<Test>::SubnetDoesNotExist);
        assert_eq!(quote(NetUid(9)), None);
    });
}

#[test]
fn a_full_subnet_does_not_grow() {
    ExtBuilder::default().build_and_execute(|| {
        fill_subnet();
        register(BOB, HOTKEY);
        assert_eq!(Neurons::count(NET), 8);
    });
}

#[test]
fn after_max_uids_was_lowered_newcomers_replace_and_nobody_else_leaves() {
    ExtBuilder::default().build_and_execute(|| {
        fill_subnet();
        tune(|params| params.max_uids = 4);
        register(BOB, HOTKEY);
        assert_eq!(Count::<Test>::get(NET), 8);
        assert_eq!(Told::get().len(), 1);
    });
}

#[test]
fn a_registration_is_charged_for_the_way_it_took() {
    ExtBuilder::default().build_and_execute(|| {
        let declared = crate::Call::<Test>::burned_register {
            netuid: NET,
            hotkey: HOTKEY,
            max_price: 0,
            consent: None,
        }
        .get_dispatch_info()
        .call_weight;
        // Choosing among as many as there are: nobody yet.
        assert_eq!(declared, Weight::from_parts(10_000, 0));
        let used = |result: DispatchResultWithPostInfo| result.map(|info| info.actual_weight);
        assert_eq!(
            used(try_register(ALICE, HOTKEY, Balance::MAX)),
            Ok(Some(Weight::from_parts(1_000, 0)))
        );
        fill_subnet();
        skip_blocks(1);
        assert_eq!(
            used(try_register(ALICE, 77, Balance::MAX)),
            Ok(Some(Weight::from_parts(10_008, 0)))
        );
    });
}

/// Weakness 36: under a hash that is not cryptographic, accounts could be ground to unbalance the trie.
#[test]
fn hotkeys_are_keyed_by_a_hash_that_nobody_can_steer() {
    let hash = sp_io::hashing::blake2_128(&HOTKEY.encode());
    let key = Uids::<Test>::hashed_key_for(HOTKEY, NET);
    assert_eq!(key[32..56], [&hash[..], &HOTKEY.encode()].concat());
}
