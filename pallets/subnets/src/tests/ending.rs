//! Dissolving subnets: announced, delayed, cancellable, refunded, removed without a trace.
use crate::{mock::*, Dissolutions, Error, Event, HoldReason, Netuids, Reason, Removals, SubnetSettings};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::DispatchResult,
    storage::unhashed,
    traits::{fungible::InspectHold, Hooks},
    weights::Weight,
};
use laurel_support::Subnets as _;
use laurel_types::{Balance, Hyperparameter, NetUid};
use proptest::prelude::*;
use sp_io::hashing::twox_128;

fn announce(signer: u64, netuid: NetUid) -> DispatchResult {
    Subnets::announce_dissolution(RuntimeOrigin::signed(signer), netuid)
}

fn cancel(signer: u64, netuid: NetUid) -> DispatchResult {
    Subnets::cancel_dissolution(RuntimeOrigin::signed(signer), netuid)
}

fn held(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::SubnetLock.into(), &who)
}

/// Polls block by block until the present one is `block`.
fn run_to(block: u32) {
    while System::block_number() < block {
        next_block(Weight::MAX);
    }
}

#[test]
fn a_dissolution_is_announced_and_happens_when_its_delay_is_over() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(announce(ALICE, netuid));
        let at = 1 + DELAY;
        System::assert_last_event(Event::DissolutionAnnounced { netuid, at }.into());
        assert_eq!(Subnets::dissolution_at(netuid), Some(at));
        run_to(at - 1);
        assert!(Subnets::exists(netuid));
        run_to(at);
        assert!(!Subnets::exists(netuid));
        assert_eq!((Subnets::owner(netuid), Subnets::netuids()), (None, vec![]));
        assert_eq!(Subnets::dissolution_at(netuid), None);
    });
}

#[test]
fn a_dissolution_can_be_called_off_until_it_happens() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_noop!(cancel(ALICE, netuid), Error::<Test>::NoDissolutionAnnounced);
        assert_ok!(announce(ALICE, netuid));
        assert_noop!(announce(ALICE, netuid), Error::<Test>::DissolutionAnnouncedAlready);
        run_to(DELAY);
        assert_ok!(cancel(ALICE, netuid));
        System::assert_last_event(Event::DissolutionCancelled { netuid }.into());
        run_to(3 * DELAY);
        assert!(Subnets::exists(netuid));
        assert_eq!(held(ALICE), MIN_LOCK);
    });
}

#[test]
fn only_the_owner_and_root_dissolve_a_subnet() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_noop!(announce(BOB, netuid), Error::<Test>::NotSubnetOwner);
        assert_noop!(announce(ALICE, NetUid(9)), Error::<Test>::SubnetDoesNotExist);
        assert_ok!(Subnets::announce_dissolution(RuntimeOrigin::root(), netuid));
        assert_noop!(cancel(BOB, netuid), Error::<Test>::NotSubnetOwner);
        assert_ok!(cancel(ALICE, netuid));
    });
}

/// Weakness 12: the whole lock came back at any time, so holding a place cost nothing.
#[test]
fn a_young_subnets_owner_loses_a_part_of_the_lock_and_an_old_ones_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(announce(ALICE, netuid));
        run_to(1 + DELAY);
        // Half of the lock at once, nothing after `VESTING` blocks: after a fifth of them two fifths of it.
        let burned = MIN_LOCK * 2 / 5;
        let ended = Event::SubnetEnded {
            netuid,
            owner: ALICE,
            refunded: MIN_LOCK - burned,
            burned,
            reason: Reason::Dissolved,
        };
        System::assert_has_event(ended.into());
        assert_eq!(held(ALICE), 0);
        assert_eq!(Balances::free_balance(ALICE), FUNDS - burned);
        assert_eq!(Balances::free_balance(BURN), 1 + burned);
    });
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        skip_blocks(VESTING - DELAY);
        assert_ok!(announce(ALICE, netuid));
        run_to(1 + VESTING);
        assert!(!Subnets::exists(netuid));
        assert_eq!(Balances::free_balance(ALICE), FUNDS);
    });
}

proptest! {
    #[test]
    fn what_is_burned_of_a_lock_falls_with_age_from_the_stated_part_to_nothing(
        lock: u64,
        vesting: u32,
        percent in 0u8..=100,
        (young, more) in (any::<u32>(), any::<u32>()),
    ) {
        let settings = SubnetSettings { lock_vesting: vesting, early_end_burn: percent, ..SubnetSettings::default() };
        let (first, then) = (settings.burned_of(lock, young), settings.burned_of(lock, young.saturating_add(more)));
        prop_assert!(then <= first && first <= lock);
        prop_assert_eq!(settings.burned_of(lock, vesting), 0);
        if vesting > 0 {
            let at_once = (u128::from(lock) * u128::from(percent)).div_ceil(100);
            prop_assert_eq!(u128::from(settings.burned_of(lock, 0)), at_once);
        }
    }
}

/// Keys of this pallet's storage.
fn stored() -> Vec<Vec<u8>> {
    let prefix = twox_128(b"Subnets").to_vec();
    let mut keys = Vec::new();
    let mut next = sp_io::storage::next_key(&prefix);
    while let Some(key) = next.filter(|key| key.starts_with(&prefix)) {
        assert!(unhashed::exists(&key));
        next = sp_io::storage::next_key(&key);
        keys.push(key);
    }
    keys
}

/// Weakness 50: most of a removed network stayed behind for the next one of that number.
#[test]
fn a_dissolved_subnet_leaves_nothing_here_and_its_number_is_not_given_again() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        create_subnet(BOB);
        // What stays for ever: the numbers given, the last lock, and the two lists by which subnets end.
        Dissolutions::<Test>::put(Dissolutions::<Test>::get());
        Removals::<Test>::put(Removals::<Test>::get());
        let before = stored();
        let netuid = create_subnet(ALICE);
        let owner = RuntimeOrigin::signed(ALICE);
        assert_ok!(Subnets::set_models(owner.clone(), netuid, models(&[1])));
        assert_ok!(Subnets::set_models(owner.clone(), netuid, models(&[2])));
        assert_ok!(Subnets::set_hyperparameter(
            owner.clone(),
            netuid,
            Hyperparameter::CommitReveal(false)
        ));
        assert_ok!(Subnets::set_subnet_identity(owner.clone(), netuid, identity(40)));
        assert_ok!(Subnets::offer_subnet(owner.clone(), netuid, Some(BOB)));
        assert_ok!(announce(ALICE, netuid));
        assert!(stored().len() >= before.len() + 7);

        run_to(1 + DELAY);
        assert_eq!(stored(), before);
        assert_eq!(Balances::balance_on_hold(&HoldReason::Identity.into(), &ALICE), 0);
        assert_eq!(create_subnet(ALICE), NetUid(3));
    });
}

/// Weakness 31: removal cleared everything at once, however much it was.
#[test]
fn what_others_keep_is_removed_over_as_many_blocks_as_it_takes() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        let (one, other) = (create_subnet(ALICE), create_subnet(BOB));
        Kept::set([(one, 10), (other, 3)].into());
        assert_ok!(announce(ALICE, one));
        assert_ok!(announce(BOB, other));
        skip_blocks(DELAY - 1);

        let block = REMOVE_ONE.saturating_mul(6);
        next_block(block);
        // Both are gone for everybody at once; what others keep goes in the order in which they ended.
        assert_eq!(Subnets::netuids(), vec![]);
        assert!(Subnets::is_ending(one) && Subnets::is_ending(other));
        assert_eq!(Kept::get(), [(one, 4), (other, 3)].into());
        next_block(block);
        System::assert_has_event(Event::SubnetRemoved { netuid: one }.into());
        assert_eq!(Kept::get(), [(other, 1)].into());
        assert!(!Subnets::is_ending(one) && Subnets::is_ending(other));
        assert_ok!(Subnets::do_try_state());
        next_block(block);
        assert_eq!(Kept::get(), Default::default());
        assert_eq!(Removals::<Test>::get().len(), 0);
    });
}

#[test]
fn an_idle_block_removes_as_much_as_it_can_and_a_full_one_still_a_twentieth() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        Kept::set([(netuid, u64::MAX)].into());
        assert_ok!(announce(ALICE, netuid));
        run_to(1 + DELAY);
        let left = || Kept::get()[&netuid];
        let twentieth = Subnets::removal_budget()
            .checked_div_per_component(&REMOVE_ONE)
            .unwrap();
        assert!(twentieth > 0);
        assert_eq!(u64::MAX - left(), twentieth);
        let before = left();
        let used = <Subnets as Hooks<u32>>::on_idle(System::block_number(), REMOVE_ONE.saturating_mul(9));
        assert_eq!((used, before - left()), (REMOVE_ONE.saturating_mul(9), 9));
        Kept::set(Default::default());
    });
}

#[test]
fn a_meter_without_weight_ends_nothing_and_loses_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        Kept::set([(netuid, 1)].into());
        assert_ok!(announce(ALICE, netuid));
        skip_blocks(DELAY);
        next_block(Weight::zero());
        assert_eq!(Netuids::<Test>::get().len(), 0, "ending costs nothing in this mock");
        assert_eq!(Kept::get(), [(netuid, 1)].into());
        next_block(Weight::MAX);
        assert_eq!(Kept::get(), Default::default());
    });
}
