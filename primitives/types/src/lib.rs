//! Ids, units and records that the chain and its clients must agree on.
//!
//! The runtime stores and returns these types; off-chain programs decode them with SCALE. Records that
//! carry accounts are generic over the account id, so that a client needs no Substrate crate to read them.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod amount;
mod axon;
mod batch;
mod coldkey_swap;
mod commits;
mod consent;
mod emission;
mod hyperparameters;
mod ids;
mod kin;
mod metagraph;
mod models;
mod pow;
mod prepaid;
mod proxy;
mod reading;
mod refusals;
mod units;
mod weights;

pub use amount::{Amount, Difference, NotAnAmount};
pub use axon::{Axon, AxonAddress, Loopback, AXON_PROTOCOL_VERSION};
pub use batch::{CommitItem, RevealItem, WeightsItem};
pub use coldkey_swap::{coldkey_swap_preimage, COLDKEY_SWAP_CONTEXT};
pub use commits::{Commit, ValidatorCommits};
pub use consent::{consent_preimage, HotkeyConsent, CONSENT_CONTEXT};
pub use emission::{EmissionSchedule, EmissionStep};
pub use hyperparameters::{Description, Hyperparameter, Hyperparameters, OutOfRange, Range, Setter, MAX_BURN};
pub use ids::{EpochIndex, NetUid, RegistrationId, Uid};
pub use kin::{Proportion, MAX_CHILDREN, MAX_PARENTS};
pub use metagraph::{
    EpochSummary, HotkeyInfo, Metagraph, NeuronInfo, NeuronScores, Replacement, RootInfo, RootSeat, StakeInfo,
    SubnetInfo, Supply, UnstakeQuote,
};
pub use models::{AcceptedModel, ModelKind, ModelRoot, TokenizerRoot};
pub use pow::{meets_difficulty, seal_preimage, work_preimage, Work, POW_BLOCKS};
pub use prepaid::{Prepaid, PrepaidTerms};
pub use proxy::{ProxyType, SMALL_TRANSFER};
pub use reading::{MetagraphChanges, MetagraphPage, Portfolio, Position};
pub use refusals::{Refusal, REFUSALS};
pub use units::{Balance, BlockNumber, SignedBalance, Take, DECIMALS, LRL, MAX_SUPPLY, SS58_PREFIX};
pub use weights::{commit_hash_preimage, RowError, WeightRow};

/// Upper bound of neurons in one subnet; the range of the `max_uids` hyperparameter ends here.
pub const MAX_UIDS: u32 = 4_096;
/// Upper bound of validator permits in one subnet; the range of the `max_validators` hyperparameter ends here.
pub const MAX_VALIDATORS: u32 = 256;
/// Upper bound of subnets that exist at one time.
pub const MAX_SUBNETS: u32 = 64;
/// Seats of the root network.
pub const MAX_ROOT_SEATS: u32 = 64;
/// Models that one subnet can accept at one time.
pub const MAX_ACCEPTED_MODELS: u32 = 8;
/// Payers that a gateway can draw from with one call.
pub const MAX_DRAWS: u32 = 256;
