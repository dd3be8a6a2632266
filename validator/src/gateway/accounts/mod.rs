//! Who may ask how much.
//!
//! A request is admitted before a miner is chosen, against an estimate of what it takes, and settled by what it took.
mod refusal;

pub use refusal::Refusal;

use crate::work::Amount;
use axum::{http::HeaderMap, Router};

/// Who may ask how much.
#[derive(Clone, Debug)]
pub struct Accounts {}

impl Accounts {
    /// Whoever reaches the gateway may ask without a key, as much as it serves.
    pub fn open() -> Self {
        Self {}
    }

    /// Whether anybody with these headers may ask at all: cheap, and to be called before a body is read.
    ///
    /// # Errors
    /// When the key is missing, unknown or revoked.
    pub fn recognise(&self, _headers: &HeaderMap) -> Result<(), Refusal> {
        Ok(())
    }

    /// Reserves what a request may take: the tokens of its prompt, and the most that may be written.
    ///
    /// # Errors
    /// When the key, its limits or what it can spend do not allow it.
    pub async fn admit(&self, _headers: &HeaderMap, _estimate: Amount) -> Result<Admission, Refusal> {
        Ok(Admission {})
    }

    /// What the accounts answer themselves, below `/laurel/v1/`.
    pub fn router(&self) -> Router {
        Router::new()
    }
}

/// What was reserved for one request. Dropped without [`Self::settle`], nothing is counted.
#[derive(Debug)]
#[must_use = "dropped, it gives back what was reserved"]
pub struct Admission {}

impl Admission {
    /// Headers for the answer that say what is left of the key's limits.
    pub fn headers(&self) -> HeaderMap {
        HeaderMap::new()
    }

    /// Counts what the request took; never more than was reserved.
    pub fn settle(self, _used: Amount) {}
}
