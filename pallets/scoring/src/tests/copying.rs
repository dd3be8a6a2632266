//! What copying weights pays.
use crate::{mock::*, scores::consensus_before, PastConsensus};
use laurel_types::Hyperparameters;

/// Validators with equal stake; the last copies.
const VALIDATORS: u16 = 5;
const COPIER: u16 = VALIDATORS - 1;
const MINERS: u16 = 12;
const EPOCHS: usize = 24;

/// How good each miner is in an epoch: each gets better and worse over and over, out of step with the others.
fn quality(epoch: usize, miner: u16) -> u16 {
    let phase = (epoch * 2 + usize::from(miner) * 5) % 24;
    let height = if phase < 12 { phase } else { 24 - phase };
    2_000 + 1_500 * height as u16
}

/// What an honest validator says: the quality, within five per cent.
fn opinion(epoch: usize, validator: u16) -> Vec<(u16, u16)> {
    let weight = |miner: u16| {
        let noise = (u32::from(miner) * 7 + u32::from(validator) * 13 + epoch as u32 * 5) % 11;
        let weight = u32::from(quality(epoch, miner)) * (950 + 10 * noise) / 1_000;
        (VALIDATORS + miner, weight as u16)
    };
    (0..MINERS).map(weight).collect()
}

/// The copier's dividends in parts of an honest validator's, over all epochs but the first few.
fn copier_earns(change: impl FnOnce(&mut Hyperparameters)) -> f64 {
    let mut stakes = vec![1_000; usize::from(VALIDATORS)];
    stakes.extend(vec![0; usize::from(MINERS)]);
    let (mut honest, mut copied) = (0.0, 0.0);
    let builder = ExtBuilder::default().stakes(&stakes).params(change);
    builder.build_and_execute(|| {
        let period = usize::from(
            Hyperparameters::default().reveal_period.max(
                <World as laurel_support::Subnets<AccountId>>::params(NET)
                    .unwrap()
                    .reveal_period,
            ),
        );
        let mut said: Vec<Vec<laurel_types::RevealItem>> = Vec::new();
        for epoch in 0..EPOCHS {
            // Reveals come first: the copier sees them before it commits.
            let due = epoch.checked_sub(period);
            if let Some(due) = due {
                for (uid, item) in (0..).zip(&said[due]) {
                    reveal(uid, item).unwrap();
                }
            }
            let mut rows: Vec<Vec<(u16, u16)>> = (0..COPIER).map(|validator| opinion(epoch, validator)).collect();
            let seen = due.map(|due| opinion(due, 0));
            rows.push(seen.unwrap_or_else(|| (0..MINERS).map(|miner| (VALIDATORS + miner, 1)).collect()));
            let items: Vec<_> = rows.iter().map(|row| reveal_of(row)).collect();
            for (uid, item) in (0..).zip(&items) {
                commit(uid, item).unwrap();
            }
            said.push(items);
            let shares = dividends(&end_epoch());
            if epoch >= 6 {
                let sum: f64 = shares.iter().map(|share| *share as f64).sum();
                honest += shares[..usize::from(COPIER)]
                    .iter()
                    .map(|share| *share as f64)
                    .sum::<f64>()
                    / sum
                    / f64::from(COPIER);
                copied += shares[usize::from(COPIER)] as f64 / sum;
            }
        }
    });
    copied / honest
}

/// Weakness 1: a copier earned as much as who it copied. Bonds alone leave it 87 %.
#[test]
fn who_copies_what_was_revealed_earns_less_than_half_of_who_looks() {
    let earns = copier_earns(|_| {});
    assert!(earns < 0.5, "{earns}");
}

#[test]
fn with_weights_hidden_for_one_more_epoch_a_copier_earns_less_than_half_too() {
    let earns = copier_earns(|p| p.reveal_period = 2);
    assert!(earns < 0.5, "{earns}");
}

#[test]
fn without_the_penalty_a_copier_earns_more() {
    let (with, without) = (copier_earns(|_| {}), copier_earns(|p| p.staleness_penalty = 0));
    assert!(without > with + 0.1, "{with} {without}");
}

#[test]
fn where_nothing_changes_nobody_loses_anything() {
    let patient = ExtBuilder::default().params(|p| p.activity_cutoff = 5_000);
    patient.build_and_execute(|| {
        let rows: [(u16, &[(u16, u16)]); 2] = [(0, &[(2, 3), (3, 1)]), (1, &[(2, 3), (3, 1)])];
        commit_then_reveal(&rows);
        let first = dividends(&end_epoch());
        // Uid 1 says it anew, uid 0 leaves what it said.
        for _ in 0..3 {
            commit(1, &reveal_of(rows[1].1)).unwrap();
            end_epoch();
            reveal(1, &reveal_of(rows[1].1)).unwrap();
            let now = dividends(&end_epoch());
            let (now, first) = (now[0] as f64 / now[1] as f64, first[0] as f64 / first[1] as f64);
            assert!((now - first).abs() < 1e-3, "{now} {first}");
        }
    });
}

#[test]
fn what_is_remembered_of_the_consensus_reaches_back_as_far_as_weights_can_be_hidden() {
    ExtBuilder::default().build_and_execute(|| {
        let past = || PastConsensus::<Test>::get(NET);
        assert!(consensus_before(&past(), 1).is_empty());
        for epoch in 1..=6u16 {
            Scoring::remember_consensus(NET, past(), &[epoch; 4]);
        }
        let back = |epochs| consensus_before(&past(), epochs)[0];
        assert_eq!([back(1), back(2), back(3), back(4)], [6, 5, 4, 3]);
        assert_eq!(back(9), 3, "the oldest there is");
    });
}
