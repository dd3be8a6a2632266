//! Passing a subnet on.
use crate::{mock::*, Error, Event, HoldReason, Identities, Offers};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::DispatchResult,
    traits::{fungible::InspectHold, fungible::Mutate},
};
use laurel_support::{OnColdkeySwapped, Subnets as _};
use laurel_types::{Balance, Hyperparameter, NetUid};

fn held(reason: HoldReason, who: u64) -> Balance {
    Balances::balance_on_hold(&reason.into(), &who)
}

fn offer(signer: u64, netuid: NetUid, to: Option<u64>) -> DispatchResult {
    Subnets::offer_subnet(RuntimeOrigin::signed(signer), netuid, to)
}

fn accept(signer: u64, netuid: NetUid) -> DispatchResult {
    Subnets::accept_subnet(RuntimeOrigin::signed(signer), netuid)
}

#[test]
fn a_subnet_passes_with_lock_and_deposit_to_whom_it_was_offered() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(Subnets::set_subnet_identity(
            RuntimeOrigin::signed(ALICE),
            netuid,
            identity(9)
        ));
        let deposit = held(HoldReason::Identity, ALICE);
        assert_ok!(offer(ALICE, netuid, Some(BOB)));
        System::assert_last_event(Event::SubnetOffered { netuid, to: BOB }.into());
        assert_eq!(Subnets::owner(netuid), Some(ALICE), "an offer alone changes nothing");

        assert_ok!(accept(BOB, netuid));
        let (from, to) = (ALICE, BOB);
        System::assert_last_event(Event::SubnetTransferred { netuid, from, to }.into());
        assert_eq!(Subnets::owner(netuid), Some(BOB));
        for (reason, amount) in [(HoldReason::SubnetLock, MIN_LOCK), (HoldReason::Identity, deposit)] {
            assert_eq!((held(reason, ALICE), held(reason, BOB)), (0, amount));
        }
        assert_eq!(Offers::<Test>::get(netuid), None);
        let tune =
            |who| Subnets::set_hyperparameter(RuntimeOrigin::signed(who), netuid, Hyperparameter::ImmunityPeriod(9));
        assert_noop!(tune(ALICE), Error::<Test>::NotSubnetOwner);
        assert_ok!(tune(BOB));
    });
}

#[test]
fn nobody_accepts_what_was_not_offered_to_it_or_is_no_longer() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_noop!(accept(BOB, netuid), Error::<Test>::SubnetNotOffered);
        assert_noop!(offer(BOB, netuid, Some(BOB)), Error::<Test>::NotSubnetOwner);
        assert_noop!(offer(ALICE, netuid, Some(ALICE)), Error::<Test>::OwnsSubnetAlready);
        assert_noop!(offer(ALICE, netuid, None), Error::<Test>::SubnetNotOffered);
        assert_noop!(offer(ALICE, NetUid(9), Some(BOB)), Error::<Test>::SubnetDoesNotExist);
        assert_ok!(offer(ALICE, netuid, Some(77)));
        assert_noop!(accept(BOB, netuid), Error::<Test>::SubnetNotOffered);
        assert_ok!(offer(ALICE, netuid, Some(BOB)));
        assert_ok!(offer(ALICE, netuid, None));
        System::assert_last_event(Event::SubnetOfferWithdrawn { netuid }.into());
        assert_noop!(accept(BOB, netuid), Error::<Test>::SubnetNotOffered);
    });
}

#[test]
fn a_swapped_coldkey_keeps_its_subnets_identity_and_all_that_is_held_for_them() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        const NEW: u64 = 77;
        let (one, two, bobs) = (create_subnet(ALICE), create_subnet(ALICE), create_subnet(BOB));
        assert_ok!(Subnets::set_identity(RuntimeOrigin::signed(ALICE), identity(5)));
        assert_ok!(Subnets::set_subnet_identity(
            RuntimeOrigin::signed(ALICE),
            two,
            identity(7)
        ));
        assert_ok!(offer(BOB, bobs, Some(ALICE)));
        let locked = held(HoldReason::SubnetLock, ALICE);
        let deposited = held(HoldReason::Identity, ALICE);
        assert_ok!(<Balances as Mutate<u64>>::mint_into(&NEW, 1_000));

        assert!(Subnets::in_use(&ALICE) && Subnets::in_use(&BOB) && !Subnets::in_use(&NEW));
        assert_ok!(Subnets::on_coldkey_swapped(&ALICE, &NEW));
        assert!(!Subnets::in_use(&ALICE) && Subnets::in_use(&NEW));
        assert_eq!([one, two, bobs].map(Subnets::owner), [Some(NEW), Some(NEW), Some(BOB)]);
        assert_eq!(
            (held(HoldReason::SubnetLock, NEW), held(HoldReason::SubnetLock, ALICE)),
            (locked, 0)
        );
        assert_eq!(
            (held(HoldReason::Identity, NEW), held(HoldReason::Identity, ALICE)),
            (deposited, 0)
        );
        assert_eq!(Offers::<Test>::get(bobs), Some(NEW));
        assert!(Identities::<Test>::contains_key(NEW) && !Identities::<Test>::contains_key(ALICE));
    });
}
