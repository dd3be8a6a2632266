//! Models as the chain knows them: by the root of their weights.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Root of a model's manifest: a BLAKE2b-256 digest over tokenizer, configuration and weight tensors.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct ModelRoot(pub [u8; 32]);

/// BLAKE2b-256 digest of a model's `tokenizer.json`, byte for byte: two models with the same one cut text into the same tokens.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct TokenizerRoot(pub [u8; 32]);

/// The kind of work that a model does.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ModelKind {
    /// Generates text; answers are checked token by token against the canonical sampler.
    Text,
    /// Maps text to a unit vector; answers are checked by recomputing them.
    Embedding,
    /// Work that the subnet's author defines: the root is its specification's, the author's own validator checks the answers.
    Custom,
}

/// One model that a subnet pays for.
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
pub struct AcceptedModel {
    /// What the miner must have loaded.
    pub root: ModelRoot,
    /// What it is for.
    pub kind: ModelKind,
    /// Longest input plus output, in tokens.
    pub context: u32,
    /// How it cuts text into tokens.
    pub tokenizer: TokenizerRoot,
    /// Version of the sampler that its answers are checked with; 0 for embeddings, which are not sampled.
    pub sampler: u32,
}
