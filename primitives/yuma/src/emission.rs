//! How much a block mints.
//!
//! The issuance decides, not the height: each time half of what was missing to the supply cap has been issued, the
//! emission halves. The thresholds are integers, so no rounding moves them.
use laurel_types::{LRL, MAX_SUPPLY};

/// What a block mints while less than half of the supply is issued, in leaves.
pub const INITIAL_EMISSION: u64 = LRL;
/// Halvings after which a block mints nothing: one token has less than 2^30 leaves.
pub const HALVINGS: usize = 30;

/// The issuance from which emission is halved `index + 1` times: `supply × (1 − 2^-(index + 1))`, rounded up.
const THRESHOLDS: [u64; HALVINGS] = {
    let mut thresholds = [0; HALVINGS];
    let mut index = 0;
    while index < HALVINGS {
        thresholds[index] = MAX_SUPPLY - (MAX_SUPPLY >> (index + 1));
        index += 1;
    }
    thresholds
};

/// The issuance in leaves at which the halving numbered `index` (from 0) happens; none past the last one.
pub fn halving_threshold(index: usize) -> Option<u64> {
    THRESHOLDS.get(index).copied()
}

/// Number of halvings that an issuance, in leaves, has passed: 0 to [`HALVINGS`].
pub fn halvings(issuance: u64) -> usize {
    THRESHOLDS.partition_point(|threshold| *threshold <= issuance)
}

/// Leaves that a block mints when `issuance` leaves are in issue.
pub fn block_emission(issuance: u64) -> u64 {
    // At most 30, so the shift is in range.
    INITIAL_EMISSION >> halvings(issuance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_supply_is_approached_and_never_passed() {
        let mut issuance = 0u64;
        for _ in 0..100 {
            issuance += block_emission(issuance) * 10_500_000;
        }
        assert_eq!(issuance, 20_999_999_989_500_000);
        assert!(issuance < MAX_SUPPLY);
        assert_eq!(block_emission(MAX_SUPPLY), 0);
        assert_eq!(block_emission(u64::MAX), 0);
    }

    proptest! {
        #[test]
        fn emission_never_rises_with_issuance(a in 0..=MAX_SUPPLY, b in 0..=MAX_SUPPLY) {
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(block_emission(less) >= block_emission(more));
        }
    }
}
