//! What one miner's column comes to: its consensus, its rank, and the bonds on it.
use crate::{
    ledger::Ledger,
    median::{weighted_median, Vote},
    proportion::{product, Whole, ONE},
    tiles::Cell,
    Fixed,
};
use alloc::{vec, vec::Vec};

/// A validator's part in every column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voter {
    /// Share of the active stake.
    pub(crate) stake: u64,
    /// The same, made to sum to one again among all who have any: what the median counts.
    pub(crate) share: u64,
    /// Sum of the weights that it gave.
    pub(crate) said: Whole,
}

/// What holds for all columns of an epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Stake of all voters.
    pub(crate) total: u64,
    /// Part of that stake that cannot hold a weight down.
    pub(crate) minority: Fixed,
    /// Part of what clipping takes off that a bond keeps.
    pub(crate) relief: u64,
}

/// What a column comes to, as proportions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) prerank: u64,
    pub(crate) consensus: u64,
    pub(crate) rank: u64,
}

/// The columns' common work space.
pub(crate) struct Columns<'a> {
    rules: Rules,
    voters: &'a [Voter],
    scores: Vec<u64>,
    votes: Vec<Vote>,
    fresh: Vec<u64>,
    mixed: Vec<(usize, u64)>,
    /// For each row what clipping left of its weights.
    pub(crate) trust: Vec<u64>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(rules: Rules, voters: &'a [Voter]) -> Self {
        let rows = voters.len();
        Self {
            rules,
            voters,
            scores: Vec::with_capacity(rows),
            votes: Vec::with_capacity(rows),
            fresh: Vec::with_capacity(rows),
            mixed: Vec::with_capacity(rows),
            trust: vec![0; rows],
        }
    }

    /// Hears all validators; the prerank and the largest weight that enough stake supports.
    pub(crate) fn hear(&mut self, said: &[Cell]) -> Outcome {
        self.scores.clear();
        self.votes.clear();
        let (mut prerank, mut spoken) = (0, 0);
        for cell in said {
            let Some(voter) = self.voters.get(cell.row()) else {
                continue;
            };
            // Below 2^16 of a sum below 2^32, so above zero.
            let score = voter.said.share(cell.value());
            prerank += product(voter.stake, score);
            self.scores.push(score);
            if voter.share > 0 {
                spoken += voter.share;
                self.votes.push(Vote::of(score, voter.share));
            }
        }
        let silent = Fixed::from_raw(self.rules.total.saturating_sub(spoken) as i64);
        let consensus = weighted_median(&mut self.votes, silent, self.rules.minority);
        Outcome {
            prerank,
            consensus: consensus.raw_part(),
            rank: 0,
        }
    }

    /// Clips what was heard last, to the outcome's consensus; the rank.
    pub(crate) fn clip(&mut self, said: &[Cell], outcome: &mut Outcome) {
        self.fresh.clear();
        let consensus = outcome.consensus;
        for (cell, score) in said.iter().zip(&self.scores) {
            let (Some(voter), Some(trust)) = (self.voters.get(cell.row()), self.trust.get_mut(cell.row())) else {
                continue;
            };
            let within = consensus.min(*score);
            *trust += within;
            let support = product(voter.stake, within);
            outcome.rank += support;
            self.fresh.push(if self.rules.relief == 0 {
                support
            } else {
                product(voter.stake, within + product(self.rules.relief, *score - within))
            });
        }
    }

    /// Moves the old bonds towards the fresh ones by `alpha` and enters the result in the ledger.
    pub(crate) fn bond(&mut self, column: usize, said: &[Cell], held: &[Cell], alpha: u64, ledger: &mut Ledger) {
        let fresh_sum = Whole::new(self.fresh.iter().sum());
        let held_sum = Whole::new(held.iter().map(|cell| cell.value()).sum());
        let kept = ONE - alpha;
        self.mixed.clear();
        let (mut sum, mut largest) = (0, 0);
        let row_at = |cells: &[Cell], index: usize| cells.get(index).map_or(usize::MAX, |cell| cell.row());
        let (mut next_said, mut next_held) = (0, 0);
        loop {
            let (says, holds) = (row_at(said, next_said), row_at(held, next_held));
            let row = says.min(holds);
            if row == usize::MAX {
                break;
            }
            let mut bond = 0;
            if says == row {
                let fresh = self.fresh.get(next_said).copied().unwrap_or_default();
                bond = product(alpha, fresh_sum.share(fresh));
                next_said += 1;
            }
            if holds == row {
                let past = held.get(next_held).map_or(0, |cell| cell.value());
                bond += product(kept, held_sum.share(past));
                next_held += 1;
            }
            if bond > 0 {
                sum += bond;
                largest = bond.max(largest);
                self.mixed.push((row, bond));
            }
        }
        let sum = Whole::new(sum);
        let largest = Whole::new(sum.share(largest));
        for (row, bond) in &self.mixed {
            let bond = sum.share(*bond);
            let stored = (largest.share(bond) * u64::from(u16::MAX)) >> 32;
            ledger.enter(*row, column, stored as u16, bond);
        }
    }
}
