//! `pallet_laurel_neurons`: who holds a uid.
use crate::{admission, AccountId, Balances, Children, Rewards, Runtime, Scoring, Staking, Subnets};
use frame_support::traits::Get;

/// Where prices of registrations go, and what is not refunded of locks.
pub struct BurnAccount;

impl Get<AccountId> for BurnAccount {
    fn get() -> AccountId {
        Rewards::burn_account()
    }
}

impl pallet_laurel_neurons::Config for Runtime {
    type Currency = Balances;
    type BurnAccount = BurnAccount;
    type Subnets = Subnets;
    type Hotkeys = Staking;
    type EvictionScore = Scoring;
    type OnNeuronReplaced = (Scoring, Children);
    type OnNeuronRegistered = Scoring;
    type PoolRefusal = admission::ByName;
    type WeightInfo = crate::weights::pallet_laurel_neurons::WeightInfo<Runtime>;
}
