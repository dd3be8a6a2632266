//! What becomes of the records when neurons, hotkeys and subnets come and go.
use crate::{
    uids::GROUPS, Bonds, Clock, Commits, Config, Emissions, EpochClock, Pallet, PastConsensus, Permits, Roll, Rolls,
    RowCount, Rows, Scores, WeightInfo,
};
use frame_support::{
    dispatch::{DispatchClass, DispatchResult},
    weights::Weight,
};
use laurel_support::{Neurons, OnHotkeySwapped, OnNeuronReplaced, OnSubnetCreated, OnSubnetRemoved, Subnets};
use laurel_types::{EpochIndex, NetUid, Uid};

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
        Rolls::<T>::insert(netuid, Roll::default());
    }
}

impl<T: Config> OnNeuronReplaced for Pallet<T> {
    fn on_neuron_replaced(netuid: NetUid, uid: Uid) {
        Self::remove_row(netuid, uid);
        Self::remove_commits(netuid, uid);
        Self::clear_scores(netuid, uid);
        // What others' rows and the bonds say of the uid stays written: their stamps are not after the newcomer's registration, so
        // it counts for nothing and is not shown. The roll is told when the newcomer is there.
        //
        // The caller's benchmark cannot know how full our storage is.
        frame_system::Pallet::<T>::register_extra_weight_unchecked(
            T::WeightInfo::on_neuron_replaced(),
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
            Rolls::<T>::mutate(netuid, |roll| {
                if let Some(hotkey) = roll.hotkeys.get_mut(uid.index()).filter(|hotkey| *hotkey == old) {
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

impl<T: Config> OnSubnetRemoved for Pallet<T> {
    fn remove_step(netuid: NetUid, budget: Weight) -> (Weight, bool) {
        // About forty values, whatever the subnet held: one step.
        let step = T::WeightInfo::remove_subnet();
        if !step.all_lte(budget) {
            return (Weight::zero(), false);
        }
        Clock::<T>::remove(netuid);
        Rolls::<T>::remove(netuid);
        RowCount::<T>::remove(netuid);
        Bonds::<T>::remove(netuid);
        Scores::<T>::remove(netuid);
        Emissions::<T>::remove(netuid);
        PastConsensus::<T>::remove(netuid);
        Permits::<T>::remove(netuid);
        for group in 0..GROUPS {
            Rows::<T>::remove(netuid, group);
            Commits::<T>::remove(netuid, group);
        }
        (step, true)
    }
}
