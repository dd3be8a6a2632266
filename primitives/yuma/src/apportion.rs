//! Dividing an amount without losing a unit.
use alloc::{vec, vec::Vec};

/// Divides `total` in proportion to `parts` with the largest remainder: each gets its exact share rounded down or up,
/// and the results sum to `total`. Units that rounding leaves go to the largest remainders, on equal ones to the lowest index.
/// When all parts are zero nobody gets anything.
pub fn apportion(total: u64, parts: &[u64]) -> Vec<u64> {
    let whole: u128 = parts.iter().copied().map(u128::from).sum();
    if whole == 0 {
        return vec![0; parts.len()];
    }
    let mut shares = Vec::with_capacity(parts.len());
    let mut remainders = Vec::with_capacity(parts.len());
    let mut left = total;
    for (index, part) in parts.iter().enumerate() {
        let (share, remainder) = quota(total, *part, whole);
        left = left.saturating_sub(share);
        shares.push(share);
        remainders.push((remainder, index));
    }
    // The remainders sum to `left × whole` and each is below `whole`, so more than `left` of them are positive
    // whenever `left` is: a part of zero never gets a unit.
    remainders.sort_unstable_by(|(a, i), (b, j)| b.cmp(a).then(i.cmp(j)));
    for (_, index) in remainders.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
    }
    shares
}

/// `total × part / whole` rounded down, and what the division leaves. `whole` is at least `part`; zero gives zeros.
pub(crate) fn quota(total: u64, part: u64, whole: u128) -> (u64, u128) {
    let product = u128::from(total) * u128::from(part);
    match (product.checked_div(whole), product.checked_rem(whole)) {
        // At most `total`, because `part` is at most `whole`.
        (Some(share), Some(remainder)) => (u64::try_from(share).unwrap_or(total), remainder),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_left_go_to_the_largest_remainders_and_ties_to_the_lowest_index() {
        assert_eq!(apportion(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(apportion(10, &[1, 2, 3]), [2, 3, 5]);
        assert_eq!(apportion(1, &[0, 5, 5]), [0, 1, 0]);
        assert_eq!(apportion(7, &[0, 0]), [0, 0]);
        assert_eq!(apportion(7, &[]), [0u64; 0]);
        assert_eq!(apportion(u64::MAX, &[u64::MAX, u64::MAX]), [1 << 63, (1 << 63) - 1]);
    }

    proptest! {
        #[test]
        fn the_shares_sum_to_the_total_and_stay_within_one_of_exact(
            total: u64,
            parts in proptest::collection::vec(prop_oneof![Just(0), 0u64..10, any::<u64>()], 0..40),
        ) {
            let shares = apportion(total, &parts);
            let whole: u128 = parts.iter().copied().map(u128::from).sum();
            let sum: u128 = shares.iter().copied().map(u128::from).sum();
            prop_assert_eq!(sum, if whole == 0 { 0 } else { u128::from(total) });
            for (share, part) in shares.iter().zip(&parts) {
                let (floor, remainder) = quota(total, *part, whole);
                prop_assert!(*share == floor || (*share == floor + 1 && remainder > 0));
            }
        }
    }
}
