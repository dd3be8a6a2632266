//! Fixed-point logarithm and exponential by integers alone, so that every machine gets the same bits.

/// `ln 2`, times 2^32, rounded.
const LN_2: u64 = 2_977_044_472;
/// `log2 e`, times 2^32, rounded.
const LOG2_E: u64 = 6_196_328_019;
/// `-ln ln 2`, times 2^16, rounded.
const NEG_LN_LN_2: i64 = 24_020;
/// Fractional bits of [`log2`].
const LOG_BITS: u32 = 56;
/// Bits of the uniform draw.
const DRAW_BITS: u32 = 40;

/// `2^(-2^-k)` for k = 1..=16, times 2^62, each the integer square root of the one before: `root(k) = isqrt(root(k-1) << 62)`.
const ROOTS: [u64; 16] = roots();

const fn roots() -> [u64; 16] {
    let mut roots = [0; 16];
    let mut previous = 1u128 << 61;
    let mut k = 0;
    while k < 16 {
        previous = isqrt(previous << 62);
        roots[k] = previous as u64;
        k += 1;
    }
    roots
}

/// The largest integer whose square is at most `value`.
const fn isqrt(value: u128) -> u128 {
    let mut root = 0u128;
    let mut bit = 1u128 << 62;
    while bit != 0 {
        let trial = root | bit;
        if trial * trial <= value {
            root = trial;
        }
        bit >>= 1;
    }
    root
}

/// `log2(x)` times 2^56, bit by bit: the mantissa is squared, and each time that it reaches 2 the bit is one. `x` must not be 0.
fn log2(x: u64) -> u64 {
    let exponent = 63 - x.leading_zeros();
    let mut mantissa = x << (63 - exponent);
    let mut result = u64::from(exponent);
    for _ in 0..LOG_BITS {
        let square = u128::from(mantissa) * u128::from(mantissa);
        let carry = (square >> 127) as u64;
        mantissa = (square >> (63 + carry)) as u64;
        result = result << 1 | carry;
    }
    result
}

/// `exp(-x)` times 2^62 for `x` in 2^-16, rounded down.
pub(super) fn exp_neg(x: u64) -> u64 {
    let halvings = (u128::from(x) * u128::from(LOG2_E)) >> 32;
    let whole = halvings >> 16;
    if whole >= 62 {
        return 0;
    }
    let mut result = 1u64 << 62;
    for (k, root) in ROOTS.iter().enumerate() {
        if halvings >> (15 - k) & 1 == 1 {
            result = ((u128::from(result) * u128::from(*root)) >> 62) as u64;
        }
    }
    result >> whole
}

/// The odd 40-bit number that stands for a draw: the draw is uniform in (0, 1) as this over 2^40.
fn draw(random: u64) -> u64 {
    random >> (64 - DRAW_BITS) | 1
}

/// A draw from the standard Gumbel distribution, `-ln(-ln u)`, times 2^16.
pub(super) fn gumbel(random: u64) -> i64 {
    // -log2 u, times 2^56: at least 2^16, because u is at most 1 - 2^-40.
    let halvings = (u64::from(DRAW_BITS) << LOG_BITS) - log2(draw(random));
    // log2(-log2 u), times 2^32.
    let log = (log2(halvings) >> (LOG_BITS - 32)) as i64 - ((LOG_BITS as i64) << 32);
    ((-i128::from(log) * i128::from(LN_2)) >> 48) as i64 + NEG_LN_LN_2
}

/// A bound that [`gumbel`] of the same bits does not pass; one instruction instead of a hundred.
///
/// `-ln u >= 1 - u`, so the draw is at most `-ln(1 - u)`, and `1 - u` is at least a power of two.
pub(super) fn gumbel_bound(random: u64) -> i64 {
    let rest = (1u64 << DRAW_BITS) - draw(random);
    let halvings = i64::from(DRAW_BITS) - i64::from(63 - rest.leading_zeros());
    // ln 2 rounded up, and one for each rounding in `gumbel`.
    halvings * 45_427 + 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_constants_are_the_rounded_numbers() {
        let scale = 2f64.powi(32);
        assert_eq!(LN_2, (std::f64::consts::LN_2 * scale).round() as u64);
        assert_eq!(LOG2_E, (std::f64::consts::LOG2_E * scale).round() as u64);
        assert_eq!(NEG_LN_LN_2, (-std::f64::consts::LN_2.ln() * 65536.0).round() as i64);
    }

    proptest! {
        #[test]
        fn log2_is_within_a_part_in_2_to_the_45(x in 1u64..) {
            let expected = (x as f64).log2();
            prop_assert!((log2(x) as f64 / 2f64.powi(56) - expected).abs() < 1e-12 * expected.max(1.0));
        }

        #[test]
        fn exp_neg_is_within_a_unit_of_its_argument(x in 0u64..40 << 16) {
            let expected = (-(x as f64) / 65536.0).exp();
            let got = exp_neg(x) as f64 / 2f64.powi(62);
            prop_assert!((got - expected).abs() <= expected * 2e-5 + 1e-18, "{} is not {}", got, expected);
        }

        #[test]
        fn gumbel_follows_its_formula_and_stays_under_its_bound(random: u64) {
            let uniform = draw(random) as f64 / 2f64.powi(40);
            let expected = -(-uniform.ln_1p_from_below()).ln();
            let got = gumbel(random);
            prop_assert!((got as f64 / 65536.0 - expected).abs() < 1e-4, "{} is not {}", got, expected);
            prop_assert!(got <= gumbel_bound(random));
        }
    }

    #[test]
    fn the_bound_holds_at_both_ends() {
        for random in [0, 1, u64::MAX, u64::MAX - 1, u64::MAX << 24, 1 << 63, (1 << 63) - 1] {
            assert!(gumbel(random) <= gumbel_bound(random), "{random:x}");
        }
    }

    trait LnNearOne {
        fn ln_1p_from_below(self) -> f64;
    }

    impl LnNearOne for f64 {
        /// `ln u` without losing the digits of a `u` close to 1.
        fn ln_1p_from_below(self) -> f64 {
            (self - 1.0).ln_1p()
        }
    }
}
