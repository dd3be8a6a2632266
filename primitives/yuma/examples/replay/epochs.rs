//! Vectors of whole epochs.
use super::inputs::{number, number_or, numbers, raws, sparse_rows};
use anyhow::{bail, ensure, Context, Result};
use laurel_yuma::{
    epoch_in_detail, max_upscale_u16, EpochDetail, EpochInput, EpochOutput, EpochParams, Fixed, NeuronInput, PermitRule,
};
use serde_json::{json, Value};

/// What one step of a sequence leaves to the next, and the parameters of all.
struct Subnet {
    params: EpochParams,
    permits: Vec<bool>,
    bonds: Vec<Vec<(u16, u16)>>,
}

/// What is given anew at each step.
struct State {
    now: u32,
    stake: Vec<u64>,
    last_update: Vec<u32>,
    registered_at: Vec<u32>,
    weights: Vec<Vec<(u16, u16)>>,
}

impl Subnet {
    fn new(n: usize, params: EpochParams) -> Self {
        Self {
            params,
            permits: vec![false; n],
            bonds: vec![vec![]; n],
        }
    }

    fn run(&mut self, state: &State) -> (EpochOutput, EpochDetail) {
        let neurons: Vec<NeuronInput> = (0..self.permits.len())
            .map(|uid| NeuronInput {
                stake: state.stake.get(uid).copied().unwrap_or_default(),
                last_update: state.last_update.get(uid).copied().unwrap_or_default(),
                registered_at: state.registered_at.get(uid).copied().unwrap_or_default(),
                permit: self.permits[uid],
            })
            .collect();
        let (output, detail) = epoch_in_detail(&EpochInput {
            now: state.now,
            params: self.params,
            neurons: &neurons,
            weights: &state.weights,
            bonds: &self.bonds,
        });
        self.permits = output.permits.clone();
        self.bonds = output.bonds.clone();
        (output, detail)
    }
}

fn default_params(max_validators: u16) -> EpochParams {
    EpochParams {
        kappa: 32_767,
        activity_cutoff: 5_000,
        bonds_moving_average: 900_000,
        bonds_penalty: u16::MAX,
        max_validators,
        liquid_alpha: None,
        permit_rule: PermitRule::Classic,
    }
}

pub fn sequence(inputs: &Value, steps: &Value) -> Result<Value> {
    let given = &inputs["params"];
    let defaults = default_params(64);
    let mut subnet = Subnet::new(
        number(given, "n")?,
        EpochParams {
            kappa: number_or(given, "kappa", defaults.kappa)?,
            activity_cutoff: number_or(given, "activity_cutoff", defaults.activity_cutoff)?,
            bonds_moving_average: number_or(given, "bonds_ma", defaults.bonds_moving_average)?,
            bonds_penalty: number_or(given, "bonds_penalty", defaults.bonds_penalty)?,
            max_validators: number_or(given, "max_validators", defaults.max_validators)?,
            ..defaults
        },
    );
    let initial = &inputs["initial"];
    let permits = initial["validator_permit"].as_array().into_iter().flatten();
    for (permit, given) in subnet.permits.iter_mut().zip(permits) {
        *permit = given.as_bool().context("a permit is neither true nor false")?;
    }
    for (row, given) in subnet.bonds.iter_mut().zip(sparse_rows(&initial["bonds"])?) {
        *row = given;
    }
    let steps = steps
        .as_array()
        .context("the vector has no expected.steps, which hold the states")?;
    let step = |step: &Value| {
        let state = &step["state"];
        Ok(json!({ "state": state, "expected": sequence_step(&mut subnet, state)? }))
    };
    Ok(json!({ "steps": steps.iter().map(step).collect::<Result<Vec<_>>>()? }))
}

fn sequence_step(subnet: &mut Subnet, state: &Value) -> Result<Value> {
    subnet.params.liquid_alpha = match &state["liquid_alpha"] {
        Value::Null => None,
        alpha => Some((number(alpha, "alpha_low")?, number(alpha, "alpha_high")?)),
    };
    let (output, detail) = subnet.run(&State {
        now: number(state, "block")?,
        stake: numbers(state, "stake")?,
        last_update: numbers(state, "last_update")?,
        registered_at: numbers(state, "block_at_registration")?,
        weights: sparse_rows(&state["weights"])?,
    });
    let (server, validator, combined) = output.split_emission(number_or(state, "rao_emission", 0)?);
    Ok(json!({
        "stake_weight": output.stake_weight,
        "active": output.active,
        "rank": output.incentive,
        "trust": output.trust,
        "consensus": output.consensus,
        "incentive": output.incentive,
        "dividends": output.dividends,
        "validator_trust": output.validator_trust,
        "pruning_scores": output.pruning_scores,
        "validator_permit": output.permits,
        "emission": combined,
        "server_emission": server,
        "validator_emission": validator,
        "bonds": output.bonds,
        "raw_i32f32": raw_detail(&detail),
    }))
}

fn raw_detail(detail: &EpochDetail) -> Value {
    let row = |row: &Vec<(u16, Fixed)>| row.iter().map(|(uid, bond)| (*uid, bond.raw())).collect::<Vec<_>>();
    let mut raw = json!({
        "stake": raws(&detail.stake),
        "active_stake": raws(&detail.active_stake),
        "preranks": raws(&detail.preranks),
        "consensus": raws(&detail.consensus),
        "incentive": raws(&detail.incentive),
        "trust": raws(&detail.trust),
        "validator_trust": raws(&detail.validator_trust),
        "dividends": raws(&detail.dividends),
        "ema_bonds_normalized": detail.bonds.iter().map(row).collect::<Vec<_>>(),
    });
    if let Some((curve, alpha)) = &detail.liquid {
        raw["liquid"] = json!({
            "consensus_high": curve.consensus_high.raw(),
            "consensus_low": curve.consensus_low.raw(),
            "a": curve.a.raw(),
            "b": curve.b.raw(),
            "alpha": raws(alpha),
        });
    }
    raw
}

pub fn permits(inputs: &Value) -> Result<Value> {
    let mut subnet = Subnet::new(
        number(inputs, "n")?,
        default_params(number(inputs, "max_allowed_validators")?),
    );
    let mut round = |stake: &str| -> Result<Vec<bool>> {
        let stake = numbers(inputs, stake)?;
        let state = State {
            now: 1,
            stake,
            last_update: vec![],
            registered_at: vec![],
            weights: vec![],
        };
        Ok(subnet.run(&state).0.permits)
    };
    Ok(json!({ "permits_after_round1": round("stake_round1")?, "permits_after_round2": round("stake_round2")? }))
}

/// How the validators of a graph stand among its uids.
#[derive(Clone, Copy, Debug)]
#[allow(dead_code, reason = "the example itself runs one layout, the tests run both")]
pub enum Layout {
    /// The first uids.
    First,
    /// Every uid divisible by n over validators.
    Spread,
}

/// The graph with validators first and without servers' own weights; the result does not depend on either.
pub fn graph(inputs: &Value) -> Result<Value> {
    graph_with(inputs, Layout::First, false)
}

/// A graph in which every validator gives every server the same weight.
pub fn graph_with(inputs: &Value, layout: Layout, server_self_weights: bool) -> Result<Value> {
    let n: u16 = number(inputs, "n")?;
    let count: u16 = number(inputs, "validators")?;
    ensure!(
        count > 0 && count < n,
        "a graph has at least one validator and one server"
    );
    let is_validator = |uid: u16| match layout {
        Layout::First => uid < count,
        Layout::Spread => uid.is_multiple_of(n / count) && uid / (n / count) < count,
    };
    let defaults = default_params(64);
    let mut subnet = Subnet::new(
        usize::from(n),
        EpochParams {
            kappa: number_or(inputs, "kappa", defaults.kappa)?,
            activity_cutoff: number_or(inputs, "activity_cutoff", defaults.activity_cutoff)?,
            bonds_moving_average: number_or(inputs, "bonds_moving_average", defaults.bonds_moving_average)?,
            max_validators: number_or(inputs, "max_allowed_validators", defaults.max_validators)?,
            ..defaults
        },
    );
    let stake: u64 = number(inputs, "stake_per_validator")?;
    let updated: u32 = number_or(inputs, "last_update_of_validators", 1)?;
    let registered: u32 = number_or(inputs, "block_at_registration_all", 0)?;
    let mut state = State {
        now: number_or(inputs, "block", 1)?,
        stake: (0..n).map(|uid| if is_validator(uid) { stake } else { 0 }).collect(),
        last_update: vec![updated; usize::from(n)],
        registered_at: vec![registered; usize::from(n)],
        weights: vec![],
    };
    let (mut output, _) = subnet.run(&state);
    let weight = max_upscale_u16(&[number(inputs, "weight_value_submitted")?])[0];
    let servers: Vec<(u16, u16)> = (0..n)
        .filter(|uid| !is_validator(*uid))
        .map(|uid| (uid, weight))
        .collect();
    let row = |uid: u16| match (is_validator(uid), server_self_weights) {
        (true, _) => servers.clone(),
        (false, true) => vec![(uid, u16::MAX)],
        (false, false) => vec![],
    };
    state.weights = (0..n).map(row).collect();
    for _ in 0..number::<u32>(inputs, "epochs_after_permit_epoch")? {
        output = subnet.run(&state).0;
    }
    let (validators, servers): (Vec<u16>, Vec<u16>) = (0..n).partition(|uid| is_validator(*uid));
    let amount = number(inputs, "rao_emission")?;
    let emission = output.split_emission(amount);
    Ok(json!({
        "validators": class(&output, &emission, &validators)?,
        "servers": class(&output, &emission, &servers)?,
        "bond_validator_to_any_server": bond_to_class(&output, &validators, &servers)?,
        "bond_to_validators": bond_to_class(&output, &validators, &validators)?,
        "sum_emission": emission.2.iter().sum::<u64>(),
    }))
}

/// The results that all neurons of a class share. Of amounts, which differ by the units that the largest remainder
/// placed, the least.
fn class(output: &EpochOutput, emission: &(Vec<u64>, Vec<u64>, Vec<u64>), uids: &[u16]) -> Result<Value> {
    let shared = |values: &[u16]| same(uids.iter().map(|uid| values[usize::from(*uid)]));
    let amount = |amounts: &[u64]| {
        let of_class = || uids.iter().map(|uid| amounts[usize::from(*uid)]);
        let (least, most) = (of_class().min().unwrap_or(0), of_class().max().unwrap_or(0));
        ensure!(most - least <= 1, "equal neurons were paid {least} and {most}");
        Ok(least)
    };
    Ok(json!({
        "rank": shared(&output.incentive)?,
        "trust": shared(&output.trust)?,
        "consensus": shared(&output.consensus)?,
        "incentive": shared(&output.incentive)?,
        "dividends": shared(&output.dividends)?,
        "emission": amount(&emission.2)?,
        "server_emission": amount(&emission.0)?,
        "validator_emission": amount(&emission.1)?,
        "validator_trust": shared(&output.validator_trust)?,
        "pruning_scores": shared(&output.pruning_scores)?,
        "stake_weight": shared(&output.stake_weight)?,
    }))
}

/// The bond that every validator has to every neuron of a class; none stored means zero.
fn bond_to_class(output: &EpochOutput, validators: &[u16], class: &[u16]) -> Result<u16> {
    let mut bonds = Vec::new();
    for validator in validators {
        let mut row = vec![0u16; output.bonds.len()];
        for (uid, bond) in &output.bonds[usize::from(*validator)] {
            row[usize::from(*uid)] = *bond;
        }
        bonds.push(same(class.iter().map(|uid| row[usize::from(*uid)]))?);
    }
    same(bonds.into_iter())
}

fn same(mut values: impl Iterator<Item = u16>) -> Result<u16> {
    let first = values.next().context("an empty class")?;
    match values.find(|value| *value != first) {
        Some(other) => bail!("equal neurons got {first} and {other}"),
        None => Ok(first),
    }
}
