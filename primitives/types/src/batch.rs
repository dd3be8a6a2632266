//! One item of the weights calls that serve several subnets at once.
use crate::{NetUid, WeightRow};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What `commit_weights` takes, for one subnet.
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
pub struct CommitItem {
    /// The subnet.
    pub netuid: NetUid,
    /// BLAKE2b-256 of [`crate::commit_hash_preimage`].
    pub hash: [u8; 32],
}

/// What `reveal_weights` takes, for one subnet.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct RevealItem {
    /// The subnet.
    pub netuid: NetUid,
    /// The row.
    pub row: WeightRow,
    /// Merkle root of the receipts behind it.
    pub receipts_root: [u8; 32],
    /// Version of the validator's scoring.
    pub version_key: u64,
    /// What made the commit unguessable.
    pub salt: [u8; 32],
}

/// What `set_weights` takes, for one subnet.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Serialize, Deserialize,
)]
pub struct WeightsItem {
    /// The subnet.
    pub netuid: NetUid,
    /// The row.
    pub row: WeightRow,
    /// Merkle root of the receipts behind it.
    pub receipts_root: [u8; 32],
    /// Version of the validator's scoring.
    pub version_key: u64,
}
