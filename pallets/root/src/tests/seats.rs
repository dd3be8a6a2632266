//! Taking and leaving seats.
use crate::{mock::*, Error, Event, RootWeights, Seats};
use frame_support::{assert_noop, assert_ok};
use laurel_support::Hotkeys;
use laurel_types::MAX_ROOT_SEATS;
use sp_runtime::{DispatchError, DispatchResult};

const SEATS: u64 = MAX_ROOT_SEATS as u64;

fn register(coldkey: AccountId, hotkey: AccountId) -> DispatchResult {
    Root::register_seat(RuntimeOrigin::signed(coldkey), hotkey, Some(consent_to(coldkey)))
}

fn leave(coldkey: AccountId, hotkey: AccountId) -> DispatchResult {
    Root::leave_seat(RuntimeOrigin::signed(coldkey), hotkey)
}

/// Takes all seats with hotkeys from 100 on; each has a leaf more stake than the one before, from 1000 on.
fn fill() {
    for i in 0..SEATS {
        seat(100 + i, 1_000 + i);
    }
}

#[test]
fn a_free_seat_costs_nothing_and_makes_the_hotkey_known() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(register(COLDKEY, 100));
        assert_eq!(
            last_event(),
            Event::SeatTaken {
                hotkey: 100,
                coldkey: COLDKEY,
                replaced: None
            }
            .into()
        );
        assert_eq!(Network::owner(&100), Some(COLDKEY));
        assert_eq!(Seats::<Test>::get(100).map(|seat| seat.seated_at), Some(1));
    });
}

#[test]
fn nobody_seats_the_hotkey_of_another() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Network::bind(&100, &COLDKEY, Some(&consent_to(COLDKEY))));
        assert_noop!(register(STRANGER, 100), Error::<Test>::NotHotkeyOwner);
        assert_ok!(register(COLDKEY, 100));
    });
}

/// Weakness 47: whoever came first owned somebody else's hotkey.
#[test]
fn an_unknown_hotkey_is_seated_only_with_its_consent_and_a_known_one_without() {
    ExtBuilder::default().build_and_execute(|| {
        let register = |consent| Root::register_seat(RuntimeOrigin::signed(COLDKEY), 100, consent);
        assert_noop!(register(None), DispatchError::Other("no consent"));
        assert_noop!(register(Some(consent_to(STRANGER))), DispatchError::Other("no consent"));
        assert_ok!(register(Some(consent_to(COLDKEY))));
        run_to_block(TEMPO + 1);
        assert_ok!(leave(COLDKEY, 100));
        assert_ok!(register(None));
    });
}

#[test]
fn a_hotkey_holds_one_seat_at_most() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        assert_noop!(register(COLDKEY, 100), Error::<Test>::AlreadySeated);
    });
}

#[test]
fn when_all_seats_are_taken_the_least_stake_loses_its_seat_and_weights() {
    ExtBuilder::default().build_and_execute(|| {
        fill();
        set_stake(140, 7);
        vote(140, &[(1, 1)]);
        seat(50, 8);
        assert_eq!(
            last_event(),
            Event::SeatTaken {
                hotkey: 50,
                coldkey: COLDKEY,
                replaced: Some(140)
            }
            .into()
        );
        assert!(!Seats::<Test>::contains_key(140));
        assert!(!RootWeights::<Test>::contains_key(140));
        assert_eq!(Seats::<Test>::count(), MAX_ROOT_SEATS);
    });
}

/// Weakness 8: whoever took a seat inherited its weights.
#[test]
fn a_replaced_holder_that_comes_back_starts_without_weights() {
    ExtBuilder::default().build_and_execute(|| {
        fill();
        vote(100, &[(1, 1)]);
        seat(50, 5_000);
        seat(100, 6_000);
        assert_eq!(stored_row(100), None);
        assert_eq!(Seats::<Test>::get(100).and_then(|seat| seat.weights_updated_at), None);
    });
}

#[test]
fn equal_stake_does_not_replace_a_holder() {
    ExtBuilder::default().build_and_execute(|| {
        fill();
        set_stake(50, 1_000);
        assert_noop!(register(COLDKEY, 50), Error::<Test>::StakeTooLowForSeat);
        set_stake(50, 1_001);
        assert_ok!(register(COLDKEY, 50));
        assert!(!Seats::<Test>::contains_key(100));
    });
}

#[test]
fn among_equals_the_one_seated_last_is_replaced_then_the_lowest_hotkey() {
    ExtBuilder::default().build_and_execute(|| {
        for i in 0..SEATS - 2 {
            seat(100 + i, 1_000);
        }
        run_to_block(2);
        seat(90, 1_000);
        seat(91, 1_000);
        seat(50, 2_000);
        assert!(!Seats::<Test>::contains_key(90));
        seat(51, 2_000);
        assert!(!Seats::<Test>::contains_key(91));
        seat(52, 2_000);
        assert!(!Seats::<Test>::contains_key(100));
    });
}

#[test]
fn a_seat_can_be_left_a_root_tempo_after_it_was_taken() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        vote(100, &[(1, 1)]);
        run_to_block(TEMPO);
        assert_noop!(leave(COLDKEY, 100), Error::<Test>::SeatLeftTooSoon);
        run_to_block(TEMPO + 1);
        assert_ok!(leave(COLDKEY, 100));
        assert_eq!(last_event(), Event::SeatLeft { hotkey: 100 }.into());
        assert_eq!(Seats::<Test>::count(), 0);
        assert_eq!(stored_row(100), None);
    });
}

#[test]
fn only_its_owner_leaves_a_seat() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        run_to_block(TEMPO + 1);
        assert_noop!(leave(STRANGER, 100), Error::<Test>::NotHotkeyOwner);
        assert_noop!(leave(COLDKEY, 101), Error::<Test>::NotSeated);
    });
}
