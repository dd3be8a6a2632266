use crate::{mock::*, Clock, EpochClock, Event, Scores};
use frame_support::assert_ok;
use laurel_support::{Epochs, EvictionScore};
use laurel_types::{EpochIndex, NetUid, Uid};

fn due_at() -> u32 {
    <Scoring as Epochs<AccountId>>::due_at(NET)
}

#[test]
fn an_epoch_is_due_a_tempo_after_it_began_and_the_next_begins_when_it_runs() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!((epoch(), due_at()), (EpochIndex(0), 11));
        // Three blocks late: the next epoch has its full length all the same.
        System::set_block_number(14);
        <Scoring as Epochs<AccountId>>::run(NET);
        assert_eq!(
            Clock::<Test>::get(NET),
            Some(EpochClock {
                epoch: EpochIndex(1),
                started_at: 14
            })
        );
        assert_eq!(<Scoring as Epochs<AccountId>>::started_at(NET), 14);
        assert_eq!(due_at(), 24);
        assert_eq!(<Scoring as Epochs<AccountId>>::due_at(NetUid(9)), u32::MAX);
    });
}

#[test]
fn without_valid_weights_nobody_has_earned_anything() {
    ExtBuilder::default().build_and_execute(|| {
        let shares = end_epoch();
        assert_eq!(
            shares.iter().map(|s| s.hotkey).collect::<Vec<_>>(),
            [100, 101, 102, 103]
        );
        assert_eq!(incentives(&shares), [0; 4]);
        assert_eq!(dividends(&shares), [0; 4]);
    });
}

#[test]
fn miners_earn_by_what_validators_said_and_validators_by_their_bonds() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(
            incentives(&commit_then_reveal(&[(0, &[(2, 3), (3, 1)]), (1, &[(2, 3), (3, 1)])])),
            [0; 4]
        );
        let shares = end_epoch();
        assert_eq!((shares[0].incentive, shares[1].incentive), (0, 0));
        let ratio = shares[2].incentive as f64 / shares[3].incentive as f64;
        assert!((ratio - 3.0).abs() < 0.001, "{ratio}");
        let ratio = shares[0].dividends as f64 / shares[1].dividends as f64;
        assert!((ratio - 1.5).abs() < 0.001, "{ratio}");
        assert_eq!((shares[2].dividends, shares[3].dividends), (0, 0));
        assert!(scores(2).incentive > scores(3).incentive && scores(3).incentive > 0);
        assert!(scores(0).permit && scores(1).permit && !scores(2).permit);
        assert!(scores(0).active && !scores(2).active);
        assert_eq!(
            Scoring::bonds(NET).iter().map(|(uid, _)| *uid).collect::<Vec<_>>(),
            [Uid(0), Uid(1)]
        );
    });
}

#[test]
fn what_a_minority_says_alone_does_not_count() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)]), (1, &[(3, 1)])]);
        let shares = end_epoch();
        assert!(shares[2].incentive > 0);
        assert_eq!(shares[3].incentive, 0);
    });
}

#[test]
fn stake_that_says_nothing_is_no_part_of_the_majority() {
    // Uid 3 holds most of the stake and a permit, and sets no weights.
    ExtBuilder::default()
        .stakes(&[600, 400, 0, 9_000])
        .build_and_execute(|| {
            commit_then_reveal(&[(0, &[(2, 1)]), (1, &[(2, 1)])]);
            let shares = end_epoch();
            assert!(scores(3).permit);
            assert!(shares[2].incentive > 0);
            assert_eq!(shares[3].dividends, 0);
        });
}

/// Weakness 6: the age of a row was that of the last action, not of its content.
#[test]
fn a_row_says_nothing_of_a_neuron_that_registered_after_its_commit() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 1), (3, 1)]);
        System::set_block_number(5);
        assert_ok!(commit(0, &said));
        World::replace(NET, Uid(3), 500);
        end_epoch();
        assert_ok!(reveal(0, &said));
        let shares = end_epoch();
        assert!(shares[2].incentive > 0);
        assert_eq!((shares[3].hotkey, shares[3].incentive), (500, 0));
    });
}

#[test]
fn weights_older_than_the_activity_cutoff_do_not_count() {
    ExtBuilder::default()
        .params(|p| p.activity_cutoff = 35)
        .build_and_execute(|| {
            // Fixed in block 2, so alive until block 37.
            commit_then_reveal(&[(0, &[(2, 1)])]);
            assert!(end_epoch()[2].incentive > 0);
            assert!(end_epoch()[2].incentive > 0);
            assert_eq!(incentives(&end_epoch()), [0; 4]);
            assert!(!scores(0).active);
        });
}

#[test]
fn a_row_without_a_permit_does_not_count() {
    ExtBuilder::default()
        .params(|p| p.max_validators = 1)
        .build_and_execute(|| {
            commit_then_reveal(&[(0, &[(2, 1)])]);
            World::set_stake(hotkey(1), 5_000);
            // This epoch still counts by the permits given before.
            assert!(end_epoch()[2].incentive > 0);
            assert!(stored_row(0).is_some());
            assert_eq!(incentives(&end_epoch()), [0; 4]);
            assert!(stored_row(0).is_none(), "and nobody reads it again");
        });
}

#[test]
fn an_epoch_that_is_skipped_ends_without_scores_and_closes_its_window() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)])]);
        end_epoch();
        let before = Scores::<Test>::get(NET);
        assert_ok!(commit(0, &reveal_of(&[(3, 1)])));
        <Scoring as Epochs<AccountId>>::skip(NET);
        System::assert_last_event(
            Event::EpochSkipped {
                netuid: NET,
                epoch: EpochIndex(2),
            }
            .into(),
        );
        <Scoring as Epochs<AccountId>>::skip(NET);
        assert_eq!(epoch(), EpochIndex(4));
        assert_eq!(Scores::<Test>::get(NET), before);
        assert_eq!(stored_row(0), None);
    });
}

#[test]
fn what_was_paid_stands_beside_the_scores() {
    ExtBuilder::default().build_and_execute(|| {
        end_epoch();
        <Scoring as Epochs<AccountId>>::record_emission(NET, &[1, 2, 3, 4]);
        assert_eq!((0..4).map(|uid| scores(uid).emission).collect::<Vec<_>>(), [1, 2, 3, 4]);
    });
}

#[test]
fn a_neuron_is_missed_by_the_greater_of_incentive_and_dividends() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 3), (3, 1)])]);
        end_epoch();
        let missed: Vec<u16> = Scoring::tenures(NET).iter().map(|tenure| tenure.score).collect();
        assert_eq!(
            missed,
            [scores(0).dividends, 0, scores(2).incentive, scores(3).incentive]
        );
        assert!(missed[2] > missed[3]);
    });
}

#[test]
fn the_weight_of_an_epoch_grows_with_neurons_and_rows() {
    ExtBuilder::default().build_and_execute(|| {
        let weight = || <Scoring as Epochs<AccountId>>::weight(NET).ref_time();
        assert_eq!(weight(), 101, "one group");
        commit_then_reveal(&[(0, &[(2, 1)]), (1, &[(2, 1)])]);
        assert_eq!(weight(), 1_101, "and eight entries are less than one times 256");
        commit(0, &reveal_of(&[(2, 1)])).unwrap();
        assert_eq!(weight(), 1_101, "which is to be revealed in the next epoch");
        end_epoch();
        assert_eq!(weight(), 1_111, "and now may not be");
    });
}

#[test]
fn the_weight_of_taking_stock_follows_the_neurons_and_the_pages_that_they_can_lie_on() {
    ExtBuilder::default().build_and_execute(|| {
        let weight = |count| <Scoring as Epochs<AccountId>>::stock_weight(NET, count).ref_time();
        assert_eq!(weight(10), 10_000_000 + 2 * 5);
        assert_eq!(weight(600), 600_000_000 + 4 * 5);
    });
}

#[test]
fn an_epoch_of_a_subnet_without_neurons_or_without_subnet_is_empty() {
    ExtBuilder::default().stakes(&[]).build_and_execute(|| {
        assert!(end_epoch().is_empty());
        assert_eq!(epoch(), EpochIndex(1));
        assert!(<Scoring as Epochs<AccountId>>::run(NetUid(9)).is_empty());
        assert_eq!(Clock::<Test>::get(NetUid(9)), None);
    });
}
