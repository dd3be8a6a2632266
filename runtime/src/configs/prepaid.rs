//! `pallet_laurel_prepaid`: what users deposit for gateways.
use crate::{Balances, Runtime, RuntimeHoldReason, Staking};

impl pallet_laurel_prepaid::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Hotkeys = Staking;
    type WeightInfo = crate::weights::pallet_laurel_prepaid::WeightInfo<Runtime>;
}
