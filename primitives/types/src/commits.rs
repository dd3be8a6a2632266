//! What validators have committed to and not yet revealed, as clients read it.
use crate::{BlockNumber, EpochIndex, RegistrationId, Uid};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What a validator bound itself to in one epoch.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct Commit {
    /// BLAKE2b-256 of [`crate::commit_hash_preimage`].
    pub hash: [u8; 32],
    /// The epoch in which it was made.
    pub epoch: EpochIndex,
    /// The epoch in which it can be revealed, and in no other.
    pub reveal_epoch: EpochIndex,
    /// The block in which it was made, from which on the content was fixed.
    pub block: BlockNumber,
}

/// The commits of one validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
pub struct ValidatorCommits {
    /// The validator.
    pub uid: Uid,
    /// Which holder of the uid made them; the hash binds it.
    pub registration: RegistrationId,
    /// What is not yet revealed, the oldest first.
    pub pending: Vec<Commit>,
    /// The epoch of the last commit that was not revealed in its window: the validator has had no weights since. None once it
    /// reveals again.
    pub missed: Option<EpochIndex>,
}
