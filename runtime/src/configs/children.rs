//! `pallet_laurel_children`: who lends stake to whom.
use crate::{Neurons, Runtime, Scoring, Staking, Subnets};

impl pallet_laurel_children::Config for Runtime {
    type Staking = Staking;
    type Hotkeys = Staking;
    type Subnets = Subnets;
    type Neurons = Neurons;
    type Epochs = Scoring;
    type WeightInfo = crate::weights::pallet_laurel_children::WeightInfo<Runtime>;
}
