//! `pallet_laurel_subnets`: what a subnet is.
use crate::{Balances, Neurons, Runtime, RuntimeHoldReason, Scoring};

impl pallet_laurel_subnets::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type OnSubnetCreated = (Neurons, Scoring);
    type WeightInfo = ();
}
