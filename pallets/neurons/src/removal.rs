//! What is left of a subnet's neurons when the subnet ends: nothing, after as many steps as it takes.
use crate::{Axons, Config, Count, Difficulty, Neurons, Pallet, Pricing, Protected, SpentSeals, Uids, WeightInfo};
use alloc::vec::Vec;
use frame_support::weights::Weight;
use laurel_support::OnSubnetRemoved;
use laurel_types::{NetUid, MAX_UIDS};

impl<T: Config> OnSubnetRemoved for Pallet<T> {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        let fixed = T::WeightInfo::remove_neurons(0);
        let each = T::WeightInfo::remove_neurons(1).saturating_sub(fixed);
        let affordable = budget.checked_sub(&fixed).map_or(0, |rest| {
            rest.checked_div_per_component(&each).unwrap_or(MAX_UIDS.into())
        });
        if affordable == 0 {
            return (Weight::zero(), false);
        }
        // At most `MAX_UIDS`, because there are no more.
        let neurons: Vec<_> = Neurons::<T>::iter_prefix(netuid)
            .take(affordable.min(MAX_UIDS.into()) as usize)
            .collect();
        let removed = neurons.len() as u32;
        for (uid, neuron) in neurons {
            Neurons::<T>::remove(netuid, uid);
            Uids::<T>::remove(&neuron.hotkey, netuid);
            Axons::<T>::remove(netuid, uid);
        }
        let used = T::WeightInfo::remove_neurons(removed);
        if u64::from(removed) == affordable && Neurons::<T>::iter_key_prefix(netuid).next().is_some() {
            return (used, false);
        }
        Count::<T>::remove(netuid);
        Pricing::<T>::remove(netuid);
        Difficulty::<T>::remove(netuid);
        SpentSeals::<T>::remove(netuid);
        Protected::<T>::remove(netuid);
        (used, true)
    }
}
