//! What becomes of seats and votes when a hotkey is swapped or a subnet ends.
use crate::{Config, CurrentSplit, NextSplitAt, Pallet, RootWeights, Seats, WeightInfo};
use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, weights::Weight};
use laurel_support::{OnHotkeySwapped, OnSubnetRemoved};
use laurel_types::NetUid;

impl<T: Config> OnHotkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        Seats::<T>::contains_key(new)
    }

    /// The seat goes on under the new key, with its weights and their age.
    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        if let Some(seat) = Seats::<T>::take(old) {
            Seats::<T>::insert(new, seat);
        }
        if let Some(row) = RootWeights::<T>::take(old) {
            RootWeights::<T>::insert(new, row);
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::on_hotkey_swapped()
    }
}

impl<T: Config> OnSubnetRemoved for Pallet<T> {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        // At most one row a seat: one step.
        let step = T::WeightInfo::remove_subnet();
        if !step.all_lte(budget) {
            return (Weight::zero(), false);
        }
        // Collected, because a map must not change while it is read.
        let rows: Vec<_> = RootWeights::<T>::iter()
            .filter(|(_, row)| row.entries().iter().any(|entry| entry.0 == netuid))
            .collect();
        for (hotkey, row) in rows {
            match row.without(netuid) {
                Some(rest) => RootWeights::<T>::insert(&hotkey, rest),
                None => {
                    RootWeights::<T>::remove(&hotkey);
                    Seats::<T>::mutate_exists(&hotkey, |seat| {
                        if let Some(seat) = seat {
                            seat.weights_updated_at = None;
                        }
                    });
                }
            }
        }
        if CurrentSplit::<T>::get().iter().any(|entry| entry.0 == netuid) {
            // What it had goes to the reserve until the next split, and that is due at once.
            CurrentSplit::<T>::mutate(|split| split.retain(|entry| entry.0 != netuid));
            NextSplitAt::<T>::put(Self::now());
        }
        (step, true)
    }
}
