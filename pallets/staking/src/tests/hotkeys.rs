//! Owning a hotkey and setting its take.
use crate::{mock::*, Error, Event, Hotkeys};
use frame_support::{assert_noop, assert_ok};
use laurel_support::Hotkeys as _;
use laurel_types::Take;

fn try_take(coldkey: AccountId, take: Take) -> sp_runtime::DispatchResult {
    Staking::set_take(RuntimeOrigin::signed(coldkey), HOTKEY, take)
}

fn take() -> Take {
    Hotkeys::<Test>::get(HOTKEY).expect("the hotkey is known").take
}

#[test]
fn binding_makes_the_coldkey_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Staking::owner(&UNKNOWN_HOTKEY), None);
        assert_ok!(Staking::bind(&UNKNOWN_HOTKEY, &ALICE));
        assert_eq!(
            last_event(),
            Event::HotkeyBound {
                hotkey: UNKNOWN_HOTKEY,
                coldkey: ALICE
            }
            .into()
        );
        assert_eq!(Staking::owner(&UNKNOWN_HOTKEY), Some(ALICE));
        NOTHING_MINTED
    });
}

#[test]
fn binding_again_changes_nothing_and_by_another_coldkey_fails() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(5);
        let before = Hotkeys::<Test>::get(HOTKEY);
        assert_ok!(Staking::bind(&HOTKEY, &OWNER));
        assert_noop!(Staking::bind(&HOTKEY, &ALICE), Error::<Test>::HotkeyOwnedByAnother);
        assert_eq!(Hotkeys::<Test>::get(HOTKEY), before);
        NOTHING_MINTED
    });
}

#[test]
fn a_new_hotkey_keeps_the_maximum_take() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(take(), Take::MAX);
        NOTHING_MINTED
    });
}

#[test]
fn only_the_owner_sets_the_take() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_take(ALICE, Take(1)), Error::<Test>::NotHotkeyOwner);
        let unknown = Staking::set_take(RuntimeOrigin::signed(OWNER), UNKNOWN_HOTKEY, Take(1));
        assert_noop!(unknown, Error::<Test>::HotkeyUnknown);
        NOTHING_MINTED
    });
}

#[test]
fn lowering_the_take_is_free_at_any_time() {
    ExtBuilder::default().build_and_execute(|| {
        for lower in [9_000, 5_000, 0] {
            assert_ok!(try_take(OWNER, Take(lower)));
            assert_eq!(
                last_event(),
                Event::TakeSet {
                    hotkey: HOTKEY,
                    take: Take(lower)
                }
                .into()
            );
            assert_eq!(take(), Take(lower));
        }
        NOTHING_MINTED
    });
}

#[test]
fn a_take_above_the_maximum_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        System::set_block_number(10 * TAKE_INTERVAL);
        assert_noop!(try_take(OWNER, Take(Take::MAX.0 + 1)), Error::<Test>::TakeTooHigh);
        NOTHING_MINTED
    });
}

#[test]
fn the_take_can_be_raised_once_an_interval() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        // The hotkey became known in block 1.
        System::set_block_number(TAKE_INTERVAL);
        assert_noop!(try_take(OWNER, Take(1)), Error::<Test>::TakeRaisedTooSoon);
        System::set_block_number(TAKE_INTERVAL + 1);
        assert_ok!(try_take(OWNER, Take(1)));
        assert_noop!(try_take(OWNER, Take(2)), Error::<Test>::TakeRaisedTooSoon);
        System::set_block_number(2 * TAKE_INTERVAL);
        assert_noop!(try_take(OWNER, Take(2)), Error::<Test>::TakeRaisedTooSoon);
        System::set_block_number(2 * TAKE_INTERVAL + 1);
        assert_ok!(try_take(OWNER, Take(2)));
        NOTHING_MINTED
    });
}
