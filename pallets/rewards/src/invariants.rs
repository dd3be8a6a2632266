//! What must hold of the storage at any time.
use crate::{Config, Genesis, LastDistribution, LastEpoch, Minted, Pallet, Queue};
use frame_support::{ensure, traits::fungible::Inspect};
use laurel_support::Subnets;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every equation that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let issuance = T::Currency::total_issuance();
        ensure!(
            Some(issuance) == Genesis::<T>::get().checked_add(Minted::<T>::get()),
            "issuance != genesis + minted"
        );
        let seed = T::Currency::minimum_balance();
        for account in [Self::reserve_account(), Self::burn_account()] {
            ensure!(
                T::Currency::balance(&account) >= seed,
                "reserve or burn account is closed"
            );
        }
        for (netuid, _) in LastDistribution::<T>::get() {
            ensure!(
                T::Currency::balance(&Self::pot_account(netuid)) >= seed,
                "a pot is closed"
            );
        }
        let queue = Queue::<T>::get();
        let unique = queue
            .iter()
            .enumerate()
            .all(|(at, netuid)| !queue[..at].contains(netuid));
        ensure!(unique, "a subnet is queued twice");
        for (netuid, summary) in LastEpoch::<T>::iter() {
            ensure!(
                T::Subnets::exists(netuid) || T::Subnets::is_ending(netuid),
                "the summary of a subnet that is gone is left"
            );
            let parts = [summary.owner, summary.miners, summary.validators, summary.carried];
            let sum = parts.into_iter().try_fold(0u64, |sum, part| sum.checked_add(part));
            ensure!(sum == Some(summary.pot), "an epoch's summary does not sum to its pot");
        }
        Ok(())
    }
}
