//! Score consensus: the largest weight that enough stake supports.
use crate::{proportion::ONE, Fixed};

/// Votes up to which sorting is cheaper than looking for a good order.
const FEW: usize = 12;

/// A score with the stake behind it, both above zero and at most one, in one word. Votes order by score, then by stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote(u64);

impl Vote {
    /// A vote; none where the score or the stake is not above zero and at most one.
    pub fn new(score: Fixed, stake: Fixed) -> Option<Self> {
        let bits = |value: Fixed| u64::try_from(value.raw()).ok().filter(|raw| (1..=ONE).contains(raw));
        Some(Self::of(bits(score)?, bits(stake)?))
    }

    /// A vote of proportions, both from 1 to [`ONE`]: less one they have 32 bits each.
    #[inline(always)]
    pub(crate) fn of(score: u64, stake: u64) -> Self {
        Self((score.wrapping_sub(1) << 32) | (stake.wrapping_sub(1) & (ONE - 1)))
    }

    #[inline(always)]
    fn score(self) -> Fixed {
        Fixed::from_raw((self.0 >> 32) as i64 + 1)
    }

    #[inline(always)]
    fn stake(self) -> i64 {
        (self.0 & (ONE - 1)) as i64 + 1
    }
}

/// The score at which the stake of lower scores is at most `minority` and adding its own exceeds it, `silent` being the stake of
/// those who scored zero. The lowest score when `minority` is negative, the highest when no stake exceeds it, zero without
/// votes. The votes are left in any order.
///
/// Time grows with the number of votes, whatever their order: after `2·log2(votes)` rounds of narrowing, what is left is sorted.
pub fn weighted_median(votes: &mut [Vote], silent: Fixed, minority: Fixed) -> Fixed {
    let minority = minority.raw();
    let mut below = silent.raw();
    if below > minority {
        return match votes.iter().min() {
            Some(lowest) if below == 0 => lowest.score(),
            _ => Fixed::ZERO,
        };
    }
    let mut left = votes;
    for _ in 0..=2 * left.len().max(1).ilog2() {
        if left.len() <= FEW {
            break;
        }
        let pivot = middle(left);
        let (count, stake) = gather(left, |vote| vote < pivot);
        if below + stake > minority {
            left = left.get_mut(..count).unwrap_or_default();
            continue;
        }
        below += stake;
        left = left.get_mut(count..).unwrap_or_default();
        if count > 0 {
            continue;
        }
        // Nothing is below the pivot: it goes itself, with its equals, so that every round gets on.
        let (count, stake) = gather(left, |vote| vote <= pivot);
        if below + stake > minority || count == left.len() {
            return pivot.score();
        }
        below += stake;
        left = left.get_mut(count..).unwrap_or_default();
    }
    left.sort_unstable();
    for vote in left.iter() {
        below += vote.stake();
        if below > minority {
            return vote.score();
        }
    }
    left.last().map_or(Fixed::ZERO, |highest| highest.score())
}

/// The middle one of three votes that stand apart.
fn middle(votes: &[Vote]) -> Vote {
    let at = |quarter: usize| votes.get(votes.len() * quarter / 4).copied().unwrap_or(Vote(0));
    let (a, b, c) = (at(1), at(2), at(3));
    a.min(b).max(a.max(b).min(c))
}

/// Moves the votes that `belongs` picks to the front; their number and their stake. Without branches, as there is no telling
/// which way they would go.
#[inline(always)]
fn gather(votes: &mut [Vote], belongs: impl Fn(Vote) -> bool) -> (usize, i64) {
    let (mut count, mut stake) = (0, 0);
    for index in 0..votes.len() {
        let Some(vote) = votes.get(index).copied() else { break };
        let belongs = belongs(vote);
        stake += vote.stake() & -i64::from(belongs);
        votes.swap(index, count);
        count += usize::from(belongs);
    }
    (count, stake)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn votes(list: &[(i64, i64)]) -> Vec<Vote> {
        list.iter()
            .map(|(score, stake)| Vote::new(Fixed::from_raw(*score), Fixed::from_raw(*stake)).unwrap())
            .collect()
    }

    /// The definition, on a sorted list.
    fn plain(list: &[(i64, i64)], silent: i64, minority: i64) -> i64 {
        let mut sorted = list.to_vec();
        if silent > 0 {
            sorted.push((0, silent));
        }
        sorted.sort();
        let mut sum = 0;
        for (score, stake) in &sorted {
            sum += stake;
            if sum > minority {
                return *score;
            }
        }
        sorted.last().map_or(0, |last| last.0)
    }

    fn median(list: &[(i64, i64)], silent: i64, minority: i64) -> i64 {
        weighted_median(&mut votes(list), Fixed::from_raw(silent), Fixed::from_raw(minority)).raw()
    }

    #[test]
    fn limits_are_as_documented() {
        assert_eq!(median(&[], 0, 5), 0);
        assert_eq!(median(&[(7, 1), (9, 1)], 0, -1), 7);
        assert_eq!(median(&[(7, 1), (9, 1)], 1, -1), 0);
        assert_eq!(median(&[(7, 1), (9, 1)], 0, 2), 9);
        assert_eq!(median(&[(1 << 32, 1 << 32)], 0, 1 << 31), 1 << 32);
        assert_eq!(Vote::new(Fixed::ZERO, Fixed::ONE), None);
        assert_eq!(Vote::new(Fixed::ONE, Fixed::from(2)), None);
    }

    /// Orders in which the middle of three is always nearly the lowest: each round would take off two votes.
    #[test]
    fn a_hostile_order_costs_no_more_than_a_sort() {
        // Built backwards: at each step put the two lowest of what is left where the pivot will look.
        let n = 4_096usize;
        let mut list: Vec<(i64, i64)> = (1..=n as i64).map(|score| (score, 1)).collect();
        for start in 0..n - 3 {
            let left = n - start;
            for quarter in 1..=2 {
                list.swap(start + quarter - 1, start + left * quarter / 4);
            }
        }
        for minority in [0, 1_000, 4_000, 4_095] {
            assert_eq!(median(&list, 0, minority), plain(&list, 0, minority));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_selected_score_is_the_one_of_the_sorted_list(
            list in prop_oneof![
                proptest::collection::vec((1i64..8, 1i64..50), 0..40),
                proptest::collection::vec((1i64..1 << 32, 1i64..1 << 20), 0..300),
                proptest::collection::vec((Just(77i64), 1i64..3), 0..300),
            ],
            silent in prop_oneof![Just(0), 0i64..1_000],
            part in -0.1f64..1.1,
        ) {
            let total: i64 = silent + list.iter().map(|vote| vote.1).sum::<i64>();
            let minority = (total as f64 * part) as i64;
            prop_assert_eq!(median(&list, silent, minority), plain(&list, silent, minority));
        }
    }
}
