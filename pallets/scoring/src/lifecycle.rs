//! What becomes of the records when neurons, hotkeys and subnets come and go.
use crate::{
    uids::{group_of, pages, place_of, GROUP, PAGE},
    Bonds, Clock, Commits, Config, Emissions, EpochClock, Pallet, PastConsensus, Permits, Rolls, Rows, Scores, Tallies,
    WeightInfo,
};
use frame_support::{
    dispatch::{DispatchClass, DispatchResult},
    weights::Weight,
};
use laurel_support::{Neurons, OnHotkeySwapped, OnNeuronReplaced, OnSubnetCreated, OnSubnetRemoved, Subnets};
use laurel_types::{EpochIndex, NetUid, Uid, MAX_UIDS};

impl<T: Config> OnSubnetCreated for Pallet<T> {
    fn on_subnet_created(netuid: NetUid) {
        let now = Self::now();
        Clock::<T>::insert(
            netuid,
            EpochClock {
                epoch: EpochIndex::default(),
                started_at: now,
            },
        );
    }
}

impl<T: Config> OnNeuronReplaced for Pallet<T> {
    fn on_neuron_replaced(netuid: NetUid, uid: Uid) {
        let neurons = T::Neurons::count(netuid).into();
        Self::remove_rows(netuid, group_of(uid), &[uid]);
        Self::remove_commits(netuid, uid);
        Self::clear_scores(netuid, uid);
        // What others' rows and the bonds say of the uid stays written: their stamps are not after the newcomer's registration, so
        // it counts for nothing and is not shown. The roll is told when the newcomer is there.
        //
        // The caller's benchmark cannot know how full our storage is.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            T::WeightInfo::on_neuron_replaced(neurons),
            DispatchClass::Normal,
        );
    }
}

impl<T: Config> OnHotkeySwapped<T::AccountId> for Pallet<T> {
    /// Who is on a roll holds a uid, and the neurons answer for those.
    fn in_use(_: &T::AccountId) -> bool {
        false
    }

    /// The neuron stays who it was: uid, registration, rows, commits and bonds go on under the new key.
    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        for netuid in T::Subnets::netuids() {
            // The neurons may have been told before or after us.
            let uid = T::Neurons::uid_of(netuid, old).or_else(|| T::Neurons::uid_of(netuid, new));
            let Some(uid) = uid else {
                continue;
            };
            let (page, at) = place_of(uid);
            Rolls::<T>::mutate(netuid, page, |roll| {
                if let Some(hotkey) = roll.hotkeys.get_mut(at).filter(|hotkey| *hotkey == old) {
                    *hotkey = new.clone();
                }
            });
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::on_hotkey_swapped()
    }
}

impl<T: Config> Pallet<T> {
    /// Removes as many pages of neurons as `budget` allows, with all that those said; the last one first. Returns the weight used and
    /// whether none is left.
    pub(crate) fn remove_pages(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        let (each, mut used) = (T::WeightInfo::remove_page(), Weight::zero());
        let stored = pages(MAX_UIDS as usize).take_while(|page| Rolls::<T>::contains_key(netuid, page));
        for page in (0..stored.count() as u16).rev() {
            if !used.saturating_add(each).all_lte(budget) {
                return (used, false);
            }
            used.saturating_accrue(each);
            let groups = (PAGE / GROUP) as u16;
            for group in (0..groups).map(|group| page * groups + group) {
                Rows::<T>::remove(netuid, group);
                Commits::<T>::remove(netuid, group);
            }
            Rolls::<T>::remove(netuid, page);
        }
        (used, true)
    }
}

impl<T: Config> OnSubnetRemoved for Pallet<T> {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        let (pages, done) = Self::remove_pages(netuid, budget);
        let used = pages.saturating_add(T::WeightInfo::remove_subnet());
        if !done || !used.all_lte(budget) {
            return (pages, false);
        }
        Clock::<T>::remove(netuid);
        Tallies::<T>::remove(netuid);
        Bonds::<T>::remove(netuid);
        Scores::<T>::remove(netuid);
        Emissions::<T>::remove(netuid);
        PastConsensus::<T>::remove(netuid);
        Permits::<T>::remove(netuid);
        (used, true)
    }
}
