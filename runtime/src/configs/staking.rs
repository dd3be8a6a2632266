//! `pallet_laurel_staking`: who backs whom.
use crate::{Balances, Runtime};
use frame_support::{parameter_types, PalletId};

parameter_types! {
    /// Names the staking pot.
    pub const StakingPalletId: PalletId = PalletId(*b"lrl/stak");
}

impl pallet_laurel_staking::Config for Runtime {
    type Currency = Balances;
    type PalletId = StakingPalletId;
    type Consent = pallet_laurel_staking::Sr25519;
    type WeightInfo = crate::weights::pallet_laurel_staking::WeightInfo<Runtime>;
}
