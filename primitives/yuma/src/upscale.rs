//! Scaling values so that the largest becomes 65535, and the limit on one weight's share of its row.
use crate::Fixed;
use alloc::vec::Vec;

/// Up to here twice a value times 65535 fits in a word, with room for the largest value.
const SMALL: i64 = 1 << 46;
/// From here on the multiplication by 65535 comes after the division, or it would overflow.
const LARGE: Fixed = Fixed::from_raw(32_768 << Fixed::FRACTION_BITS);

/// Scales the values so that the largest becomes 65535, rounding to nearest. Without a positive value all are zero.
pub fn max_upscale(values: &[Fixed]) -> Vec<u16> {
    let full = Fixed::from(u16::MAX);
    let max = values.iter().copied().max().unwrap_or_default().max(Fixed::ZERO);
    if (1..=SMALL).contains(&max.raw()) {
        // Twice the numerator plus the denominator: halves go up.
        let scale = |value: &Fixed| ((2 * 65_535 * value.raw_part() + max.raw_part()) / (2 * max.raw_part())) as u16;
        return values.iter().map(scale).collect();
    }
    let scale = |value: Fixed| {
        if max > LARGE {
            value * (full / max)
        } else {
            (value * full) / max
        }
    };
    values.iter().map(|value| scale(*value).round_to_u16()).collect()
}

/// Scales weights so that the largest becomes 65535, rounding to nearest; zeros stay zeros.
pub fn max_upscale_u16(values: &[u16]) -> Vec<u16> {
    let values: Vec<Fixed> = values.iter().copied().map(Fixed::from).collect();
    max_upscale(&values)
}

/// Whether no value's share of the sum exceeds `limit` 65535ths. No values, or only zeros, are within every limit.
pub fn within_max_weight(values: &[u16], limit: u16) -> bool {
    let total: u128 = values.iter().copied().map(u128::from).sum();
    let max = values.iter().copied().max().unwrap_or(0);
    limit == u16::MAX || Fixed::from_ratio(u128::from(max), total) <= Fixed::from_proportion(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_largest_becomes_65535_and_the_rest_is_within_one_of_exact(
            values in proptest::collection::vec(any::<u16>(), 0..20),
        ) {
            let scaled = max_upscale_u16(&values);
            let max = values.iter().copied().max().unwrap_or(0);
            for (value, scaled) in values.iter().zip(scaled) {
                let exact = if max == 0 { 0.0 } else { f64::from(*value) * 65_535.0 / f64::from(max) };
                prop_assert!((f64::from(scaled) - exact).abs() <= 0.51);
            }
        }

        #[test]
        fn the_limit_compares_the_largest_share(values in proptest::collection::vec(0u16..100, 1..20), limit: u16) {
            let total: u32 = values.iter().copied().map(u32::from).sum();
            let max = u32::from(values.iter().copied().max().unwrap());
            let exact = u64::from(max) * 65_535 <= u64::from(limit) * u64::from(total);
            prop_assert_eq!(within_max_weight(&values, limit), exact);
        }
    }
}
