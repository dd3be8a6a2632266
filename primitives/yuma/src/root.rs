//! The root network: how the most-staked hotkeys split emission between subnets.
use crate::transcendental::{exp_bits, reciprocal};
use alloc::{vec, vec::Vec};

/// What the root split is computed from. Row `i` of `weights` belongs to the seat with `stakes[i]`.
#[derive(Clone, Copy, Debug)]
pub struct RootInput<'a> {
    /// Stake of each seat, in leaves.
    pub stakes: &'a [u64],
    /// What each seat said, as `(column, weight)` with distinct columns. Columns from `columns` on are ignored.
    pub weights: &'a [Vec<(u16, u16)>],
    /// Number of subnets.
    pub columns: usize,
    /// Steepness of the consensus curve.
    pub rho: u16,
    /// Part of stake, in 65535ths, at which a subnet has half consensus.
    pub kappa: u16,
}

/// Proportions have 64 fraction bits and are at most one, so they need 65 bits.
const FRACTION_BITS: u32 = 64;
const ONE: u128 = 1 << FRACTION_BITS;
/// Bound of the consensus curve's exponent where the exact one cannot be computed.
const GENTLE: u128 = 20 << FRACTION_BITS;

/// Splits emission between subnets: for each column its part of `u64::MAX`. The parts sum to at most that; what is missing
/// is rounding, or everything where no seat with stake has weights.
///
/// A column's part is proportional to its stake-weighted weight times its consensus, a logistic curve over the stake that gave
/// it any weight. The curve's exponent is exact as far as the classic chain could compute it. Where that chain halted
/// on an overflow, or its rounding left nothing for anybody, exponents are clamped to ±20.
pub fn root_split(input: &RootInput) -> Vec<u64> {
    let tally = Tally::of(input);
    let classic = tally.supported(input, exact_exponential);
    let supported = match classic {
        Some(supported) if supported.iter().any(|value| *value > 0) => supported,
        _ => tally
            .supported(input, gentle_exponential)
            .unwrap_or_else(|| vec![0; input.columns]),
    };
    let total: u128 = supported.iter().sum();
    // `u64::MAX` parts make the whole, not 2^64: rounding down by one of 2^64 keeps the sum within it.
    let part = |value: &u128| quotient(*value, total).saturating_sub(1) as u64;
    supported.iter().map(part).collect()
}

/// What the seats said of each column, as proportions.
struct Tally {
    /// Stake-weighted weight.
    ranks: Vec<u128>,
    /// Stake that gave any weight.
    trust: Vec<u128>,
}

impl Tally {
    fn of(input: &RootInput) -> Self {
        let mut ranks = vec![0u128; input.columns];
        let mut trust = vec![0u128; input.columns];
        let all_stake: u128 = input.stakes.iter().copied().map(u128::from).sum();
        let shares: Vec<u128> = input
            .stakes
            .iter()
            .map(|stake| quotient(u128::from(*stake), all_stake))
            .collect();
        for (share, row) in shares.iter().zip(input.weights) {
            let known = || row.iter().filter(|(column, _)| usize::from(*column) < input.columns);
            let sum: u128 = known().map(|(_, weight)| u128::from(*weight)).sum();
            for (column, weight) in known().filter(|(_, weight)| *weight > 0) {
                let weight = quotient(u128::from(*weight), sum);
                if let Some(rank) = ranks.get_mut(usize::from(*column)) {
                    *rank += product(*share, weight);
                }
                if let Some(trust) = trust.get_mut(usize::from(*column)) {
                    *trust += *share;
                }
            }
        }
        let total: u128 = shares.iter().sum();
        for value in &mut trust {
            *value = quotient(*value, total);
        }
        Self { ranks, trust }
    }

    /// Rank times consensus of each column; none if an exponent of a column that has any rank cannot be computed.
    fn supported(&self, input: &RootInput, exponential: fn(i128) -> Option<u128>) -> Option<Vec<u128>> {
        // Rounded at 32 bits, as the classic chain's kappa is.
        let kappa = ((i128::from(input.kappa) << 32) / i128::from(u16::MAX)) << 32;
        let column = |(rank, trust): (&u128, &u128)| {
            if *rank == 0 {
                return Some(0);
            }
            // 65 bits times 16 bits.
            let exponent = (kappa - *trust as i128) * i128::from(input.rho);
            let consensus = reciprocal(ONE.saturating_add(exponential(exponent)?), FRACTION_BITS);
            Some(product(consensus, *rank))
        };
        self.ranks.iter().zip(&self.trust).map(column).collect()
    }
}

fn exact_exponential(exponent: i128) -> Option<u128> {
    exp_bits(exponent.unsigned_abs(), exponent < 0, FRACTION_BITS)
}

fn gentle_exponential(exponent: i128) -> Option<u128> {
    exp_bits(exponent.unsigned_abs().min(GENTLE), exponent < 0, FRACTION_BITS)
}

/// The product of two proportions, rounded down. A proportion is below one, or one.
fn product(a: u128, b: u128) -> u128 {
    if a >= ONE {
        b
    } else if b >= ONE {
        a
    } else {
        (a * b) >> FRACTION_BITS
    }
}

/// The proportion `part / whole`, rounded down; at most one, and zero when `whole` is.
fn quotient(part: u128, whole: u128) -> u128 {
    if whole == 0 {
        0
    } else if part >= whole {
        ONE
    } else if part < ONE {
        (part << FRACTION_BITS) / whole
    } else {
        // Only sums over very many columns or seats get here; a few low bits do not matter to them.
        let excess = FRACTION_BITS - part.leading_zeros();
        ((part >> excess) << FRACTION_BITS)
            .checked_div(whole >> excess)
            .unwrap_or(ONE)
            .min(ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn equal_columns(count: u16, rho: u16, kappa: u16) -> Vec<u64> {
        let stakes = vec![1_000; usize::from(count)];
        let weights: Vec<_> = (0..count).map(|column| vec![(column, u16::MAX)]).collect();
        root_split(&RootInput {
            stakes: &stakes,
            weights: &weights,
            columns: usize::from(count),
            rho,
            kappa,
        })
    }

    #[test]
    fn equal_support_gives_equal_parts_however_steep_the_curve() {
        for (count, rho, kappa) in [
            (10, 0, 0),
            (10, 30, 32_767),
            (10, 86, 65_535),
            (64, u16::MAX, 65_535),
            (64, u16::MAX, 0),
            (64, 85, 32_767),
        ] {
            let parts = equal_columns(count, rho, kappa);
            let exact = u64::MAX / u64::from(count);
            assert!(
                parts.iter().all(|part| part.abs_diff(exact) <= exact >> 20),
                "{count} {rho} {kappa}: {parts:?}"
            );
        }
    }

    #[test]
    fn one_seat_gives_everything_to_its_only_column() {
        let input = RootInput {
            stakes: &[5],
            weights: &[vec![(1, 9), (7, 9)]],
            columns: 2,
            rho: 10,
            kappa: 32_767,
        };
        assert_eq!(root_split(&input), [0, u64::MAX]);
    }

    #[test]
    fn without_stake_or_weights_nobody_gets_anything() {
        let weights = [vec![(0, 1)], vec![]];
        for stakes in [[0, 0], [0, 5]] {
            let input = RootInput {
                stakes: &stakes,
                weights: &weights,
                columns: 2,
                rho: 30,
                kappa: 32_767,
            };
            assert_eq!(root_split(&input), [0, 0]);
        }
        assert_eq!(
            root_split(&RootInput {
                stakes: &[],
                weights: &[],
                columns: 0,
                rho: 30,
                kappa: 32_767
            }),
            [0u64; 0]
        );
    }

    #[test]
    fn quotients_of_large_sums_stay_in_range() {
        assert_eq!(quotient(ONE << 20, ONE << 21), ONE >> 1);
        assert_eq!(quotient(u128::MAX - 1, u128::MAX), ONE);
    }

    proptest! {
        #[test]
        fn the_parts_never_exceed_the_whole_and_somebody_with_support_is_paid(
            seats in proptest::collection::vec(
                (prop_oneof![Just(0), Just(u64::MAX), any::<u64>()],
                 proptest::collection::btree_map(0u16..12, any::<u16>(), 0..10)),
                0..70,
            ),
            columns in 0usize..10,
            rho: u16,
            kappa: u16,
        ) {
            let stakes: Vec<u64> = seats.iter().map(|(stake, _)| *stake).collect();
            let weights: Vec<Vec<(u16, u16)>> = seats.iter().map(|(_, row)| row.clone().into_iter().collect()).collect();
            let parts = root_split(&RootInput { stakes: &stakes, weights: &weights, columns, rho, kappa });
            prop_assert_eq!(parts.len(), columns);
            let sum: u128 = parts.iter().copied().map(u128::from).sum();
            prop_assert!(sum <= u128::from(u64::MAX));
            let said = stakes.iter().zip(&weights).any(|(stake, row)| {
                // A stake that is a millionth of a millionth of the others' can round away.
                *stake > u64::MAX / 1_000_000
                    && row.iter().any(|(column, weight)| usize::from(*column) < columns && *weight > 0)
            });
            if said {
                prop_assert!(sum > u128::from(u64::MAX) - 100, "{}", sum);
            }
        }
    }
}
