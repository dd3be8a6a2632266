//! Numbers with 32 fraction bits, the arithmetic of the epoch.
//!
//! The rounding of each operation is part of the protocol: two implementations that round differently disagree about
//! bonds after a few epochs. Products round down, quotients towards zero, and what leaves the range saturates.
use core::{
    iter::Sum,
    ops::{Add, AddAssign, Div, Mul, Neg, Sub},
};

/// A signed number with 32 integer and 32 fraction bits. `1` is `2^32` in [`Fixed::raw`] units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed(i64);

impl Fixed {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One.
    pub const ONE: Self = Self(1 << Self::FRACTION_BITS);
    /// Fraction bits of the representation.
    pub const FRACTION_BITS: u32 = 32;

    /// The number `raw / 2^32`.
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }

    /// The number in units of `2^-32`.
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// The number in units of `2^-32`, negative ones as zero: a part for [`crate::apportion()`].
    pub const fn raw_part(self) -> u64 {
        if self.0 > 0 {
            self.0 as u64
        } else {
            0
        }
    }

    /// The quotient of two integers, rounded down; zero when `denominator` is. Saturates.
    pub fn from_ratio(numerator: u128, denominator: u128) -> Self {
        if let (Ok(numerator), Ok(denominator)) = (u64::try_from(numerator), u64::try_from(denominator)) {
            return Self::from_words(numerator, denominator);
        }
        // What loses bits here is above 2^96, which no caller divides.
        let excess = Self::FRACTION_BITS.saturating_sub(numerator.leading_zeros());
        let (numerator, denominator) = (numerator >> excess, denominator >> excess);
        match (numerator << Self::FRACTION_BITS).checked_div(denominator) {
            Some(raw) => Self(i64::try_from(raw).unwrap_or(i64::MAX)),
            None => Self::ZERO,
        }
    }

    /// [`Self::from_ratio`] by long division: Wasm divides what is wider than a word in software. A digit has as many bits as
    /// the denominator leaves free.
    fn from_words(numerator: u64, denominator: u64) -> Self {
        if numerator == 0 || denominator == 0 {
            return Self::ZERO;
        }
        let whole = numerator / denominator;
        let Some(mut quotient) = i64::try_from(whole).ok().filter(|whole| whole >> 31 == 0) else {
            return Self(i64::MAX);
        };
        let (mut rest, mut missing) = (numerator % denominator, Self::FRACTION_BITS);
        while missing > 0 {
            let digit = denominator.leading_zeros().min(missing);
            if digit == 0 {
                let raw = (u128::from(rest) << missing) / u128::from(denominator);
                return Self((quotient << missing) | raw as i64);
            }
            let shifted = rest << digit;
            quotient = (quotient << digit) | (shifted / denominator) as i64;
            rest = shifted % denominator;
            missing -= digit;
        }
        Self(quotient)
    }

    /// A proportion stored in 65535ths.
    pub fn from_proportion(value: u16) -> Self {
        Self::from_ratio(u128::from(value), u128::from(u16::MAX))
    }

    /// The number in 65535ths, rounded down and clamped to `0..=65535`.
    pub fn to_proportion(self) -> u16 {
        // Clamped first, so that the product fits.
        ((self.0.clamp(0, Self::ONE.0) * i64::from(u16::MAX)) >> Self::FRACTION_BITS) as u16
    }

    /// The nearest integer, halves upwards, clamped to `0..=65535`.
    pub fn round_to_u16(self) -> u16 {
        let half = 1i64 << (Self::FRACTION_BITS - 1);
        let rounded = self.0.saturating_add(half) >> Self::FRACTION_BITS;
        rounded.clamp(0, i64::from(u16::MAX)) as u16
    }

    fn saturate(raw: i128) -> Self {
        Self(raw.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }
}

impl From<u16> for Fixed {
    fn from(value: u16) -> Self {
        Self(i64::from(value) << Self::FRACTION_BITS)
    }
}

impl Add for Fixed {
    type Output = Self;
    /// Saturates.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Fixed {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Fixed {
    type Output = Self;
    /// Saturates.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Fixed {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

impl Mul for Fixed {
    type Output = Self;
    /// Rounds down; saturates.
    fn mul(self, other: Self) -> Self {
        // Both in [0, 1), the common case: the product fits in a machine word, and Wasm has no wide multiplication.
        if ((self.0 | other.0) as u64) >> Self::FRACTION_BITS == 0 {
            return Self(((self.0 as u64 * other.0 as u64) >> Self::FRACTION_BITS) as i64);
        }
        Self::saturate((i128::from(self.0) * i128::from(other.0)) >> Self::FRACTION_BITS)
    }
}

impl Div for Fixed {
    type Output = Self;
    /// Rounds towards zero; saturates. Division by zero gives zero.
    fn div(self, divisor: Self) -> Self {
        if self.0 == 0 || divisor.0 == 0 {
            return Self::ZERO;
        }
        if self.0 > 0 && divisor.0 > 0 {
            // Common factors of two do not change the quotient, and without them stored integers take the fast path too.
            let common = self.0.trailing_zeros().min(divisor.0.trailing_zeros());
            let (dividend, divisor) = ((self.0 as u64) >> common, (divisor.0 as u64) >> common);
            if dividend >> Self::FRACTION_BITS == 0 {
                let raw = (dividend << Self::FRACTION_BITS) / divisor;
                return Self(i64::try_from(raw).unwrap_or(i64::MAX));
            }
        }
        Self::saturate((i128::from(self.0) << Self::FRACTION_BITS) / i128::from(divisor.0))
    }
}

/// Divides each value by the sum of all; values that sum to zero stay as they are. None is negative, and the sum is less than
/// 2^31.
pub(crate) fn normalise(values: &mut [Fixed]) {
    let total: u64 = values.iter().map(|value| value.raw_part()).sum();
    // One division for all: the estimate misses a few units at most, which what it leaves shows.
    let Some(reciprocal) = u64::MAX.checked_div(total) else {
        return;
    };
    for value in values {
        let part = value.raw_part();
        let mut share = part.wrapping_mul(reciprocal) >> Fixed::FRACTION_BITS;
        let mut rest = (part << Fixed::FRACTION_BITS).wrapping_sub(share.wrapping_mul(total));
        while rest >= total {
            share += 1;
            rest -= total;
        }
        *value = Fixed(share as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn products_round_down_and_quotients_towards_zero() {
        let third = Fixed::from_raw(1_431_655_765);
        assert_eq!(Fixed::ONE / Fixed::from(3), third);
        assert_eq!(-Fixed::ONE / Fixed::from(3), -third);
        assert_eq!(Fixed::from_raw(-1) * Fixed::from_raw(1), Fixed::from_raw(-1));
        assert_eq!(Fixed::ONE / Fixed::ZERO, Fixed::ZERO);
    }

    #[test]
    fn proportions_round_down_and_clamp() {
        assert_eq!(Fixed::from_proportion(32_767).raw(), 2_147_450_879);
        assert_eq!(Fixed::from_ratio(1, 10).to_proportion(), 6_553);
        assert_eq!(Fixed::ONE.to_proportion(), 65_535);
        assert_eq!(Fixed::from(2).to_proportion(), 65_535);
        assert_eq!((-Fixed::ONE).to_proportion(), 0);
        assert_eq!(Fixed::from_ratio(1, 21_000_000_000_000_000).raw(), 0);
        assert_eq!(Fixed::from_ratio(u128::MAX, u128::MAX), Fixed::ONE);
    }

    proptest! {
        #[test]
        fn normalised_values_equal_the_wide_arithmetic(
            values in proptest::collection::vec((0u64..=1 << 34, 0u32..35), 1..50),
        ) {
            let values: Vec<Fixed> = values.into_iter().map(|(value, shift)| Fixed((value >> shift) as i64)).collect();
            let total: i128 = values.iter().map(|value| i128::from(value.0)).sum();
            let mut normalised = values.clone();
            normalise(&mut normalised);
            for (value, share) in values.iter().zip(&normalised) {
                let exact = (i128::from(value.0) << 32).checked_div(total).unwrap_or(0);
                prop_assert_eq!(i128::from(share.0), exact);
            }
        }

        #[test]
        fn the_fast_paths_equal_the_wide_arithmetic(a: i64, b: i64, shift_a in 0u32..63, shift_b in 0u32..63) {
            let (a, b) = (a >> shift_a, b >> shift_b);
            let product = (i128::from(a) * i128::from(b)) >> 32;
            prop_assert_eq!(Fixed(a) * Fixed(b), Fixed::saturate(product));
            if b != 0 {
                let quotient = (i128::from(a) << 32) / i128::from(b);
                prop_assert_eq!(Fixed(a) / Fixed(b), Fixed::saturate(quotient));
            }
        }

        #[test]
        fn ratios_equal_the_wide_division(a: u64, b in 1u64.., shift_a in 0u32..64, shift_b in 0u32..64) {
            let (a, b) = (a >> shift_a, (b >> shift_b).max(1));
            let exact = (u128::from(a) << 32) / u128::from(b);
            prop_assert_eq!(Fixed::from_ratio(a.into(), b.into()).0, i64::try_from(exact).unwrap_or(i64::MAX));
            prop_assert_eq!(Fixed::from_ratio(a.into(), 0), Fixed::ZERO);
        }

        #[test]
        fn integers_divide_as_the_wide_arithmetic_does(a: u16, b in 1u16..) {
            let quotient = (i128::from(a) << 32) / i128::from(b);
            prop_assert_eq!(Fixed::from(a) / Fixed::from(b), Fixed::saturate(quotient));
        }
    }
}
