//! From rows to columns, a few columns at a time.
//!
//! What is known comes by validator, what is computed goes by miner. Rows are strictly ascending, so a reader on each is
//! enough: the next few columns of all rows are copied into a tile small enough for the processor's first cache, the columns are
//! computed from there, and the tile is used again. Nothing of size validators × miners is ever built.
use crate::NeuronInput;
use alloc::{vec, vec::Vec};

/// Entries that both tiles hold together.
const TILE: usize = 32_768;
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

/// Whether entries ascend strictly and are all positive, and whether one is about `author`.
#[inline(always)]
fn inspect(entries: impl Iterator<Item = (u32, u16)>, author: u32) -> (bool, bool) {
    let (mut lowest, mut regular, mut names_author) = (0, true, false);
    for (column, value) in entries {
        regular &= (column >= lowest) & (value > 0);
        lowest = column.wrapping_add(1);
        names_author |= column == author;
    }
    (regular, names_author)
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
    /// Whether all neurons are older than the row.
    newest: bool,
    /// Whether all of its entries are known to count, so that none has to be looked at.
    sound: bool,
}

impl<'a> Row<'a> {
    /// A row of bonds.
    pub(crate) fn bonds(entries: Entries<'a>, fixed_at: u32, newest_registration: u32) -> Self {
        Self {
            left: entries,
            lowest: 0,
            own: u32::MAX,
            fixed_at,
            newest: fixed_at > newest_registration,
            sound: false,
        }
    }

    /// A row of weights, which says nothing of its author.
    pub(crate) fn weights(entries: Entries<'a>, author: u32, fixed_at: u32, newest_registration: u32) -> Self {
        let row = Self::bonds(entries, fixed_at, newest_registration);
        let (regular, names_author) = match entries {
            Entries::Pairs(pairs) => inspect(pairs.iter().map(|(uid, value)| (u32::from(*uid), *value)), author),
            Entries::Packed(packed) => inspect(packed.iter().map(|packed| (packed >> 16, *packed as u16)), author),
            Entries::Dense(values) => inspect((0..).zip(values.iter().copied()), author),
        };
        Self {
            own: if names_author { author } else { u32::MAX },
            sound: regular && row.newest && !names_author,
            ..row
        }
    }

    /// Number of entries left, counting also those that do not count.
    pub(crate) fn len(&self) -> usize {
        self.left.len()
    }

    /// Reads the entries below column `end` that count: positive, in ascending order, about another neuron, and about the present one.
    #[inline(always)]
    fn read(&mut self, end: u32, neurons: &[NeuronInput], take: impl FnMut(u32, u16)) {
        match self.left {
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
                self.scan(entries, end, neurons, take);
            }
        }
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
        if self.sound {
            for (column, value) in entries {
                if column >= end {
                    break;
                }
                consumed += 1;
                take(column, value);
            }
            return consumed;
        }
        let plain = newest && own == u32::MAX;
        for (column, value) in entries {
            if column >= end {
                break;
            }
            consumed += 1;
            if column < lowest {
                continue;
            }
            lowest = column + 1;
            if value == 0 {
                continue;
            }
            if plain || (column != own && (newest || self.is_about_present(column, neurons))) {
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
        let end = end_column(neurons);
        let mut sum = 0;
        self.read(end, neurons, |_, value| sum += u64::from(value));
        sum
    }
}

/// The number of columns; uids have 16 bits.
fn end_column(neurons: &[NeuronInput]) -> u32 {
    u32::try_from(neurons.len()).unwrap_or(u32::MAX)
}

/// An entry in a column: the number of its row, and its value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell(u32);

impl Cell {
    fn new(row: usize, value: u16) -> Self {
        Self(((row as u32) << 16) | u32::from(value))
    }

    #[inline(always)]
    pub(crate) fn row(self) -> usize {
        (self.0 >> 16) as usize
    }

    #[inline(always)]
    pub(crate) fn value(self) -> u64 {
        u64::from(self.0 & 0xffff)
    }
}

/// Some columns, each with room for all rows.
struct Tile {
    cells: Vec<Cell>,
    /// Where each column ends in `cells`.
    ends: Vec<usize>,
    depth: usize,
}

impl Tile {
    fn new(width: usize, depth: usize) -> Self {
        Self {
            cells: vec![Cell::default(); width * depth],
            ends: vec![0; width],
            depth,
        }
    }

    fn clear(&mut self) {
        let mut start = 0;
        for end in &mut self.ends {
            *end = start;
            start += self.depth;
        }
    }

    /// Takes from a row what it says of the columns from `start` to before `end`.
    fn take(&mut self, number: usize, row: &mut Row, start: u32, end: u32, neurons: &[NeuronInput]) {
        let (cells, ends) = (self.cells.as_mut_slice(), self.ends.as_mut_slice());
        row.read(end, neurons, |column, value| {
            if let Some(place) = ends.get_mut(column.wrapping_sub(start) as usize) {
                if let Some(cell) = cells.get_mut(*place) {
                    *cell = Cell::new(number, value);
                    *place += 1;
                }
            }
        });
    }

    fn column(&self, column: usize) -> &[Cell] {
        let end = self.ends.get(column).copied().unwrap_or_default();
        self.cells.get(column * self.depth..end).unwrap_or_default()
    }
}

/// The rows of all who take part, to be walked by column.
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

    /// Calls `visit` for each column, in order, with what the rows of weights and those of bonds say of it, by row.
    pub(crate) fn each_column(mut self, neurons: &[NeuronInput], mut visit: impl FnMut(usize, &[Cell], &[Cell])) {
        let (width, depth) = self.tile_size(neurons.len());
        let (mut weights, mut bonds) = (Tile::new(width, depth), Tile::new(width, depth));
        let end = end_column(neurons);
        let mut start = 0;
        while start < end {
            let next = start.saturating_add(width as u32).min(end);
            for (tile, rows) in [(&mut weights, &mut self.weights), (&mut bonds, &mut self.bonds)] {
                tile.clear();
                for (number, row) in rows.iter_mut().enumerate() {
                    tile.take(number, row, start, next, neurons);
                }
            }
            for column in start..next {
                let place = (column - start) as usize;
                visit(column as usize, weights.column(place), bonds.column(place));
            }
            start = next;
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

    /// Columns of a tile, and room in each.
    fn tile_size(&self, columns: usize) -> (usize, usize) {
        let rows = self.weights.len().max(self.bonds.len()).max(1);
        // An odd number of cache lines: with an even one the columns of a tile would share few places of the cache.
        let depth = (rows.div_ceil(16) | 1) * 16;
        let entries: usize = self.weights.iter().chain(&self.bonds).map(Row::len).sum();
        let wanted = (2 * STRIP * rows * columns).checked_div(entries).unwrap_or(columns);
        (wanted.min(TILE / 2 / depth).max(1), depth)
    }
}
