//! Measured dispatch weights, one module a pallet. `scripts/bench.sh` writes them; nobody else does.
pub mod pallet_laurel_children;
pub mod pallet_laurel_governance;
pub mod pallet_laurel_keys;
pub mod pallet_laurel_neurons;
pub mod pallet_laurel_rewards;
pub mod pallet_laurel_root;
pub mod pallet_laurel_scoring;
pub mod pallet_laurel_staking;
pub mod pallet_laurel_subnets;
