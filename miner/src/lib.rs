//! Serves a subnet's model over HTTP: the front door, the OpenAI routes, signed receipts, the axon on chain.
//!
//! `laurel-miner` checks that it may serve ([`Start`]), loads the model, and then is an [`App`]: an HTTP server whose
//! every `/v1` request must pass [`FrontDoor`] before a [`Backend`] sees it, beside a [`Keeper`] that follows the chain,
//! knows who may ask, and renews the axon. Both go on while the chain cannot be reached.
//!
//! What answers is behind the traits [`TextBackend`] and [`EmbeddingBackend`]; [`load`] gives the honest ones,
//! [`connect`] those of a server that runs the model instead. Work of a subnet's own is what [`Solve`] does. A job
//! can be made only from an admitted request, so a backend never works for a stranger.
#![deny(missing_docs)]

mod app;
mod args;
mod backend;
mod chain;
mod custom;
mod front_door;
mod keeper;
mod membership;
pub mod metrics;
mod model;
mod program;
mod refusal;
mod routes;
mod standing;
mod start;
mod stream;
mod upstream;

pub use app::{App, Service, Services};
pub use args::{Args, Command, Engine, Limits, ServeArgs, UpstreamArgs};
pub use backend::{
    Backend, CustomBackend, CustomJob, Embedded, EmbeddingBackend, EmbeddingJob, Generation, TextBackend, TextJob,
    TextPiece, TextPieces,
};
pub use chain::{Chain, LaurelChain};
pub use custom::Solve;
pub use front_door::{FrontDoor, Visitor};
pub use keeper::Keeper;
pub use laurel_engine::TextPrompt;
pub use membership::{Membership, OwnNeuron};
pub use model::{identify, identify_all, load, EngineOptions, ModelIdentity};
pub use program::solve;
pub use start::{Identity, Start, StartError};
pub use upstream::{connect, UpstreamError, UpstreamOptions};
