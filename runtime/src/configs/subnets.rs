//! `pallet_laurel_subnets`: what a subnet is.
use super::neurons::BurnAccount;
use crate::{Balances, Children, Neurons, Rewards, Root, Runtime, RuntimeHoldReason, Scoring};

impl pallet_laurel_subnets::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type BurnAccount = BurnAccount;
    type Epochs = Scoring;
    type Split = Root;
    type OnSubnetCreated = (Neurons, Scoring);
    type OnSubnetRemoved = (Neurons, Scoring, Root, Children, Rewards);
    type WeightInfo = crate::weights::pallet_laurel_subnets::WeightInfo<Runtime>;
}
