//! The Llama architecture: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
mod cache;
mod config;
mod model;

pub use cache::KvCache;
pub use config::{LlamaConfig, TokenIds};
pub use model::Llama;
