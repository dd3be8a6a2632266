//! What is tried: honest miners and dishonest ones, through the validator's own check.
pub mod cost;
pub mod embeddings;
mod miner;
mod models;
pub mod report;
mod tally;
pub mod text;

use std::error::Error;
use std::time::Duration;
pub use tally::Tally;

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Fewest requests of a case.
    pub requests: usize,
    /// Runs of tokens after which a case has enough.
    pub windows: usize,
    /// Time after which a case has enough, if it has the requests.
    pub time: Duration,
    /// Steps by which models are trained further; 0 for the cases only that say where bounds for a model may lie.
    pub steps: u64,
}
