//! Swapped hotkeys and subnets that end.
use crate::{mock::*, CurrentSplit, NextSplitAt, Seats};
use frame_support::{assert_ok, weights::Weight};
use laurel_support::{OnHotkeySwapped, OnSubnetRemoved, Split};
use laurel_types::NetUid;

fn remove(netuid: u16) -> (Weight, bool) {
    <Root as OnSubnetRemoved>::remove_step(NetUid(netuid), Weight::MAX)
}

#[test]
fn a_swapped_hotkey_keeps_its_seat_its_weights_and_their_age() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        run_to_block(3);
        vote(100, &[(1, 2), (3, 1)]);
        let (before, row) = (Seats::<Test>::get(100), stored_row(100));
        assert!(<Root as OnHotkeySwapped<_>>::in_use(&100));
        assert!(!<Root as OnHotkeySwapped<_>>::in_use(&200));
        // The owner's record goes over first, as in the runtime.
        let mut owners = OwnerTable::get();
        owners.insert(200, COLDKEY);
        OwnerTable::set(&owners);
        assert_ok!(Root::on_hotkey_swapped(&100, &200));
        assert_eq!((Seats::<Test>::get(200), stored_row(200)), (before, row));
        assert_eq!((Seats::<Test>::get(100), stored_row(100)), (None, None));
        assert_eq!(Seats::<Test>::count(), 1);
    });
}

#[test]
fn a_hotkey_without_a_seat_is_swapped_without_effect() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Root::on_hotkey_swapped(&100, &200));
        assert_eq!(Seats::<Test>::count(), 0);
    });
}

#[test]
fn a_subnet_that_ends_leaves_every_row_and_the_split() {
    ExtBuilder::default().build_and_execute(|| {
        for (hotkey, weights) in [(100, &[(1, 1), (2, 4)][..]), (101, &[(2, 1)]), (102, &[(1, 1)])] {
            seat(hotkey, 1_000);
            vote(hotkey, weights);
        }
        run_to_block(TEMPO);
        assert_eq!(CurrentSplit::<Test>::get().len(), 2);
        end_subnet(2);
        assert_eq!(remove(2), (Weight::from_parts(300, 0), true));
        // Scaled anew, removed where nothing is left, untouched where it was not named.
        assert_eq!(stored_row(100), Some(vec![(1, 65_535)]));
        assert_eq!(stored_row(101), None);
        assert_eq!(stored_row(102), Some(vec![(1, 65_535)]));
        assert!(Root::split().iter().all(|(netuid, _)| *netuid != NetUid(2)));
        // The others have its part from the next block on.
        assert_eq!(NextSplitAt::<Test>::get(), TEMPO);
        run_to_block(TEMPO + 1);
        assert_eq!(Root::split(), vec![(NetUid(1), u64::MAX)]);
        assert!(remove(2).1, "again, without harm");
    });
}

#[test]
fn a_step_that_the_budget_does_not_reach_does_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        vote(100, &[(2, 1)]);
        let step = <Root as OnSubnetRemoved>::remove_step(NetUid(2), Weight::from_parts(299, 0));
        assert_eq!(step, (Weight::zero(), false));
        assert!(stored_row(100).is_some());
    });
}
