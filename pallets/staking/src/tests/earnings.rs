//! What each position has earned.
use crate::{mock::*, Holding};
use frame_support::assert_ok;
use laurel_support::{OnColdkeySwapped, OnHotkeySwapped};
use laurel_types::{Balance, SignedBalance};

/// Principal and earnings of a coldkey's position on a hotkey; none where there is no position.
fn books(coldkey: AccountId, hotkey: AccountId) -> Option<(SignedBalance, SignedBalance)> {
    let positions = Staking::stake_of(&coldkey);
    let position = positions.into_iter().find(|position| position.hotkey == hotkey)?;
    assert_eq!(
        position.earned,
        position.stake as SignedBalance - position.principal,
        "what is worth more than it cost has earned the difference"
    );
    Some((position.principal, position.earned))
}

fn earned(coldkey: AccountId) -> SignedBalance {
    books(coldkey, HOTKEY).expect("there is a position").1
}

/// Alice has 60,000 and Bob 20,000, of which three quarters and a quarter of 8,000 are earned.
fn alice_and_bob_earned() -> Minted {
    set_take(0);
    add(ALICE, 54_000);
    add(BOB, 18_000);
    pay_and_release(8_000);
    assert_eq!((value(ALICE), value(BOB)), (60_000, 20_000));
    Minted(8_000)
}

#[test]
fn a_position_has_earned_its_part_of_the_dividends_when_they_are_released() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 54_000);
        add(BOB, 18_000);
        pay_dividends(HOTKEY, 8_000);
        assert_eq!((earned(ALICE), earned(BOB)), (0, 0), "nothing is released yet");
        run_to(System::block_number() + STREAM / 2);
        assert_eq!((earned(ALICE), earned(BOB)), (3_000, 1_000));
        release_all();
        assert_eq!((earned(ALICE), earned(BOB)), (6_000, 2_000));
        Minted(8_000)
    });
}

#[test]
fn an_owners_incentive_and_take_are_earned_and_not_put_in() {
    ExtBuilder::default().build_and_execute(|| {
        pay_incentive(HOTKEY, 700);
        assert_eq!(books(OWNER, HOTKEY), Some((0, 700)));
        add(OWNER, 5_000);
        assert_eq!(books(OWNER, HOTKEY), Some((5_000, 700)));
        set_take(6_554); // 10 %
        add(ALICE, 5_700);
        pay_dividends(HOTKEY, 1_000);
        assert_eq!(earned(OWNER), 700 + 100, "the take is there at once");
        Minted(1_700)
    });
}

#[test]
fn what_is_taken_out_was_earned_all_the_same() {
    ExtBuilder::default().build_and_execute(|| {
        let minted = alice_and_bob_earned();
        assert_ok!(Staking::remove_stake(RuntimeOrigin::signed(ALICE), HOTKEY, 30_000));
        assert_eq!(books(ALICE, HOTKEY), Some((24_000, 6_000)));
        // More than was ever put in came out.
        assert_ok!(Staking::remove_stake(RuntimeOrigin::signed(ALICE), HOTKEY, 28_000));
        assert_eq!(books(ALICE, HOTKEY), Some((-4_000, 6_000)));
        assert_eq!(earned(BOB), 2_000, "nobody else gained by it");
        minted
    });
}

#[test]
fn a_position_that_begins_anew_has_earned_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let minted = alice_and_bob_earned();
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(ALICE), HOTKEY));
        assert_eq!(books(ALICE, HOTKEY), None);
        add(ALICE, 10_000);
        assert_eq!(books(ALICE, HOTKEY), Some((10_000, 0)));
        pay_incentive(OTHER_HOTKEY, 2_000);
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(OWNER), OTHER_HOTKEY));
        pay_incentive(OTHER_HOTKEY, 30);
        assert_eq!(books(OWNER, OTHER_HOTKEY), Some((0, 30)), "an owner's position too");
        Minted(minted.0 + 2_030)
    });
}

#[test]
fn stake_that_moves_leaves_what_it_earned_where_it_earned_it() {
    ExtBuilder::default().build_and_execute(|| {
        let minted = alice_and_bob_earned();
        let alice = RuntimeOrigin::signed(ALICE);
        assert_ok!(Staking::move_stake(alice, HOTKEY, OTHER_HOTKEY, Some(20_000)));
        assert_eq!(books(ALICE, HOTKEY), Some((34_000, 6_000)));
        assert_eq!(books(ALICE, OTHER_HOTKEY), Some((20_000, 0)));
        minted
    });
}

#[test]
fn a_position_that_moves_whole_takes_what_it_earned_along() {
    ExtBuilder::default().build_and_execute(|| {
        let minted = alice_and_bob_earned();
        let alice = || RuntimeOrigin::signed(ALICE);
        assert_ok!(Staking::add_stake(alice(), OTHER_HOTKEY, 5_000));
        assert_ok!(Staking::move_stake(alice(), HOTKEY, OTHER_HOTKEY, None));
        assert_eq!(books(ALICE, HOTKEY), None);
        assert_eq!(books(ALICE, OTHER_HOTKEY), Some((59_000, 6_000)));
        minted
    });
}

#[test]
fn who_receives_stake_has_earned_nothing_on_it_yet() {
    ExtBuilder::default().build_and_execute(|| {
        let minted = alice_and_bob_earned();
        let alice = RuntimeOrigin::signed(ALICE);
        assert_ok!(Staking::transfer_stake(alice, HOTKEY, BOB, Some(20_000)));
        assert_eq!(books(ALICE, HOTKEY), Some((34_000, 6_000)));
        assert_eq!(books(BOB, HOTKEY), Some((38_000, 2_000)));
        let bob = RuntimeOrigin::signed(BOB);
        assert_ok!(Staking::transfer_stake(bob, HOTKEY, OWNER, None));
        assert_eq!(books(BOB, HOTKEY), None);
        assert_eq!(books(OWNER, HOTKEY), Some((40_000, 0)));
        minted
    });
}

#[test]
fn a_swap_of_keys_leaves_the_books_as_they_are() {
    ExtBuilder::default().build_and_execute(|| {
        let minted = alice_and_bob_earned();
        let (before, new_coldkey) = (books(ALICE, HOTKEY), 77);
        assert_ok!(<Staking as OnColdkeySwapped<_>>::on_coldkey_swapped(
            &ALICE,
            &new_coldkey
        ));
        assert_ok!(<Staking as OnHotkeySwapped<_>>::on_hotkey_swapped(
            &HOTKEY,
            &UNKNOWN_HOTKEY
        ));
        assert_eq!(books(new_coldkey, UNKNOWN_HOTKEY), before);
        minted
    });
}

#[test]
fn a_holding_has_room_for_the_whole_supply_many_times() {
    let supply: Balance = laurel_types::MAX_SUPPLY;
    let mut holding = Holding::default();
    for _ in 0..400 {
        holding = holding.with(Holding::of(1, supply));
    }
    assert_eq!(holding.principal, 400 * supply as SignedBalance);
    assert_eq!(holding.earned(supply), -399 * supply as SignedBalance);
}
