//! The pallets whose dispatch weights `frame-omni-bencher` measures.
use crate::{AllPalletsWithSystem, Runtime};
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkError, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, TrackedStorageKey, WhitelistedStorageKeys};

use crate::{
    Balances, Children, Council, CouncilMembership, Governance, Keys, Multisig, Neurons, Preimage, Prepaid, Proxy,
    Rewards, Root, SafeMode, Scheduler, Scoring, Staking, Subnets, Sudo, Timestamp, TransactionPayment, Utility,
};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensions, Pallet as System};

frame_benchmarking::define_benchmarks!(
    [frame_system, System::<Runtime>]
    [frame_system_extensions, SystemExtensions::<Runtime>]
    [pallet_balances, Balances]
    [pallet_collective, Council]
    [pallet_membership, CouncilMembership]
    [pallet_multisig, Multisig]
    [pallet_preimage, Preimage]
    [pallet_proxy, Proxy]
    [pallet_safe_mode, SafeMode]
    [pallet_scheduler, Scheduler]
    [pallet_sudo, Sudo]
    [pallet_timestamp, Timestamp]
    [pallet_transaction_payment, TransactionPayment]
    [pallet_utility, Utility]
    [pallet_laurel_subnets, Subnets]
    [pallet_laurel_neurons, Neurons]
    [pallet_laurel_staking, Staking]
    [pallet_laurel_scoring, Scoring]
    [pallet_laurel_root, Root]
    [pallet_laurel_rewards, Rewards]
    [pallet_laurel_keys, Keys]
    [pallet_laurel_prepaid, Prepaid]
    [pallet_laurel_children, Children]
    [pallet_laurel_governance, Governance]
);

impl frame_system_benchmarking::Config for Runtime {
    fn setup_set_code_requirements(code: &Vec<u8>) -> Result<(), BenchmarkError> {
        let _ = code;
        Ok(())
    }
}

// How fees are charged here needs nothing prepared.
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

/// Which benchmarks there are, and the storage they may touch.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::<BenchmarkList>::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist: Vec<TrackedStorageKey> = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::<BenchmarkBatch>::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}
