//! Vectors of single functions.
use super::inputs::{
    fixed, fixed_list, from_literal, from_raw, integer, list, number, number_or, numbers, raws, sparse_rows, to_literal,
};
use anyhow::{Context, Result};
use laurel_yuma::{
    adjust_price, apportion, block_emission, column_medians, halving_threshold, is_topk, lock_cost, max_upscale,
    max_upscale_u16, root_split, weighted_median, within_max_weight, Fixed, PriceRule, RootInput, SparseMatrix,
    HALVINGS,
};
use serde_json::{json, Value};
use std::collections::HashMap;

pub fn root_epoch(inputs: &Value) -> Result<Value> {
    let netuids: Vec<u16> = numbers(inputs, "netuids")?;
    let columns: HashMap<u16, u16> = netuids.iter().copied().zip(0..).collect();
    let weights: Vec<Vec<(u16, u16)>> = sparse_rows(&inputs["weights"])?
        .into_iter()
        .map(|row| {
            row.into_iter()
                .filter_map(|(netuid, weight)| Some((*columns.get(&netuid)?, weight)))
                .collect()
        })
        .collect();
    let parts = root_split(&RootInput {
        stakes: &numbers::<u64>(inputs, "stakes")?,
        weights: &weights,
        columns: netuids.len(),
        rho: number(inputs, "rho")?,
        kappa: number(inputs, "kappa")?,
    });
    Ok(json!({ "emission": apportion(number(inputs, "block_emission")?, &parts) }))
}

pub fn block_emissions(inputs: &Value) -> Result<Value> {
    let issuance: Vec<u64> = numbers(inputs, "issuance_rao")?;
    Ok(json!({ "block_emission_rao": issuance.into_iter().map(block_emission).collect::<Vec<_>>() }))
}

pub fn halving_thresholds(inputs: &Value) -> Result<Value> {
    let initial: u64 = number_or(inputs, "initial_emission", laurel_yuma::INITIAL_EMISSION)?;
    let thresholds: Vec<u64> = (0..HALVINGS).filter_map(halving_threshold).collect();
    let emission: Vec<u64> = thresholds
        .iter()
        .map(|at| initial >> laurel_yuma::halvings(*at))
        .collect();
    Ok(json!({ "first_issuance_with_lower_emission": thresholds, "emission_from_there": emission }))
}

pub fn issuance_convergence(inputs: &Value) -> Result<Value> {
    const BLOCKS_PER_HALVING: u64 = 10_500_000;
    let mut issuance: u64 = number(inputs, "start_issuance")?;
    for _ in 0..number::<u64>(inputs, "iterations")? {
        issuance = issuance.saturating_add(block_emission(issuance) * BLOCKS_PER_HALVING);
    }
    Ok(json!({ "final_issuance": issuance }))
}

pub fn registration_adjust(inputs: &Value) -> Result<Value> {
    let rule = PriceRule {
        target: number(inputs, "target")?,
        alpha: number(inputs, "adjustment_alpha_u64")?,
        min: number(inputs, "min")?,
        max: number(inputs, "max")?,
    };
    Ok(json!({ "next": adjust_price(number(inputs, "current")?, number(inputs, "registrations")?, &rule) }))
}

pub fn lock_costs(inputs: &Value) -> Result<Value> {
    let cost = |case: &Value| {
        let (last, now): (u32, u32) = (number(case, "last_lock_block")?, number(case, "current_block")?);
        let interval = number(case, "reduction_interval")?;
        let elapsed = now.saturating_sub(last);
        // In the classic state block 0 stands for "no subnet yet".
        Ok(lock_cost(
            number(case, "last_lock")?,
            elapsed,
            interval,
            number(case, "min_lock")?,
            last == 0,
        ))
    };
    Ok(json!({ "lock_cost": list(inputs, "cases")?.iter().map(cost).collect::<Result<Vec<u64>>>()? }))
}

pub fn weighted_medians(inputs: &Value) -> Result<Value> {
    let median = |case: &Value| {
        let stake = fixed_list(case, "stake")?;
        let score = fixed_list(case, "score")?;
        let majority = fixed(case, "majority")?;
        let minority = match (fixed(case, "minority")?, majority) {
            (Some(minority), _) => minority,
            (None, majority) => {
                stake.iter().copied().sum::<Fixed>() - majority.context("neither minority nor majority")?
            }
        };
        // A search that starts inside a partition has that much stake below it already.
        let below = fixed(case, "partition_lo")?.unwrap_or_default();
        let mut entries: Vec<(Fixed, Fixed)> = score.into_iter().zip(stake).collect();
        Ok(weighted_median(&mut entries, minority - below))
    };
    let medians: Vec<Fixed> = list(inputs, "cases")?.iter().map(median).collect::<Result<_>>()?;
    let literals: Vec<f32> = medians.iter().copied().map(to_literal).collect();
    Ok(json!({ "median_f32": literals, "median_raw": raws(&medians) }))
}

pub fn column_medians_of(inputs: &Value) -> Result<Value> {
    let medians = |case: &Value| {
        let entry = |entry: &Value| Ok((integer(&entry[0])?, from_literal(&entry[1])?));
        let rows: Vec<Vec<(u16, Fixed)>> = list(case, "weights_sparse_f32")?
            .iter()
            .map(|row| row.as_array().into_iter().flatten().map(entry).collect())
            .collect::<Result<_>>()?;
        let matrix = SparseMatrix::from_entries(rows.iter().map(Vec::as_slice), number(case, "columns")?, |_, _| true);
        let majority = fixed(case, "majority")?.context("no majority")?;
        let medians = column_medians(&matrix, &fixed_list(case, "stake")?, majority);
        Ok(medians.into_iter().map(to_literal).collect())
    };
    let medians: Vec<Vec<f32>> = list(inputs, "cases")?.iter().map(medians).collect::<Result<_>>()?;
    Ok(json!({ "median_f32": medians }))
}

pub fn max_upscales(inputs: &Value) -> Result<Value> {
    let (cases, read): (_, fn(&Value) -> Result<Fixed>) = match inputs["cases_raw_i32f32"].as_array() {
        Some(cases) => (cases, from_raw),
        None => (list(inputs, "cases_f32")?, from_literal),
    };
    let upscale = |case: &Value| -> Result<Vec<u16>> {
        Ok(max_upscale(
            &case
                .as_array()
                .into_iter()
                .flatten()
                .map(read)
                .collect::<Result<Vec<_>>>()?,
        ))
    };
    Ok(json!({ "u16": cases.iter().map(upscale).collect::<Result<Vec<_>>>()? }))
}

pub fn max_upscales_u16(inputs: &Value) -> Result<Value> {
    let upscale = |case: &Value| -> Result<Vec<u16>> {
        let values: Vec<u16> = case
            .as_array()
            .into_iter()
            .flatten()
            .map(integer)
            .collect::<Result<_>>()?;
        Ok(max_upscale_u16(&values))
    };
    Ok(json!({ "u16": list(inputs, "cases")?.iter().map(upscale).collect::<Result<Vec<_>>>()? }))
}

pub fn max_limits(inputs: &Value) -> Result<Value> {
    let within = |case: &Value| -> Result<bool> {
        Ok(within_max_weight(
            &numbers::<u16>(case, "weights")?,
            number(case, "max_limit")?,
        ))
    };
    Ok(json!({ "ok": list(inputs, "cases")?.iter().map(within).collect::<Result<Vec<_>>>()? }))
}

pub fn top_k_masks(inputs: &Value) -> Result<Value> {
    let mask = |case: &Value| -> Result<Vec<bool>> {
        let values: Vec<Fixed> = list(case, "values")?.iter().map(from_literal).collect::<Result<_>>()?;
        Ok(is_topk(&values, number(case, "k")?))
    };
    Ok(json!({ "mask": list(inputs, "cases")?.iter().map(mask).collect::<Result<Vec<_>>>()? }))
}
