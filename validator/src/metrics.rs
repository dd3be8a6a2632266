//! The metrics of `laurel-validator`.
use crate::{evidence::Origin, Evidence};
use laurel_daemon::Metric;
use metrics::{counter, gauge, histogram};
use std::time::Duration;

/// All of them.
pub const METRICS: &[Metric] = &[
    Metric::counter(
        TASKS,
        &["verdict", "origin"],
        "Requests by what became of them, see `Verdict`; the validator's own (`task`) and users' (`user`)",
    ),
    Metric::histogram(LATENCY, &[], "From request to last byte, answered tasks"),
    Metric::histogram(CHECK, &[], "Checking one answer with the model"),
    Metric::counter(UNJUDGED, &[], "Answers that this validator could not judge"),
    Metric::counter(
        CROWDED,
        &[],
        "Users' answers that count neither for nor against a miner, because too many others waited to be checked",
    ),
    Metric::gauge(ASKING, &[], "Tasks under way"),
    Metric::gauge(LIVE_MINERS, &[], "Miners with a live axon"),
    Metric::gauge(BLOCK, &[], "Best block seen"),
    Metric::gauge(EPOCH, &[], "Running epoch"),
    Metric::gauge(
        PERMIT,
        &[],
        "1 while the validator holds a permit, so that its weights count",
    ),
    Metric::counter(
        WEIGHTS,
        &["step", "result"],
        "Commits, reveals and direct weights: `ok`, `retried`, `failed`",
    )
    .begun(&[&["commit", "failed"], &["reveal", "failed"], &["direct", "failed"]]),
];
const TASKS: &str = "laurel_validator_tasks_total";
const LATENCY: &str = "laurel_validator_latency_seconds";
const CHECK: &str = "laurel_validator_check_seconds";
const UNJUDGED: &str = "laurel_validator_unjudged_total";
const CROWDED: &str = "laurel_validator_crowded_total";
const ASKING: &str = "laurel_validator_asking";
const LIVE_MINERS: &str = "laurel_validator_live_miners";
const BLOCK: &str = "laurel_validator_block";
const EPOCH: &str = "laurel_validator_epoch";
const PERMIT: &str = "laurel_validator_permit";
const WEIGHTS: &str = "laurel_validator_weights_total";

pub(crate) fn outcome(evidence: &Evidence) {
    let origin = match evidence.origin {
        Origin::Task => "task",
        Origin::User => "user",
    };
    counter!(TASKS, "verdict" => evidence.verdict.name(), "origin" => origin).increment(1);
    if let Some(answered) = &evidence.answered {
        histogram!(LATENCY).record(Duration::from_millis(answered.timing.latency_ms));
    }
}

pub(crate) fn check(took: Duration) {
    histogram!(CHECK).record(took);
}

pub(crate) fn unjudged() {
    counter!(UNJUDGED).increment(1);
}

pub(crate) fn crowded() {
    counter!(CROWDED).increment(1);
}

pub(crate) fn asking(tasks: usize) {
    gauge!(ASKING).set(tasks as f64);
}

pub(crate) fn live_miners(miners: usize) {
    gauge!(LIVE_MINERS).set(miners as f64);
}

pub(crate) fn position(block: u32, epoch: u64) {
    gauge!(BLOCK).set(f64::from(block));
    gauge!(EPOCH).set(epoch as f64);
}

pub(crate) fn permit(held: bool) {
    gauge!(PERMIT).set(f64::from(u8::from(held)));
}

pub(crate) fn weights(step: &'static str, result: &'static str) {
    counter!(WEIGHTS, "step" => step, "result" => result).increment(1);
}
