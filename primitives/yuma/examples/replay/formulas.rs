//! Vectors of single formulas of the epoch.
use super::inputs::{fixed_from_decimal, list, number, raws, to_literal};
use anyhow::{ensure, Context, Result};
use laurel_yuma::{exp, ln, log2, logistic, quantile, Fixed, LiquidAlpha};
use serde_json::{json, Value};

fn to_float(value: Fixed) -> f64 {
    value.raw() as f64 / 4_294_967_296.0
}

fn decimals(inputs: &Value, name: &str) -> Result<Vec<Fixed>> {
    list(inputs, name)?.iter().map(fixed_from_decimal).collect()
}

pub fn quantiles(inputs: &Value) -> Result<Value> {
    let mut data = decimals(inputs, "data")?;
    data.sort();
    let value = |part: &Value| {
        let hundredths = part.as_f64().context("q is not a number")? * 100.0;
        ensure!(
            (hundredths - hundredths.round()).abs() < 1e-6,
            "q has more than two decimals"
        );
        Ok(quantile(&data, hundredths.round() as usize, 100))
    };
    let values: Vec<Fixed> = list(inputs, "q")?.iter().map(value).collect::<Result<_>>()?;
    let floats: Vec<f64> = values.iter().copied().map(to_float).collect();
    Ok(json!({ "value_f64": floats, "value_raw": raws(&values) }))
}

/// The logistic curve with its exponent held within ±20.
pub fn sigmoids(inputs: &Value) -> Result<Value> {
    let sigmoid = |input: &Value, rho: Fixed, kappa: Fixed| {
        let input = Fixed::from_raw(input.as_i64().context("an input is not a raw number")?);
        let exponent = (rho * (input - kappa)).max(-Fixed::from(20)).min(Fixed::from(20));
        let decay = exp(-exponent).context("the exponential is too large")?;
        Ok(Fixed::ONE / (Fixed::ONE + decay))
    };
    let curve = |case: &Value| -> Result<Vec<Fixed>> {
        let (rho, kappa) = (
            Fixed::from(number::<u16>(case, "rho")?),
            fixed_from_decimal(&case["kappa"])?,
        );
        list(case, "input_raw")?
            .iter()
            .map(|input| sigmoid(input, rho, kappa))
            .collect()
    };
    let curves: Vec<Vec<Fixed>> = list(inputs, "cases")?.iter().map(curve).collect::<Result<_>>()?;
    let floats = |curve: &Vec<Fixed>| -> Vec<f64> { curve.iter().map(|value| to_float(*value)).collect() };
    Ok(json!({
        "value_f64": curves.iter().map(floats).collect::<Vec<_>>(),
        "value_raw": curves.iter().map(|curve| raws(curve)).collect::<Vec<_>>(),
    }))
}

pub fn exponentials(inputs: &Value) -> Result<Value> {
    let each = |name: &str, of: fn(Fixed) -> Option<Fixed>| -> Result<Vec<i64>> {
        let raw = |value: &Value| {
            let input = Fixed::from_raw(value.as_i64().context("an input is not a raw number")?);
            Ok(of(input).context("the result is out of range")?.raw())
        };
        list(inputs, name)?.iter().map(raw).collect()
    };
    Ok(json!({
        "exp_raw": each("exp_input_raw", exp)?,
        "ln_raw": each("ln_input_raw", ln)?,
        "log2_raw": each("ln_input_raw", log2)?,
    }))
}

/// How the arithmetic rounds, on the numbers that the vector names in its fields.
pub fn roundings() -> Result<Value> {
    const SUPPLY: u128 = 21_000_000_000_000_000;
    let three = Fixed::from(3);
    let smallest = SUPPLY.div_ceil(1 << Fixed::FRACTION_BITS);
    let mut proportions = serde_json::Map::new();
    for decimal in ["0.0", "0.1", "0.25", "0.5", "0.9999", "1.0"] {
        let value = fixed_from_decimal(&decimal.parse::<f64>()?.into())?;
        proportions.insert(decimal.into(), value.to_proportion().into());
    }
    Ok(json!({
        "alpha_from_bonds_moving_average_900000_raw": (Fixed::ONE - Fixed::from_ratio(900_000, 1_000_000)).raw(),
        "kappa_32767_raw": Fixed::from_proportion(32_767).raw(),
        "one_third_via_div_raw": (Fixed::ONE / three).raw(),
        "minus_one_third_div_raw": (-Fixed::ONE / three).raw(),
        "mul_floor_negative_raw": (Fixed::from_raw(-1) * Fixed::from_raw(1)).raw(),
        "stake_norm_1_of_10_raw": Fixed::from_ratio(1, 10).raw(),
        "max_stake_min_share_raw": Fixed::from_ratio(1, SUPPLY).raw(),
        "smallest_visible_stake_of_21M_raw": Fixed::from_ratio(smallest, SUPPLY).raw(),
        "proportion_to_u16": proportions,
    }))
}

pub fn logistic_curves(inputs: &Value) -> Result<Value> {
    let curve = |case: &Value| {
        let of = |name: &str| fixed_from_decimal(&case[name]);
        Ok(logistic(
            of("alpha_low")?,
            of("alpha_high")?,
            of("consensus_low")?,
            of("consensus_high")?,
        ))
    };
    let curves: Vec<(Fixed, Fixed)> = list(inputs, "cases")?.iter().map(curve).collect::<Result<_>>()?;
    let (a, b): (Vec<Fixed>, Vec<Fixed>) = curves.into_iter().unzip();
    let floats = |values: &[Fixed]| -> Vec<f64> { values.iter().copied().map(to_float).collect() };
    Ok(json!({ "a": floats(&a), "b": floats(&b), "a_raw": raws(&a), "b_raw": raws(&b) }))
}

/// A curve of which only these count.
fn curve(a: Fixed, b: Fixed, low: Fixed, high: Fixed) -> LiquidAlpha {
    LiquidAlpha {
        consensus_high: Fixed::ZERO,
        consensus_low: Fixed::ZERO,
        a,
        b,
        low,
        high,
    }
}

pub fn alphas(inputs: &Value) -> Result<Value> {
    let (a, b) = (fixed_from_decimal(&inputs["a"])?, fixed_from_decimal(&inputs["b"])?);
    let consensus = decimals(inputs, "consensus")?;
    let free = curve(a, b, Fixed::ZERO, Fixed::ONE);
    let alphas: Vec<Fixed> = consensus.iter().map(|value| free.alpha(*value)).collect();
    let terms = consensus.iter().map(|value| exp(b - a * *value).map(to_float));
    let terms: Vec<f64> = terms.collect::<Option<_>>().context("an exponential is too large")?;
    Ok(json!({ "exp_terms": terms, "alpha_raw": raws(&alphas) }))
}

/// A flat curve is one half everywhere, so its bounds show by themselves where they exclude that; what they admit is kept.
pub fn clamped_alphas(inputs: &Value) -> Result<Value> {
    let (low, high) = (
        fixed_from_decimal(&inputs["low"])?,
        fixed_from_decimal(&inputs["high"])?,
    );
    let clamp = |alpha: Fixed| {
        // The consensus at which the curve through one half has this alpha.
        let odds = ln(Fixed::ONE / alpha - Fixed::ONE).context("alpha is not between zero and one")?;
        Ok(to_literal(curve(Fixed::ONE, Fixed::ZERO, low, high).alpha(-odds)))
    };
    let clamped: Vec<f32> = decimals(inputs, "alpha")?
        .into_iter()
        .map(clamp)
        .collect::<Result<_>>()?;
    Ok(json!({ "clamped": clamped }))
}

/// `alpha · new + (1 − alpha) · old`, as bonds move; zeros are left out.
fn average(new: Fixed, old: Fixed, alpha: Fixed) -> Fixed {
    alpha * new + (Fixed::ONE - alpha) * old
}

fn averaged(rows: Vec<Vec<(usize, Fixed)>>) -> Value {
    let positive = |row: &Vec<(usize, Fixed)>| -> Vec<(usize, i64)> {
        let kept = row.iter().filter(|(_, value)| *value > Fixed::ZERO);
        kept.map(|(column, value)| (*column, value.raw())).collect()
    };
    let floats = |row: &Vec<(usize, Fixed)>| -> Vec<f64> { row.iter().map(|(_, value)| to_float(*value)).collect() };
    json!({
        "ema": rows.iter().map(floats).collect::<Vec<_>>(),
        "raw": rows.iter().map(positive).collect::<Vec<_>>(),
    })
}

pub fn liquid_averages(inputs: &Value) -> Result<Value> {
    let alphas = decimals(inputs, "alpha")?;
    let value = |row: &Value, column: usize| -> Result<Fixed> {
        let entries = row.as_array().context("a row is not a list")?;
        let entry = entries.iter().find(|entry| entry[0].as_u64() == Some(column as u64));
        entry.map_or(Ok(Fixed::ZERO), |entry| fixed_from_decimal(&entry[1]))
    };
    let mut rows = Vec::new();
    for (new, old) in list(inputs, "new")?.iter().zip(list(inputs, "old")?) {
        let entry =
            |(column, alpha): (usize, &Fixed)| Ok((column, average(value(new, column)?, value(old, column)?, *alpha)));
        rows.push(alphas.iter().enumerate().map(entry).collect::<Result<Vec<_>>>()?);
    }
    Ok(averaged(rows))
}

pub fn plain_averages(inputs: &Value) -> Result<Value> {
    let alpha = fixed_from_decimal(&inputs["alpha"])?;
    let mut rows = Vec::new();
    for (new, old) in list(inputs, "new")?.iter().zip(list(inputs, "old")?) {
        let pairs = new
            .as_array()
            .context("a row is not a list")?
            .iter()
            .zip(old.as_array().context("a row is not a list")?);
        let entry = |(column, (new, old)): (usize, (&Value, &Value))| {
            Ok((
                column,
                average(fixed_from_decimal(new)?, fixed_from_decimal(old)?, alpha),
            ))
        };
        rows.push(pairs.enumerate().map(entry).collect::<Result<Vec<_>>>()?);
    }
    Ok(averaged(rows))
}
