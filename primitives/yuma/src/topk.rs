//! Who holds a validator permit.
use alloc::{vec, vec::Vec};

/// How permits are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PermitRule {
    /// Laurel's: only neurons with stake, the most staked first; on equal stake the lower uid.
    #[default]
    PositiveStake,
    /// The classic chain's, to check against its vectors: also neurons without stake, by their rounded share of it;
    /// on equal shares the higher uid.
    Classic,
}

/// Marks the `k` largest values; of equal ones those with the higher index. All are marked when there are fewer than `k`.
pub fn is_topk<T: Ord>(values: &[T], k: usize) -> Vec<bool> {
    let mut mask = vec![true; values.len()];
    let mut ascending: Vec<(&T, usize)> = values.iter().zip(0..).collect();
    ascending.sort_unstable();
    let below = values.len().saturating_sub(k);
    for (_, index) in ascending.into_iter().take(below) {
        if let Some(marked) = mask.get_mut(index) {
            *marked = false;
        }
    }
    mask
}

/// Marks the `k` largest positive stakes; of equal ones those with the lower index.
pub fn top_staked(stakes: &[u64], k: usize) -> Vec<bool> {
    let mut mask = vec![false; stakes.len()];
    let mut staked: Vec<(u64, usize)> = stakes
        .iter()
        .copied()
        .zip(0..)
        .filter(|(stake, _)| *stake > 0)
        .collect();
    if k > 0 && k < staked.len() {
        staked.select_nth_unstable_by(k, |(a, i), (b, j)| b.cmp(a).then(i.cmp(j)));
    }
    for (_, index) in staked.into_iter().take(k) {
        if let Some(marked) = mask.get_mut(index) {
            *marked = true;
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laurel_gives_permits_to_positive_stake_and_ties_to_the_lower_uid() {
        assert_eq!(top_staked(&[0, 3, 5, 3, 0], 2), [false, true, true, false, false]);
        assert_eq!(top_staked(&[0, 3, 0], 3), [false, true, false]);
        assert_eq!(top_staked(&[1, 2], 0), [false, false]);
    }

    #[test]
    fn the_classic_rule_fills_every_permit_and_ties_go_to_the_higher_uid() {
        assert_eq!(is_topk(&[1, 1, 1, 1], 2), [false, false, true, true]);
        assert_eq!(is_topk(&[0, 0], 5), [true, true]);
        assert_eq!(is_topk::<u64>(&[], 1), [false; 0]);
    }
}
