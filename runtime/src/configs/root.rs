//! `pallet_laurel_root`: the split between subnets.
use crate::{Neurons, Runtime, Staking, Subnets};

impl pallet_laurel_root::Config for Runtime {
    type Subnets = Subnets;
    type Neurons = Neurons;
    type Hotkeys = Staking;
    type Stake = Staking;
    type WeightInfo = crate::weights::pallet_laurel_root::WeightInfo<Runtime>;
}
