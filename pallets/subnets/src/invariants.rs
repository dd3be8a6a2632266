//! What must hold at every block.
use crate::{
    AcceptedModels, Config, Cooldowns, HoldReason, Netuids, NextNetUid, Pallet, Params, PendingModels, PendingParams,
    Settings, Subnets, Tunable,
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{ensure, traits::fungible::InspectHold};
use laurel_types::{Balance, NetUid};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants that the crate's docs list.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Settings::<T>::get().check()?;
        let netuids = Self::try_state_of_netuids()?;
        Self::try_state_of_parameters(&netuids)?;
        Self::try_state_of_models(&netuids)?;
        Self::try_state_of_locks()
    }

    fn try_state_of_netuids() -> Result<BTreeSet<NetUid>, TryRuntimeError> {
        let listed = Netuids::<T>::get();
        ensure!(
            listed.windows(2).all(|pair| pair[0] < pair[1]),
            "netuids are not strictly ascending"
        );
        ensure!(
            listed.last().is_none_or(|last| *last < NextNetUid::<T>::get()),
            "a netuid was given in advance"
        );
        let netuids: BTreeSet<_> = listed.into_iter().collect();
        ensure!(
            Subnets::<T>::iter_keys().collect::<BTreeSet<_>>() == netuids,
            "subnets and netuids differ"
        );
        ensure!(
            Params::<T>::iter_keys().collect::<BTreeSet<_>>() == netuids,
            "parameters and netuids differ"
        );
        Ok(netuids)
    }

    fn try_state_of_parameters(netuids: &BTreeSet<NetUid>) -> Result<(), TryRuntimeError> {
        ensure!(
            Params::<T>::iter_values().all(|p| p.check().is_ok()),
            "parameters in force are out of range"
        );
        for (netuid, params) in PendingParams::<T>::iter() {
            ensure!(
                netuids.contains(&netuid),
                "parameters wait for a subnet that does not exist"
            );
            ensure!(params.check().is_ok(), "waiting parameters are out of range");
        }
        for (netuid, tunable, changed_at) in Cooldowns::<T>::iter() {
            ensure!(
                netuids.contains(&netuid),
                "a cool-down runs in a subnet that does not exist"
            );
            ensure!(changed_at <= Self::now(), "a cool-down began in the future");
            let never_set = tunable == Tunable::Models && !Self::has_models(netuid);
            ensure!(!never_set, "models rest in a subnet that has none");
        }
        Ok(())
    }

    fn try_state_of_models(netuids: &BTreeSet<NetUid>) -> Result<(), TryRuntimeError> {
        for (netuid, models) in AcceptedModels::<T>::iter().chain(PendingModels::<T>::iter()) {
            ensure!(
                netuids.contains(&netuid),
                "models belong to a subnet that does not exist"
            );
            ensure!(
                Self::check_models(&models).is_ok(),
                "a list of models is empty or names one twice"
            );
        }
        let waiting_without_predecessor = PendingModels::<T>::iter_keys().any(|netuid| !Self::has_models(netuid));
        ensure!(
            !waiting_without_predecessor,
            "the first models of a subnet wait instead of being in force"
        );
        Ok(())
    }

    fn try_state_of_locks() -> Result<(), TryRuntimeError> {
        let subnets: Vec<_> = Subnets::<T>::iter_values().collect();
        for subnet in &subnets {
            ensure!(subnet.created_at <= Self::now(), "a subnet was created in the future");
            let of_owner = subnets
                .iter()
                .filter(|other| other.owner == subnet.owner)
                .map(|other| other.lock);
            let held = T::Currency::balance_on_hold(&HoldReason::SubnetLock.into(), &subnet.owner);
            ensure!(
                of_owner.sum::<Balance>() == held,
                "the hold of an owner is not the sum of its locks"
            );
        }
        Ok(())
    }
}
