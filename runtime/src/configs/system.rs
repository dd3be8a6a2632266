//! `frame_system`: the frame of every block.
use crate::{
    weights::{database::DatabaseWeight, overhead},
    AccountId, Balance, Block, BlockTime, Hash, Nonce, PalletInfo, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    RuntimeTask, VERSION,
};
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{ConstU16, Get},
    weights::Weight,
};
use frame_system::limits;
use laurel_types::SS58_PREFIX;
use sp_runtime::Perbill;
use sp_version::RuntimeVersion;

/// Part of a block that ordinary transactions may fill; the rest is for hooks and operational calls.
const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

/// What a block may compute, see [`crate::block_time::Pallet::compute_budget`].
pub struct BlockWeights;

/// Part of a block that its hooks may be expected to take, so that a call which needs more than the rest is refused at once.
const HOOKS_RATIO: Perbill = Perbill::from_percent(10);

impl Get<limits::BlockWeights> for BlockWeights {
    fn get() -> limits::BlockWeights {
        let block = BlockTime::compute_budget();
        let normal = NORMAL_RATIO * block;
        limits::BlockWeights::builder()
            .base_block(overhead::BLOCK)
            .for_class(DispatchClass::all(), |class| {
                class.base_extrinsic = overhead::TRANSACTION
            })
            .for_class(DispatchClass::Normal, |class| class.max_total = Some(normal))
            .for_class(DispatchClass::Operational, |class| {
                class.max_total = Some(block);
                class.reserved = Some(block - normal);
            })
            .avg_block_initialization(HOOKS_RATIO)
            .build()
            .expect(
                "the shortest slot's budget is a hundred times what block and transaction take before any call; qed",
            )
    }
}

/// What the extensions of a transaction cost beyond [`overhead::TRANSACTION`], in which all of them ran: only the database, because
/// there one account sent everything.
pub struct ExtensionWeights;

impl frame_system::ExtensionsWeightInfo for ExtensionWeights {
    fn check_genesis() -> Weight {
        Weight::zero()
    }
    fn check_mortality_mortal_transaction() -> Weight {
        DatabaseWeight::get().reads(1)
    }
    fn check_mortality_immortal_transaction() -> Weight {
        Weight::zero()
    }
    fn check_non_zero_sender() -> Weight {
        Weight::zero()
    }
    /// The sender's account, from which the fee is paid as well.
    fn check_nonce() -> Weight {
        DatabaseWeight::get().reads_writes(1, 1)
    }
    fn check_spec_version() -> Weight {
        Weight::zero()
    }
    fn check_tx_version() -> Weight {
        Weight::zero()
    }
    fn check_weight() -> Weight {
        Weight::zero()
    }
    fn weight_reclaim() -> Weight {
        Weight::zero()
    }
}

impl pallet_transaction_payment::WeightInfo for ExtensionWeights {
    /// The payer's account is charged for by [`frame_system::ExtensionsWeightInfo::check_nonce`], and the author's is the same for the whole block.
    fn charge_transaction_payment() -> Weight {
        Weight::zero()
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
    type DbWeight = DatabaseWeight;
    type Version = Version;
    type SS58Prefix = ConstU16<SS58_PREFIX>;
    type SystemWeightInfo = crate::weights::frame_system::WeightInfo<Runtime>;
    type ExtensionsWeightInfo = ExtensionWeights;
}

impl crate::block_time::Config for Runtime {}
