//! The one matrix type: rows of what was said, with what was not said left out.
use crate::Fixed;
use alloc::{borrow::Cow, vec, vec::Vec};

/// A matrix of [`Fixed`] values by rows, each row strictly ascending by column. Absent entries are zero; a zero can also be
/// present. Entries are streamed row by row, so no operation needs scratch of rows × columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseMatrix {
    /// Where each row begins in the two lists below, and where the last one ends.
    starts: Vec<usize>,
    at: Vec<u32>,
    values: Vec<Fixed>,
    columns: usize,
}

impl SparseMatrix {
    /// From rows of `(column, value)`, values as integers. See [`SparseMatrix::from_entries`].
    pub fn from_rows(rows: Vec<Vec<(u16, u16)>>, columns: usize) -> Self {
        Self::from_entries(rows.iter().map(Vec::as_slice), columns, |_, _| true)
    }

    /// From rows of `(column, value)` in any order, without the entries that `keep(row, column)` refuses. Columns from `columns`
    /// on are dropped; of two entries for one column the first counts.
    pub fn from_entries<'a, V>(
        rows: impl IntoIterator<Item = &'a [(u16, V)]>,
        columns: usize,
        keep: impl Fn(usize, usize) -> bool,
    ) -> Self
    where
        V: Copy + Into<Fixed> + 'a,
    {
        let mut matrix = Self::empty(columns);
        for (row, entries) in rows.into_iter().enumerate() {
            for (column, value) in ascending(entries).iter() {
                let column = usize::from(*column);
                if column < columns && keep(row, column) {
                    matrix.push(column, (*value).into());
                }
            }
            matrix.end_row();
        }
        matrix
    }

    /// A matrix without rows, to be filled with [`Self::push`] and [`Self::end_row`].
    pub(crate) fn empty(columns: usize) -> Self {
        Self {
            starts: vec![0],
            at: Vec::new(),
            values: Vec::new(),
            columns,
        }
    }

    /// Appends to the row being filled. Columns must ascend and stay below the number of columns, which fits in 32 bits.
    pub(crate) fn push(&mut self, column: usize, value: Fixed) {
        self.at.push(column as u32);
        self.values.push(value);
    }

    /// Ends the row being filled.
    pub(crate) fn end_row(&mut self) {
        self.starts.push(self.values.len());
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The entries of a row as `(column, value)`, ascending; none for a row that does not exist.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, Fixed)> + '_ {
        let range = match (self.starts.get(row), self.starts.get(row.saturating_add(1))) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        };
        let columns = self.at.get(range.clone()).unwrap_or_default();
        let values = self.values.get(range).unwrap_or_default();
        columns
            .iter()
            .map(|column| *column as usize)
            .zip(values.iter().copied())
    }

    /// All entries as `(row, column, value)`, in order.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize, Fixed)> + '_ {
        (0..self.rows()).flat_map(|row| self.row(row).map(move |(column, value)| (row, column, value)))
    }

    /// The same matrix with rows and columns exchanged, to walk it by column.
    pub fn transposed(&self) -> Self {
        // Count, then place: the rows come in order, so each transposed row ascends without sorting.
        let mut starts = vec![0usize; self.columns.saturating_add(1)];
        for column in &self.at {
            if let Some(count) = starts.get_mut(*column as usize + 1) {
                *count += 1;
            }
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut next = starts.clone();
        let mut at = vec![0; self.at.len()];
        let mut values = vec![Fixed::ZERO; self.values.len()];
        for (row, column, value) in self.entries() {
            let Some(place) = next.get_mut(column) else { continue };
            if let (Some(a), Some(v)) = (at.get_mut(*place), values.get_mut(*place)) {
                (*a, *v) = (row as u32, value);
            }
            *place += 1;
        }
        Self {
            starts,
            at,
            values,
            columns: self.rows(),
        }
    }

    /// The sum of each row.
    pub fn row_sums(&self) -> Vec<Fixed> {
        (0..self.rows())
            .map(|row| self.row(row).map(|(_, value)| value).sum())
            .collect()
    }

    /// For each column the sum of its entries, each times its row's factor: `factors · M`.
    pub fn weighted_column_sums(&self, factors: &[Fixed]) -> Vec<Fixed> {
        let mut sums = vec![Fixed::ZERO; self.columns];
        for (row, factor) in (0..self.rows()).zip(factors) {
            for (column, value) in self.row(row) {
                if let Some(sum) = sums.get_mut(column) {
                    *sum += *factor * value;
                }
            }
        }
        sums
    }

    /// For each row the sum of its entries, each times its column's factor: `M · factors`.
    pub fn weighted_row_sums(&self, factors: &[Fixed]) -> Vec<Fixed> {
        let factor = |column: usize| factors.get(column).copied().unwrap_or_default();
        (0..self.rows())
            .map(|row| self.row(row).map(|(column, value)| factor(column) * value).sum())
            .collect()
    }

    /// Divides each row by its sum, where that is positive.
    pub fn normalise_rows(&mut self) {
        let sums = self.row_sums();
        self.map_values(|row, _, value| match sums.get(row) {
            Some(sum) if *sum > Fixed::ZERO => value / *sum,
            _ => value,
        });
    }

    /// Divides each column by its sum, where that is not zero.
    pub fn normalise_columns(&mut self) {
        let sums = self.fold_columns(|sum, value| sum + value);
        self.divide_columns(&sums);
    }

    /// Divides each column by its largest entry, where that is not zero.
    pub fn max_normalise_columns(&mut self) {
        let maxima = self.fold_columns(Fixed::max);
        self.divide_columns(&maxima);
    }

    /// Takes off each entry the part `penalty` of what it exceeds its column's bound by, and drops entries that are then not positive.
    pub fn clipped(&self, bounds: &[Fixed], penalty: Fixed) -> Self {
        let mut clipped = Self::empty(self.columns);
        for row in 0..self.rows() {
            for (column, value) in self.row(row) {
                let within = value.min(bounds.get(column).copied().unwrap_or_default());
                let value = within + (Fixed::ONE - penalty) * (value - within);
                if value > Fixed::ZERO {
                    clipped.push(column, value);
                }
            }
            clipped.end_row();
        }
        clipped
    }

    /// Multiplies each row by its factor; rows without a factor become zero.
    pub fn scale_rows(&mut self, factors: &[Fixed]) {
        self.map_values(|row, _, value| factors.get(row).copied().unwrap_or_default() * value);
    }

    fn fold_columns(&self, fold: impl Fn(Fixed, Fixed) -> Fixed) -> Vec<Fixed> {
        let mut folded = vec![Fixed::ZERO; self.columns];
        for (column, value) in self.at.iter().zip(&self.values) {
            if let Some(so_far) = folded.get_mut(*column as usize) {
                *so_far = fold(*so_far, *value);
            }
        }
        folded
    }

    fn divide_columns(&mut self, divisors: &[Fixed]) {
        self.map_values(|_, column, value| match divisors.get(column) {
            Some(divisor) if *divisor != Fixed::ZERO => value / *divisor,
            _ => value,
        });
    }

    fn map_values(&mut self, map: impl Fn(usize, usize, Fixed) -> Fixed) {
        let Self { starts, at, values, .. } = self;
        for (row, (start, end)) in starts.iter().zip(starts.iter().skip(1)).enumerate() {
            let columns = at.get(*start..*end).unwrap_or_default();
            let values = values.get_mut(*start..*end).unwrap_or_default();
            for (column, value) in columns.iter().zip(values) {
                *value = map(row, *column as usize, *value);
            }
        }
    }
}

/// The entries strictly ascending by column; borrowed when they are already, as everything the chain stores is.
fn ascending<V: Copy>(entries: &[(u16, V)]) -> Cow<'_, [(u16, V)]> {
    if entries
        .iter()
        .zip(entries.iter().skip(1))
        .all(|(left, right)| left.0 < right.0)
    {
        return Cow::Borrowed(entries);
    }
    let mut sorted = entries.to_vec();
    sorted.sort_by_key(|(column, _)| *column);
    sorted.dedup_by_key(|(column, _)| *column);
    Cow::Owned(sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix(rows: &[&[(u16, u16)]], columns: usize) -> SparseMatrix {
        SparseMatrix::from_rows(rows.iter().map(|row| row.to_vec()).collect(), columns)
    }

    fn row(matrix: &SparseMatrix, row: usize) -> Vec<(usize, i64)> {
        matrix
            .row(row)
            .map(|(column, value)| (column, value.raw() >> 32))
            .collect()
    }

    #[test]
    fn rows_are_sorted_and_lose_unknown_and_repeated_columns() {
        let m = matrix(&[&[(2, 5), (0, 1), (9, 7), (2, 6)], &[]], 3);
        assert_eq!(row(&m, 0), [(0, 1), (2, 5)]);
        assert_eq!(row(&m, 1), []);
        assert_eq!(row(&m, 7), []);
        assert_eq!((m.rows(), m.columns()), (2, 3));
    }

    #[test]
    fn rows_and_columns_divide_by_their_sums() {
        let mut m = matrix(&[&[(0, 1), (1, 3)], &[(1, 0)]], 2);
        m.normalise_rows();
        let quarter = Fixed::from_ratio(1, 4);
        assert_eq!(
            m.row(0).collect::<Vec<_>>(),
            [(0, quarter), (1, quarter + quarter + quarter)]
        );
        assert_eq!(m.row(1).collect::<Vec<_>>(), [(1, Fixed::ZERO)]);
        m.max_normalise_columns();
        assert_eq!(m.row(0).collect::<Vec<_>>(), [(0, Fixed::ONE), (1, Fixed::ONE)]);
    }

    proptest! {
        #[test]
        fn transposing_twice_changes_nothing(
            rows in proptest::collection::vec(proptest::collection::vec((0u16..12, any::<u16>()), 0..12), 0..12),
        ) {
            let m = SparseMatrix::from_rows(rows, 10);
            let t = m.transposed();
            prop_assert_eq!((t.rows(), t.columns()), (m.columns(), m.rows()));
            let mut entries: Vec<_> = t.entries().map(|(row, column, value)| (column, row, value)).collect();
            entries.sort();
            prop_assert_eq!(entries, m.entries().collect::<Vec<_>>());
            prop_assert_eq!(t.transposed(), m);
        }
    }
}
