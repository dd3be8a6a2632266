//! Vectors of single functions.
use super::inputs::{
    fixed, fixed_list, from_literal, from_raw, integer, list, number, number_or, numbers, raws, sparse_rows, to_literal,
};
use anyhow::{Context, Result};
use laurel_types::{AxonAddress, Loopback};
use laurel_yuma::{
    adjust_price, apportion, block_emission, halving_threshold, is_topk, lock_cost, max_upscale, max_upscale_u16,
    root_split, weighted_median, within_max_weight, Fixed, PriceRule, RootInput, Standing, Vote, HALVINGS,
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

/// The median of who scored above zero with stake; `silent` holds the stake of who scored zero.
fn median_of(scores: impl Iterator<Item = (Fixed, Fixed)>, minority: Fixed) -> Fixed {
    let (mut votes, mut silent) = (Vec::new(), Fixed::ZERO);
    for (score, stake) in scores {
        match Vote::new(score, stake) {
            Some(vote) => votes.push(vote),
            None if score == Fixed::ZERO => silent += stake,
            None => (),
        }
    }
    weighted_median(&mut votes, silent, minority)
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
        Ok(median_of(score.into_iter().zip(stake), minority - below))
    };
    let medians: Vec<Fixed> = list(inputs, "cases")?.iter().map(median).collect::<Result<_>>()?;
    let literals: Vec<f32> = medians.iter().copied().map(to_literal).collect();
    Ok(json!({ "median_f32": literals, "median_raw": raws(&medians) }))
}

pub fn column_medians(inputs: &Value) -> Result<Value> {
    let medians = |case: &Value| -> Result<Vec<f32>> {
        let stake = fixed_list(case, "stake")?;
        let sum: Fixed = stake.iter().copied().sum();
        let shares: Vec<Fixed> = stake.into_iter().map(|stake| stake / sum).collect();
        let total: Fixed = shares.iter().copied().sum();
        let majority = fixed(case, "majority")?.context("no majority")?;
        let columns: usize = number(case, "columns")?;
        let mut matrix = vec![vec![Fixed::ZERO; shares.len()]; columns];
        for (row, entries) in list(case, "weights_sparse_f32")?.iter().enumerate() {
            for entry in entries.as_array().into_iter().flatten() {
                let column = matrix.get_mut(integer::<usize>(&entry[0])?).context("no such column")?;
                *column.get_mut(row).context("no such row")? = from_literal(&entry[1])?;
            }
        }
        let columns = matrix.into_iter();
        Ok(columns
            .map(|column| {
                to_literal(median_of(
                    column.into_iter().zip(shares.iter().copied()),
                    total - majority,
                ))
            })
            .collect())
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

/// The standing of each of `ids`, all read from lists of the same length.
fn standings(ids: Vec<u16>, worth: Vec<u64>, since: Vec<u32>, immune: impl Fn(u32) -> bool) -> Vec<Standing> {
    let parts = ids.into_iter().zip(worth).zip(since);
    parts
        .map(|((id, worth), since)| Standing {
            immune: immune(since),
            worth,
            since,
            id,
        })
        .collect()
}

pub fn neuron_to_go(inputs: &Value) -> Result<Value> {
    let (now, immunity): (u32, u32) = (number(inputs, "block")?, number(inputs, "immunity_period")?);
    let worth: Vec<u64> = numbers(inputs, "pruning_scores")?;
    let uids = (0..worth.len() as u16).collect();
    let immune = |since: u32| now.saturating_sub(since) < immunity;
    let first = standings(uids, worth, numbers(inputs, "block_at_registration")?, immune)
        .into_iter()
        .min();
    Ok(json!({ "uid": first.context("no neurons")?.id }))
}

/// A subnet goes only past its immunity; where none is, a new one is refused.
pub fn subnet_to_go(inputs: &Value) -> Result<Value> {
    let (now, immunity): (u32, u32) = (number(inputs, "block")?, number(inputs, "network_immunity_period")?);
    let immune = |since: u32| now.saturating_sub(since) < immunity;
    let all = standings(
        numbers(inputs, "netuids")?,
        numbers(inputs, "emission_values")?,
        numbers(inputs, "registered_at")?,
        immune,
    );
    let first = all.into_iter().filter(|subnet| !subnet.immune).min();
    Ok(json!({ "netuid": first.map(|subnet| subnet.id) }))
}

pub fn dialable(inputs: &Value) -> Result<Value> {
    let check = |case: &Value| {
        // Numbers of more than 64 bits come as floats; those that name addresses are multiples of large powers of two.
        let bits = case[1]
            .as_u64()
            .map(u128::from)
            .or(case[1].as_f64().map(|bits| bits as u128));
        let bits = bits.context("an address is a number")?;
        let address = match case[0].as_u64() {
            Some(4) => u32::try_from(bits)
                .ok()
                .map(|bits| AxonAddress::V4(bits.to_be_bytes(), 8_091)),
            Some(6) => Some(AxonAddress::V6(bits.to_be_bytes(), 8_091)),
            _ => None,
        };
        Ok(address.is_some_and(|address| address.is_dialable(Loopback::Refused)))
    };
    Ok(json!({ "valid": list(inputs, "cases")?.iter().map(check).collect::<Result<Vec<bool>>>()? }))
}
