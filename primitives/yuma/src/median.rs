//! Score consensus: the largest weight that enough stake supports.
use crate::{proportion::ONE, Fixed};

/// Votes up to which sorting is cheaper than another round.
const FEW: usize = 8;
/// Ranges into which votes are divided.
const BUCKETS: usize = 32;

/// A score above zero and at most one with the stake behind it, above zero and below one, in one word. Votes order by score,
/// then by stake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote(u64);

impl Vote {
    /// A vote; none where the score or the stake is not above zero or above one. All of one stands for all but a unit.
    pub fn new(score: Fixed, stake: Fixed) -> Option<Self> {
        let bits = |value: Fixed| u64::try_from(value.raw()).ok().filter(|raw| (1..=ONE).contains(raw));
        Some(Self::of(bits(score)?, u32::try_from(bits(stake)?).unwrap_or(u32::MAX)))
    }

    /// A vote of a proportion: less one unit it has 32 bits.
    #[inline(always)]
    pub(crate) fn of(score: u64, stake: u32) -> Self {
        Self((score.wrapping_sub(1) << 32) | u64::from(stake))
    }

    #[inline(always)]
    fn score(self) -> Fixed {
        Fixed::from_raw((self.0 >> 32) as i64 + 1)
    }

    #[inline(always)]
    pub(crate) fn stake(self) -> i64 {
        (self.0 & (ONE - 1)) as i64
    }
}

/// The score at which the stake of lower scores is at most `minority` and adding its own exceeds it, `silent` being the stake of
/// those who scored zero. The lowest score when `minority` is negative, the highest when no stake exceeds it, zero without
/// votes. The votes are left in any order.
///
/// Each round keeps one of `BUCKETS` equal ranges of what was left, in two passes without unpredictable branches. The order of
/// the votes does not matter to it. Scores that lie so that rounds keep many, as a sequence of powers does, are sorted after
/// `2·log2(votes)` rounds.
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
    for _ in 0..2 * left.len().max(1).ilog2() {
        if left.len() <= FEW {
            break;
        }
        let ranges = match Ranges::of(left) {
            Ok(ranges) => ranges,
            Err(only) => return only,
        };
        let (chosen, under) = ranges.choose(left, below, minority);
        below = under;
        let count = ranges.keep(left, chosen);
        left = left.get_mut(..count).unwrap_or_default();
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

/// Equal ranges of votes.
#[derive(Clone, Copy)]
struct Ranges {
    lowest: u64,
    shift: u32,
}

impl Ranges {
    /// Ranges from the lowest vote to the highest, more than half of [`BUCKETS`]; these two are in different ones. Or the score,
    /// if all have the same.
    fn of(votes: &[Vote]) -> Result<Self, Fixed> {
        let (mut lowest, mut highest) = (u64::MAX, 0);
        for vote in votes {
            lowest = lowest.min(vote.0);
            highest = highest.max(vote.0);
        }
        if lowest >> 32 == highest >> 32 {
            return Err(Vote(lowest).score());
        }
        let width = u64::BITS - highest.saturating_sub(lowest).leading_zeros();
        Ok(Self {
            lowest,
            shift: width.saturating_sub(BUCKETS.ilog2()),
        })
    }

    #[inline(always)]
    fn index(self, vote: Vote) -> usize {
        (vote.0.wrapping_sub(self.lowest) >> self.shift) as usize % BUCKETS
    }

    /// The range in which the stake exceeds `minority`, with `below` under all of them, and what is below that range. The
    /// highest that holds a vote where none does.
    fn choose(self, votes: &[Vote], below: i64, minority: i64) -> (usize, i64) {
        let mut stakes = [0i64; BUCKETS];
        for vote in votes {
            // The index is in range; this says so to the compiler.
            if let Some(stake) = stakes.get_mut(self.index(*vote)) {
                *stake += vote.stake();
            }
        }
        let mut highest = (0, below);
        let mut sum = below;
        for (index, stake) in stakes.iter().enumerate() {
            if *stake > 0 {
                highest = (index, sum);
            }
            sum += stake;
            if sum > minority {
                break;
            }
        }
        highest
    }

    /// Moves the votes of a range to the front; their number.
    fn keep(self, votes: &mut [Vote], chosen: usize) -> usize {
        let mut count = 0;
        for index in 0..votes.len() {
            let Some(vote) = votes.get(index).copied() else { break };
            if let Some(place) = votes.get_mut(count) {
                *place = vote;
            }
            count += usize::from(self.index(vote) == chosen);
        }
        count
    }
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

    /// Each round divides by 32 what is left, and nearly all of it lies in the lowest part: powers, the higher the rarer.
    #[test]
    fn scores_of_which_no_round_takes_off_many_are_sorted_in_the_end() {
        let mut list: Vec<(i64, i64)> = (0..4_000).map(|number| (1 + number % 3, 1 + number / 3)).collect();
        list.extend((0..32).map(|power| (1 << power, 5)));
        let total: i64 = list.iter().map(|vote| vote.1).sum();
        for minority in [0, total / 3, total / 2, total - 40, total - 1, total] {
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
