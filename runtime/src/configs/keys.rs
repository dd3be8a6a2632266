//! `pallet_laurel_keys`: passing keys on.
use super::neurons::BurnAccount;
use crate::{
    Balances, Children, Neurons, Prepaid, Rewards, Root, Runtime, RuntimeHoldReason, Scoring, Staking, Subnets,
};

impl pallet_laurel_keys::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type BurnAccount = BurnAccount;
    type Hotkeys = Staking;
    // Whoever keeps anything under hotkeys; `tests/chain/swaps.rs` fails when somebody is missing.
    type OnHotkeySwapped = (Staking, Neurons, Scoring, Root, Children, Rewards, Prepaid);
    type OnColdkeySwapped = (Staking, Subnets, Prepaid);
    type WeightInfo = crate::weights::pallet_laurel_keys::WeightInfo<Runtime>;
}
