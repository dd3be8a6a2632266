//! What becomes of the pot when a subnet ends.
use crate::{Config, Event, LastDistribution, LastEpoch, Pallet, Queue, WeightInfo};
use frame_support::{
    traits::{
        fungible::{Balanced, Inspect},
        tokens::{Fortitude, Precision, Preservation},
    },
    weights::Weight,
};
use laurel_support::OnSubnetRemoved;
use laurel_types::NetUid;

impl<T: Config> Pallet<T> {
    /// Empties and closes the subnet's pot. A pot that cannot be emptied, because somebody froze it, keeps what it has: the books
    /// stay right, and the next step tries again. Returns whether it is closed.
    fn close_pot(netuid: NetUid) -> bool {
        let pot = Self::pot_account(netuid);
        let amount = T::Currency::total_balance(&pot);
        if amount == 0 {
            return true;
        }
        let (precision, preservation) = (Precision::Exact, Preservation::Expendable);
        let Ok(credit) = T::Currency::withdraw(&pot, amount, precision, preservation, Fortitude::Polite) else {
            return false;
        };
        Self::save(credit);
        Self::deposit_event(Event::PotClosed { netuid, amount });
        true
    }
}

impl<T: Config> OnSubnetRemoved for Pallet<T> {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        let step = T::WeightInfo::remove_subnet();
        if !step.all_lte(budget) {
            return (Weight::zero(), false);
        }
        LastEpoch::<T>::remove(netuid);
        LastDistribution::<T>::mutate(|all| all.retain(|entry| entry.0 != netuid));
        Queue::<T>::mutate(|queue| {
            // What is not paid yet is still in the pot, which is closed now.
            if queue.first() == Some(&netuid) {
                Self::forget_progress();
            }
            queue.retain(|waiting| *waiting != netuid);
        });
        (step, Self::close_pot(netuid))
    }
}
