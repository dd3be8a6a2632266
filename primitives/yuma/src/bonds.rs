//! Bonds: what a validator's past weights earn it.
//!
//! A bond is the moving average of a validator's clipped, stake-weighted weights on a miner. Liquid alpha lets the
//! average move faster for miners that have much of the score consensus.
use crate::{
    transcendental::{exp, ln},
    Fixed, SparseMatrix,
};
use alloc::{vec, vec::Vec};

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
    low: Fixed,
    /// Highest alpha.
    high: Fixed,
}

impl LiquidAlpha {
    /// Fits the curve so that alpha is `low` at the lower quartile of score consensus and `high` at the upper one (both in 65535ths).
    /// None without any score consensus: the plain average applies.
    pub fn fit(consensus: &[Fixed], (low, high): (u16, u16)) -> Option<Self> {
        let mut sorted = consensus.to_vec();
        sorted.sort_unstable();
        let (consensus_low, consensus_high) = (quartile(&sorted, 1), quartile(&sorted, 3));
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
fn logistic(low: Fixed, high: Fixed, consensus_low: Fixed, consensus_high: Fixed) -> (Fixed, Fixed) {
    if consensus_high <= consensus_low || low == Fixed::ZERO || high == Fixed::ZERO {
        return (Fixed::ZERO, Fixed::ZERO);
    }
    let log_odds = |alpha: Fixed| ln(Fixed::ONE / alpha - Fixed::ONE).unwrap_or_default();
    let a = (log_odds(high) - log_odds(low)) / (consensus_low - consensus_high);
    (a, log_odds(low) + a * consensus_low)
}

/// The quantile at `quarters / 4` of ascending values, between two of them by linear interpolation.
fn quartile(sorted: &[Fixed], quarters: usize) -> Fixed {
    let position = sorted.len().saturating_sub(1).saturating_mul(quarters);
    let (index, rest) = (position / 4, position % 4);
    let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
    if rest == 0 {
        return at(index);
    }
    let (below, above) = (at(index), at(index.saturating_add(1)));
    below + (above - below) * Fixed::from_ratio(rest as u128, 4)
}

/// The speed of each column's average: liquid where the curve fits, else one minus `moving_average` millionths.
pub(crate) fn alphas(
    columns: usize,
    consensus: &[Fixed],
    liquid: Option<&LiquidAlpha>,
    moving_average: u32,
) -> Vec<Fixed> {
    match liquid {
        Some(curve) => consensus.iter().map(|value| curve.alpha(*value)).collect(),
        None => vec![Fixed::ONE - Fixed::from_ratio(u128::from(moving_average), 1_000_000); columns],
    }
}

/// Moves the old bonds towards the new ones, column by column: `alpha · new + (1 − alpha) · old`. Entries that are not
/// positive are dropped.
pub(crate) fn moving_average(new: &SparseMatrix, old: &SparseMatrix, alphas: &[Fixed]) -> SparseMatrix {
    let mut average = SparseMatrix::empty(new.columns());
    for row in 0..new.rows() {
        let mut fresh = new.row(row).peekable();
        let mut past = old.row(row).peekable();
        while let Some(column) = lower_column(fresh.peek(), past.peek()) {
            let alpha = alphas.get(column).copied().unwrap_or_default();
            let fresh = fresh
                .next_if(|entry| entry.0 == column)
                .map_or(Fixed::ZERO, |entry| entry.1);
            let past = past
                .next_if(|entry| entry.0 == column)
                .map_or(Fixed::ZERO, |entry| entry.1);
            let value = alpha * fresh + (Fixed::ONE - alpha) * past;
            if value > Fixed::ZERO {
                average.push(column, value);
            }
        }
        average.end_row();
    }
    average
}

fn lower_column(left: Option<&(usize, Fixed)>, right: Option<&(usize, Fixed)>) -> Option<usize> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.0.min(right.0)),
        (left, right) => left.or(right).map(|entry| entry.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn quartiles_equal_the_vectors() {
        let case = vector("quantile");
        let data = list(&case["inputs"]["data"]);
        for (q, value) in list(&case["inputs"]["q"])
            .into_iter()
            .zip(raws(&case["expected"]["value_raw"]))
        {
            // The case of 0.66 is no quartile.
            if let Some(quarters) = (0..=4).find(|quarters| Fixed::from_ratio(*quarters, 4) == q) {
                assert_eq!(quartile(&data, quarters as usize).raw(), value);
            }
        }
        assert_eq!(quartile(&data[..4], 3).raw(), 13 << 30);
        assert_eq!(quartile(&[], 3), Fixed::ZERO);
    }

    #[test]
    fn the_moving_average_equals_the_vectors() {
        let case = vector("ema_alpha_vec_sparse");
        let matrix = |value: &Value| {
            let rows: Vec<Vec<(u16, Fixed)>> = value
                .as_array()
                .unwrap()
                .iter()
                .map(|row| {
                    let entries = row.as_array().unwrap().iter();
                    entries
                        .map(|entry| (entry[0].as_u64().unwrap() as u16, fixed(&entry[1])))
                        .collect()
                })
                .collect();
            SparseMatrix::from_entries(rows.iter().map(Vec::as_slice), 2, |_, _| true)
        };
        let (new, old) = (matrix(&case["inputs"]["new"]), matrix(&case["inputs"]["old"]));
        let average = moving_average(&new, &old, &list(&case["inputs"]["alpha"]));
        for (row, expected) in case["expected"]["raw"].as_array().unwrap().iter().enumerate() {
            let entries: Vec<Value> = average
                .row(row)
                .map(|(column, value)| serde_json::json!([column, value.raw()]))
                .collect();
            assert_eq!(&Value::from(entries), expected);
        }
    }

    #[test]
    fn bonds_without_new_weights_fade_and_vanish() {
        let old = SparseMatrix::from_rows(vec![vec![(0, 1), (2, 1)]], 3);
        let new = SparseMatrix::from_rows(vec![vec![(1, 1)]], 3);
        let half = Fixed::from_ratio(1, 2);
        let average = moving_average(&new, &old, &[half, half, Fixed::ONE]);
        assert_eq!(average.row(0).collect::<Vec<_>>(), [(0, half), (1, half)]);
    }
}
