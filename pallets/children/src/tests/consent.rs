//! Who becomes a child of whom, and when.
use crate::{mock::*, Error, Event, NotLinked, Queue, Waiting, SETS_AN_EPOCH};
use frame_support::{assert_noop, assert_ok};
use laurel_types::{NetUid, Proportion, MAX_PARENTS};

#[test]
fn nobody_becomes_a_child_unasked() {
    // Weakness 17: a child's list of parents could be stuffed by anybody.
    execute(|| {
        let [parent, child] = populate(&[2_000, 500])[..] else {
            panic!()
        };
        assert_ok!(propose(parent, &[(HALF, child)]));
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(child)), (2_000, 500));
        assert!(events().contains(&Event::ChildNotLinked {
            netuid: NETUID,
            hotkey: parent,
            uid: laurel_types::Uid(1),
            reason: NotLinked::NotAccepted,
        }));

        assert_ok!(propose(parent, &[(HALF, child)]));
        assert_noop!(
            Kindred::accept_parent(RuntimeOrigin::signed(owner_of(parent)), child, NETUID, parent),
            Error::<Test>::NotHotkeyOwner
        );
        assert_ok!(accept(child, parent));
        assert_noop!(accept(child, parent), Error::<Test>::NotProposed);
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(child)), (1_001, 1_499));
    });
}

#[test]
fn children_of_the_same_owner_need_not_be_asked() {
    execute(|| {
        let parent = 1_001;
        let child = 2_001;
        set_stake(parent, 2_000);
        register(NETUID, child);
        assert_ok!(propose(parent, &[(Proportion::ALL, child)]));
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(child)), (0, 2_000));
    });
}

#[test]
fn a_set_is_linked_by_the_first_epoch_after_its_cooldown_and_not_before() {
    execute(|| {
        let [parent, child] = populate(&[2_000, 0])[..] else {
            panic!()
        };
        assert_ok!(propose(parent, &[(HALF, child)]));
        assert_ok!(accept(child, parent));
        skip_blocks(COOLDOWN - 1);
        end_epoch(NETUID);
        assert_eq!(stake_on(child), 0);
        skip_blocks(1);
        assert_eq!(stake_on(child), 0, "only an epoch links");
        end_epoch(NETUID);
        assert_eq!(stake_on(child), 999);
        assert_eq!(pending(parent), None);
    });
}

#[test]
fn a_set_that_waits_is_replaced_and_the_new_one_waits_for_a_whole_cooldown() {
    execute(|| {
        let [parent, a, b] = populate(&[2_000, 0, 0])[..] else {
            panic!()
        };
        assert_ok!(propose(parent, &[(HALF, a)]));
        assert_ok!(accept(a, parent));
        let due = pending(parent).unwrap().due;
        skip_blocks(COOLDOWN - 1);
        assert_ok!(propose(parent, &[(HALF, b)]));
        assert_ok!(accept(b, parent));
        let withdrawn = Event::ChildrenWithdrawn {
            netuid: NETUID,
            hotkey: parent,
            due,
        };
        assert_eq!(events().into_iter().filter(|event| *event == withdrawn).count(), 1);
        skip_blocks(COOLDOWN - 1);
        end_epoch(NETUID);
        assert_eq!((stake_on(a), stake_on(b)), (0, 0), "the cool-down began anew");
        skip_blocks(1);
        end_epoch(NETUID);
        assert_eq!((stake_on(a), stake_on(b)), (0, 999));
        assert!(!Waiting::<Test>::contains_key(NETUID));
    });
}

#[test]
fn a_set_that_waits_is_taken_back_by_one_without_children() {
    execute(|| {
        let [parent, child] = populate(&[2_000, 0])[..] else {
            panic!()
        };
        assert_ok!(propose(parent, &[(HALF, child)]));
        assert_ok!(accept(child, parent));
        assert_ok!(propose(parent, &[]));
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(child)), (2_000, 0));
    });
}

#[test]
fn who_agreed_to_a_set_that_is_replaced_need_not_agree_again_and_who_was_struck_out_must() {
    execute(|| {
        let [parent, agreed, silent, struck] = populate(&[4_000, 0, 0, 0])[..] else {
            panic!()
        };
        let quarter = Proportion(u64::MAX / 4);
        let all = [(quarter, agreed), (quarter, silent), (quarter, struck)];
        assert_ok!(propose(parent, &all));
        assert_ok!(accept(agreed, parent));
        assert_ok!(accept(struck, parent));
        assert_ok!(revoke(owner_of(struck), parent, struck));
        assert_ok!(propose(parent, &all));
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!([agreed, silent, struck].map(stake_on), [999, 0, 0]);
    });
}

#[test]
fn who_replaces_its_set_again_and_again_makes_nobody_else_wait() {
    execute(|| {
        let [restless, child, patient, other] = populate(&[2_000, 0, 2_000, 0])[..] else {
            panic!()
        };
        for _ in 0..3 * SETS_AN_EPOCH {
            assert_ok!(propose(restless, &[(HALF, child)]));
        }
        assert_ok!(propose(patient, &[(HALF, other)]));
        assert_ok!(accept(other, patient));
        skip_blocks(COOLDOWN - 1);
        assert_ok!(propose(restless, &[(HALF, child)]));
        assert_eq!(Queue::<Test>::iter_prefix(NETUID).count(), 2);
        skip_blocks(1);
        end_epoch(NETUID);
        assert_eq!(stake_on(other), 999);
        assert_eq!(pending(patient), None);
    });
}

#[test]
fn sets_are_refused_by_the_rule_that_they_break() {
    execute(|| {
        let [parent, a, b, poor] = populate(&[2_000, 0, 0, MIN_STAKE - 1])[..] else {
            panic!()
        };
        let set = |owner: u64, netuid: u16, of: &[(Proportion, u64)]| {
            Kindred::set_children(RuntimeOrigin::signed(owner), parent, NetUid(netuid), children(of))
        };
        let one = Proportion(1);
        assert_noop!(set(1, 9, &[(one, a)]), Error::<Test>::SubnetDoesNotExist);
        assert_noop!(set(2, 1, &[(one, a)]), Error::<Test>::NotHotkeyOwner);
        assert_noop!(set(1, 1, &[]), Error::<Test>::NoChildren);
        assert_noop!(set(1, 1, &[(one, parent)]), Error::<Test>::OwnChild);
        assert_noop!(set(1, 1, &[(Proportion::ZERO, a)]), Error::<Test>::ZeroProportion);
        assert_noop!(
            set(1, 1, &[(one, a), (one, b), (one, a)]),
            Error::<Test>::ChildNamedTwice
        );
        assert_noop!(set(1, 1, &[(Proportion::ALL, a), (one, b)]), Error::<Test>::MoreThanAll);
        assert_noop!(set(1, 1, &[(one, 5_555)]), Error::<Test>::ChildNotRegistered);
        assert_noop!(propose(poor, &[(one, a)]), Error::<Test>::ParentStakeTooLow);
        assert_noop!(accept(a, parent), Error::<Test>::NotProposed);
        assert_noop!(revoke(1, parent, a), Error::<Test>::NotLinked);
    });
}

#[test]
fn a_child_has_a_bounded_number_of_parents() {
    execute(|| {
        let stakes = vec![MIN_STAKE; MAX_PARENTS as usize + 2];
        let hotkeys = populate(&stakes);
        let (child, parents) = hotkeys.split_last().unwrap();
        for parent in parents {
            assert_ok!(propose(*parent, &[(HALF, *child)]));
            assert_ok!(accept(*child, *parent));
        }
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!(crate::mock::parents(*child).len(), MAX_PARENTS as usize);
        let last = parents.last().unwrap();
        assert!(events().contains(&Event::ChildNotLinked {
            netuid: NETUID,
            hotkey: *last,
            uid: laurel_types::Uid(MAX_PARENTS as u16 + 1),
            reason: NotLinked::TooManyParents,
        }));
        assert_eq!(stake_on(*last), MIN_STAKE);
    });
}

#[test]
fn an_epoch_links_a_bounded_number_of_sets_and_the_next_one_goes_on() {
    execute(|| {
        let sets = SETS_AN_EPOCH as u64 + 3;
        for n in 1..=sets {
            let (parent, child) = (1_000 + n, 2_000 + n);
            set_stake(parent, MIN_STAKE);
            register(NETUID, child);
            assert_ok!(propose(parent, &[(Proportion::ALL, child)]));
        }
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!(Queue::<Test>::iter_prefix(NETUID).count(), 3);
        assert_eq!((stake_on(2_001), stake_on(2_000 + sets)), (MIN_STAKE, 0));
        end_epoch(NETUID);
        assert_eq!(stake_on(2_000 + sets), MIN_STAKE);
        assert!(!Waiting::<Test>::contains_key(NETUID));
    });
}

#[test]
fn a_set_replaces_the_one_before_and_none_takes_everything_back() {
    execute(|| {
        let [parent, a, b] = populate(&[3_000, 0, 0])[..] else {
            panic!()
        };
        let third = Proportion(u64::MAX / 3);
        link(parent, &[(Proportion::ALL, a)]);
        assert_eq!((stake_on(parent), stake_on(a), stake_on(b)), (0, 3_000, 0));
        link(parent, &[(third, b), (third, a)]);
        assert_eq!((stake_on(parent), stake_on(a), stake_on(b)), (1_000, 1_000, 1_000));
        link(parent, &[]);
        assert_eq!((stake_on(parent), stake_on(a), stake_on(b)), (3_000, 0, 0));
    });
}

#[test]
fn either_side_cuts_a_link_at_once_and_nobody_else_does() {
    execute(|| {
        let [parent, a, b] = populate(&[3_000, 0, 0])[..] else {
            panic!()
        };
        let third = Proportion(u64::MAX / 3);
        link(parent, &[(third, a), (third, b)]);
        assert_noop!(revoke(owner_of(b), parent, a), Error::<Test>::NotHotkeyOwner);
        assert_ok!(revoke(owner_of(parent), parent, a));
        assert_ok!(revoke(owner_of(b), parent, b));
        assert_eq!((stake_on(parent), stake_on(a), stake_on(b)), (3_000, 0, 0));
        assert_noop!(revoke(owner_of(b), parent, b), Error::<Test>::NotLinked);
    });
}

#[test]
fn a_proposal_can_be_taken_back_by_either_side() {
    execute(|| {
        let [parent, a, b] = populate(&[3_000, 0, 0])[..] else {
            panic!()
        };
        assert_ok!(propose(parent, &[(HALF, a), (HALF, b)]));
        assert_ok!(accept(a, parent));
        assert_ok!(accept(b, parent));
        assert_ok!(revoke(owner_of(parent), parent, a));
        assert_ok!(revoke(owner_of(b), parent, b));
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(a), stake_on(b)), (3_000, 0, 0));
    });
}

#[test]
fn a_hotkey_that_lost_its_uid_before_it_was_linked_is_left_out() {
    execute(|| {
        let [parent, child] = populate(&[3_000, 0])[..] else {
            panic!()
        };
        assert_ok!(propose(parent, &[(HALF, child)]));
        assert_ok!(accept(child, parent));
        evict(NETUID, child, 1_009);
        // Registered again: another registration, which nobody proposed.
        register(NETUID, child);
        skip_blocks(COOLDOWN);
        end_epoch(NETUID);
        assert_eq!((stake_on(parent), stake_on(child), stake_on(1_009)), (3_000, 0, 0));
    });
}
