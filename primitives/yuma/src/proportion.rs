//! Arithmetic on proportions in single machine words.
//!
//! A proportion is a number from zero to one in units of `2^-32`, so a product of two fits in 64 bits and so does what a
//! division needs. Wasm has neither wide multiplication nor a fast division; the epoch's inner loops use nothing else than what
//! is here. Every result is what [`crate::Fixed`] gives, to the bit.

/// One.
pub(crate) const ONE: u64 = 1 << 32;

/// `a × b`, rounded down. Both are at most [`ONE`].
#[inline(always)]
pub(crate) fn product(a: u64, b: u64) -> u64 {
    if a >= ONE {
        b
    } else {
        // Below 2^32 × (2^32 + 1).
        a.wrapping_mul(b) >> 32
    }
}

/// A whole by which many parts are divided: one division for all of them, then two multiplications each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole {
    whole: u64,
    reciprocal: u64,
}

impl Whole {
    /// A whole of any size. Of nothing every part is nothing.
    pub(crate) fn new(whole: u64) -> Self {
        match u64::MAX.checked_div(whole) {
            Some(reciprocal) => Self { whole, reciprocal },
            // With this whole the correction below never applies.
            None => Self {
                whole: u64::MAX,
                reciprocal: 0,
            },
        }
    }

    /// `part / whole`, rounded down. `part` is at most the whole and at most [`ONE`].
    #[inline(always)]
    pub(crate) fn share(self, part: u64) -> u64 {
        // The reciprocal is too small by less than one unit of 2^-64, so the estimate by less than one, and its floor by at most one.
        // `part` being at most the whole, `part × reciprocal` fits; what wraps in the remainder wraps back.
        let estimate = part.wrapping_mul(self.reciprocal) >> 32;
        let rest = (part << 32).wrapping_sub(estimate.wrapping_mul(self.whole));
        estimate + u64::from(rest >= self.whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limits_are_exact() {
        for whole in [1, 2, 3, ONE - 1, ONE] {
            assert_eq!(Whole::new(whole).share(whole), ONE);
            assert_eq!(Whole::new(whole).share(0), 0);
        }
        assert_eq!(Whole::new(0).share(0), 0);
        assert_eq!(product(ONE, ONE), ONE);
        assert_eq!(product(ONE - 1, ONE), ONE - 1);
        assert_eq!(product(ONE, 0), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn shares_equal_the_wide_division(a in 0..=ONE, b in 1..=ONE, shift_a in 0u32..33, shift_b in 0u32..33) {
            let (a, b) = (a >> shift_a, (b >> shift_b).max(1));
            let (part, whole) = (a.min(b), a.max(b));
            prop_assert_eq!(u128::from(Whole::new(whole).share(part)), (u128::from(part) << 32) / u128::from(whole));
            prop_assert_eq!(u128::from(product(a, b)), (u128::from(a) * u128::from(b)) >> 32);
        }

        #[test]
        fn shares_of_a_whole_above_one_equal_the_wide_division(part in 0..ONE, whole in ONE..) {
            prop_assert_eq!(u128::from(Whole::new(whole).share(part)), (u128::from(part) << 32) / u128::from(whole));
        }
    }
}
