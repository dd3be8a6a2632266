//! `pallet_laurel_rewards`: what is minted and who is paid.
use crate::{Balance, Balances, Children, Neurons, Root, Runtime, Scoring, Staking, Subnets};
use frame_support::{parameter_types, traits::Get, PalletId};

parameter_types! {
    /// Names the pots, the reserve and the burn account.
    pub const RewardsPalletId: PalletId = PalletId(*b"lrl/rwrd");
}

/// All staked tokens.
pub struct Staked;

impl Get<Balance> for Staked {
    fn get() -> Balance {
        Staking::total_staked()
    }
}

/// All tokens locked for subnets.
pub struct Locked;

impl Get<Balance> for Locked {
    fn get() -> Balance {
        Subnets::locked()
    }
}

impl pallet_laurel_rewards::Config for Runtime {
    type Currency = Balances;
    type PalletId = RewardsPalletId;
    type Subnets = Subnets;
    type Neurons = Neurons;
    type Epochs = Scoring;
    type Split = Root;
    type Parents = Children;
    type Payout = Staking;
    type OnEpoch = (Subnets, Children);
    type Staked = Staked;
    type Locked = Locked;
    type WeightInfo = crate::weights::pallet_laurel_rewards::WeightInfo<Runtime>;
}
