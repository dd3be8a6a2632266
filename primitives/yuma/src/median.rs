//! Score consensus: the largest weight that enough stake supports.
use crate::{fixed::normalise, Fixed, SparseMatrix};
use alloc::{vec, vec::Vec};

/// The score at which the stake of lower scores is at most `minority` and adding its own exceeds it. `entries` are
/// `(score, stake)` and are left sorted by score. The lowest score when `minority` is negative, the highest when no stake
/// exceeds it, zero when there are no entries.
pub fn weighted_median(entries: &mut [(Fixed, Fixed)], minority: Fixed) -> Fixed {
    // Sorting costs more than selecting on average, but no order of entries that validators could choose makes it slow.
    entries.sort_unstable();
    let mut supported = Fixed::ZERO;
    for (score, stake) in entries.iter() {
        supported += *stake;
        if supported > minority {
            return *score;
        }
    }
    entries.last().map_or(Fixed::ZERO, |(score, _)| *score)
}

/// For each column the largest value that rows holding at least `majority` of the stake support, a row without an entry saying
/// zero. Only rows with positive stake count; without any all results are zero.
pub fn column_medians(matrix: &SparseMatrix, stake: &[Fixed], majority: Fixed) -> Vec<Fixed> {
    let mut shares: Vec<Fixed> = stake.iter().map(|stake| (*stake).max(Fixed::ZERO)).collect();
    normalise(&mut shares);
    let voters = shares.iter().filter(|share| **share > Fixed::ZERO).count();
    if voters == 0 {
        return vec![Fixed::ZERO; matrix.columns()];
    }
    let total: Fixed = shares.iter().copied().sum();
    let by_column = matrix.transposed();
    let mut entries = Vec::with_capacity(voters.saturating_add(1));
    let median = |column| {
        entries.clear();
        let mut silent = total;
        for (row, score) in by_column.row(column) {
            let share = shares.get(row).copied().unwrap_or_default();
            if share > Fixed::ZERO && score != Fixed::ZERO {
                entries.push((score, share));
                silent = silent - share;
            }
        }
        // All who said nothing of this column are one entry.
        if entries.len() < voters {
            entries.push((Fixed::ZERO, silent));
        }
        weighted_median(&mut entries, total - majority)
    };
    (0..matrix.columns()).map(median).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_majority_supports_the_median_and_nothing_larger(
            votes in proptest::collection::vec((0u16..8, 1u16..50), 1..30),
            minority in 0u16..1_500,
        ) {
            let mut entries: Vec<_> =
                votes.iter().map(|(score, stake)| (Fixed::from(*score), Fixed::from(*stake))).collect();
            let total: u32 = votes.iter().map(|(_, stake)| u32::from(*stake)).sum();
            prop_assume!(u32::from(minority) < total);
            let median = weighted_median(&mut entries, Fixed::from(minority));
            let below: u32 =
                votes.iter().filter(|v| Fixed::from(v.0) < median).map(|(_, stake)| u32::from(*stake)).sum();
            let up_to: u32 =
                votes.iter().filter(|v| Fixed::from(v.0) <= median).map(|(_, stake)| u32::from(*stake)).sum();
            prop_assert!(below <= u32::from(minority) && u32::from(minority) < up_to);
        }
    }
}
