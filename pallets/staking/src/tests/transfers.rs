//! Moving stake between hotkeys and transferring it between coldkeys.
use crate::{mock::*, ColdkeyIds, Error, Event};
use frame_support::{assert_noop, assert_ok};
use laurel_types::Balance;
use sp_runtime::DispatchResult;

fn move_stake(coldkey: AccountId, amount: Option<Balance>) -> DispatchResult {
    Staking::move_stake(RuntimeOrigin::signed(coldkey), HOTKEY, OTHER_HOTKEY, amount)
}

fn transfer(from: AccountId, to: AccountId, amount: Option<Balance>) -> DispatchResult {
    Staking::transfer_stake(RuntimeOrigin::signed(from), HOTKEY, to, amount)
}

fn other_value(coldkey: AccountId) -> Balance {
    Staking::position_value(&coldkey, &OTHER_HOTKEY)
}

#[test]
fn moving_stake_takes_exactly_the_amount_to_the_other_hotkey_without_leaving_the_pot() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 10_000);
        let (pot, free) = (Staking::total_staked(), Balances::free_balance(ALICE));
        assert_ok!(move_stake(ALICE, Some(4_000)));
        assert_eq!((value(ALICE), other_value(ALICE)), (6_000, 4_000));
        assert_eq!((Staking::total_staked(), Balances::free_balance(ALICE)), (pot, free));
        let shares = 4_000 * crate::Pool::SHARES_PER_LEAF;
        assert_eq!(
            last_event(),
            Event::StakeMoved {
                coldkey: ALICE,
                from: HOTKEY,
                to: OTHER_HOTKEY,
                amount: 4_000,
                burned: shares,
                minted: shares,
            }
            .into()
        );
        assert_ok!(move_stake(ALICE, None));
        assert_eq!((value(ALICE), other_value(ALICE)), (0, 10_000));
        assert!(ColdkeyIds::<Test>::contains_key(ALICE));
        NOTHING_MINTED
    });
}

#[test]
fn moving_gives_up_what_is_on_its_way_like_leaving() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        add(BOB, 10_000);
        pay_dividends(HOTKEY, 1_000);
        run_to(1 + STREAM / 2);
        assert_ok!(move_stake(ALICE, None));
        assert_eq!(other_value(ALICE), 10_250);
        release_all();
        assert_eq!((value(BOB), other_value(ALICE)), (10_750, 10_250));
        Minted(1_000)
    });
}

#[test]
fn a_move_that_would_leave_too_little_moves_all() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 10_000);
        assert_ok!(move_stake(ALICE, Some(9_500)));
        assert_eq!((value(ALICE), other_value(ALICE)), (0, 10_000));
        NOTHING_MINTED
    });
}

#[test]
fn a_move_that_cannot_be_made_changes_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 10_000);
        assert_noop!(move_stake(ALICE, Some(0)), Error::<Test>::AmountZero);
        assert_noop!(move_stake(ALICE, Some(10_001)), Error::<Test>::NotEnoughStake);
        assert_noop!(move_stake(ALICE, Some(MIN_STAKE - 1)), Error::<Test>::BelowMinimumStake);
        assert_noop!(move_stake(BOB, None), Error::<Test>::NotEnoughStake);
        let to = |to| Staking::move_stake(RuntimeOrigin::signed(ALICE), HOTKEY, to, None);
        assert_noop!(to(HOTKEY), Error::<Test>::SameHotkey);
        assert_noop!(to(UNKNOWN_HOTKEY), Error::<Test>::HotkeyUnknown);
        NOTHING_MINTED
    });
}

#[test]
fn transferred_stake_keeps_its_worth_and_its_part_of_what_is_on_its_way() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        pay_dividends(HOTKEY, 1_000);
        run_to(1 + STREAM / 2);
        assert_ok!(transfer(ALICE, BOB, Some(2_100)));
        assert_eq!((value(ALICE), value(BOB)), (8_400, 2_100));
        release_all();
        assert_eq!((value(ALICE), value(BOB)), (8_800, 2_200));
        assert_ok!(transfer(ALICE, BOB, None));
        assert_eq!((value(ALICE), value(BOB)), (0, 11_000));
        assert_eq!(
            last_event(),
            Event::StakeTransferred {
                from: ALICE,
                to: BOB,
                hotkey: HOTKEY,
                amount: 8_800,
                shares: 8_000 * crate::Pool::SHARES_PER_LEAF,
            }
            .into()
        );
        assert!(!ColdkeyIds::<Test>::contains_key(ALICE));
        Minted(1_000)
    });
}

#[test]
fn a_transfer_that_would_leave_too_little_transfers_all() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 10_000);
        assert_ok!(transfer(ALICE, BOB, Some(9_001)));
        assert_eq!((value(ALICE), value(BOB)), (0, 10_000));
        NOTHING_MINTED
    });
}

#[test]
fn a_transfer_that_cannot_be_made_changes_nothing() {
    ExtBuilder::default().min_nomination(2_000).build_and_execute(|| {
        add(ALICE, 10_000);
        assert_noop!(transfer(ALICE, BOB, Some(0)), Error::<Test>::AmountZero);
        assert_noop!(transfer(ALICE, BOB, Some(10_001)), Error::<Test>::NotEnoughStake);
        assert_noop!(transfer(BOB, ALICE, None), Error::<Test>::NotEnoughStake);
        assert_noop!(transfer(ALICE, ALICE, None), Error::<Test>::SameColdkey);
        assert_noop!(transfer(ALICE, BOB, Some(1_999)), Error::<Test>::BelowMinimumNomination);
        // The owner of the hotkey is asked for the minimum stake only.
        assert_ok!(transfer(ALICE, OWNER, Some(1_000)));
        assert_ok!(transfer(ALICE, BOB, Some(2_000)));
        assert_ok!(transfer(ALICE, BOB, Some(1)));
        NOTHING_MINTED
    });
}
