//! `frame_system`: the frame of every block.
use crate::{
    AccountId, Balance, Block, BlockTime, Hash, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    RuntimeTask, VERSION,
};
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU16, Get},
    weights::constants::ParityDbWeight,
};
use frame_system::limits;
use laurel_types::SS58_PREFIX;
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// Part of a block that ordinary transactions may fill; the rest is for hooks and operational calls.
const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

/// What a block may compute, see [`crate::block_time::Pallet::compute_budget`].
pub struct BlockWeights;

impl Get<limits::BlockWeights> for BlockWeights {
    fn get() -> limits::BlockWeights {
        limits::BlockWeights::with_sensible_defaults(BlockTime::compute_budget(), NORMAL_RATIO)
    }
}

parameter_types! {
    /// Bytes of a block, by class.
    pub BlockLength: limits::BlockLength = limits::BlockLength::builder()
        .max_length(5 * 1024 * 1024)
        .modify_max_length_for_class(frame_support::dispatch::DispatchClass::Normal, |max| {
            *max = NORMAL_RATIO * 5 * 1024 * 1024;
        })
        .build();
    /// Also the longest life of a mortal transaction, in blocks.
    pub const BlockHashCount: u32 = 4096;
    pub const Version: RuntimeVersion = VERSION;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type BaseCallFilter = crate::call_filter::CallFilter;
    type Block = Block;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type AccountData = pallet_balances::AccountData<Balance>;
    type BlockWeights = BlockWeights;
    type BlockLength = BlockLength;
    type BlockHashCount = BlockHashCount;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type SS58Prefix = ConstU16<SS58_PREFIX>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type ExtensionsWeightInfo = frame_system::SubstrateExtensionsWeight<Runtime>;
}

impl crate::block_time::Config for Runtime {}
