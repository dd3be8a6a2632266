//! How much the chain mints, now and later, as clients read it.
use crate::Balance;
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// One step of the schedule: what a block mints from an issuance on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct EmissionStep {
    /// Issuance less burned tokens from which on it holds, in leaves.
    pub from: Balance,
    /// What a block mints, in leaves.
    pub per_block: Balance,
}

/// The emission schedule and where the chain stands in it. It follows what is in circulation, not the height: burned tokens can
/// be mined again.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct EmissionSchedule {
    /// Issuance less burned tokens, in leaves: what decides the step.
    pub circulating: Balance,
    /// What the next block mints, in leaves.
    pub per_block: Balance,
    /// Blocks until the emission halves if nothing is burned; none past the last halving.
    pub blocks_to_halving: Option<u64>,
    /// All steps, ascending: the first from nothing on, the last mints nothing.
    pub steps: Vec<EmissionStep>,
}
