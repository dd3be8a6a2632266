//! What miners' columns come to: the consensus of each, its rank, and the bonds on it.
//!
//! A tile of columns is walked row by row, a few times: who speaks is then the same for a whole walk and stays in registers, rows
//! are read and written in their order, and what changes from cell to cell are a few words of its column.
//!
//! The divisions of a column are a few, by its sums; its entries are only multiplied. A bond is rounded once when it is mixed and
//! once when it is stored, both times down, where the classic chain rounds it five times.
use crate::{
    ledger::{Account, Ledger, EARNED_BITS},
    median::{weighted_median, Vote},
    proportion::{product, Whole, ONE},
    tiles::{tiles, Cell, Row, Rows, Sheet},
    Fixed, NeuronInput,
};
use alloc::{vec, vec::Vec};

/// Fraction bits of a mixed bond.
const BOND_BITS: u32 = 36;
/// Fraction bits in which rates are kept beyond those of a proportion: a rate times what it applies to has 63 bits.
const RATE_BITS: u32 = 31;
/// Bits of the rate at which a bond is stored beyond those of the result: again 63 in all.
const STORED_BITS: u32 = 47;

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
    /// Where the next vote on it goes.
    votes: usize,
}

/// What a column's bonds come to: the rates at which fresh and held ones count, the sum of both and the largest.
#[derive(Clone, Copy, Debug, Default)]
struct Mixture {
    fresh: u64,
    held: u64,
    sum: u64,
    largest: u64,
}

/// What a unit of a column's bonds earns, and what it is stored as.
#[derive(Clone, Copy, Debug, Default)]
struct Yield {
    earning: u64,
    storing: u64,
    largest: u64,
    sum: u64,
}

/// The work space of a tile of columns, with room for each voter.
pub(crate) struct Columns<'a> {
    rules: Rules,
    voters: &'a [Voter],
    neurons: &'a [NeuronInput],
    width: usize,
    /// Votes that a column has room for.
    depth: usize,
    votes: Vec<Vote>,
    outcomes: Vec<Outcome>,
    /// What bonds keep of what clipping took off, by column.
    spared: Vec<u64>,
    mixtures: Vec<Mixture>,
    yields: Vec<Yield>,
    said: Sheet,
    held: Sheet,
    mixed: Sheet,
}

impl<'a> Columns<'a> {
    /// Tiles of these rows' columns.
    pub(crate) fn new(rules: Rules, voters: &'a [Voter], neurons: &'a [NeuronInput], rows: &Rows) -> Self {
        // An odd number of cache lines: with an even one the columns of a tile would share few places of the cache.
        let depth = (voters.len().div_ceil(8) | 1) * 8;
        let width = rows.tile_width(neurons.len(), depth);
        let bonds = rows.bonds.len();
        Self {
            rules,
            voters,
            neurons,
            width,
            depth,
            // Not zeros: without bulk memory Wasm would write these four bytes at a time.
            votes: vec![Vote::of(1, 1); width * depth],
            outcomes: Vec::with_capacity(width),
            spared: Vec::with_capacity(width),
            mixtures: Vec::with_capacity(width),
            yields: Vec::with_capacity(width),
            said: Sheet::new(voters.len(), width),
            held: Sheet::new(bonds, width),
            mixed: Sheet::new(bonds, width),
        }
    }

    /// Hears all validators on all columns; `visit` gets what each column comes to, without a rank.
    pub(crate) fn hear_all(mut self, mut rows: Rows, mut visit: impl FnMut(usize, &Outcome)) {
        for (start, end) in tiles(self.neurons.len(), self.width) {
            self.meet(&mut rows, start, end);
            self.hear(&mut rows.weights, start, end);
            (start as usize..)
                .zip(&self.outcomes)
                .for_each(|(column, outcome)| visit(column, outcome));
        }
    }

    /// Computes all columns, whose bonds move by `alpha`, and enters the bonds in the ledger; `visit` gets what each comes to.
    pub(crate) fn settle_all(
        mut self,
        mut rows: Rows,
        ledger: &mut Ledger,
        alpha: impl Fn(usize) -> u64,
        mut visit: impl FnMut(usize, &Outcome),
    ) {
        for (start, end) in tiles(self.neurons.len(), self.width) {
            self.meet(&mut rows, start, end);
            self.hear(&mut rows.weights, start, end);
            self.clip(&mut ledger.accounts);
            self.hold(&mut rows.bonds, start, end);
            self.set_rates(start, &alpha);
            self.mix();
            self.store(ledger, start);
            (start as usize..)
                .zip(&self.outcomes)
                .for_each(|(column, outcome)| visit(column, outcome));
        }
    }

    /// Tells the rows whom they speak of next: most tiles hold nobody that registered after them.
    fn meet(&self, rows: &mut Rows, start: u32, end: u32) {
        let neurons = self.neurons.get(start as usize..end as usize).unwrap_or_default();
        let newest = neurons
            .iter()
            .map(|neuron| neuron.registered_at)
            .max()
            .unwrap_or_default();
        rows.weights
            .iter_mut()
            .chain(&mut rows.bonds)
            .for_each(|row| row.meet(newest));
    }

    /// Hears all validators on the columns from `start` to before `end`: preranks, and the largest weights that enough stake
    /// supports.
    fn hear(&mut self, rows: &mut [Row], start: u32, end: u32) {
        let depth = self.depth;
        let empty = (0..end.saturating_sub(start) as usize).map(|place| Outcome {
            votes: place * depth,
            ..Outcome::default()
        });
        self.outcomes.clear();
        self.outcomes.extend(empty);
        self.said.clear();
        let (outcomes, votes) = (self.outcomes.as_mut_slice(), self.votes.as_mut_slice());
        for (voter, row) in self.voters.iter().zip(rows) {
            let (stake, share, said) = (u64::from(voter.stake), voter.share, voter.said);
            self.said.add(row.len().min(outcomes.len()), |cells| {
                let mut count = 0;
                row.read(end, self.neurons, |column, value| {
                    let place = column.wrapping_sub(start) as usize;
                    let (Some(outcome), Some(cell)) = (outcomes.get_mut(place), cells.get_mut(count)) else {
                        return;
                    };
                    // Below 2^16 of a sum below 2^32, so above zero.
                    let score = said.share(value.into());
                    *cell = Cell::new(place, score);
                    count += 1;
                    outcome.prerank += product(stake, score);
                    // One without stake is overwritten by the next.
                    if let Some(vote) = votes.get_mut(outcome.votes) {
                        *vote = Vote::of(score, share);
                    }
                    outcome.votes += usize::from(share > 0);
                });
                count
            });
        }
        for (place, outcome) in outcomes.iter_mut().enumerate() {
            let Some(votes) = votes.get_mut(place * depth..outcome.votes) else {
                continue;
            };
            let spoken: u64 = votes.iter().map(|vote| vote.stake() as u64).sum();
            let silent = Fixed::from_raw(self.rules.total.saturating_sub(spoken) as i64);
            outcome.consensus = weighted_median(votes, silent, self.rules.minority).raw_part();
        }
    }

    /// Clips what was heard to the consensus, and leaves fresh bonds in its place.
    fn clip(&mut self, accounts: &mut [Account]) {
        let (outcomes, relief) = (self.outcomes.as_mut_slice(), self.rules.relief);
        self.spared.clear();
        self.spared.resize(outcomes.len(), 0);
        for ((voter, account), cells) in self.voters.iter().zip(accounts).zip(self.said.rows_mut()) {
            let stake = u64::from(voter.stake);
            let mut trust = 0;
            for cell in cells {
                let Some(outcome) = outcomes.get_mut(cell.place()) else {
                    continue;
                };
                let within = outcome.consensus.min(cell.amount());
                trust += within;
                let support = product(stake, within);
                outcome.rank += support;
                if relief == 0 {
                    *cell = Cell::new(cell.place(), support);
                    continue;
                }
                let excess = cell.amount() - within;
                let kept = if relief < ONE { product(relief, excess) } else { excess };
                let fresh = product(stake, within + kept);
                if let Some(spared) = self.spared.get_mut(cell.place()) {
                    *spared += fresh - support;
                }
                *cell = Cell::new(cell.place(), fresh);
            }
            account.trust += trust;
        }
    }

    /// Takes the bonds that are held on the columns from `start` to before `end`, and sums them by column.
    fn hold(&mut self, rows: &mut [Row], start: u32, end: u32) {
        self.mixtures.clear();
        self.mixtures.resize(self.outcomes.len(), Mixture::default());
        self.held.clear();
        let mixtures = self.mixtures.as_mut_slice();
        for row in rows {
            if let Some(values) = row.read_dense(end) {
                self.held.add(values.len(), |cells| hold_dense(values, mixtures, cells));
                continue;
            }
            self.held.add(row.len().min(mixtures.len()), |cells| {
                let mut count = 0;
                row.read(end, self.neurons, |column, value| {
                    let place = column.wrapping_sub(start) as usize;
                    let (Some(mixture), Some(cell)) = (mixtures.get_mut(place), cells.get_mut(count)) else {
                        return;
                    };
                    *cell = Cell::new(place, value.into());
                    count += 1;
                    mixture.held += u64::from(value);
                });
                count
            });
        }
    }

    /// From the sums of fresh and held bonds, the rates at which they count.
    fn set_rates(&mut self, start: u32, alpha: &impl Fn(usize) -> u64) {
        let sums = self
            .outcomes
            .iter()
            .zip(&self.spared)
            .map(|(outcome, spared)| outcome.rank + spared);
        for ((mixture, fresh), column) in self.mixtures.iter_mut().zip(sums).zip(start as usize..) {
            let alpha = alpha(column);
            (mixture.fresh, mixture.held) = (rate(alpha, fresh), rate(ONE - alpha, mixture.held));
        }
    }

    /// Moves the held bonds towards the fresh ones.
    fn mix(&mut self) {
        let mixtures = self.mixtures.as_mut_slice();
        self.mixed.clear();
        for (said, held) in self.said.rows().zip(self.held.rows()) {
            let room = mixtures.len().min(said.len() + held.len());
            self.mixed.add(room, |mixed| mix(said, held, mixtures, mixed));
        }
    }

    /// Enters the mixed bonds and what they earn in the ledger.
    fn store(&mut self, ledger: &mut Ledger, start: u32) {
        let yields = self
            .mixtures
            .iter()
            .zip(&self.outcomes)
            .map(|(mixture, outcome)| Yield {
                // At most one each, as shares: a bond is at most the largest, and that at most the sum.
                earning: rate(outcome.rank, mixture.sum),
                storing: (u64::from(u16::MAX) << STORED_BITS)
                    .checked_div(mixture.largest)
                    .unwrap_or_default(),
                largest: mixture.largest,
                sum: mixture.sum,
            });
        self.yields.clear();
        self.yields.extend(yields);
        let yields = self.yields.as_slice();
        for (account, cells) in ledger.accounts.iter_mut().zip(self.mixed.rows()) {
            let mut earned = 0;
            account.bonds.extend(cells.iter().map(|cell| {
                let of = yields.get(cell.place()).copied().unwrap_or_default();
                let bond = cell.amount();
                earned += (bond * of.earning) >> (Fixed::FRACTION_BITS + RATE_BITS - EARNED_BITS);
                let stored = if bond == of.largest {
                    u16::MAX
                } else {
                    ((bond * of.storing) >> STORED_BITS) as u16
                };
                // Columns come from `u16` uids.
                ((start as usize + cell.place()) as u16, stored)
            }));
            account.earned += earned;
        }
        for (row, cells) in ledger.exact.iter_mut().flatten().zip(self.mixed.rows()) {
            row.extend(cells.iter().map(|cell| {
                let of = yields.get(cell.place()).copied().unwrap_or_default();
                let share = Fixed::from_ratio(cell.amount().into(), of.sum.into());
                ((start as usize + cell.place()) as u16, share)
            }));
        }
    }
}

/// What a unit of `whole` comes to, so that all of it comes to `proportion`; nothing where there is nothing.
fn rate(proportion: u64, whole: u64) -> u64 {
    (proportion << RATE_BITS).checked_div(whole).unwrap_or_default()
}

/// Writes a cell for each bond of a dense row, and adds it to its column's; their number. Zeros are not branched on, because
/// nobody could predict them.
#[inline(never)]
fn hold_dense(values: &[u16], mixtures: &mut [Mixture], cells: &mut [Cell]) -> usize {
    let mut count = 0;
    for ((place, value), mixture) in values.iter().enumerate().zip(mixtures) {
        if let Some(cell) = cells.get_mut(count) {
            *cell = Cell::new(place, (*value).into());
            count += usize::from(*value > 0);
            mixture.held += u64::from(*value);
        }
    }
    count
}

/// Adds a row's fresh and held bonds at their columns' rates, and writes those above zero to the front of `mixed`; their number.
fn mix(said: &[Cell], held: &[Cell], mixtures: &mut [Mixture], mixed: &mut [Cell]) -> usize {
    const SHIFT: u32 = Fixed::FRACTION_BITS + RATE_BITS - BOND_BITS;
    let mut count = 0;
    let mut put = |place: usize, fresh: u64, held: u64| {
        let (Some(mixture), Some(cell)) = (mixtures.get_mut(place), mixed.get_mut(count)) else {
            return;
        };
        let bond = (fresh * mixture.fresh + held * mixture.held) >> SHIFT;
        if bond > 0 {
            *cell = Cell::new(place, bond);
            count += 1;
        }
        mixture.sum += bond;
        mixture.largest = bond.max(mixture.largest);
    };
    // Most validators hold bonds on what they name: as long as the columns go together one comparison is enough.
    let mut together = 0;
    for (said, held) in said.iter().zip(held) {
        if said.place() != held.place() {
            break;
        }
        together += 1;
        put(said.place(), said.amount(), held.amount());
    }
    let mut said = said.get(together..).unwrap_or_default().iter().peekable();
    let mut held = held.get(together..).unwrap_or_default().iter().peekable();
    loop {
        let of = |next: Option<&&Cell>| next.map_or(usize::MAX, |cell| cell.place());
        let (next_said, next_held) = (of(said.peek()), of(held.peek()));
        let place = next_said.min(next_held);
        if place == usize::MAX {
            break;
        }
        let fresh = said.next_if(|_| next_said == place).map_or(0, |cell| cell.amount());
        let old = held.next_if(|_| next_held == place).map_or(0, |cell| cell.amount());
        put(place, fresh, old);
    }
    count
}
