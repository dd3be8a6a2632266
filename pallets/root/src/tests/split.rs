//! When the split is computed, and from what.
use crate::{mock::*, BySubnet, CurrentSplit, Event, NextSplitAt, Seats, Settings};
use frame_support::weights::Weight;
use laurel_support::Split;
use laurel_types::{BlockNumber, NetUid};

/// Parts of a million by subnet.
fn millionths() -> Vec<(u16, u64)> {
    let part = |part: u64| (u128::from(part) * 1_000_000 + u128::from(u64::MAX / 2)) / u128::from(u64::MAX);
    Root::split()
        .into_iter()
        .map(|(netuid, value)| (netuid.0, part(value) as u64))
        .collect()
}

/// What the logistic curve makes of shares of rank and trust, in floats: parts of a million.
fn expected(ranks_and_trust: &[(f64, f64)]) -> Vec<u64> {
    let supported: Vec<f64> = ranks_and_trust
        .iter()
        .map(|(rank, trust)| rank / (1.0 + (-(trust - 32_767.0 / 65_535.0) * 10.0).exp()))
        .collect();
    let sum: f64 = supported.iter().sum();
    supported
        .iter()
        .map(|value| (value / sum * 1e6).round() as u64)
        .collect()
}

fn run_to_split() {
    run_to_block(NextSplitAt::<Test>::get());
}

#[test]
fn there_is_no_split_before_anybody_voted() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Root::split(), vec![]);
        run_to_block(3 * TEMPO);
        assert_eq!(Root::split(), vec![]);
    });
}

#[test]
fn the_split_is_computed_once_a_tempo_and_costs_by_size() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 5);
        vote(100, &[(1, 1)]);
        assert_eq!(run_to_block(TEMPO - 1), Weight::from_parts(7, 0));
        assert_eq!(Root::split(), vec![]);
        assert_eq!(run_to_block(TEMPO), Weight::from_parts(1_000 + 100 + 3, 0));
        assert_eq!(Root::split(), vec![(NetUid(1), u64::MAX)]);
        let split = BySubnet::truncate_from(vec![(NetUid(1), u64::MAX)]);
        assert_eq!(last_event(), Event::SplitSet { split }.into());
        assert_eq!(NextSplitAt::<Test>::get(), 2 * TEMPO);
        assert_eq!(run_to_block(TEMPO + 1), Weight::from_parts(7, 0));
    });
}

#[test]
fn where_all_seats_name_the_same_subnets_the_split_is_their_average_by_stake() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 3_000);
        seat(101, 1_000);
        vote(100, &[(1, 7), (2, 3)]);
        vote(101, &[(1, 1), (2, 1)]);
        run_to_split();
        let parts = millionths();
        assert_eq!(parts.iter().map(|(netuid, _)| *netuid).collect::<Vec<_>>(), [1, 2]);
        // (0.7 × 3 + 0.5 × 1) / 4, within the 65535ths in which weights are stored.
        assert!(parts[0].1.abs_diff(650_000) <= 10, "{parts:?}");
        assert!(parts[1].1.abs_diff(350_000) <= 10, "{parts:?}");
    });
}

#[test]
fn a_subnet_that_few_support_gets_less_than_its_votes() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 8_000);
        seat(101, 2_000);
        vote(100, &[(1, 1)]);
        vote(101, &[(2, 1)]);
        run_to_split();
        let expected = expected(&[(0.8, 0.8), (0.2, 0.2)]);
        assert_eq!(millionths(), [(1, expected[0]), (2, expected[1])]);
        assert!(expected[1] < 20_000);
    });
}

/// Weakness 10: such subnets went on receiving, and lost it.
#[test]
fn subnets_that_cannot_pay_are_left_out_before_rows_are_normalised() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 1_000);
        // Thirds of 65535 are whole.
        vote(100, &[(1, 3), (2, 1), (3, 1)]);
        run_to_split();
        assert_eq!(millionths(), [(1, 600_000), (2, 200_000), (3, 200_000)]);
        set_subnet(2, 0, true);
        run_to_split();
        assert_eq!(millionths(), [(1, 750_000), (3, 250_000)]);
        set_subnet(1, 4, false);
        run_to_split();
        assert_eq!(Root::split(), vec![(NetUid(3), u64::MAX)]);
    });
}

#[test]
fn when_no_subnet_can_pay_there_is_no_split() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 1_000);
        vote(100, &[(1, 1)]);
        run_to_split();
        assert_eq!(Root::split().len(), 1);
        set_subnet(1, 0, true);
        run_to_split();
        assert_eq!(Root::split(), vec![]);
        assert_eq!(
            last_event(),
            Event::SplitSet {
                split: BySubnet::default()
            }
            .into()
        );
    });
}

#[test]
fn seats_without_stake_have_no_say() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 0);
        vote(100, &[(1, 1)]);
        run_to_split();
        assert_eq!(Root::split(), vec![]);
        seat(101, 1);
        vote(101, &[(2, 1)]);
        run_to_split();
        assert_eq!(Root::split(), vec![(NetUid(2), u64::MAX)]);
    });
}

/// Weakness 8: root weights counted for ever.
#[test]
fn weights_stop_counting_after_their_lifetime() {
    ExtBuilder::default().build_and_execute(|| {
        let lifetime = TEMPO * BlockNumber::from(LIFETIME);
        seat(100, 1_000);
        run_to_block(TEMPO);
        vote(100, &[(1, 1)]);
        run_to_block(TEMPO + lifetime);
        assert_eq!(Root::split(), vec![(NetUid(1), u64::MAX)]);
        run_to_block(TEMPO + lifetime + TEMPO);
        assert_eq!(Root::split(), vec![]);
    });
}

#[test]
fn a_seat_whose_weights_expired_still_dilutes_trust() {
    ExtBuilder::default().build_and_execute(|| {
        let lifetime = TEMPO * BlockNumber::from(LIFETIME);
        for (hotkey, stake) in [(100, 4_000), (101, 4_000), (102, 2_000)] {
            seat(hotkey, stake);
        }
        vote(100, &[(3, 1)]);
        run_to_block(lifetime);
        vote(101, &[(1, 1)]);
        vote(102, &[(2, 1)]);
        run_to_block(lifetime + TEMPO);
        let expected = expected(&[(0.4, 0.4), (0.2, 0.2)]);
        assert_eq!(millionths(), [(1, expected[0]), (2, expected[1])]);
    });
}

#[test]
fn a_seat_that_was_left_no_longer_votes() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 1_000);
        seat(101, 1_000);
        vote(100, &[(1, 1)]);
        vote(101, &[(2, 1)]);
        run_to_block(TEMPO + 1);
        assert_eq!(millionths(), [(1, 500_000), (2, 500_000)]);
        Root::leave_seat(RuntimeOrigin::signed(COLDKEY), 100).expect("a tempo has passed");
        run_to_split();
        assert_eq!(millionths(), [(2, 1_000_000)]);
    });
}

#[test]
fn the_next_split_can_be_read_before_it_is_in_force() {
    ExtBuilder::default().build_and_execute(|| {
        seat(100, 3_000);
        assert_eq!(Root::next_split(), vec![]);
        vote(100, &[(1, 3), (2, 1)]);
        let next = Root::next_split();
        assert_eq!(next.len(), 2);
        assert_eq!((Root::split(), CurrentSplit::<Test>::get().len()), (vec![], 0));
        run_to_split();
        assert_eq!(Root::split(), next);
        // What will have expired when the next split is computed is not in it.
        let lifetime = TEMPO * BlockNumber::from(LIFETIME);
        run_to_block(lifetime);
        assert_eq!(Root::split(), next);
        assert_eq!(Root::next_split(), vec![]);
    });
}

/// Weakness 9: a steep curve halted the chain.
#[test]
fn the_split_is_total_at_the_limits_of_rho_and_kappa() {
    for rho in [0, 1, 10, 85, 86, 1_000, u16::MAX] {
        for kappa in [0, 1, 32_767, u16::MAX - 1, u16::MAX] {
            let settings = Settings {
                tempo: TEMPO,
                rho,
                kappa,
                ..Default::default()
            };
            ExtBuilder::default().settings(settings).build_and_execute(|| {
                seat(100, 2_000);
                seat(101, 1_000);
                seat(102, 1);
                vote(100, &[(1, 1)]);
                vote(101, &[(2, 1)]);
                vote(102, &[(3, 1)]);
                run_to_split();
                let sum: u128 = Root::split().iter().map(|(_, part)| u128::from(*part)).sum();
                assert!(sum > u128::from(u64::MAX) - 10, "rho {rho}, kappa {kappa}: {sum}");
            });
        }
    }
}

#[test]
fn sixty_four_seats_over_sixty_four_subnets_fit() {
    ExtBuilder::default().build_and_execute(|| {
        for netuid in 1..=64 {
            set_subnet(netuid, 1, true);
        }
        let votes: Vec<(u16, u16)> = (1..=64).map(|netuid| (netuid, netuid)).collect();
        for i in 0..64 {
            seat(100 + i, 1 + i);
            vote(100 + i, &votes);
        }
        assert_eq!(run_to_block(TEMPO), Weight::from_parts(1_000 + 6_400 + 64, 0));
        assert_eq!(Seats::<Test>::count(), 64);
        assert_eq!(CurrentSplit::<Test>::get().len(), 64);
    });
}

#[test]
#[should_panic(expected = "tempo must be at least 1")]
fn a_genesis_without_a_tempo_is_refused() {
    ExtBuilder::default().tempo(0).build();
}
