//! Every metric of a miner.
//!
//! The label `route` is one of the fixed paths or `other`, and the outcomes are a closed list, so the number of series is bounded.
use laurel_daemon::Metric;

/// All of them.
pub const METRICS: &[Metric] = &[
    Metric::counter(
        REQUESTS,
        &["route", "outcome"],
        "Requests answered; the outcome is `ok`, `cancelled` or the code of the error",
    ),
    Metric::histogram(
        SECONDS,
        &["route"],
        "From the head of a request to the end of its answer, of those with outcome `ok`",
    ),
    Metric::gauge(IN_WORK, &[], "Admitted requests that are not answered yet"),
    Metric::gauge(QUEUE, &[], "Requests that wait for the model"),
    Metric::counter(
        TOKENS,
        &["direction"],
        "Tokens read (`prompt`) and written (`completion`)",
    ),
    Metric::gauge(SENDERS, &[], "Hotkeys that may ask"),
    Metric::gauge(BLOCK, &[], "Best block seen"),
    Metric::gauge(CHAIN_UP, &[], "1 while blocks arrive"),
    Metric::gauge(
        AXON_EXPIRES,
        &[],
        "Block at which the published axon expires; 0: none is published",
    ),
    Metric::gauge(
        UPSTREAM_UP,
        &[],
        "With `--engine openai`: 1 while the server behind the miner works",
    ),
    Metric::counter(
        UPSTREAM_FAULTS,
        &["fault"],
        "What the server behind the miner did wrong, one of the codes in docs/miner-upstream.md",
    ),
    Metric::counter(
        AXON_PUBLICATIONS,
        &["outcome"],
        "Attempts to publish or renew the axon: `ok` or `failed`",
    )
    .begun(&[&["ok"], &["failed"]]),
];

/// Requests by route and outcome.
pub const REQUESTS: &str = "laurel_miner_requests_total";
/// Time to answer.
pub const SECONDS: &str = "laurel_miner_request_seconds";
/// Requests admitted and not answered yet.
pub const IN_WORK: &str = "laurel_miner_requests_in_work";
/// Requests that wait for the model.
pub const QUEUE: &str = "laurel_miner_queue_depth";
/// Tokens by direction.
pub const TOKENS: &str = "laurel_miner_tokens_total";
/// Hotkeys that may ask.
pub const SENDERS: &str = "laurel_miner_senders";
/// Best block seen.
pub const BLOCK: &str = "laurel_miner_chain_block";
/// Whether blocks arrive.
pub const CHAIN_UP: &str = "laurel_miner_chain_up";
/// Expiry of the axon.
pub const AXON_EXPIRES: &str = "laurel_miner_axon_expires_block";
/// Whether the server behind the miner works.
pub const UPSTREAM_UP: &str = "laurel_miner_upstream_up";
/// What the server behind the miner did wrong.
pub const UPSTREAM_FAULTS: &str = "laurel_miner_upstream_faults_total";
/// Attempts to publish the axon.
pub const AXON_PUBLICATIONS: &str = "laurel_miner_axon_publications_total";
