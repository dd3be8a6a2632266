//! Every metric of a miner.
//!
//! | name | kind | labels | meaning |
//! |---|---|---|---|
//! | `laurel_miner_requests_total` | counter | `route`, `outcome` | requests answered; the outcome is `ok`, `cancelled` or the code of the error |
//! | `laurel_miner_request_seconds` | histogram | `route` | from the head of a request to the end of its answer, of those with outcome `ok` |
//! | `laurel_miner_requests_in_work` | gauge | – | admitted requests that are not answered yet |
//! | `laurel_miner_queue_depth` | gauge | – | requests that wait for the model |
//! | `laurel_miner_tokens_total` | counter | `direction` | tokens read (`prompt`) and written (`completion`) |
//! | `laurel_miner_senders` | gauge | – | hotkeys that may ask |
//! | `laurel_miner_chain_block` | gauge | – | best block seen |
//! | `laurel_miner_chain_up` | gauge | – | 1 while blocks arrive |
//! | `laurel_miner_axon_expires_block` | gauge | – | block at which the published axon expires; 0: none is published |
//! | `laurel_miner_upstream_up` | gauge | – | with `--engine openai`: 1 while the server behind the miner works |
//! | `laurel_miner_upstream_faults_total` | counter | `fault` | what the server behind the miner did wrong, one of the codes in docs/miner-upstream.md |
//! | `laurel_miner_axon_publications_total` | counter | `outcome` | attempts to publish or renew the axon: `ok` or `failed` |
//!
//! The label `route` is one of the fixed paths or `other`, and the outcomes are a closed list, so the number of series is bounded.

use metrics::{describe_counter, describe_gauge, describe_histogram, Unit};

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

/// Tells the recorder what each metric means.
pub fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by route and outcome");
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "From the head of a request to the end of its answer"
    );
    describe_gauge!(IN_WORK, "Admitted requests that are not answered yet");
    describe_gauge!(QUEUE, "Requests that wait for the model");
    describe_counter!(TOKENS, "Tokens read and written");
    describe_gauge!(SENDERS, "Hotkeys that may ask");
    describe_gauge!(BLOCK, "Best block seen");
    describe_gauge!(CHAIN_UP, "1 while blocks arrive");
    describe_gauge!(
        AXON_EXPIRES,
        "Block at which the published axon expires; 0: none is published"
    );
    describe_gauge!(UPSTREAM_UP, "1 while the server behind the miner works");
    describe_counter!(UPSTREAM_FAULTS, "What the server behind the miner did wrong, by kind");
    describe_counter!(AXON_PUBLICATIONS, "Attempts to publish or renew the axon");
}
