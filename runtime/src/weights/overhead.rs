//! What a block and a transaction cost before any call, measured by `scripts/bench.sh overhead`: do not edit.
//!
//! 2026-11-22, AMD EPYC, averages of 100 executions.
use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight};

/// A block without transactions: its inherents, and the hooks of all pallets with nothing to do.
pub const BLOCK: Weight = Weight::from_parts(267157 * WEIGHT_REF_TIME_PER_NANOS, 0);

/// A signed transaction that does nothing: decoding, signature, all extensions with the fee, events.
pub const TRANSACTION: Weight = Weight::from_parts(108948 * WEIGHT_REF_TIME_PER_NANOS, 0);
