//! The metrics of `laurel-validator`.
//!
//! | name | type | labels | what |
//! |---|---|---|---|
//! | `laurel_validator_tasks_total` | counter | `verdict`, `origin` | requests by what became of them, see [`crate::Verdict`]; the validator's own (`task`) and users' (`user`) |
//! | `laurel_validator_latency_seconds` | histogram | | from request to last byte, answered tasks |
//! | `laurel_validator_check_seconds` | histogram | | checking one answer with the model |
//! | `laurel_validator_unjudged_total` | counter | | answers that this validator could not judge |
//! | `laurel_validator_crowded_total` | counter | | users' answers that count neither for nor against a miner, because too many others waited to be checked |
//! | `laurel_validator_asking` | gauge | | tasks under way |
//! | `laurel_validator_live_miners` | gauge | | miners with a live axon |
//! | `laurel_validator_block` | gauge | | best block seen |
//! | `laurel_validator_epoch` | gauge | | running epoch |
//! | `laurel_validator_weights_total` | counter | `step`, `result` | commits, reveals and direct weights: `ok`, `retried`, `failed` |
use crate::{evidence::Origin, Evidence};
use metrics::{counter, gauge, histogram};
use std::time::Duration;

pub(crate) fn outcome(evidence: &Evidence) {
    let origin = match evidence.origin {
        Origin::Task => "task",
        Origin::User => "user",
    };
    counter!("laurel_validator_tasks_total", "verdict" => evidence.verdict.name(), "origin" => origin).increment(1);
    if let Some(answered) = &evidence.answered {
        histogram!("laurel_validator_latency_seconds").record(Duration::from_millis(answered.timing.latency_ms));
    }
}

pub(crate) fn check(took: Duration) {
    histogram!("laurel_validator_check_seconds").record(took);
}

pub(crate) fn unjudged() {
    counter!("laurel_validator_unjudged_total").increment(1);
}

pub(crate) fn crowded() {
    counter!("laurel_validator_crowded_total").increment(1);
}

pub(crate) fn asking(tasks: usize) {
    gauge!("laurel_validator_asking").set(tasks as f64);
}

pub(crate) fn live_miners(miners: usize) {
    gauge!("laurel_validator_live_miners").set(miners as f64);
}

pub(crate) fn position(block: u32, epoch: u64) {
    gauge!("laurel_validator_block").set(f64::from(block));
    gauge!("laurel_validator_epoch").set(epoch as f64);
}

pub(crate) fn weights(step: &'static str, result: &'static str) {
    counter!("laurel_validator_weights_total", "step" => step, "result" => result).increment(1);
}
