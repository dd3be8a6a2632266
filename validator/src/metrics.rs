//! The metrics of `laurel-validator`.
//!
//! | name | type | labels | what |
//! |---|---|---|---|
//! | `laurel_validator_tasks_total` | counter | `verdict` | tasks by what became of them, see [`crate::Verdict`] |
//! | `laurel_validator_latency_seconds` | histogram | | from request to last byte, answered tasks |
//! | `laurel_validator_check_seconds` | histogram | | judging one answer |
//! | `laurel_validator_unchecked_total` | counter | | answers that this validator could not judge |
//! | `laurel_validator_asking` | gauge | | tasks under way |
//! | `laurel_validator_live_miners` | gauge | | miners with a live axon |
//! | `laurel_validator_block` | gauge | | best block seen |
//! | `laurel_validator_epoch` | gauge | | running epoch |
//! | `laurel_validator_weights_total` | counter | `step`, `result` | commits, reveals and direct weights: `ok`, `retried`, `failed` |
use crate::Verdict;
use metrics::{counter, gauge, histogram};
use std::time::Duration;

pub(crate) fn task(verdict: Verdict) {
    counter!("laurel_validator_tasks_total", "verdict" => verdict.name()).increment(1);
}

pub(crate) fn latency(latency: Duration) {
    histogram!("laurel_validator_latency_seconds").record(latency);
}

pub(crate) fn check(took: Duration) {
    histogram!("laurel_validator_check_seconds").record(took);
}

pub(crate) fn unchecked() {
    counter!("laurel_validator_unchecked_total").increment(1);
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
