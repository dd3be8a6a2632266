//! A neuron keeps its uid, its registration and its axon when its hotkey is swapped.
use crate::{Config, Neurons, Pallet, Protected, Uids, WeightInfo};
use alloc::vec::Vec;
use frame_support::weights::Weight;
use laurel_support::OnHotkeySwapped;
use sp_runtime::DispatchResult;

impl<T: Config> OnHotkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        Uids::<T>::iter_key_prefix(new).next().is_some()
    }

    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        // At most one entry a subnet; collected, because a map must not change while it is read.
        let registrations: Vec<_> = Uids::<T>::drain_prefix(old).collect();
        for (netuid, uid) in registrations {
            Uids::<T>::insert(new, netuid, uid);
            Neurons::<T>::mutate(netuid, uid, |neuron| {
                if let Some(neuron) = neuron.as_mut() {
                    neuron.hotkey = new.clone();
                }
            });
            if Protected::<T>::get(netuid).as_ref() == Some(old) {
                Protected::<T>::insert(netuid, new);
            }
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::on_hotkey_swapped()
    }
}
