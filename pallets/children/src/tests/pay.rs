//! How a child's dividends are divided.
use crate::{mock::*, Kin, LinkCount, Parting};
use frame_support::assert_ok;
use laurel_support::{Epochs, Family, Parents};
use laurel_types::{Proportion, Take};
use proptest::prelude::*;

#[test]
fn parents_are_paid_for_what_they_lent_and_the_child_for_the_rest() {
    execute(|| {
        let [a, b, child] = populate(&[2_000, 1_000, 1_000])[..] else {
            panic!()
        };
        link(a, &[(Proportion::ALL, child)]);
        link(b, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 4_000)]);
        assert_eq!((dividends(a), dividends(b), dividends(child)), (2_000, 1_000, 1_000));
    });
}

#[test]
fn every_unit_is_paid_by_largest_remainder() {
    // Weakness 20: what rounding left over was minted for nobody.
    execute(|| {
        let [a, b, child] = populate(&[1_000, 1_000, 1_000])[..] else {
            panic!()
        };
        link(a, &[(Proportion::ALL, child)]);
        link(b, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 100)]);
        assert_eq!(dividends(a) + dividends(b) + dividends(child), 100);
        assert_eq!((dividends(child), dividends(a), dividends(b)), (34, 33, 33));
    });
}

#[test]
fn shares_of_parents_are_of_everything_that_backed_the_child() {
    // Weakness 27: the classic chain divides by the child's stake after clipping it, so that parents' shares exceed the whole.
    // Here nothing is clipped, and the shares sum to one whatever the stakes are.
    execute(|| {
        let huge = u64::MAX / 4;
        let [a, b, child] = populate(&[huge, huge, huge])[..] else {
            panic!()
        };
        link(a, &[(Proportion::ALL, child)]);
        link(b, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 300)]);
        assert_eq!((dividends(child), dividends(a), dividends(b)), (100, 100, 100));
    });
}

#[test]
fn the_child_keeps_its_take_of_parents_parts() {
    execute(|| {
        let [parent, child] = populate(&[1_000, 1_000])[..] else {
            panic!()
        };
        assert_ok!(set_take(child, 6_554)); // a tenth, and a trifle
        link(parent, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 2_000)]);
        assert_eq!(
            (dividends(parent), Takes::get(child), dividends(child)),
            (900, 100, 1_000)
        );
    });
}

#[test]
fn who_lends_shortly_before_the_epoch_ends_is_paid_for_those_blocks_only() {
    execute(|| {
        let [parent, child] = populate(&[1_000, 1_000])[..] else {
            panic!()
        };
        link(parent, &[(Proportion::ALL, child)]);
        skip_blocks(9);
        set_stake(parent, 101_000);
        skip_blocks(1);
        // Nine blocks of 1000, one of 101000; the child ten of 1000.
        end_epoch_paying(NETUID, &[(child, 12_000)]);
        assert_eq!((dividends(parent), dividends(child)), (11_000, 1_000));
    });
}

#[test]
fn who_cuts_the_link_before_the_epoch_ends_keeps_nothing_from_the_parent() {
    execute(|| {
        let [parent, child] = populate(&[3_000, 1_000])[..] else {
            panic!()
        };
        link(parent, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        assert_ok!(revoke(owner_of(child), parent, child));
        end_epoch_paying(NETUID, &[(child, 4_000)]);
        assert_eq!((dividends(parent), dividends(child)), (3_000, 1_000));
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 4_000)]);
        assert_eq!((dividends(parent), dividends(child)), (3_000, 5_000));
        assert_eq!(crate::Kin::<Test>::get(NETUID, child).unwrap().parents.len(), 0);
    });
}

#[test]
fn an_epoch_without_pay_does_not_weigh_in_the_next_one() {
    execute(|| {
        let [early, late, child] = populate(&[1_000, 1_000, 0])[..] else {
            panic!()
        };
        link(early, &[(Proportion::ALL, child)]);
        for _ in 0..10 {
            skip_blocks(TEMPO);
            end_epoch(NETUID);
        }
        link(late, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        end_epoch_paying(NETUID, &[(child, 1_000)]);
        assert_eq!((dividends(early), dividends(late)), (500, 500));
    });
}

#[test]
fn what_is_cut_after_the_division_was_divided_already() {
    // Paying a large subnet takes blocks; a child's owner that cuts the link meanwhile keeps nothing from the parent.
    execute(|| {
        let [parent, child, alone] = populate(&[3_000, 1_000, 500])[..] else {
            panic!()
        };
        link(parent, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        World::run(NETUID);
        let family = Family {
            own: 1_000,
            take: 0,
            parents: vec![(parent, 3_000)],
        };
        assert_eq!(Kindred::divide(NETUID, &[(alone, 77), (child, 4_000)]), [(1, family)]);
        assert_ok!(revoke(owner_of(child), parent, child));
        assert_eq!(LinkCount::<Test>::get(NETUID), 0, "nothing is owed any more");
        assert_eq!(
            Kindred::divide(NETUID, &[(child, 4_000)]),
            [],
            "an epoch is divided once"
        );
    });
}

#[test]
fn a_link_that_ended_is_counted_until_it_is_paid() {
    execute(|| {
        let [parent, child] = populate(&[3_000, 1_000])[..] else {
            panic!()
        };
        link(parent, &[(Proportion::ALL, child)]);
        skip_blocks(TEMPO);
        assert_ok!(revoke(owner_of(child), parent, child));
        assert_eq!((parents(child), Kindred::count(NETUID)), (vec![], 1));
        end_epoch_paying(NETUID, &[(child, 4_000)]);
        assert_eq!(Kindred::count(NETUID), 0);
        assert!(
            Kin::<Test>::contains_key(NETUID, child),
            "its account of stake-time goes on"
        );
    });
}

#[test]
fn a_child_that_nothing_backed_is_paid_itself() {
    execute(|| {
        let [parent, child] = populate(&[3_000, 0])[..] else {
            panic!()
        };
        link(parent, &[(Proportion::ALL, child)]);
        set_stake(parent, 0);
        end_epoch(NETUID);
        end_epoch_paying(NETUID, &[(child, 7)]);
        assert_eq!((dividends(parent), dividends(child)), (0, 7));
    });
}

proptest! {
    #[test]
    fn the_parts_sum_to_what_is_paid(
        amount in 0..u64::MAX,
        weights in proptest::collection::vec(prop_oneof![Just(0), 0..1_000u64, any::<u64>()], 1..9),
        take in 0..=Take::MAX.0,
    ) {
        let parting = Parting::of(amount, &weights, Take(take));
        let parents: u128 = parting.parents.iter().copied().map(u128::from).sum();
        prop_assert_eq!(u128::from(parting.own) + u128::from(parting.take) + parents, u128::from(amount));
    }
}
