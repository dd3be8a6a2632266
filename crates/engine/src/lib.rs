//! Text and embedding engines on candle: loading, batching, canonical sampling, checking. No server, no chain.
//!
//! A [`TextEngine`] or [`EmbeddingEngine`] owns one model and one worker thread behind a bounded queue: a full queue is
//! [`EngineError::Overloaded`] to the caller, and work whose caller has gone is dropped. A miner answers with
//! [`TextEngine::submit`]; a validator reads the answer with [`TextEngine::check`] and [`TextEngine::read_completion`].
pub mod activations;
mod blocks;
mod chat;
pub mod checkpoint;
pub mod completion;
pub mod decoder;
mod device;
pub mod embedding;
mod error;
mod executor;
mod gguf_vocabulary;
mod guard;
pub mod kernels;
mod model_dir;
mod prompt;
mod queue;
pub mod sampler;
mod text;
mod tokenizer;

pub use activations::{ActivationProof, WindowDeviation};
pub use chat::ChatMessage;
pub use completion::{Completeness, FinishReason};
pub use device::DeviceName;
pub use embedding::{EmbeddingEngine, EmbeddingOptions};
pub use error::EngineError;
pub use model_dir::ModelDir;
pub use prompt::{answer_limit, TextPrompt};
pub use sampler::{SamplerKey, SamplingParams, TokenCheck, SAMPLER_VERSION};
pub use text::{CallerId, CheckReport, TextEngine, TextEvent, TextOptions, TextRequest};
pub use tokenizer::{TextTokenizer, TokenIds};
