//! What a seat may say.
use crate::{mock::*, Error, Event, Seats};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use sp_runtime::DispatchResult;

fn try_vote(coldkey: AccountId, hotkey: AccountId, weights: &[(u16, u16)]) -> DispatchResult {
    Root::set_root_weights(RuntimeOrigin::signed(coldkey), hotkey, row(weights))
        .map(|_| ())
        .map_err(|e| e.error)
}

#[test]
fn weights_are_stored_scaled_to_65535_and_stamped() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        run_to_block(3);
        assert_ok!(try_vote(COLDKEY, 100, &[(1, 70), (3, 30)]));
        assert_eq!(last_event(), Event::RootWeightsSet { hotkey: 100 }.into());
        // 30 / 70 of 65535 is 28086.4.
        assert_eq!(stored_row(100), Some(vec![(1, 65_535), (3, 28_086)]));
        assert_eq!(
            Seats::<Test>::get(100).and_then(|seat| seat.weights_updated_at),
            Some(3)
        );
    });
}

#[test]
fn setting_weights_is_free_when_it_succeeds() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        let call = || Root::set_root_weights(RuntimeOrigin::signed(COLDKEY), 100, row(&[(1, 1)]));
        assert_eq!(call().expect("the weights are set").pays_fee, Pays::No);
        assert_eq!(call().expect_err("too soon").post_info.pays_fee, Pays::Yes);
    });
}

#[test]
fn only_the_owner_of_a_seated_hotkey_sets_weights() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        assert_noop!(try_vote(STRANGER, 100, &[(1, 1)]), Error::<Test>::NotHotkeyOwner);
        assert_noop!(try_vote(COLDKEY, 101, &[(1, 1)]), Error::<Test>::NotSeated);
    });
}

#[test]
fn a_row_must_ascend_name_something_and_hold_no_zero() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        assert_noop!(try_vote(COLDKEY, 100, &[]), Error::<Test>::NoWeights);
        assert_noop!(
            try_vote(COLDKEY, 100, &[(2, 1), (1, 1)]),
            Error::<Test>::WeightsNotAscending
        );
        assert_noop!(
            try_vote(COLDKEY, 100, &[(2, 1), (2, 1)]),
            Error::<Test>::WeightsNotAscending
        );
        assert_noop!(try_vote(COLDKEY, 100, &[(1, 1), (2, 0)]), Error::<Test>::ZeroWeight);
    });
}

#[test]
fn a_subnet_that_does_not_exist_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        assert_noop!(try_vote(COLDKEY, 100, &[(1, 1), (4, 1)]), Error::<Test>::SubnetUnknown);
        // The classic chain had the root network itself as number 0.
        assert_noop!(try_vote(COLDKEY, 100, &[(0, 1), (1, 1)]), Error::<Test>::SubnetUnknown);
    });
}

#[test]
fn weights_can_be_replaced_after_the_rate_limit() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        run_to_block(2);
        vote(100, &[(1, 1)]);
        run_to_block(2 + RATE_LIMIT - 1);
        assert_noop!(try_vote(COLDKEY, 100, &[(2, 1)]), Error::<Test>::WeightsSetTooSoon);
        run_to_block(2 + RATE_LIMIT);
        assert_ok!(try_vote(COLDKEY, 100, &[(2, 1)]));
        assert_eq!(stored_row(100), Some(vec![(2, 65_535)]));
    });
}

#[test]
fn what_dispatch_would_refuse_is_known_before() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        assert!(Root::check_root_weights(&COLDKEY, &100, row(&[(1, 1)])).is_ok());
        let refused = Root::check_root_weights(&STRANGER, &100, row(&[(1, 1)]));
        assert!(matches!(refused, Err(Error::NotHotkeyOwner)));
    });
}
