//! What backs a hotkey, in leaves and over time.
use crate::{mock::*, Kin};
use frame_support::assert_ok;
use laurel_support::Stake;
use laurel_types::Proportion;

#[test]
fn what_is_lent_is_neither_made_nor_lost() {
    execute(|| {
        let [a, b, c] = populate(&[1_000_003, 777, 99])[..] else {
            panic!()
        };
        let p = Proportion(u64::MAX / 7);
        link(a, &[(p, b), (p, c)]);
        set_stake(b, MIN_STAKE);
        link(b, &[(Proportion(u64::MAX / 13), c)]);
        assert_eq!(stake_on(a) + stake_on(b) + stake_on(c), 1_000_003 + MIN_STAKE + 99);
    });
}

#[test]
fn nobody_lends_what_it_borrowed() {
    execute(|| {
        let [a, b, c] = populate(&[5_000, 1_000, 0])[..] else {
            panic!()
        };
        link(a, &[(Proportion::ALL, b)]);
        link(b, &[(Proportion::ALL, c)]);
        assert_eq!((stake_on(a), stake_on(b), stake_on(c)), (0, 5_000, 1_000));
    });
}

#[test]
fn stake_time_does_not_jump_when_links_change() {
    // Scoring takes differences of readings: were the whole past of a parent's stake lent at once, a child would have
    // a multiple of the supply for an epoch, and a parent that takes its stake back likewise.
    execute(|| {
        let [parent, child] = populate(&[6_000, 1_000])[..] else {
            panic!()
        };
        skip_blocks(1_000);
        let before = (stake_time(parent), stake_time(child));
        assert_eq!(before, (6_000_000, 1_000_000));
        link(parent, &[(Proportion::ALL, child)]);
        let linked = (stake_time(parent), stake_time(child));
        let cooldown = u128::from(COOLDOWN);
        assert_eq!(linked, (before.0 + 6_000 * cooldown, before.1 + 1_000 * cooldown));
        skip_blocks(10);
        assert_eq!((stake_time(parent), stake_time(child)), (linked.0, linked.1 + 70_000));
        assert_ok!(revoke(owner_of(parent), parent, child));
        assert_eq!((stake_time(parent), stake_time(child)), (linked.0, linked.1 + 70_000));
        skip_blocks(10);
        assert_eq!(
            (stake_time(parent), stake_time(child)),
            (linked.0 + 60_000, linked.1 + 80_000)
        );
    });
}

#[test]
fn stake_time_follows_the_stake_of_every_parent_block_by_block() {
    execute(|| {
        let [a, b, child] = populate(&[2_000, 4_000, 0])[..] else {
            panic!()
        };
        link(a, &[(Proportion::ALL, child)]);
        link(b, &[(Proportion(u64::MAX / 4 + 1), child)]);
        let begin = stake_time(child);
        skip_blocks(5);
        set_stake(a, 3_000);
        skip_blocks(5);
        set_stake(b, 0);
        skip_blocks(5);
        assert_eq!(stake_time(child) - begin, 5 * 3_000 + 5 * 4_000 + 5 * 3_000);
    });
}

#[test]
fn reading_many_hotkeys_at_once_says_what_reading_each_says() {
    execute(|| {
        let hotkeys = populate(&[6_000, 1_000, 2_000, 0]);
        link(hotkeys[0], &[(HALF, hotkeys[1])]);
        link(hotkeys[1], &[(HALF, hotkeys[3])]);
        skip_blocks(7);
        let each: Vec<u128> = hotkeys.iter().map(|hotkey| stake_time(*hotkey)).collect();
        assert_eq!(Kindred::stake_times_on(NETUID, &hotkeys), each);
    });
}

#[test]
fn records_without_content_are_not_kept_for_hotkeys_without_a_uid() {
    execute(|| {
        let child = 2_001;
        register(NETUID, child);
        set_stake(1_001, 5_000);
        link(1_001, &[(HALF, child)]);
        assert!(Kin::<Test>::contains_key(NETUID, 1_001));
        assert_ok!(revoke(1, 1_001, child));
        assert!(!Kin::<Test>::contains_key(NETUID, 1_001));
    });
}
