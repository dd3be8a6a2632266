//! Swapping a hotkey.
use crate::{mock::*, Error, Event, LastHotkeySwap};
use frame_support::{assert_err, assert_noop, assert_ok, dispatch::GetDispatchInfo};

#[test]
fn everything_moves_and_the_cost_is_burned() {
    execute(|| {
        assert_ok!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY));
        assert_eq!((Owners::get(HOTKEY), Owners::get(NEW_HOTKEY)), (None, Some(OLD)));
        assert_eq!((Kept::get(HOTKEY), Kept::get(NEW_HOTKEY)), (0, 11));
        assert_eq!(free(OLD), ENDOWMENT - HOTKEY_COST);
        assert_eq!(free(BURN), EXISTENTIAL_DEPOSIT + HOTKEY_COST);
        System::assert_last_event(
            Event::HotkeySwapped {
                coldkey: OLD,
                old: HOTKEY,
                new: NEW_HOTKEY,
                cost: HOTKEY_COST,
            }
            .into(),
        );
    });
}

#[test]
fn a_key_that_is_in_use_anywhere_is_refused() {
    // Weakness 48: the owner of a known key was overwritten.
    execute(|| {
        Owners::insert(NEW_HOTKEY, OTHER);
        assert_noop!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY), Error::<Test>::NewHotkeyInUse);
        Owners::insert(NEW_HOTKEY, OLD);
        assert_noop!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY), Error::<Test>::NewHotkeyInUse);
        Owners::remove(NEW_HOTKEY);
        Kept::insert(NEW_HOTKEY, 1);
        assert_noop!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY), Error::<Test>::NewHotkeyInUse);
        Kept::remove(NEW_HOTKEY);
        assert_ok!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY));
    });
}

#[test]
fn a_failure_in_the_move_fails_the_call_and_changes_nothing() {
    // Weakness 48: a failure inside the move was swallowed.
    execute(|| {
        Broken::put(true);
        // Not through the call, which would undo everything by itself.
        let swap = || Keys::do_swap_hotkey(OLD, HOTKEY, NEW_HOTKEY, consent(NEW_HOTKEY, OLD));
        assert_noop!(swap(), sp_runtime::DispatchError::Other("broken"));
        assert_eq!(Owners::get(HOTKEY), Some(OLD));
        Broken::put(false);
        assert_ok!(swap());
    });
}

#[test]
fn the_new_key_must_consent() {
    // Weakness 47, for swaps.
    execute(|| {
        let swap = |consent| Keys::swap_hotkey(RuntimeOrigin::signed(OLD), HOTKEY, NEW_HOTKEY, consent);
        assert_err!(swap(None), sp_runtime::DispatchError::Other("no consent"));
        assert_err!(
            swap(consent(NEW_HOTKEY, OTHER)),
            sp_runtime::DispatchError::Other("no consent")
        );
        assert_ok!(swap(consent(NEW_HOTKEY, OLD)));
    });
}

#[test]
fn only_the_owner_swaps_and_only_to_another_key() {
    execute(|| {
        assert_noop!(swap_hotkey(OTHER, HOTKEY, NEW_HOTKEY), Error::<Test>::NotHotkeyOwner);
        assert_noop!(swap_hotkey(OLD, HOTKEY, HOTKEY), Error::<Test>::SameKey);
        assert_noop!(swap_hotkey(OLD, 123, NEW_HOTKEY), Error::<Test>::NotHotkeyOwner);
    });
}

#[test]
fn a_coldkey_waits_an_interval_between_two_swaps() {
    execute(|| {
        assert_ok!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY));
        skip_blocks(INTERVAL - 1);
        assert_noop!(swap_hotkey(OLD, NEW_HOTKEY, 201), Error::<Test>::HotkeySwappedTooSoon);
        skip_blocks(1);
        assert_ok!(swap_hotkey(OLD, NEW_HOTKEY, 201));
    });
}

#[test]
fn the_stamp_lies_under_the_coldkey_and_goes_with_it() {
    // Weakness 24: counters were written under one order of keys and moved under the other.
    execute(|| {
        assert_ok!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY));
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY);
        assert_ok!(execute_swap(OLD, NEW));
        assert_eq!(LastHotkeySwap::<Test>::iter().collect::<Vec<_>>(), [(NEW, 1)]);
        assert_noop!(swap_hotkey(NEW, NEW_HOTKEY, 201), Error::<Test>::HotkeySwappedTooSoon);
    });
}

#[test]
fn who_cannot_pay_and_stay_alive_is_refused() {
    execute(|| {
        let rest = EXISTENTIAL_DEPOSIT + HOTKEY_COST - 1;
        assert_ok!(Balances::transfer_keep_alive(
            RuntimeOrigin::signed(OLD),
            OTHER,
            ENDOWMENT - rest
        ));
        assert_noop!(swap_hotkey(OLD, HOTKEY, NEW_HOTKEY), Error::<Test>::BalanceBelowCost);
    });
}

#[test]
fn the_weight_counts_what_others_move() {
    build().execute_with(|| {
        let call = crate::Call::<Test>::swap_hotkey {
            hotkey: HOTKEY,
            new_hotkey: NEW_HOTKEY,
            consent: None,
        };
        assert_eq!(call.get_dispatch_info().call_weight.ref_time(), 12);
    });
}
