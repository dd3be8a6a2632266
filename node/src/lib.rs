//! `laurel-node`: the Laurel chain. It makes blocks, votes on finality, follows the chain and answers JSON-RPC; what is
//! specific to Laurel lives in the runtime and in the `laurel_*` methods ([`rpc::laurel`]).
#![deny(missing_docs)]
// The error type is the SDK's.
#![allow(clippy::result_large_err)]

mod chain_metrics;
pub mod chain_spec;
pub mod cli;
pub mod command;
mod disk;
pub mod failure;
mod logging;
mod ports;
pub mod rpc;
pub mod service;
