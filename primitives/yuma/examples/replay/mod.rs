//! From a vector to its result.
mod epochs;
mod formulas;
mod functions;
mod inputs;

#[allow(unused_imports, reason = "the tests run graphs in every layout")]
pub use epochs::{graph_with, Layout};

use anyhow::{bail, Context, Result};
use serde_json::Value;

/// Computes one vector. Fails on an unknown kind and on missing or malformed inputs, naming them.
pub fn replay(vector: &Value) -> Result<Value> {
    let kind = vector["kind"].as_str().context("the vector has no kind")?;
    let inputs = &vector["inputs"];
    match kind {
        "epoch_sequence" => epochs::sequence(inputs, &vector["expected"]["steps"]),
        "epoch_graph" => epochs::graph(inputs),
        "validator_permits" => epochs::permits(inputs),
        "root_epoch" => functions::root_epoch(inputs),
        "block_emission" => functions::block_emissions(inputs),
        "halving_thresholds" => functions::halving_thresholds(inputs),
        "issuance_convergence" => functions::issuance_convergence(inputs),
        "registration_adjust" => functions::registration_adjust(inputs),
        "lock_cost" => functions::lock_costs(inputs),
        "weighted_median" => functions::weighted_medians(inputs),
        "weighted_median_col" => functions::column_medians(inputs),
        "vec_max_upscale_to_u16" => functions::max_upscales(inputs),
        "vec_u16_max_upscale" => functions::max_upscales_u16(inputs),
        "check_vec_max_limited" => functions::max_limits(inputs),
        "is_topk" => functions::top_k_masks(inputs),
        "quantile" => formulas::quantiles(inputs),
        "sigmoid_safe" => formulas::sigmoids(inputs),
        "transcendental" => formulas::exponentials(inputs),
        "fixed_point" => formulas::roundings(),
        "logistic_params" => formulas::logistic_curves(inputs),
        "compute_alpha_values" => formulas::alphas(inputs),
        "clamp_alpha" => formulas::clamped_alphas(inputs),
        "ema_alpha_vec_sparse" => formulas::liquid_averages(inputs),
        "mat_ema_sparse" => formulas::plain_averages(inputs),
        "neuron_to_prune" => functions::neuron_to_go(inputs),
        "subnet_to_prune" => functions::subnet_to_go(inputs),
        "is_valid_ip" => functions::dialable(inputs),
        other => bail!("cannot replay vectors of kind {other}"),
    }
}
