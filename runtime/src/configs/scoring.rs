//! `pallet_laurel_scoring`: what validators say, and what an epoch makes of it.
use crate::{Children, Neurons, Runtime, Subnets};

impl pallet_laurel_scoring::Config for Runtime {
    type Subnets = Subnets;
    type Neurons = Neurons;
    type Stake = Children;
    type WeightInfo = crate::weights::pallet_laurel_scoring::WeightInfo<Runtime>;
}
