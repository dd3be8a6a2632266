//! The gateway's metrics.
use crate::work::Amount;
use laurel_daemon::Metric;
use laurel_types::Uid;
use metrics::{counter, histogram};
use std::time::Duration;

/// What became of a request to one miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The user got its answer.
    Answered,
    /// It failed, and another one may have been asked.
    Failed,
    /// Another one was faster, or the user went.
    Cancelled,
}

const REQUESTS: &str = "laurel_gateway_requests_total";
const TOKENS: &str = "laurel_gateway_tokens_total";
const FIRST: &str = "laurel_gateway_first_token_seconds";
const RETRIES: &str = "laurel_gateway_retries_total";
const HEDGES: &str = "laurel_gateway_hedges_total";
const MINERS: &str = "laurel_gateway_miner_requests_total";

/// All of them.
pub const METRICS: &[Metric] = &[
    Metric::counter(REQUESTS, &["path", "status"], "Requests by path and status of the answer"),
    Metric::counter(TOKENS, &["kind"], "Tokens of users' requests: prompt and completion"),
    Metric::histogram(FIRST, &[], "From a request until a user has the first token of a stream, or the whole answer"),
    Metric::counter(RETRIES, &[], "Miners that were asked because another one failed"),
    Metric::counter(
        HEDGES,
        &["result"],
        "Slow requests: sent to a second miner that answered first (won) or did not (lost), or not sent twice because too many were (denied)",
    )
    .begun(&[&["won"], &["lost"], &["denied"]]),
    Metric::counter(MINERS, &["uid", "outcome"], "Requests to each miner: answered, failed or cancelled"),
];

pub(super) fn request(path: &'static str, status: u16) {
    counter!(REQUESTS, "path" => path, "status" => status.to_string()).increment(1);
}

pub(super) fn tokens(amount: Amount) {
    counter!(TOKENS, "kind" => "prompt").increment(amount.prompt_tokens.into());
    counter!(TOKENS, "kind" => "completion").increment(amount.completion_tokens.into());
}

pub(super) fn first(took: Duration) {
    histogram!(FIRST).record(took);
}

pub(super) fn retry() {
    counter!(RETRIES).increment(1);
}

pub(super) fn hedge(result: &'static str) {
    counter!(HEDGES, "result" => result).increment(1);
}

/// As many values as a subnet has neurons.
pub(super) fn miner(uid: Uid, outcome: Outcome) {
    let outcome = match outcome {
        Outcome::Answered => "answered",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
    };
    counter!(MINERS, "uid" => uid.0.to_string(), "outcome" => outcome).increment(1);
}
