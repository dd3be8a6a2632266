//! Who saw what changed: so that repeating what others said before does not pay like looking.
//!
//! A validator that copies weights can only copy what was revealed, so its row says what the score consensus said an epoch or more ago.
//! Where miners change, that shows: the consensus rises for some miners above what it was, the rows of those who looked rise with it,
//! the copied row does not. [`Change::seen_by`] measures how much of the rise a row contains, and
//! [`Change::dividend_factor`] what part of its dividends a validator keeps for it. Where little changes there is nothing to see, and
//! nobody loses anything that matters.
use alloc::vec::Vec;

/// Rise of the score consensus, in 65535ths of a row, that costs who saw nothing of it half of the dividends. What noise moves
/// in a subnet without change is well below.
pub const RISE_OF_HALF: u32 = 65_535 / 16;

/// [`Change::dividend_factor`] of who keeps everything.
pub const WHOLE: u64 = 1 << 16;

/// How the score consensus rose from one epoch to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Score consensus before, and how much it rose since, by uid.
    columns: Vec<(u16, u16)>,
    /// Sum of the rises.
    total: u32,
}

impl Change {
    /// The change from `before` to `after`, score consensus by uid in 65535ths; what is missing in `before` was zero. None
    /// if it rose for nobody.
    pub fn between(before: &[u16], after: &[u16]) -> Option<Self> {
        let before = before.iter().copied().chain(core::iter::repeat(0));
        let columns: Vec<(u16, u16)> = before
            .zip(after)
            .map(|(before, after)| (before, after.saturating_sub(before)))
            .collect();
        let total = columns
            .iter()
            .fold(0u32, |sum, (_, rise)| sum.saturating_add((*rise).into()));
        (total > 0).then_some(Self { columns, total })
    }

    /// How much of the rise a row of `(uid, weight)` contains, at most all of it. Only proportions of the weights count; uids that
    /// the change does not know do not.
    pub fn seen_by(&self, row: impl Iterator<Item = (u16, u16)> + Clone) -> u32 {
        let column = |uid: u16| self.columns.get(usize::from(uid));
        let known = row.filter(|(uid, _)| column(*uid).is_some());
        let whole: u64 = known.clone().map(|(_, weight)| u64::from(weight)).sum();
        known.fold(0u32, |seen, (uid, weight)| match column(uid) {
            Some((before, rise)) if *rise > 0 => {
                let share = (u64::from(weight) * u64::from(u16::MAX))
                    .checked_div(whole)
                    .unwrap_or(0) as u32;
                seen.saturating_add(share.saturating_sub((*before).into()).min((*rise).into()))
            }
            _ => seen,
        })
    }

    /// The part of its dividends, in 65536ths, that a validator keeps who saw `seen` of the change, where `penalty` (65535ths) of
    /// what it missed counts: with all of it `(h + seen) / (h + rise)`, `h` being [`RISE_OF_HALF`]. Never zero.
    pub fn dividend_factor(&self, seen: u32, penalty: u16) -> u64 {
        let full = u64::from(u16::MAX);
        let whole = full * u64::from(RISE_OF_HALF.saturating_add(self.total));
        let missed = u64::from(self.total.saturating_sub(seen)) * u64::from(penalty);
        // `missed` is less than `whole`, and `whole` has at most 33 bits for a score consensus that sums to one, at most 48 for any.
        (whole.saturating_sub(missed) * WHOLE)
            .checked_div(whole)
            .unwrap_or(WHOLE)
            .max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: u16 = u16::MAX;

    #[test]
    fn who_repeats_the_last_consensus_has_seen_nothing_and_who_looked_has_seen_all() {
        // Three quarters of the weight move from the first miner to the second.
        let (before, after) = ([60_000, 5_535], [10_848, 54_687]);
        let change = Change::between(&before, &after).unwrap();
        let row = |weights: [u16; 2]| (0u16..).zip(weights);
        assert_eq!(change.seen_by(row(before)), 0);
        assert_eq!(change.seen_by(row(after)), 54_687 - 5_535);
        assert!(change.dividend_factor(0, FULL) < WHOLE / 12);
        assert_eq!(change.dividend_factor(54_687 - 5_535, FULL), WHOLE);
        assert_eq!(change.dividend_factor(0, 0), WHOLE);
    }

    #[test]
    fn the_named_rise_costs_half() {
        let rise = RISE_OF_HALF as u16;
        let change = Change::between(&[1_000], &[1_000 + rise]).unwrap();
        assert_eq!(change.dividend_factor(0, FULL), WHOLE / 2);
        assert_eq!(change.dividend_factor(0, FULL / 2), WHOLE * 3 / 4);
    }

    #[test]
    fn without_a_rise_there_is_no_change() {
        assert_eq!(Change::between(&[5, 7], &[5, 6]), None);
        assert_eq!(Change::between(&[], &[0]), None);
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
                prop_assert!(seen <= change.total);
                let factor = change.dividend_factor(seen, penalty);
                prop_assert!((1..=WHOLE).contains(&factor));
                prop_assert!(change.dividend_factor(seen.saturating_add(1), penalty) >= factor);
                prop_assert_eq!(change.dividend_factor(change.total, penalty), WHOLE);
            }
        }
    }
}
