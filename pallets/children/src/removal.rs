//! What happens to links when a neuron, a subnet or a hotkey goes.
use crate::{ChildTake, Config, Kin, LinkCount, Pallet, Pending, Queue, Waiting, WeightInfo};
use alloc::vec::Vec;
use frame_support::{
    dispatch::{DispatchClass, DispatchResult},
    weights::Weight,
};
use laurel_support::{Neurons, OnHotkeySwapped, OnNeuronReplaced, OnSubnetRemoved, Subnets};
use laurel_types::{NetUid, Uid, MAX_SUBNETS};

impl<T: Config> OnNeuronReplaced for Pallet<T> {
    /// A hotkey without a uid earns nothing, so nobody lends to it any more, and its child take goes. What it lends
    /// itself stays: that needs no uid, and otherwise a child's owner could rid itself of a parent by evicting it.
    fn on_neuron_replaced(netuid: NetUid, uid: Uid) {
        let Some(neuron) = T::Neurons::neuron(netuid, uid) else {
            return;
        };
        let Some(kinship) = Kin::<T>::get(netuid, &neuron.hotkey) else {
            return;
        };
        let parents: Vec<T::AccountId> = kinship.live_parents().map(|link| link.parent.clone()).collect();
        for parent in &parents {
            Self::stop_lending(netuid, parent, &neuron.hotkey);
        }
        // Read again: a parent can be a child as well.
        let mut kinship = Self::settled(netuid, &neuron.hotkey);
        kinship.parents = Default::default();
        kinship.take = ChildTake::default();
        // Nobody has read the stake-time of this registration but what is being removed, so the record may go.
        let stays = !kinship.is_idle();
        Self::put(netuid, &neuron.hotkey, Some(kinship).filter(|_| stays));
        // Whoever registers cannot know how many parents the predecessor had.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            T::WeightInfo::on_neuron_replaced(parents.len() as u32),
            DispatchClass::Normal,
        );
    }
}

impl<T: Config> OnSubnetRemoved for Pallet<T> {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        let looking = T::WeightInfo::remove_links(0);
        let item = T::WeightInfo::remove_links(1).saturating_sub(looking);
        let affordable = budget
            .saturating_sub(looking)
            .checked_div_per_component(&item)
            // Without a measured weight a step is bounded all the same.
            .unwrap_or(u64::MAX)
            .min(MAX_REMOVED.into());
        if !looking.all_lte(budget) || affordable == 0 {
            return (Weight::zero(), false);
        }
        let limit = affordable as u32; // at most `MAX_REMOVED`
        let removed = Self::remove_items(netuid, limit);
        let used = T::WeightInfo::remove_links(removed);
        if removed == limit {
            return (used, false);
        }
        Waiting::<T>::remove(netuid);
        LinkCount::<T>::remove(netuid);
        (used, true)
    }
}

/// Items that one step removes at most.
const MAX_REMOVED: u32 = 512;

impl<T: Config> Pallet<T> {
    /// Removes at most `limit` records of a subnet. Returns how many: fewer if none are left.
    fn remove_items(netuid: NetUid, limit: u32) -> u32 {
        let mut removed = 0;
        let left = |removed: u32| (limit.saturating_sub(removed)) as usize;
        let kin: Vec<_> = Kin::<T>::iter_key_prefix(netuid).take(left(removed)).collect();
        removed = removed.saturating_add(kin.len() as u32);
        kin.iter().for_each(|hotkey| Kin::<T>::remove(netuid, hotkey));
        let sets: Vec<_> = Pending::<T>::iter_key_prefix(netuid).take(left(removed)).collect();
        removed = removed.saturating_add(sets.len() as u32);
        sets.iter().for_each(|hotkey| Pending::<T>::remove(netuid, hotkey));
        let places: Vec<_> = Queue::<T>::iter_key_prefix(netuid).take(left(removed)).collect();
        removed = removed.saturating_add(places.len() as u32);
        places.iter().for_each(|place| Queue::<T>::remove(netuid, place));
        removed
    }
}

impl<T: Config> OnHotkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        T::Subnets::netuids()
            .into_iter()
            .any(|netuid| Kin::<T>::contains_key(netuid, new) || Pending::<T>::contains_key(netuid, new))
    }

    /// Both ends of every link, and the set that waits. Proposals to the hotkey name its registration, which stays.
    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        for netuid in T::Subnets::netuids() {
            if let Some(kinship) = Kin::<T>::take(netuid, old) {
                let children = kinship.children.iter().map(|lent| &lent.child);
                let parents = kinship.parents.iter().map(|link| &link.parent);
                for relative in children.chain(parents) {
                    Kin::<T>::mutate_exists(netuid, relative, |other| {
                        if let Some(other) = other {
                            other.rename(old, new);
                        }
                    });
                }
                Kin::<T>::insert(netuid, new, kinship);
            }
            if let Some(set) = Pending::<T>::take(netuid, old) {
                Queue::<T>::insert(netuid, set.place, new);
                Pending::<T>::insert(netuid, new, set);
            }
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::swap_links(MAX_SUBNETS)
    }
}
