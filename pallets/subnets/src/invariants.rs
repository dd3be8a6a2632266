//! What must hold at every block.
use crate::{
    AcceptedModels, Config, Cooldowns, Dissolutions, HoldReason, Identities, Netuids, NextNetUid, Offers, Pallet,
    Params, PendingModels, PendingParams, Removals, Settings, SubnetIdentities, Subnets, Tunable,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
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
        Self::try_state_of_endings(&netuids)?;
        Self::try_state_of_locks()?;
        Self::try_state_of_deposits(&netuids)
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
        let announced = PendingModels::<T>::iter().map(|(netuid, announced)| (netuid, announced.models));
        for (netuid, models) in AcceptedModels::<T>::iter().chain(announced) {
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

    fn try_state_of_endings(netuids: &BTreeSet<NetUid>) -> Result<(), TryRuntimeError> {
        let announced = Dissolutions::<T>::get();
        ensure!(
            announced.windows(2).all(|pair| pair[0].at <= pair[1].at),
            "dissolutions are not in the order in which they are due"
        );
        let of: BTreeSet<_> = announced.iter().map(|dissolution| dissolution.netuid).collect();
        ensure!(
            of.len() == announced.len(),
            "two dissolutions of a subnet are announced"
        );
        ensure!(
            of.is_subset(netuids),
            "a dissolution is announced of a subnet that does not exist"
        );
        let removals = Removals::<T>::get();
        let ended: BTreeSet<_> = removals.iter().copied().collect();
        ensure!(ended.len() == removals.len(), "a subnet is removed twice");
        ensure!(ended.is_disjoint(netuids), "a subnet that exists is being removed");
        ensure!(
            Offers::<T>::iter_keys().all(|netuid| netuids.contains(&netuid)),
            "a subnet that does not exist is offered"
        );
        Ok(())
    }

    fn try_state_of_deposits(netuids: &BTreeSet<NetUid>) -> Result<(), TryRuntimeError> {
        let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
        for (who, known) in Identities::<T>::iter() {
            ensure!(known.identity.is_valid(), "an identity has no name");
            *deposits.entry(who).or_default() += known.deposit;
        }
        for (netuid, known) in SubnetIdentities::<T>::iter() {
            ensure!(
                netuids.contains(&netuid),
                "a subnet that does not exist has an identity"
            );
            ensure!(known.identity.is_valid(), "a subnet's identity has no name");
            if let Some(subnet) = Subnets::<T>::get(netuid) {
                *deposits.entry(subnet.owner).or_default() += known.deposit;
            }
        }
        for (who, deposit) in deposits {
            let held = T::Currency::balance_on_hold(&HoldReason::Identity.into(), &who);
            ensure!(
                held == deposit,
                "the hold for identities is not the sum of the deposits"
            );
        }
        Ok(())
    }
}
