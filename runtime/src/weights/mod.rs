//! Measured dispatch weights, one module a pallet, and what lies under all of them. `scripts/bench.sh` writes them; nobody else does.
pub mod database;
pub mod frame_system;
pub mod overhead;
pub mod pallet_balances;
pub mod pallet_laurel_children;
pub mod pallet_laurel_governance;
pub mod pallet_laurel_keys;
pub mod pallet_laurel_neurons;
pub mod pallet_laurel_rewards;
pub mod pallet_laurel_root;
pub mod pallet_laurel_scoring;
pub mod pallet_laurel_staking;
pub mod pallet_laurel_subnets;
pub mod pallet_multisig;
pub mod pallet_sudo;
pub mod pallet_timestamp;
pub mod pallet_utility;
