//! The validator: asks miners, verifies what they answer, rates them, and tells the chain.
//!
//! A kind of work ([`work::Work`]) makes a task, checks an answer and scores it. Every scored task becomes a receipt
//! ([`Evidence`]) with sub-scores and reason in a SQLite store; the weights of an epoch commit to the Merkle root over its receipts, so
//! that anyone who has them can recompute every score. [`explain()`](explain::explain) shows them to people.

pub mod announce;
pub mod app;
pub mod ask;
pub mod asking;
pub mod checking;
pub mod config;
pub mod corpus;
pub mod evidence;
pub mod explain;
pub mod gateway;
pub mod metrics;
pub mod pace;
mod program;
pub mod rate;
pub mod rating;
mod readiness;
pub mod statistic;
pub mod store;
mod verdict;
pub mod weights;
pub mod work;

mod engines;
mod events;

pub use evidence::Evidence;
pub use explain::{explain, Explanation};
pub use program::{judge, run, Command, ProgramArgs};
pub use rand;
pub use rating::Rating;
pub use verdict::{Fault, Judgement, NotAProportion, Score, Verdict};
