//! Identities of subnets and coldkeys.
use crate::{mock::*, Error, Event, HoldReason, Identities, Identity, SubnetIdentities, Text};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use laurel_types::{Balance, NetUid};

fn held(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::Identity.into(), &who)
}

fn deposit(bytes: Balance) -> Balance {
    IDENTITY_DEPOSIT.0 + IDENTITY_DEPOSIT.1 * bytes
}

/// Weakness 35: identities needed no deposit and could not be removed.
#[test]
fn an_identity_holds_a_deposit_by_its_length_until_it_is_removed() {
    ExtBuilder::default().build_and_execute(|| {
        let alice = RuntimeOrigin::signed(ALICE);
        assert_ok!(Subnets::set_identity(alice.clone(), identity(39)));
        assert_eq!(held(ALICE), deposit(40));
        let who = ALICE;
        System::assert_last_event(
            Event::IdentitySet {
                who,
                deposit: deposit(40),
            }
            .into(),
        );
        assert_eq!(
            Identities::<Test>::get(ALICE).map(|known| known.identity),
            Some(identity(39))
        );
        assert_ok!(Subnets::set_identity(alice.clone(), identity(9)));
        assert_eq!(held(ALICE), deposit(10));
        assert_ok!(Subnets::set_identity(alice.clone(), identity(99)));
        assert_eq!(held(ALICE), deposit(100));

        assert_ok!(Subnets::clear_identity(alice.clone()));
        System::assert_last_event(Event::IdentityCleared { who }.into());
        assert_eq!((held(ALICE), Balances::free_balance(ALICE)), (0, FUNDS));
        assert_eq!(Identities::<Test>::get(ALICE), None);
        assert_noop!(Subnets::clear_identity(alice), Error::<Test>::NoIdentity);
    });
}

#[test]
fn a_subnets_identity_is_its_owners_to_give_and_its_owners_or_roots_to_remove() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        let set = |signer| Subnets::set_subnet_identity(RuntimeOrigin::signed(signer), netuid, identity(9));
        assert_noop!(set(BOB), Error::<Test>::NotSubnetOwner);
        assert_ok!(set(ALICE));
        // Beside the one of the coldkey.
        assert_ok!(Subnets::set_identity(RuntimeOrigin::signed(ALICE), identity(0)));
        assert_eq!(held(ALICE), deposit(10) + deposit(1));
        assert_noop!(
            Subnets::clear_subnet_identity(RuntimeOrigin::signed(BOB), netuid),
            Error::<Test>::NotSubnetOwner
        );
        assert_ok!(Subnets::clear_subnet_identity(RuntimeOrigin::root(), netuid));
        System::assert_last_event(Event::SubnetIdentityCleared { netuid }.into());
        assert_eq!(held(ALICE), deposit(1));
        assert_eq!(SubnetIdentities::<Test>::get(netuid), None);
        assert_noop!(
            Subnets::clear_subnet_identity(RuntimeOrigin::signed(ALICE), netuid),
            Error::<Test>::NoIdentity
        );
        assert_noop!(
            Subnets::set_subnet_identity(RuntimeOrigin::signed(ALICE), NetUid(9), identity(1)),
            Error::<Test>::SubnetDoesNotExist
        );
    });
}

#[test]
fn an_identity_has_a_name_and_is_text() {
    ExtBuilder::default().build_and_execute(|| {
        let set = |identity| Subnets::set_identity(RuntimeOrigin::signed(ALICE), identity);
        let nameless = Identity {
            name: Text::default(),
            ..identity(5)
        };
        assert_noop!(set(nameless), Error::<Test>::IdentityWithoutName);
        let binary = Identity {
            image: Text::truncate_from(vec![0xff, 0xfe]),
            ..identity(5)
        };
        assert_noop!(set(binary), Error::<Test>::IdentityWithoutName);
    });
}

#[test]
fn a_deposit_that_the_account_cannot_afford_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Balances::transfer_allow_death(
            RuntimeOrigin::signed(ALICE),
            BOB,
            FUNDS - 600
        ));
        let set = |bytes| Subnets::set_identity(RuntimeOrigin::signed(ALICE), identity(bytes));
        assert_noop!(set(20), Error::<Test>::BalanceBelowDeposit);
        assert_ok!(set(5));
        assert_noop!(set(20), Error::<Test>::BalanceBelowDeposit);
        // Saying less is always affordable.
        assert_ok!(set(4));
    });
}

/// Weakness 36: under a hash that is not cryptographic, accounts could be ground to unbalance the trie.
#[test]
fn accounts_are_keyed_by_a_hash_that_nobody_can_steer() {
    let hash = sp_io::hashing::blake2_128(&ALICE.encode());
    let key = Identities::<Test>::hashed_key_for(ALICE);
    assert_eq!(key[32..], [&hash[..], &ALICE.encode()].concat());
}
