//! Keys that take another one's place.
use crate::{mock::*, ColdkeyIds, Error, Hotkeys, PoolHotkeys};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use laurel_support::{Hotkeys as _, OnColdkeySwapped, OnHotkeySwapped, Stake};
use laurel_types::Take;

const NEW_HOTKEY: AccountId = 500;
const NEW_COLDKEY: AccountId = 600;

fn swap_hotkey(old: AccountId, new: AccountId) -> sp_runtime::DispatchResult {
    <Staking as OnHotkeySwapped<_>>::on_hotkey_swapped(&old, &new)
}

fn swap_coldkey(old: AccountId, new: AccountId) -> sp_runtime::DispatchResult {
    <Staking as OnColdkeySwapped<_>>::on_coldkey_swapped(&old, &new)
}

#[test]
fn a_hotkey_swap_moves_owner_take_stamps_pool_and_every_position() {
    ExtBuilder::default().build_and_execute(|| {
        run_to(5);
        set_take(0);
        add(ALICE, 30_000);
        add(BOB, 10_000);
        pay_dividends(HOTKEY, 4_000);
        run_to(5 + STREAM / 2);
        let (record, time) = (Hotkeys::<Test>::get(HOTKEY), Staking::stake_time_on(NETUID, &HOTKEY));
        assert_ok!(swap_hotkey(HOTKEY, NEW_HOTKEY));

        assert_eq!(Hotkeys::<Test>::get(NEW_HOTKEY), record);
        assert_eq!(Staking::owner(&NEW_HOTKEY), Some(OWNER));
        assert_eq!(Staking::stake_time_on(NETUID, &NEW_HOTKEY), time);
        assert_eq!(Staking::position_value(&ALICE, &NEW_HOTKEY), 31_500);
        assert_eq!(Staking::stake_of(&BOB)[0].hotkey, NEW_HOTKEY);
        assert!(!Hotkeys::<Test>::contains_key(HOTKEY));
        assert_eq!((value(ALICE), Staking::stake(&HOTKEY)), (0, 0));
        // What was on its way arrives at the new key.
        release_all();
        assert_eq!(Staking::position_value(&ALICE, &NEW_HOTKEY), 33_000);
        Minted(4_000)
    });
}

#[test]
fn weakness_16_a_hotkey_swap_is_no_way_around_the_take_interval() {
    ExtBuilder::default().build_and_execute(|| {
        run_to(2 * RAISE_INTERVAL);
        set_take(0);
        assert_ok!(swap_hotkey(HOTKEY, NEW_HOTKEY));
        let raise = || Staking::set_take(RuntimeOrigin::signed(OWNER), NEW_HOTKEY, Take(1));
        assert_noop!(raise(), Error::<Test>::TakeRaisedTooSoon);
        // Nor is going back and forth.
        assert_ok!(swap_hotkey(NEW_HOTKEY, HOTKEY));
        assert_ok!(swap_hotkey(HOTKEY, NEW_HOTKEY));
        assert_noop!(raise(), Error::<Test>::TakeRaisedTooSoon);
        run_to(3 * RAISE_INTERVAL);
        assert_ok!(raise());
        NOTHING_MINTED
    });
}

#[test]
fn a_known_hotkey_does_not_take_another_ones_place() {
    ExtBuilder::default().build_and_execute(|| {
        assert!(<Staking as OnHotkeySwapped<_>>::in_use(&OTHER_HOTKEY));
        assert!(!<Staking as OnHotkeySwapped<_>>::in_use(&NEW_HOTKEY));
        assert_noop!(swap_hotkey(HOTKEY, OTHER_HOTKEY), Error::<Test>::HotkeyInUse);
        assert_noop!(swap_hotkey(UNKNOWN_HOTKEY, NEW_HOTKEY), Error::<Test>::HotkeyUnknown);
        NOTHING_MINTED
    });
}

#[test]
fn a_swapped_hotkey_can_become_known_again_with_a_pool_of_its_own() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        assert_ok!(swap_hotkey(HOTKEY, NEW_HOTKEY));
        bind(HOTKEY, BOB);
        add(ALICE, 7_000);
        assert_eq!(value(ALICE), 7_000);
        assert_eq!(Staking::position_value(&ALICE, &NEW_HOTKEY), 5_000);
        assert_eq!(PoolHotkeys::<Test>::iter().count(), 3);
        NOTHING_MINTED
    });
}

#[test]
fn a_coldkey_swap_moves_hotkeys_and_positions() {
    ExtBuilder::default().build_and_execute(|| {
        add(OWNER, 5_000);
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(OWNER), OTHER_HOTKEY, 6_000));
        let before = Staking::stake_of(&OWNER);
        assert_ok!(swap_coldkey(OWNER, NEW_COLDKEY));

        assert_eq!(Staking::stake_of(&OWNER), vec![]);
        let after = Staking::stake_of(&NEW_COLDKEY);
        assert_eq!(after.len(), 2);
        for (old, new) in before.iter().zip(&after) {
            assert_eq!(
                (old.hotkey, old.stake, new.coldkey),
                (new.hotkey, new.stake, NEW_COLDKEY)
            );
        }
        for hotkey in [HOTKEY, OTHER_HOTKEY] {
            assert_eq!(Staking::owner(&hotkey), Some(NEW_COLDKEY));
        }
        let take = |who| Staking::set_take(RuntimeOrigin::signed(who), HOTKEY, Take(0));
        assert_noop!(take(OWNER), Error::<Test>::NotHotkeyOwner);
        assert_ok!(take(NEW_COLDKEY));
        // Pay reaches the new coldkey, and only it can take the stake out.
        pay_incentive(HOTKEY, 300);
        let remove = |who| Staking::remove_all_stake(RuntimeOrigin::signed(who), HOTKEY);
        assert_noop!(remove(OWNER), Error::<Test>::NotEnoughStake);
        assert_ok!(remove(NEW_COLDKEY));
        assert_eq!(Balances::free_balance(NEW_COLDKEY), 5_300);
        Minted(300)
    });
}

#[test]
fn a_coldkey_that_owns_or_stakes_does_not_take_another_ones_place() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        add(BOB, 5_000);
        assert!(<Staking as OnColdkeySwapped<_>>::in_use(&BOB));
        assert_noop!(swap_coldkey(ALICE, BOB), Error::<Test>::ColdkeyInUse);
        assert_noop!(swap_coldkey(ALICE, OWNER), Error::<Test>::ColdkeyInUse);
        // One without anything has nothing to move.
        assert_ok!(swap_coldkey(NEW_COLDKEY, NEW_COLDKEY + 1));
        assert!(!ColdkeyIds::<Test>::contains_key(NEW_COLDKEY + 1));
        NOTHING_MINTED
    });
}

/// Neither kind of swap writes more for a hundred stakers and positions than for one.
#[test]
fn weakness_31_and_34_swaps_cost_the_same_whatever_is_staked() {
    let written = |stakers: u64, swap: fn() -> sp_runtime::DispatchResult| {
        let mut ext = ExtBuilder::default().build();
        ext.execute_with(|| {
            for staker in 0..stakers {
                Balances::set_balance(&(5_000 + staker), 3 * MIN_STAKE);
                add(5_000 + staker, MIN_STAKE);
                bind(7_000 + staker, 5_000 + staker);
                assert_ok!(Staking::add_stake(
                    RuntimeOrigin::signed(OWNER),
                    7_000 + staker,
                    MIN_STAKE
                ));
            }
        });
        ext.commit_all().unwrap();
        ext.execute_with(|| swap().expect("the new key is unknown"));
        ext.overlayed_changes().changes().count()
    };
    for swap in [|| swap_hotkey(HOTKEY, NEW_HOTKEY), || swap_coldkey(OWNER, NEW_COLDKEY)] {
        assert_eq!(written(1, swap), written(100, swap));
    }
}

/// The owner has the first number and stakes on the second pool; Alice has the second and stakes on the first.
#[test]
fn weakness_24_numbers_of_coldkeys_and_pools_are_not_taken_for_each_other() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(OWNER), OTHER_HOTKEY, 5_000));
        add(ALICE, 7_000);
        let numbers = [OWNER, ALICE].map(|coldkey| ColdkeyIds::<Test>::get(coldkey).unwrap().0);
        let pools = [HOTKEY, OTHER_HOTKEY].map(|hotkey| Hotkeys::<Test>::get(hotkey).unwrap().pool_id.0);
        assert_eq!((numbers, pools), ([0, 1], [0, 1]));
        assert_ok!(swap_hotkey(HOTKEY, NEW_HOTKEY));
        assert_ok!(swap_coldkey(OWNER, NEW_COLDKEY));
        let positions = |coldkey| {
            let of = |hotkey| Staking::position_value(&coldkey, &hotkey);
            (of(NEW_HOTKEY), of(OTHER_HOTKEY))
        };
        assert_eq!(positions(NEW_COLDKEY), (0, 5_000));
        assert_eq!(positions(ALICE), (7_000, 0));
        NOTHING_MINTED
    });
}
