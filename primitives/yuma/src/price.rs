//! How a registration price followed demand in the classic protocol: once an interval.
//!
//! Kept for replaying the classic vectors; Laurel's price is [`crate::halved`] and [`crate::raised`], see `demand.rs` for why.

/// How a price moves, once an adjustment interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRule {
    /// Registrations an interval at which the price stays.
    pub target: u16,
    /// Part of the old price that is kept, in `u64::MAX`ths.
    pub alpha: u64,
    /// Lowest price, in leaves.
    pub min: u64,
    /// Highest price, in leaves; wins over `min` where the two conflict.
    pub max: u64,
}

/// Fraction bits of the price's fixed point.
const FRACTION_BITS: u32 = 18;

/// The price after an interval with `registrations`: `α·p + (1 − α)·p·(registrations + target) / (2·target)`, rounded
/// down and held between the rule's bounds. With a target of zero there is nothing to compare with and the price keeps
/// its value, within the bounds.
pub fn adjust_price(current: u64, registrations: u16, rule: &PriceRule) -> u64 {
    let one = 1u128 << FRACTION_BITS;
    let demand = u128::from(registrations.saturating_add(rule.target));
    let twice_target = u128::from(rule.target.saturating_add(rule.target));
    // 64 bits of price, 16 of demand, 18 of fraction: 98 bits. One minus alpha adds at most 18 more.
    let price = u128::from(current) << FRACTION_BITS;
    let moved = (price * demand).checked_div(twice_target).unwrap_or(price);
    let kept = (u128::from(rule.alpha) << FRACTION_BITS) / u128::from(u64::MAX);
    let next = ((kept * price) >> FRACTION_BITS) + (((one - kept) * moved) >> FRACTION_BITS);
    if next >= u128::from(rule.max) << FRACTION_BITS {
        rule.max
    } else if next <= u128::from(rule.min) << FRACTION_BITS {
        rule.min
    } else {
        // Below `max`, so it fits.
        (next >> FRACTION_BITS) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(target: u16, alpha: u64) -> PriceRule {
        PriceRule {
            target,
            alpha,
            min: 0,
            max: u64::MAX,
        }
    }

    #[test]
    fn the_price_rises_above_the_target_falls_below_it_and_stays_on_it() {
        assert_eq!(adjust_price(1_000, 2, &rule(1, 0)), 1_500);
        assert_eq!(adjust_price(1_000, 1, &rule(1, 0)), 1_000);
        assert_eq!(adjust_price(1_000, 0, &rule(1, 0)), 500);
        assert_eq!(adjust_price(1_000, 0, &rule(1, u64::MAX)), 1_000);
        assert_eq!(adjust_price(1_000, 9, &rule(0, 0)), 1_000);
    }

    proptest! {
        #[test]
        fn the_price_stays_between_its_bounds(
            current: u64, registrations: u16, target: u16, alpha: u64, min: u64, more: u64,
        ) {
            let rule = PriceRule { target, alpha, min, max: min.saturating_add(more) };
            let next = adjust_price(current, registrations, &rule);
            prop_assert!((rule.min..=rule.max).contains(&next));
        }
    }
}
