//! `pallet_transaction_payment`: what a transaction costs, and who gets it.
use crate::{AccountId, Authorship, Balance, Balances, Runtime, RuntimeEvent};
use frame_support::{
    parameter_types,
    traits::{
        fungible::{Balanced, Credit},
        ConstU8, OnUnbalanced,
    },
    weights::Weight,
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

/// Picoseconds of compute that one leaf pays: a transfer then costs about 0.0001 LRL.
const REF_TIME_PER_LEAF: u64 = 2_500;

/// Leaves for each byte of a transaction.
const LEAVES_PER_BYTE: Balance = 100;

/// The fee for compute, proportional to the dispatch weight and rounded up. A chain of its own has no proof size to
/// charge for.
pub struct WeightToFee;

impl frame_support::weights::WeightToFee for WeightToFee {
    type Balance = Balance;

    fn weight_to_fee(weight: &Weight) -> Balance {
        weight.ref_time().div_ceil(REF_TIME_PER_LEAF)
    }
}

/// The fee for length.
pub struct LengthToFee;

impl frame_support::weights::WeightToFee for LengthToFee {
    type Balance = Balance;

    fn weight_to_fee(length: &Weight) -> Balance {
        length.ref_time().saturating_mul(LEAVES_PER_BYTE)
    }
}

parameter_types! {
    /// Fullness of blocks above which fees rise.
    pub const TargetFullness: Perquintill = Perquintill::from_percent(25);
    /// How fast they rise: about 6 % an hour of full 12 s blocks.
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
    /// They never fall below the plain fee.
    pub MinimumMultiplier: Multiplier = Multiplier::from_u32(1);
    pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

/// Fees and tips go to the block's author. Where there is none, or where the fee alone is too little to open its account,
/// they go to the burn account.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
    fn on_nonzero_unbalanced(fee: Credit<AccountId, Balances>) {
        let left = match Authorship::author() {
            Some(author) => Balances::resolve(&author, fee).err(),
            None => Some(fee),
        };
        if let Some(left) = left {
            pallet_laurel_rewards::ToBurn::<Runtime>::on_unbalanced(left);
        }
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
    type WeightToFee = WeightToFee;
    type LengthToFee = LengthToFee;
    type FeeMultiplierUpdate =
        TargetedFeeAdjustment<Runtime, TargetFullness, AdjustmentVariable, MinimumMultiplier, MaximumMultiplier>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = super::system::ExtensionWeights;
}
