//! What one miner's column comes to: its consensus, its rank, and the bonds on it.
//!
//! The divisions of a column are a few, by its sums; its entries are only multiplied. A bond is rounded once when it is mixed and
//! once when it is stored, both times down, where the classic chain rounds it five times.
use crate::{
    ledger::{Ledger, EARNED_BITS},
    median::{weighted_median, Vote},
    proportion::{product, Whole, ONE},
    tiles::Cell,
    Fixed,
};
use alloc::{vec, vec::Vec};

/// Fraction bits of a mixed bond.
const BOND_BITS: u32 = 36;
/// Fraction bits in which rates are kept beyond those of a proportion: a rate times what it applies to has 63 bits.
const RATE_BITS: u32 = 31;
/// Bits of the rate at which a bond is stored beyond those of the result: again 63 in all.
const STORED_BITS: u32 = 47;
/// Bits of a mixed bond beside its row.
const MIXED_BITS: u32 = 40;

/// A validator's part in every column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voter {
    /// Sum of the weights that it gave.
    pub(crate) said: Whole,
    /// Share of the active stake, below one.
    pub(crate) stake: u32,
    /// The same, made to sum to one again among all who have any: what the median counts.
    pub(crate) share: u32,
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
    /// Sum of the fresh bonds.
    fresh: u64,
}

/// The columns' common work space, with room for each voter.
pub(crate) struct Columns<'a> {
    rules: Rules,
    voters: &'a [Voter],
    scores: Vec<u64>,
    votes: Vec<Vote>,
    fresh: Vec<u64>,
    mixed: Vec<u64>,
    ledger: Ledger,
}

impl<'a> Columns<'a> {
    /// Columns whose results go into the ledger.
    pub(crate) fn new(rules: Rules, voters: &'a [Voter], ledger: Ledger) -> Self {
        let empty = vec![0; voters.len()];
        Self {
            rules,
            voters,
            votes: vec![Vote::default(); voters.len()],
            scores: empty.clone(),
            fresh: empty.clone(),
            mixed: empty,
            ledger,
        }
    }

    /// The ledger with what all columns entered.
    pub(crate) fn into_ledger(self) -> Ledger {
        self.ledger
    }

    /// Hears all validators; the prerank and the largest weight that enough stake supports.
    pub(crate) fn hear(&mut self, said: &[Cell]) -> Outcome {
        let (voters, votes) = (self.voters, self.votes.as_mut_slice());
        let (mut prerank, mut spoken, mut count) = (0, 0, 0);
        for (cell, place) in said.iter().zip(&mut self.scores) {
            let Some(voter) = voters.get(cell.row()) else { continue };
            // Below 2^16 of a sum below 2^32, so above zero.
            let score = voter.said.share(cell.value());
            prerank += product(voter.stake.into(), score);
            *place = score;
            // One without stake is overwritten by the next.
            if let Some(vote) = votes.get_mut(count) {
                *vote = Vote::of(score, voter.share);
            }
            spoken += u64::from(voter.share);
            count += usize::from(voter.share > 0);
        }
        let silent = Fixed::from_raw(self.rules.total.saturating_sub(spoken) as i64);
        let votes = votes.get_mut(..count).unwrap_or_default();
        Outcome {
            prerank,
            consensus: weighted_median(votes, silent, self.rules.minority).raw_part(),
            ..Outcome::default()
        }
    }

    /// Clips what was heard last, to the outcome's consensus.
    pub(crate) fn clip(&mut self, said: &[Cell], outcome: &mut Outcome) {
        let (voters, accounts, relief) = (self.voters, self.ledger.accounts.as_mut_slice(), self.rules.relief);
        let (mut rank, mut sum) = (0, 0);
        for ((cell, score), fresh) in said.iter().zip(&self.scores).zip(&mut self.fresh) {
            let (Some(voter), Some(account)) = (voters.get(cell.row()), accounts.get_mut(cell.row())) else {
                continue;
            };
            let within = outcome.consensus.min(*score);
            account.trust += within;
            let support = product(voter.stake.into(), within);
            rank += support;
            *fresh = support;
            if relief > 0 {
                let excess = *score - within;
                let kept = if relief < ONE { product(relief, excess) } else { excess };
                *fresh = product(voter.stake.into(), within + kept);
            }
            sum += *fresh;
        }
        (outcome.rank, outcome.fresh) = (rank, sum);
    }

    /// Moves the old bonds towards the fresh ones by `alpha` and enters the result in the ledger.
    pub(crate) fn bond(&mut self, column: usize, outcome: &Outcome, said: &[Cell], held: &[Cell], alpha: u64) {
        let held_sum: u64 = held.iter().map(|cell| cell.value()).sum();
        let rates = (rate(alpha, outcome.fresh), rate(ONE - alpha, held_sum));
        let Mixed { count, sum, largest } = mix((said, &self.fresh), held, rates, &mut self.mixed);
        let mixed = self.mixed.get(..count).unwrap_or_default();
        // At most one each, as shares: a bond is at most the largest, and that at most the sum.
        let earning = rate(outcome.rank, sum);
        let storing = (u64::from(u16::MAX) << STORED_BITS)
            .checked_div(largest)
            .unwrap_or_default();
        let accounts = self.ledger.accounts.as_mut_slice();
        for mixed in mixed {
            let bond = mixed & ((1 << MIXED_BITS) - 1);
            let Some(account) = accounts.get_mut((mixed >> MIXED_BITS) as usize) else {
                continue;
            };
            account.earned += (bond * earning) >> (Fixed::FRACTION_BITS + RATE_BITS - EARNED_BITS);
            let stored = if bond == largest {
                u16::MAX
            } else {
                ((bond * storing) >> STORED_BITS) as u16
            };
            // Columns come from `u16` uids.
            account.bonds.push((column as u16, stored));
        }
        let rows = mixed
            .iter()
            .map(|mixed| ((mixed >> MIXED_BITS) as usize, mixed & ((1 << MIXED_BITS) - 1)));
        self.ledger.note(column, rows, sum);
    }
}

/// What a unit of `whole` comes to, so that all of it comes to `proportion`; nothing where there is nothing.
fn rate(proportion: u64, whole: u64) -> u64 {
    (proportion << RATE_BITS).checked_div(whole).unwrap_or_default()
}

/// What a column's bonds come to together.
struct Mixed {
    count: usize,
    sum: u64,
    largest: u64,
}

/// Adds fresh and held bonds at their rates, by row, and writes those above zero with their rows to the front of `mixed`.
fn mix(
    (said, fresh): (&[Cell], &[u64]),
    held: &[Cell],
    (fresh_rate, held_rate): (u64, u64),
    mixed: &mut [u64],
) -> Mixed {
    const SHIFT: u32 = Fixed::FRACTION_BITS + RATE_BITS - BOND_BITS;
    let everybody = said.len().min(held.len()) == mixed.len();
    let (mut count, mut sum, mut largest) = (0, 0, 0);
    let mut put = |row: usize, bond: u64| {
        let bond = bond >> SHIFT;
        if let Some(place) = mixed.get_mut(count) {
            *place = ((row as u64) << MIXED_BITS) | bond;
            count += usize::from(bond > 0);
            sum += bond;
            largest = bond.max(largest);
        }
    };
    // Most validators hold bonds on what they name: as long as the rows go together there is nothing to compare.
    let together = if everybody {
        said.len()
    } else {
        said.iter()
            .zip(held)
            .take_while(|(said, held)| said.row() == held.row())
            .count()
    };
    let (said_together, said) = said.split_at_checked(together).unwrap_or_default();
    let (fresh_together, fresh) = fresh.split_at_checked(together).unwrap_or_default();
    let (held_together, held) = held.split_at_checked(together).unwrap_or_default();
    for ((said, fresh), held) in said_together.iter().zip(fresh_together).zip(held_together) {
        put(said.row(), fresh * fresh_rate + held.value() * held_rate);
    }
    let mut said = said.iter().zip(fresh);
    let mut held = held.iter();
    let (mut next_said, mut next_held) = (said.next(), held.next());
    loop {
        match (next_said, next_held) {
            (Some((cell, fresh)), Some(other)) if cell.row() == other.row() => {
                put(cell.row(), fresh * fresh_rate + other.value() * held_rate);
                (next_said, next_held) = (said.next(), held.next());
            }
            (Some((cell, fresh)), other) if other.is_none_or(|other| cell.row() < other.row()) => {
                put(cell.row(), fresh * fresh_rate);
                next_said = said.next();
            }
            (_, Some(cell)) => {
                put(cell.row(), cell.value() * held_rate);
                next_held = held.next();
            }
            (_, None) => break,
        }
    }
    Mixed { count, sum, largest }
}
