//! A child's take: its bounds, and how it may change.
use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok};
use laurel_types::{Proportion, Take};

#[test]
fn a_take_is_set_by_the_owner_of_a_neuron_within_bounds() {
    execute(|| {
        let [child] = populate(&[0])[..] else { panic!() };
        assert_noop!(
            Kindred::set_child_take(RuntimeOrigin::signed(9), child, NETUID, Take(1)),
            Error::<Test>::NotHotkeyOwner
        );
        assert_noop!(set_take(1_002, 1), Error::<Test>::ChildNotRegistered);
        assert_noop!(set_take(child, Take::MAX.0 + 1), Error::<Test>::TakeTooHigh);
        assert_ok!(set_take(child, Take::MAX.0));
    });
}

#[test]
fn raises_are_an_interval_apart_and_lowering_is_free() {
    // Weakness 16: lowered and raised again at once, a take attracts stake that it then taxes.
    execute(|| {
        let [child] = populate(&[0])[..] else { panic!() };
        assert_ok!(set_take(child, 1_000));
        end_epoch(NETUID);
        assert_ok!(set_take(child, 0));
        skip_blocks(TAKE_INTERVAL - 1);
        assert_noop!(set_take(child, 1), Error::<Test>::TakeRaisedTooSoon);
        skip_blocks(1);
        assert_ok!(set_take(child, 2_000));
        end_epoch(NETUID);
        assert_eq!(child_take(child), Take(2_000));
    });
}

#[test]
fn a_raise_does_not_touch_the_epoch_that_runs() {
    execute(|| {
        let [parent, child] = populate(&[1_000, 0])[..] else {
            panic!()
        };
        link(parent, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        assert_ok!(set_take(child, Take::MAX.0));
        end_epoch_paying(NETUID, &[(child, 65_535)]);
        assert_eq!((dividends(parent), Takes::get(child)), (65_535, 0));
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 65_535)]);
        assert_eq!((dividends(parent), Takes::get(child)), (2 * 65_535 - 11_796, 11_796));
    });
}

#[test]
fn a_raise_can_be_made_smaller_before_it_counts() {
    execute(|| {
        let [child] = populate(&[0])[..] else { panic!() };
        assert_ok!(set_take(child, 5_000));
        assert_ok!(set_take(child, 3_000));
        assert_eq!(child_take(child), Take(0));
        end_epoch(NETUID);
        assert_eq!(child_take(child), Take(3_000));
        assert_noop!(set_take(child, 4_000), Error::<Test>::TakeRaisedTooSoon);
    });
}
