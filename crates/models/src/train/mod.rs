//! Training of a small Llama-architecture language model from plain text, with candle on the CPU.
//!
//! A byte-level BPE tokenizer is trained first ([`vocabulary`]); the network (`network`) is then fitted with AdamW under a
//! cosine schedule (`optimiser`), windows of text being drawn by a seeded generator so that a run can be repeated and,
//! from its last checkpoint, continued (`run`); a model that is there can be trained further (`tune`).
mod corpus;
mod fused;
mod network;
mod optimiser;
mod random;
mod run;
mod shape;
mod tune;
pub mod vocabulary;

pub use corpus::TokenCorpus;
pub use network::Network;
pub use optimiser::{AdamW, AdamWParams, Schedule};
pub(crate) use random::SplitMix64;
pub use run::{train, Progress, TrainConfig, TrainReport};
pub use shape::LlamaConfig;
pub use tune::{tune, Tuning};
