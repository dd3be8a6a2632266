//! A level that demand raises and time lowers: the price of a registration, the difficulty of its proof of work.
//!
//! Each use multiplies the level, each half-life without one halves it, continuously. So there is no interval whose
//! beginning is worth waiting for: who comes right after another pays more, and it falls again for whoever waits.
//! Where a use multiplies by `g`, the level holds at one use in every `half-life × log2(g)` blocks.

/// `2^(-2^-i)` for i = 1, 2, …, 16, as parts of 2⁶³, rounded to nearest.
const ROOTS_OF_HALF: [u64; 16] = [
    0x5a82_7999_fcef_3242,
    0x6ba2_7e65_6b4e_b57a,
    0x7560_6373_ee92_1c97,
    0x7a92_be8a_9243_6616,
    0x7d41_d96d_b915_019d,
    0x7e9f_0606_7a43_60ba,
    0x7f4f_08ae_3dc7_c426,
    0x7fa7_65ac_a88f_6453,
    0x7fd3_ab29_0e46_d769,
    0x7fe9_d3a8_e07b_f086,
    0x7ff4_e959_7bed_93ab,
    0x7ffa_748d_ff8d_c61f,
    0x7ffd_3a3f_5002_0332,
    0x7ffe_9d1d_bc0a_75aa,
    0x7fff_4e8e_6306_ed59,
    0x7fff_a747_12c3_cdfd,
];

/// The level after `elapsed` blocks without a use: `level × 2^(-elapsed / half_life)`, rounded up. A half-life of zero counts
/// as one block. The exponent is rounded down to 65536ths, so the level never falls too fast.
pub fn halved(level: u64, elapsed: u32, half_life: u32) -> u64 {
    let half_life = half_life.max(1);
    let whole = elapsed / half_life;
    if whole > 63 {
        // Less than one, rounded up.
        return level.min(1);
    }
    // Below 2¹⁶, because the remainder is below the half-life.
    let fraction = (u64::from(elapsed % half_life) << 16) / u64::from(half_life);
    let mut factor = 1u128 << 63;
    for (bit, root) in (0..16).rev().zip(ROOTS_OF_HALF) {
        if fraction >> bit & 1 == 1 {
            // Both factors are at most 2⁶³.
            factor = (factor * u128::from(root)) >> 63;
        }
    }
    let shift = 63 + whole;
    // At most 2¹²⁷ plus 2¹²⁶, so neither product nor sum overflows; shifted by 63 bits at least, the sum fits.
    let fallen = (u128::from(level) * factor + ((1u128 << shift) - 1)) >> shift;
    fallen.min(u128::from(level)) as u64
}

/// The level after a use: `level × growth / 1000`, rounded up, at most `u64::MAX`.
pub fn raised(level: u64, growth: u16) -> u64 {
    let grown = (u128::from(level) * u128::from(growth)).div_ceil(1_000);
    u64::try_from(grown).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_level_halves_in_each_half_life_and_falls_evenly_between() {
        let levels: Vec<u64> = (0..=4).map(|half| halved(1_000_000, half * 50, 100)).collect();
        // 1/√2 = 0.70710678…
        assert_eq!(levels, [1_000_000, 707_107, 500_000, 353_554, 250_000]);
        assert_eq!(halved(u64::MAX, 0, 7), u64::MAX);
        assert_eq!(halved(u64::MAX, 63, 1), 2);
        assert_eq!(halved(u64::MAX, u32::MAX, 1), 1);
        assert_eq!(halved(0, 10, 3), 0);
        assert_eq!(halved(8, 3, 0), 1);
    }

    #[test]
    fn a_level_grows_even_where_growth_is_less_than_one() {
        assert_eq!(raised(1_000, 1_250), 1_250);
        assert_eq!(raised(1, 1_010), 2);
        assert_eq!(raised(u64::MAX, 1_010), u64::MAX);
    }

    proptest! {
        #[test]
        fn a_level_falls_with_time_and_as_the_exponential_says(level: u64, elapsed in 0u32..100_000, half_life in 1u32..50_000) {
            let now = halved(level, elapsed, half_life);
            prop_assert!(halved(level, elapsed + 1, half_life) <= now);
            let exact = level as f64 * (-(f64::from(elapsed) / f64::from(half_life))).exp2();
            // 2^-16 of a half-life is 1.06e-5 of the level; and one for rounding up.
            prop_assert!((now as f64 - exact).abs() <= exact * 1.2e-5 + 1.0, "{now} is not {exact}");
        }

        #[test]
        fn a_level_halves_exactly_at_whole_half_lives(level: u64, halvings in 0u32..64, half_life in 1u32..50_000) {
            let expected = (u128::from(level)).div_ceil(1 << halvings) as u64;
            prop_assert_eq!(halved(level, halvings * half_life, half_life), expected);
        }
    }
}
