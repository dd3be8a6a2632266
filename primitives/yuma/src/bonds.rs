//! Liquid alpha: bonds that move faster for miners that have much of the score consensus.
//!
//! A bond is the moving average of a validator's clipped, stake-weighted weights on a miner. Without liquid alpha all
//! bonds of a subnet move at one speed.
use crate::{
    transcendental::{exp, ln},
    Fixed,
};

/// The logistic curve from a miner's score consensus to the speed of its bonds, as fitted to one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidAlpha {
    /// The 0.75 quantile of score consensus over all neurons.
    pub consensus_high: Fixed,
    /// The 0.25 quantile.
    pub consensus_low: Fixed,
    /// Steepness of the curve.
    pub a: Fixed,
    /// Offset of the curve.
    pub b: Fixed,
    /// Lowest alpha.
    pub low: Fixed,
    /// Highest alpha.
    pub high: Fixed,
}

impl LiquidAlpha {
    /// Fits the curve so that alpha is `low` at the lower quartile of score consensus and `high` at the upper one (both in 65535ths).
    /// None without any score consensus: the plain average applies.
    pub fn fit(consensus: &[Fixed], (low, high): (u16, u16)) -> Option<Self> {
        let mut sorted = consensus.to_vec();
        sorted.sort_unstable();
        let (consensus_low, consensus_high) = (quantile(&sorted, 1, 4), quantile(&sorted, 3, 4));
        let any = consensus.iter().any(|value| *value != Fixed::ZERO);
        let spread = consensus_high > consensus_low || consensus_high != Fixed::ZERO || consensus_low < Fixed::ZERO;
        if !any || !spread {
            return None;
        }
        let (low, high) = (Fixed::from_proportion(low), Fixed::from_proportion(high));
        let (a, b) = logistic(low, high, consensus_low, consensus_high);
        Some(Self {
            consensus_high,
            consensus_low,
            a,
            b,
            low,
            high,
        })
    }

    /// Alpha for a miner with this score consensus.
    pub fn alpha(&self, consensus: Fixed) -> Fixed {
        // An exponential out of range counts as zero, which gives the highest alpha: the classic chain's rule.
        let decay = exp(self.b - self.a * consensus).unwrap_or_default();
        (Fixed::ONE / (Fixed::ONE + decay)).min(self.high).max(self.low)
    }
}

/// Steepness and offset of the logistic curve through `(consensus_low, low)` and `(consensus_high, high)`; both zero,
/// a flat curve, where there is none.
pub fn logistic(low: Fixed, high: Fixed, consensus_low: Fixed, consensus_high: Fixed) -> (Fixed, Fixed) {
    if consensus_high <= consensus_low || low == Fixed::ZERO || high == Fixed::ZERO {
        return (Fixed::ZERO, Fixed::ZERO);
    }
    let log_odds = |alpha: Fixed| ln(Fixed::ONE / alpha - Fixed::ONE).unwrap_or_default();
    let a = (log_odds(high) - log_odds(low)) / (consensus_low - consensus_high);
    (a, log_odds(low) + a * consensus_low)
}

/// The quantile at `part / whole` of ascending values, between two of them by linear interpolation; the highest from one on,
/// zero without values.
pub fn quantile(sorted: &[Fixed], part: usize, whole: usize) -> Fixed {
    let whole = whole.max(1);
    let last = sorted.len().saturating_sub(1);
    let position = last.saturating_mul(part.min(whole));
    let (index, rest) = (position / whole, position % whole);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if rest == 0 {
        return at(index);
    }
    let (below, above) = (at(index), at(index.saturating_add(1)));
    below + (above - below) * Fixed::from_ratio(rest as u128, whole as u128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use serde_json::Value;

    /// The nearest fixed-point number, as the vectors' literals are meant.
    fn fixed(value: &Value) -> Fixed {
        Fixed::from_raw((value.as_f64().unwrap() * 4_294_967_296.0).round_ties_even() as i64)
    }

    fn list(value: &Value) -> Vec<Fixed> {
        value.as_array().unwrap().iter().map(fixed).collect()
    }

    fn raws(value: &Value) -> Vec<i64> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|raw| raw.as_i64().unwrap())
            .collect()
    }

    fn vector(kind: &str) -> Value {
        let file: Value = serde_json::from_str(include_str!("../tests/vectors/classic.json")).unwrap();
        file["vectors"]
            .as_array()
            .unwrap()
            .iter()
            .find(|v| v["kind"] == kind)
            .unwrap()
            .clone()
    }

    #[test]
    fn the_logistic_curve_equals_the_vectors() {
        let case = vector("logistic_params");
        let curves: Vec<(Fixed, Fixed)> = case["inputs"]["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| {
                logistic(
                    fixed(&c["alpha_low"]),
                    fixed(&c["alpha_high"]),
                    fixed(&c["consensus_low"]),
                    fixed(&c["consensus_high"]),
                )
            })
            .collect();
        let a: Vec<i64> = curves.iter().map(|(a, _)| a.raw()).collect();
        let b: Vec<i64> = curves.iter().map(|(_, b)| b.raw()).collect();
        assert_eq!(a, raws(&case["expected"]["a_raw"]));
        assert_eq!(b, raws(&case["expected"]["b_raw"]));
    }

    #[test]
    fn alphas_and_their_bounds_equal_the_vectors() {
        let case = vector("compute_alpha_values");
        let curve = |low, high| LiquidAlpha {
            consensus_high: Fixed::ZERO,
            consensus_low: Fixed::ZERO,
            a: Fixed::ONE,
            b: Fixed::ZERO,
            low,
            high,
        };
        let free = curve(Fixed::ZERO, Fixed::ONE);
        let alphas: Vec<i64> = list(&case["inputs"]["consensus"])
            .into_iter()
            .map(|c| free.alpha(c).raw())
            .collect();
        assert_eq!(alphas, raws(&case["expected"]["alpha_raw"]));
        let low = curve(Fixed::ZERO, Fixed::from_ratio(1, 4));
        assert_eq!(low.alpha(Fixed::ONE), Fixed::from_ratio(1, 4));
        let high = curve(Fixed::from_ratio(3, 4), Fixed::ONE);
        assert_eq!(high.alpha(Fixed::ZERO), Fixed::from_ratio(3, 4));
    }

    #[test]
    fn quantiles_equal_the_vectors() {
        let case = vector("quantile");
        let data = list(&case["inputs"]["data"]);
        let parts = case["inputs"]["q"].as_array().unwrap().iter();
        let parts = parts.map(|q| (q.as_f64().unwrap() * 100.0).round() as usize);
        let values: Vec<i64> = parts.map(|part| quantile(&data, part, 100).raw()).collect();
        assert_eq!(values, raws(&case["expected"]["value_raw"]));
        assert_eq!(quantile(&data[..4], 3, 4).raw(), 13 << 30);
        assert_eq!(quantile(&data, 7, 0).raw(), 5 << 32);
        assert_eq!(quantile(&[], 3, 4), Fixed::ZERO);
    }
}
