//! `pallet_laurel_neurons`: who holds a uid.
use crate::{AccountId, Balances, Rewards, Runtime, Scoring, Staking, Subnets};
use frame_support::traits::Get;

/// Where prices of registrations go.
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
    type OnNeuronReplaced = Scoring;
    type WeightInfo = ();
}
