//! Rows, read a few columns at a time.
//!
//! What is known comes by validator, what is computed goes by miner. Rows are strictly ascending, so a reader on each is
//! enough: of all rows what they say of the next few columns is taken, little enough for the processor's nearer caches, these
//! columns are computed from it ([`crate::column`]), and its place is used again. Nothing of size validators × miners is ever built.
use crate::NeuronInput;
use alloc::{vec, vec::Vec};

/// Votes that a tile has room for.
const TILE: usize = 131_072;
/// Entries of a row that a tile should take at a time, so that turning to the row is worth it.
const STRIP: usize = 64;

/// A row as its holder keeps it, so that nothing is copied to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries<'a> {
    /// `(uid, value)`, strictly ascending by uid.
    Pairs(&'a [(u16, u16)]),
    /// `uid · 65536 + value`, strictly ascending by uid.
    Packed(&'a [u32]),
    /// The value of each uid, from 0 on; 0 where there is none.
    Dense(&'a [u16]),
}

impl Entries<'_> {
    /// Number of entries, counting also those that do not count.
    pub fn len(&self) -> usize {
        match self {
            Self::Pairs(pairs) => pairs.len(),
            Self::Packed(packed) => packed.len(),
            Self::Dense(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entries as `(uid, value)`.
    pub(crate) fn pairs(&self) -> Vec<(u16, u16)> {
        match self {
            Self::Pairs(pairs) => pairs.to_vec(),
            Self::Packed(packed) => packed.iter().copied().map(unpack).collect(),
            Self::Dense(values) => (0..).zip(values.iter().copied()).filter(|e| e.1 > 0).collect(),
        }
    }
}

/// Whether entries ascend strictly and are all positive.
#[inline(always)]
fn regular(entries: impl Iterator<Item = (u32, u16)>) -> bool {
    let mut lowest = 0;
    for (column, value) in entries {
        if column < lowest || value == 0 {
            return false;
        }
        lowest = column + 1;
    }
    true
}

#[inline(always)]
fn unpack(packed: u32) -> (u16, u16) {
    ((packed >> 16) as u16, packed as u16)
}

/// Whatever holds the entries of a row.
pub trait AsEntries {
    /// The entries.
    fn entries(&self) -> Entries<'_>;
}

impl AsEntries for Vec<(u16, u16)> {
    fn entries(&self) -> Entries<'_> {
        Entries::Pairs(self)
    }
}

impl AsEntries for Entries<'_> {
    fn entries(&self) -> Entries<'_> {
        *self
    }
}

/// What is left to read of one row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    left: Entries<'a>,
    /// Lowest column that ascends.
    lowest: u32,
    /// Column that the row must not name.
    own: u32,
    /// Block in which the row was fixed; what it says of neurons registered then or later is about their predecessors.
    fixed_at: u32,
    /// Whether all neurons that are read about next are older than the row.
    newest: bool,
    /// Whether all of its entries about older neurons count, but for zeros of a dense one, so that none has to be looked at.
    sound: bool,
}

impl<'a> Row<'a> {
    /// A row of bonds.
    pub(crate) fn bonds(entries: Entries<'a>, fixed_at: u32, newest_registration: u32) -> Self {
        Self::weights(entries, u32::MAX, fixed_at, newest_registration)
    }

    /// A row of weights, which says nothing of its author.
    pub(crate) fn weights(entries: Entries<'a>, author: u32, fixed_at: u32, newest_registration: u32) -> Self {
        let sound = match entries {
            Entries::Pairs(pairs) => {
                regular(pairs.iter().map(|(uid, value)| (u32::from(*uid), *value)))
                    && pairs.binary_search_by_key(&author, |(uid, _)| u32::from(*uid)).is_err()
            }
            Entries::Packed(packed) => {
                regular(packed.iter().map(|packed| (packed >> 16, *packed as u16)))
                    && packed.binary_search_by_key(&author, |packed| packed >> 16).is_err()
            }
            Entries::Dense(values) => values.get(author as usize).is_none_or(|value| *value == 0),
        };
        Self {
            left: entries,
            lowest: 0,
            own: author,
            fixed_at,
            newest: fixed_at > newest_registration,
            sound,
        }
    }

    /// Says when the newest neuron among the columns to be read next registered.
    pub(crate) fn meet(&mut self, newest_registration: u32) {
        self.newest = self.fixed_at > newest_registration;
    }

    /// Number of entries left, counting also those that do not count.
    pub(crate) fn len(&self) -> usize {
        self.left.len()
    }

    /// Reads the entries below column `end` that count: positive, in ascending order, about another neuron, and about the present one.
    #[inline(always)]
    pub(crate) fn read(&mut self, end: u32, neurons: &[NeuronInput], mut take: impl FnMut(u32, u16)) {
        let sound = self.sound && self.newest;
        match self.left {
            Entries::Pairs(pairs) if sound => {
                let (now, later) = self.split(pairs, end, |(column, _)| u32::from(column));
                self.left = Entries::Pairs(later);
                now.iter().for_each(|(column, value)| take(u32::from(*column), *value));
            }
            Entries::Packed(packed) if sound => {
                let (now, later) = self.split(packed, end, |packed| packed >> 16);
                self.left = Entries::Packed(later);
                now.iter().for_each(|packed| take(packed >> 16, *packed as u16));
            }
            Entries::Pairs(pairs) => {
                let entries = pairs.iter().map(|(column, value)| (u32::from(*column), *value));
                let consumed = self.scan(entries, end, neurons, take);
                self.left = Entries::Pairs(pairs.get(consumed..).unwrap_or_default());
            }
            Entries::Packed(packed) => {
                let entries = packed.iter().map(|packed| (packed >> 16, *packed as u16));
                let consumed = self.scan(entries, end, neurons, take);
                self.left = Entries::Packed(packed.get(consumed..).unwrap_or_default());
            }
            Entries::Dense(values) => {
                let columns = self.lowest as usize..(end as usize).min(values.len());
                let entries = (self.lowest..).zip(values.get(columns).unwrap_or_default().iter().copied());
                if sound {
                    self.lowest = end;
                    entries
                        .filter(|(_, value)| *value > 0)
                        .for_each(|(column, value)| take(column, value));
                } else {
                    self.scan(entries, end, neurons, take);
                }
            }
        }
    }

    /// The values of a dense and sound row for its columns from the last read to before `end`, zeros among them.
    #[inline(always)]
    pub(crate) fn read_dense(&mut self, end: u32) -> Option<&'a [u16]> {
        let Entries::Dense(values) = self.left else { return None };
        let columns = self.lowest as usize..(end as usize).min(values.len());
        (self.sound && self.newest).then(|| {
            self.lowest = end;
            values.get(columns).unwrap_or_default()
        })
    }

    /// The entries of a sound row below column `end`, and the others.
    #[inline(always)]
    fn split<T: Copy>(&mut self, entries: &'a [T], end: u32, column: impl Fn(T) -> u32) -> (&'a [T], &'a [T]) {
        // They ascend, so there are no more than columns.
        let near = entries
            .get(..end.saturating_sub(self.lowest) as usize)
            .unwrap_or(entries);
        self.lowest = end;
        let count = match near.last() {
            Some(last) if column(*last) >= end => near.partition_point(|entry| column(*entry) < end),
            _ => near.len(),
        };
        entries.split_at_checked(count).unwrap_or_default()
    }

    /// Takes what counts of entries in their order, up to column `end`. Returns how many it looked at.
    #[inline(always)]
    fn scan(
        &mut self,
        entries: impl Iterator<Item = (u32, u16)>,
        end: u32,
        neurons: &[NeuronInput],
        mut take: impl FnMut(u32, u16),
    ) -> usize {
        // Copies, so that they stay in registers.
        let (own, newest) = (self.own, self.newest);
        let (mut lowest, mut consumed) = (self.lowest, 0);
        for (column, value) in entries {
            if column >= end {
                break;
            }
            consumed += 1;
            if column < lowest {
                continue;
            }
            lowest = column + 1;
            if value > 0 && column != own && (newest || self.is_about_present(column, neurons)) {
                take(column, value);
            }
        }
        self.lowest = lowest;
        consumed
    }

    fn is_about_present(&self, column: u32, neurons: &[NeuronInput]) -> bool {
        neurons
            .get(column as usize)
            .is_some_and(|neuron| self.fixed_at > neuron.registered_at)
    }

    /// Sum of the entries that count.
    pub(crate) fn sum(mut self, neurons: &[NeuronInput]) -> u64 {
        let end = u32::try_from(neurons.len()).unwrap_or(u32::MAX);
        let mut sum = 0;
        self.read(end, neurons, |_, value| sum += u64::from(value));
        sum
    }
}

/// An amount at the place that its column has in the tile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell(u64);

impl Cell {
    /// The place has 16 bits, as uids do, the amount the others.
    #[inline(always)]
    pub(crate) fn new(place: usize, amount: u64) -> Self {
        Self((amount << 16) | (place as u64 & 0xffff))
    }

    #[inline(always)]
    pub(crate) fn place(self) -> usize {
        (self.0 & 0xffff) as usize
    }

    #[inline(always)]
    pub(crate) fn amount(self) -> u64 {
        self.0 >> 16
    }
}

/// Rows of cells, one directly after the other, each ascending by place.
pub(crate) struct Sheet {
    cells: Vec<Cell>,
    /// Where each row ends in `cells`.
    ends: Vec<usize>,
}

impl Sheet {
    /// A sheet for so many rows. It grows where they need more room than one that is cut as it should be.
    pub(crate) fn new(rows: usize, width: usize) -> Self {
        Self {
            // Not zeros: without bulk memory Wasm would write these four bytes at a time.
            cells: vec![Cell::new(1, 0); rows * width.min(STRIP * 5 / 4)],
            ends: Vec::with_capacity(rows),
        }
    }

    /// Removes the rows. Their cells stay as room.
    pub(crate) fn clear(&mut self) {
        self.ends.clear();
    }

    /// Adds a row: `fill` gets at least so much room and says how many cells it used.
    #[inline(always)]
    pub(crate) fn add(&mut self, room: usize, fill: impl FnOnce(&mut [Cell]) -> usize) {
        let start = self.ends.last().copied().unwrap_or_default();
        if self.cells.len() < start + room {
            self.cells.resize(start + room, Cell::default());
        }
        let used = self.cells.get_mut(start..).map_or(0, fill);
        self.ends.push(start + used);
    }

    /// The rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[Cell]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let row = self.cells.get(start..*end).unwrap_or_default();
            start = *end;
            row
        })
    }

    /// The rows, to be changed.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [Cell]> {
        let (mut start, mut left) = (0, self.cells.as_mut_slice());
        self.ends.iter().map(move |end| {
            let (row, after) = core::mem::take(&mut left)
                .split_at_mut_checked(*end - start)
                .unwrap_or_default();
            (start, left) = (*end, after);
            row
        })
    }
}

/// The rows of all who take part.
#[derive(Clone, Debug)]
pub(crate) struct Rows<'a> {
    pub(crate) weights: Vec<Row<'a>>,
    pub(crate) bonds: Vec<Row<'a>>,
}

impl Rows<'_> {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            weights: Vec::with_capacity(rows),
            bonds: Vec::with_capacity(rows),
        }
    }

    /// The rows of weights alone.
    pub(crate) fn weights_only(&self) -> Self {
        Self {
            weights: self.weights.clone(),
            bonds: Vec::new(),
        }
    }

    /// For each row the most columns that its weights and its bonds can name together.
    pub(crate) fn room(&self, columns: usize) -> impl Iterator<Item = usize> + '_ {
        let both = self.weights.iter().zip(&self.bonds);
        both.map(move |(weights, bonds)| weights.len().saturating_add(bonds.len()).min(columns))
    }

    /// Columns of a tile, each of which has room for so many votes.
    pub(crate) fn tile_width(&self, columns: usize, depth: usize) -> usize {
        let rows = self.weights.len().max(1);
        let entries: usize = self.weights.iter().chain(&self.bonds).map(Row::len).sum();
        let wanted = (2 * STRIP * rows * columns).checked_div(entries).unwrap_or(columns);
        wanted.min(TILE / depth.max(1)).min(columns).max(1)
    }
}

/// The tiles of so many columns: the first column of each, and the one after its last.
pub(crate) fn tiles(columns: usize, width: usize) -> impl Iterator<Item = (u32, u32)> {
    // Uids have 16 bits.
    let end = columns.min(1 << 16) as u32;
    (0..end)
        .step_by(width)
        .map(move |start| (start, end.min(start.saturating_add(width as u32))))
}
