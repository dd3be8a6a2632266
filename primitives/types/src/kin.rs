//! What a hotkey lends to another one in a subnet.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Child hotkeys that one hotkey can have in one subnet.
pub const MAX_CHILDREN: u32 = 5;
/// Parent hotkeys that one hotkey can have in one subnet: every one is looked at when the hotkey is scored and paid.
pub const MAX_PARENTS: u32 = 8;

/// A part of a hotkey's stake, in parts of `u64::MAX`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Proportion(pub u64);

impl Proportion {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(u64::MAX);

    /// The part of `amount`, rounded down. Exact for every amount.
    pub const fn of(self, amount: u128) -> u128 {
        // amount = high × 2⁶⁴ + low, and 2⁶⁴ = u64::MAX + 1, so that no product is wider than 128 bits:
        // amount × p / u64::MAX = high × p + (high + low) × p / u64::MAX.
        let (high, low) = (amount >> 64, amount & u64::MAX as u128);
        let p = self.0 as u128;
        // `high + low` is below 2⁶⁵; what is above u64::MAX is one whole, worth `p`.
        let sum = high + low;
        let (whole, rest) = (sum / u64::MAX as u128, sum % u64::MAX as u128);
        high * p + whole * p + rest * p / u64::MAX as u128
    }

    /// Both parts together; none above all of it.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_exact_and_rounded_down() {
        assert_eq!(Proportion::ALL.of(u128::MAX), u128::MAX);
        assert_eq!(Proportion::ZERO.of(u128::MAX), 0);
        assert_eq!(Proportion(u64::MAX / 3).of(3_000), 1_000);
        assert_eq!(Proportion(u64::MAX / 2).of(1_000), 499);
        assert_eq!(Proportion(1).of(u128::from(u64::MAX)), 1);
        assert_eq!(Proportion(1).of(u128::from(u64::MAX) - 1), 0);
        assert_eq!(Proportion(7).of(u128::from(u64::MAX) * 11 + 1), 77);
        assert_eq!(Proportion(u64::MAX - 1).of(1), 0);
    }

    #[test]
    fn parts_add_up_to_all_and_no_more() {
        let half = Proportion(u64::MAX / 2);
        assert_eq!(half.checked_add(Proportion(u64::MAX / 2 + 1)), Some(Proportion::ALL));
        assert_eq!(Proportion::ALL.checked_add(Proportion(1)), None);
    }
}
