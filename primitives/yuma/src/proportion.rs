//! Arithmetic on proportions in single machine words.
//!
//! A proportion is a number from zero to one in units of `2^-32`, so a product of two fits in 64 bits. Wasm has neither wide
//! multiplication nor a fast division; the epoch's inner loops use nothing else than what is here.

/// One.
pub(crate) const ONE: u64 = 1 << 32;

/// `a × b`, rounded down. `a` is below one, `b` at most one.
#[inline(always)]
pub(crate) fn product(a: u64, b: u64) -> u64 {
    a.wrapping_mul(b) >> 32
}

/// A whole by which many small parts are divided: one division for all of them, then a multiplication each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole(u64);

impl Whole {
    /// A whole of any size. Of nothing every part is nothing.
    pub(crate) fn new(whole: u64) -> Self {
        // Rounded up, so that a share which is a proportion comes out as it is.
        Self(if whole == 0 { 0 } else { (1u64 << 63).div_ceil(whole) })
    }

    /// `part / whole`, rounded down, for a part of at most 16 bits that is at most the whole. Where the exact share is less than
    /// a part of 2^15 of a unit below a proportion, it is that proportion.
    #[inline(always)]
    pub(crate) fn share(self, part: u64) -> u64 {
        part.wrapping_mul(self.0) >> 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limits_are_exact() {
        for whole in [1, 2, 3, 65_535] {
            assert_eq!(Whole::new(whole).share(whole), ONE);
            assert_eq!(Whole::new(whole).share(0), 0);
        }
        assert_eq!(Whole::new(0).share(0), 0);
        assert_eq!(product(ONE - 1, ONE), ONE - 1);
        assert_eq!(product(0, ONE), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn shares_are_the_wide_divisions_but_for_one_unit_in_rare_cases(part: u16, more in 0..ONE, shift in 0u32..32) {
            let whole = (u64::from(part) + (more >> shift)).max(1);
            let share = u128::from(Whole::new(whole).share(part.into()));
            let (wide, rest) = ((u128::from(part) << 32) / u128::from(whole), (u128::from(part) << 32) % u128::from(whole));
            prop_assert!(share == wide || share == wide + 1 && (u128::from(whole) - rest) << 15 <= u128::from(whole));
        }
    }
}
