//! Exponential and logarithm in integers.
//!
//! Both follow the classic protocol bit for bit, including where it is coarse: the exponential is a truncated series and
//! the constants e and log2(e) carry 23 fraction bits. Bonds and root splits depend on those bits.
use crate::Fixed;

/// e with 23 fraction bits.
const E_23: u128 = 22_802_600;
/// log2(e) with 23 fraction bits, in [`Fixed`] units.
const LOG2_E: Fixed = Fixed::from_raw(12_102_203 << (Fixed::FRACTION_BITS - 23));

/// The exponential of a number given as magnitude and sign, with `fraction_bits` fraction bits (32 or 64), in a
/// signed type twice as wide. None where an intermediate leaves that type.
pub(crate) fn exp_bits(magnitude: u128, negative: bool, fraction_bits: u32) -> Option<u128> {
    let one = 1u128 << fraction_bits;
    if magnitude == one && !negative {
        return Some(E_23 << (fraction_bits - 23));
    }
    let series = exp_series(magnitude, fraction_bits)?;
    if negative {
        Some(reciprocal(series, fraction_bits))
    } else {
        Some(series)
    }
}

/// `1 + x + x²/2! + …` with `fraction_bits` terms, each rounded down.
fn exp_series(x: u128, fraction_bits: u32) -> Option<u128> {
    let limit = 1u128 << (2 * fraction_bits - 1);
    if x >= limit {
        return None;
    }
    let mut term = x;
    let mut sum = x.checked_add(1u128 << fraction_bits)?;
    for i in 2..u128::from(fraction_bits) {
        term = mul_shift(term, x, fraction_bits).filter(|product| *product < limit)? / i;
        if term == 0 {
            break;
        }
        sum = sum.checked_add(term)?;
    }
    (sum < limit).then_some(sum)
}

/// `1 / x`, rounded down; the largest number for zero.
pub(crate) fn reciprocal(x: u128, fraction_bits: u32) -> u128 {
    if fraction_bits < 64 {
        return (1u128 << (2 * fraction_bits)).checked_div(x).unwrap_or(u128::MAX);
    }
    // 2^128 does not fit; 2^128 - 1 has the same quotient unless the divisor is a power of two.
    match u128::MAX.checked_div(x) {
        Some(quotient) if x.is_power_of_two() => quotient.saturating_add(1),
        Some(quotient) => quotient,
        None => u128::MAX,
    }
}

/// `a × b / 2^shift` rounded down, with a 256-bit product; none if the result exceeds 128 bits. `shift` is 1 to 127.
fn mul_shift(a: u128, b: u128, shift: u32) -> Option<u128> {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0) = (a >> 64, a & LOW);
    let (b1, b0) = (b >> 64, b & LOW);
    let (low, high) = (a0 * b0, a1 * b1);
    let (cross_a, cross_b) = (a0 * b1, a1 * b0);
    // Three numbers below 2^64, so the sum does not overflow; nor does `high`, as the whole product is below 2^256.
    let middle = (low >> 64) + (cross_a & LOW) + (cross_b & LOW);
    let low = (middle << 64) | (low & LOW);
    let high = high + (cross_a >> 64) + (cross_b >> 64) + (middle >> 64);
    if high >> shift != 0 {
        return None;
    }
    Some((high << (128 - shift)) | (low >> shift))
}

/// The exponential; none where it, or a term of its series, is too large.
pub fn exp(x: Fixed) -> Option<Fixed> {
    let bits = exp_bits(u128::from(x.raw().unsigned_abs()), x.raw() < 0, Fixed::FRACTION_BITS)?;
    i64::try_from(bits).ok().map(Fixed::from_raw)
}

/// The natural logarithm; none for zero, negative numbers, and numbers whose reciprocal is too large.
pub fn ln(x: Fixed) -> Option<Fixed> {
    Some(log2(x)? / LOG2_E)
}

/// The logarithm to base two; none as for [`ln`].
pub fn log2(x: Fixed) -> Option<Fixed> {
    if x <= Fixed::ZERO {
        return None;
    }
    if x >= Fixed::ONE {
        return Some(log2_from_one(x.raw() as u64));
    }
    let inverse = reciprocal(u128::from(x.raw() as u64), Fixed::FRACTION_BITS);
    let inverse = i64::try_from(inverse).ok()?;
    Some(-log2_from_one(inverse as u64))
}

/// Of a number of at least one: the integer part by halving, then a bit of the fraction with each squaring.
fn log2_from_one(mut x: u64) -> Fixed {
    const ONE: u64 = 1 << Fixed::FRACTION_BITS;
    const TWO: u64 = 2 * ONE;
    let halve = |x: u64| (x >> 1) + (x & 1);
    let mut log = 0i64;
    while x >= TWO {
        x = halve(x);
        log += 1;
    }
    for _ in 0..Fixed::FRACTION_BITS {
        // Below two, so the square is below four and fits.
        x = ((u128::from(x) * u128::from(x)) >> Fixed::FRACTION_BITS) as u64;
        log <<= 1;
        if x >= TWO {
            x = halve(x);
            log |= 1;
        }
    }
    Fixed::from_raw(log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn raws(value: &Value) -> Vec<Fixed> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|raw| Fixed::from_raw(raw.as_i64().unwrap()))
            .collect()
    }

    #[test]
    fn exponential_and_logarithm_equal_the_vectors_bit_for_bit() {
        let file: Value = serde_json::from_str(include_str!("../tests/vectors/classic.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        let case = vectors.iter().find(|v| v["kind"] == "transcendental").unwrap();
        let of = |side: &str, field: &str| raws(&case[side][field]);
        let exps: Vec<_> = of("inputs", "exp_input_raw")
            .into_iter()
            .map(|x| exp(x).unwrap())
            .collect();
        assert_eq!(exps, of("expected", "exp_raw"));
        let inputs = of("inputs", "ln_input_raw");
        assert_eq!(
            inputs.iter().map(|x| log2(*x).unwrap()).collect::<Vec<_>>(),
            of("expected", "log2_raw")
        );
        assert_eq!(
            inputs.iter().map(|x| ln(*x).unwrap()).collect::<Vec<_>>(),
            of("expected", "ln_raw")
        );
    }

    #[test]
    fn what_cannot_be_represented_is_refused() {
        assert_eq!(exp(Fixed::from(22)), None);
        assert_eq!(exp(-Fixed::from(65_535)), None);
        assert_eq!(exp(Fixed::from_raw(i64::MIN)), None);
        assert_eq!(ln(Fixed::ZERO), None);
        assert_eq!(ln(-Fixed::ONE), None);
        assert_eq!(ln(Fixed::from_raw(1)), None);
        assert!(ln(Fixed::from_raw(i64::MAX)).is_some());
    }

    #[test]
    fn with_64_fraction_bits_the_series_ends_where_the_classic_root_epoch_overflowed() {
        let half = 1u128 << 63;
        assert!(exp_bits(85 * half, false, 64).is_some());
        assert!(exp_bits(86 * half, false, 64).is_none());
    }

    #[test]
    fn wide_products_carry() {
        assert_eq!(mul_shift(u128::MAX, 1 << 64, 64), Some(u128::MAX));
        assert_eq!(mul_shift(u128::MAX, 1 << 65, 64), None);
        assert_eq!(mul_shift(u128::MAX, u128::MAX, 127), None);
        assert_eq!(mul_shift((1 << 127) + 1, (1 << 127) + 1, 127), Some((1 << 127) + 2));
        assert_eq!(mul_shift((1 << 126) + 1, (1 << 126) + 1, 126), Some((1 << 126) + 2));
        assert_eq!(reciprocal(1 << 64, 64), 1 << 64);
        assert_eq!(reciprocal(3 << 64, 64), (1u128 << 64) / 3);
    }
}
