//! Who saw what changed: so that repeating what others said before does not pay like looking.
//!
//! A validator that copies weights can only copy what was revealed, so its row says what the score consensus said an epoch or more ago.
//! Where miners change, that shows: from then to now the consensus moved in some direction, the rows of those who looked moved with it,
//! the copied row did not. [`Change::seen_by`] measures how far a row moved in that direction, and [`Change::dividend_factor`] what part of
//! its dividends a validator keeps for it. Squares are compared, not distances: what noise moves adds up to a lot over many miners, but
//! its squares to little next to those of one miner that really changed, and noise of a row's own is as often with the change as against it.
//! Where little changes there is nothing to see, and nobody loses anything that matters.
use alloc::vec::Vec;

/// A change by one part in so many of the score consensus itself, both as sums of squares, costs who saw nothing of it half of the dividends:
/// one in which each miner gets a tenth more or less than before.
pub const TOLERANCE: u64 = 100;

/// [`Change::dividend_factor`] of who keeps everything.
pub const WHOLE: u64 = 1 << 16;

/// How the score consensus moved from one epoch to a later one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How much of the whole weight each uid gained or lost, in 65535ths.
    moved: Vec<i32>,
    /// Sum over the uids of the share before, times what it moved by.
    before: i64,
    /// Sum of the squares of what moved.
    total: u64,
    /// The change that costs half, as a sum of squares.
    half: u64,
}

impl Change {
    /// The change from `before` to `after`, score consensus by uid in any unit: only proportions count. Who has consensus now and had none
    /// before counts as average before, for that much about a newcomer can be said without looking. None if nothing moved, or before
    /// there was no consensus.
    pub fn between(before: &[u16], after: &[u16]) -> Option<Self> {
        let known = before.iter().filter(|value| **value > 0).count() as u64;
        let average = sum(before).checked_div(known)? as u16;
        let before = before.iter().copied().chain(core::iter::repeat(0));
        let filled: Vec<u16> = after
            .iter()
            .zip(before)
            .map(|(after, before)| if before == 0 && *after > 0 { average } else { before })
            .collect();
        let (before, after) = (shares(&filled), shares(after));
        let moved: Vec<i32> = after
            .iter()
            .zip(&before)
            .map(|(after, before)| after - before)
            .collect();
        // Shares of a whole: their products sum to less than 2^33, however many there are.
        let products = |left: &[i32], right: &[i32]| -> i64 {
            let pairs = left.iter().zip(right);
            pairs.map(|(left, right)| i64::from(*left) * i64::from(*right)).sum()
        };
        let total = products(&moved, &moved).unsigned_abs();
        (total > 0).then(|| Self {
            before: products(&before, &moved),
            half: products(&after, &after).unsigned_abs() / TOLERANCE,
            total,
            moved,
        })
    }

    /// How much of the change a row of `(uid, weight)` contains, between nothing and [`Self::total`]: the product of what it says beyond
    /// the consensus before with what moved. Only proportions of the weights count; uids that the change does not know do not.
    pub fn seen_by(&self, row: impl Iterator<Item = (u16, u16)>) -> u64 {
        let (mut whole, mut along) = (0i64, 0i64);
        for (uid, weight) in row {
            if let Some(moved) = self.moved.get(usize::from(uid)) {
                // 2^16 neurons at most, times 16 and 17 bits: nothing overflows, and Wasm has no cheap way to saturate.
                let weight = i64::from(weight);
                whole = whole.wrapping_add(weight);
                along = along.wrapping_add(weight * i64::from(*moved));
            }
        }
        // At most 2^14 neurons of 16 bits each, times 16 and 16 bits: 62 bits.
        let along = along.saturating_mul(u16::MAX.into()).checked_div(whole);
        let seen = along.map_or(0, |along| along.saturating_sub(self.before).max(0));
        seen.unsigned_abs().min(self.total)
    }

    /// All there was to see, a sum of squares of 65535ths.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The part of its dividends, in 65536ths, that a validator keeps who saw `seen` of the change, where `penalty` (65535ths) of
    /// what it missed counts: with all of it `(h + seen) / (h + total)`, `h` being one part in [`TOLERANCE`] of the consensus. Never zero.
    pub fn dividend_factor(&self, seen: u64, penalty: u16) -> u64 {
        let whole = self.half.saturating_add(self.total);
        // 33 bits times 16.
        let missed = self.total.saturating_sub(seen).saturating_mul(penalty.into()) / u64::from(u16::MAX);
        (whole.saturating_sub(missed) * WHOLE)
            .checked_div(whole)
            .unwrap_or(WHOLE)
            .max(1)
    }
}

fn sum(values: &[u16]) -> u64 {
    values.iter().map(|value| u64::from(*value)).sum()
}

/// Values as 65535ths of their sum.
fn shares(values: &[u16]) -> Vec<i32> {
    let whole = sum(values);
    let share = |value: &u16| (u64::from(*value) * u64::from(u16::MAX)).checked_div(whole);
    // A value is at most the whole.
    values.iter().map(|value| share(value).unwrap_or(0) as i32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: u16 = u16::MAX;

    fn row(weights: &[u16]) -> impl Iterator<Item = (u16, u16)> + '_ {
        (0u16..).zip(weights.iter().copied())
    }

    #[test]
    fn who_repeats_the_last_consensus_has_seen_nothing_and_who_looked_has_seen_all() {
        // Three quarters of the weight move from the first miner to the second.
        let (before, after) = ([60_000, 5_535], [10_848, 54_687]);
        let change = Change::between(&before, &after).unwrap();
        assert_eq!(change.seen_by(row(&before)), 0);
        assert_eq!(change.seen_by(row(&after)), change.total());
        assert!(change.dividend_factor(0, FULL) < WHOLE / 60);
        assert_eq!(change.dividend_factor(change.total(), FULL), WHOLE);
        assert_eq!(change.dividend_factor(0, 0), WHOLE);
    }

    #[test]
    fn who_mixes_both_has_seen_half() {
        let change = Change::between(&[40_000, 20_000, 5_535], &[20_000, 40_000, 5_535]).unwrap();
        assert_eq!(change.seen_by(row(&[30_000, 30_000, 5_535])), change.total() / 2);
        let against = [50_000, 10_000, 5_535];
        assert_eq!(
            change.seen_by(row(&against)),
            0,
            "who moved the other way has seen nothing"
        );
    }

    #[test]
    fn only_proportions_count() {
        let (before, after) = ([400, 200, 50, 0], [200, 400, 50, 0]);
        let change = Change::between(&before, &after);
        let larger = |values: [u16; 4]| values.map(|value| value * 100);
        assert_eq!(change, Change::between(&larger(before), &larger(after)));
        let change = change.unwrap();
        assert_eq!(change.seen_by(row(&[1, 2, 1])), change.seen_by(row(&[100, 200, 100])));
        assert_eq!(change.seen_by(row(&[1, 2, 1])), change.seen_by(row(&[1, 2, 1, 0, 9])));
    }

    #[test]
    fn a_change_by_a_tenth_costs_half() {
        let change = Change::between(&[28_800, 35_200], &[32_000, 32_000]).unwrap();
        let near = |factor: u64, expected: u64| factor.abs_diff(expected) < WHOLE / 100;
        assert!(near(change.dividend_factor(0, FULL), WHOLE / 2));
        assert!(near(change.dividend_factor(0, FULL / 2), WHOLE * 3 / 4));
    }

    #[test]
    fn calling_a_newcomer_average_is_nothing_seen() {
        let change = Change::between(&[100, 100, 100], &[100, 100, 100, 300]).unwrap();
        assert_eq!(change.seen_by(row(&[100, 100, 100, 100])), 0);
        assert_eq!(change.seen_by(row(&[100, 100, 100, 300])), change.total());
        assert!(change.seen_by(row(&[100, 100, 100, 200])) > change.total() / 3);
    }

    #[test]
    fn without_movement_there_is_no_change() {
        assert_eq!(Change::between(&[5, 7], &[5, 7]), None);
        assert_eq!(Change::between(&[5, 7], &[10, 14]), None, "of the same proportions");
        assert_eq!(Change::between(&[], &[3]), None);
        assert_eq!(Change::between(&[0], &[3]), None);
        assert_eq!(Change::between(&[], &[]), None);
    }

    proptest! {
        #[test]
        fn nobody_sees_more_than_there_is_and_seeing_more_never_pays_less(
            before in proptest::collection::vec(any::<u16>(), 0..20),
            after in proptest::collection::vec(any::<u16>(), 0..20),
            row in proptest::collection::btree_map(0u16..30, any::<u16>(), 0..30),
            penalty: u16,
        ) {
            if let Some(change) = Change::between(&before, &after) {
                let seen = change.seen_by(row.iter().map(|(uid, weight)| (*uid, *weight)));
                prop_assert!(seen <= change.total());
                let factor = change.dividend_factor(seen, penalty);
                prop_assert!((1..=WHOLE).contains(&factor));
                prop_assert!(change.dividend_factor(seen + 1, penalty) >= factor);
                prop_assert_eq!(change.dividend_factor(change.total(), penalty), WHOLE);
            }
        }
    }

    #[test]
    fn the_largest_subnet_with_the_largest_weights_fits() {
        let before: Vec<u16> = (0..16_384).map(|uid| if uid % 2 == 0 { FULL } else { 0 }).collect();
        let after: Vec<u16> = (0..16_384).map(|uid| if uid == 1 { FULL } else { 0 }).collect();
        let change = Change::between(&before, &after).unwrap();
        assert_eq!(change.seen_by(row(&after)), change.total());
        assert_eq!(change.seen_by(row(&[FULL; 16_384])), 0);
    }
}
