//! Laurel's state transition function: the pallets wired together, nothing of the domain itself.
//!
//! - `configs/`: one file a pallet says how it is tuned and whom it knows;
//! - [`genesis`]: the presets that a chain can start from;
//! - `apis.rs` and [`laurel_api`]: what the node and clients call;
//! - [`admission`]: what the transaction pool takes; [`call_filter`]: what nobody may call; [`proxy_type`]: who may act for whom;
//! - `signing.rs`: transactions as tests and measurements sign them;
//! - [`block_time`]: the one value that decides how fast a chain runs;
//! - `weights/`: measured dispatch weights.
//!
//! Calling [`Runtime`]'s metadata or any `Get` of its constants natively needs externalities, because the block time is
//! read from storage.
#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// `#[frame_support::runtime]` and the build script generate public items without docs; ours have them.
#![allow(missing_docs)]

extern crate alloc;

// `WASM_BINARY` (none with `SKIP_WASM_BUILD`) and `WASM_BINARY_BLOATY`, written by the build script.
#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod admission;
pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod block_time;
pub mod call_filter;
pub mod configs;
pub mod genesis;
pub mod laurel_api;
pub mod proxy_type;
#[cfg(feature = "std")]
pub mod signing;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use laurel_types::{Balance, BlockNumber};

/// How transactions are signed.
pub type Signature = MultiSignature;
/// Names an account: the public key or its hash.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How transactions name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Counts an account's transactions.
pub type Nonce = u32;
/// BLAKE2b-256 digest of blocks and storage.
pub type Hash = sp_core::H256;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block as the node handles it: it need not know what is in a transaction, and serves it to clients in hex.
pub type OpaqueBlock = generic::Block<Header, sp_runtime::OpaqueExtrinsic>;

/// What a transaction carries and is checked for besides its call, in this order.
pub type TxExtension = (
    frame_system::AuthorizeCall<Runtime>,
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckMortality<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// A transaction or inherent as it arrives.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signer signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks and transactions.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

impl_opaque_keys! {
    /// The keys of an authority.
    pub struct SessionKeys {
        /// Makes blocks.
        pub aura: Aura,
        /// Votes on finality.
        pub grandpa: Grandpa,
    }
}

/// Name and version of this runtime. `spec_version` rises with every release that changes behaviour: it is the day of the release and a
/// number within the day. `transaction_version` rises with every change of how transactions are encoded.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("laurel"),
    impl_name: Cow::Borrowed("laurel"),
    authoring_version: 1,
    spec_version: 2_611_230,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type BlockTime = crate::block_time;
    #[runtime::pallet_index(3)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(4)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(5)]
    pub type Authorship = pallet_authorship;
    #[runtime::pallet_index(6)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(7)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(8)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(9)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(10)]
    pub type Council = pallet_collective<Instance1>;
    #[runtime::pallet_index(11)]
    pub type CouncilMembership = pallet_membership;
    #[runtime::pallet_index(12)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(13)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(14)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(15)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(16)]
    pub type SafeMode = pallet_safe_mode;
    #[runtime::pallet_index(17)]
    pub type Governance = pallet_laurel_governance;

    #[runtime::pallet_index(20)]
    pub type Subnets = pallet_laurel_subnets;
    #[runtime::pallet_index(21)]
    pub type Neurons = pallet_laurel_neurons;
    #[runtime::pallet_index(22)]
    pub type Staking = pallet_laurel_staking;
    #[runtime::pallet_index(23)]
    pub type Scoring = pallet_laurel_scoring;
    #[runtime::pallet_index(24)]
    pub type Root = pallet_laurel_root;
    #[runtime::pallet_index(26)]
    pub type Keys = pallet_laurel_keys;
    #[runtime::pallet_index(27)]
    pub type Children = pallet_laurel_children;
    #[runtime::pallet_index(28)]
    pub type Prepaid = pallet_laurel_prepaid;
    // Last: it mints and pays by what the others decided in the same block, and records the issuance of their genesis.
    #[runtime::pallet_index(25)]
    pub type Rewards = pallet_laurel_rewards;
}
