//! What is left of links when neurons, subnets and hotkeys go.
use crate::{mock::*, Kin, LinkCount, Pending, Queue, Waiting};
use frame_support::{assert_ok, weights::Weight};
use laurel_support::{OnHotkeySwapped, OnSubnetRemoved};
use laurel_types::Proportion;

#[test]
fn a_hotkey_that_loses_its_uid_loses_its_parents_and_its_take() {
    execute(|| {
        let [parent, child, grandchild] = populate(&[3_000, 1_000, 0])[..] else {
            panic!()
        };
        assert_ok!(set_take(child, 100));
        link(parent, &[(Proportion::ALL, child)]);
        link(child, &[(Proportion::ALL, grandchild)]);
        evict(NETUID, child, 1_009);
        assert_eq!((stake_on(parent), stake_on(child), stake_on(1_009)), (3_000, 0, 0));
        assert_eq!(stake_on(grandchild), 1_000, "what it lends needs no uid");
        evict(NETUID, grandchild, 1_010);
        assert_eq!(stake_on(child), 1_000);
        assert!(!Kin::<Test>::contains_key(NETUID, child));
        assert!(!Kin::<Test>::contains_key(NETUID, grandchild));
    });
}

#[test]
fn a_subnet_that_is_gone_leaves_nothing() {
    execute(|| {
        let hotkeys = populate(&[3_000; 40]);
        for pair in hotkeys.chunks(2) {
            link(pair[0], &[(HALF, pair[1])]);
        }
        assert_ok!(propose(hotkeys[1], &[(HALF, hotkeys[0])]));
        Nets::put(Vec::<laurel_types::NetUid>::new());
        let mut steps = 0;
        while !Kindred::remove_step(NETUID, Weight::MAX).1 {
            steps += 1;
            assert!(steps < 10, "the removal comes to an end");
        }
        assert_eq!(Kin::<Test>::iter().count() + Pending::<Test>::iter().count(), 0);
        assert_eq!(Queue::<Test>::iter().count() + Waiting::<Test>::iter().count(), 0);
        assert_eq!(LinkCount::<Test>::iter().count(), 0);
        assert!(
            Kindred::remove_step(NETUID, Weight::MAX).1,
            "a further step is harmless"
        );
    });
}

#[test]
fn a_swapped_hotkey_keeps_links_account_and_waiting_set() {
    // Weakness 48: child take and pending children were left behind under the old key.
    execute(|| {
        let [parent, old, child] = populate(&[3_000, 1_000, 0])[..] else {
            panic!()
        };
        let new = 5_002;
        assert_ok!(set_take(old, 100));
        link(parent, &[(HALF, old)]);
        link(old, &[(HALF, child)]);
        assert_ok!(propose(old, &[(Proportion::ALL, child)]));
        assert_ok!(propose(parent, &[(Proportion::ALL, old)]));
        let (time, stake) = (stake_time(old), stake_on(old));

        assert!(!Kindred::in_use(&new));
        assert_ok!(Kindred::on_hotkey_swapped(&old, &new));
        // What the neighbours do.
        Stakes::swap(old, new);
        Uids::mutate(NETUID, |uids| uids[1].0 = new);
        assert!(Kindred::in_use(&new) && !Kindred::in_use(&old));

        assert_eq!((stake_time(new), stake_on(new)), (time, stake));
        assert_eq!(child_take(new), laurel_types::Take(100));
        assert_eq!(stake_on(parent), 1_501);
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(new), stake_on(child)), (0, 3_000, 1_000));
    });
}
