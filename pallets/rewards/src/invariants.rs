//! What must hold of the storage at any time.
use crate::{BillPages, Config, Genesis, LastDistribution, LastEpoch, Line, Minted, Pallet, Progress, Queue, Stage};
use frame_support::{ensure, traits::fungible::Inspect};
use laurel_support::Subnets;
use laurel_types::Balance;
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
        Self::try_state_of_bill()
    }

    fn try_state_of_bill() -> Result<(), TryRuntimeError> {
        let front = Queue::<T>::get().first().copied();
        let (pages, lines, left) = match Progress::<T>::get() {
            Stage::Pay(bill) => {
                ensure!(
                    front == Some(bill.netuid),
                    "a subnet that is not at the front has a bill"
                );
                ensure!(bill.left <= Self::pot(bill.netuid), "a bill is above its pot");
                ensure!(
                    bill.left <= bill.summary.carried,
                    "a bill and what was paid are above the pot"
                );
                (bill.next..bill.pages, bill.lines, bill.left)
            }
            Stage::Stock(uid) => {
                ensure!(uid.0 == 0 || front.is_some(), "nobody waits, but stake was read");
                (0..0, 0, 0)
            }
        };
        ensure!(
            BillPages::<T>::iter_keys().count() == pages.len() && pages.clone().all(BillPages::<T>::contains_key),
            "a page is nobody's, or one is missing"
        );
        let owed: alloc::vec::Vec<_> = pages.flat_map(BillPages::<T>::get).collect();
        let sum = owed.iter().map(Line::amount).fold(0, Balance::saturating_add);
        ensure!(
            (owed.len() as u32, sum) == (lines, left),
            "the lines of a bill do not sum to it"
        );
        Ok(())
    }
}
