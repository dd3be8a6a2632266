//! What must hold at every block.
use crate::{
    Axons, Config, Count, Difficulty, Neurons, NextRegistration, Pallet, Pricing, Protected, SpentSeals, Uids,
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::ensure;
use laurel_support::Subnets;
use laurel_types::{NetUid, Uid, MAX_UIDS};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants that the crate's docs list.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::try_state_of_uids()?;
        Self::try_state_of_registrations()?;
        Self::try_state_of_axons()?;
        Self::try_state_of_prices()
    }

    fn try_state_of_uids() -> Result<(), TryRuntimeError> {
        let mut held = BTreeMap::<NetUid, BTreeSet<Uid>>::new();
        for (netuid, uid, neuron) in Neurons::<T>::iter() {
            ensure!(
                T::Subnets::exists(netuid) || T::Subnets::is_ending(netuid),
                "a neuron is in a subnet that does not exist"
            );
            ensure!(
                Uids::<T>::get(&neuron.hotkey, netuid) == Some(uid),
                "the holder of a uid does not know it"
            );
            held.entry(netuid).or_default().insert(uid);
        }
        // Every neuron is found under its hotkey; with equal numbers nothing else can be there.
        ensure!(
            Uids::<T>::iter().count() == Neurons::<T>::iter_keys().count(),
            "a uid is listed that nobody holds"
        );
        for (netuid, uids) in &held {
            if T::Subnets::is_ending(*netuid) {
                continue;
            }
            let count = Count::<T>::get(netuid);
            ensure!(u32::from(count) <= MAX_UIDS, "a subnet has too many neurons");
            ensure!(
                uids.iter().copied().eq((0..count).map(Uid)),
                "uids are not contiguous up to the count"
            );
        }
        let mut counts = Count::<T>::iter();
        ensure!(
            counts.all(|(netuid, count)| count == 0 || held.contains_key(&netuid) || T::Subnets::is_ending(netuid)),
            "a count without neurons"
        );
        Ok(())
    }

    fn try_state_of_registrations() -> Result<(), TryRuntimeError> {
        let next = NextRegistration::<T>::get();
        let mut seen = BTreeSet::new();
        for neuron in Neurons::<T>::iter_values() {
            ensure!(neuron.registration < next, "a registration id was given in advance");
            ensure!(seen.insert(neuron.registration), "two neurons share a registration id");
            ensure!(neuron.registered_at <= Self::now(), "a neuron registered in the future");
        }
        Ok(())
    }

    fn try_state_of_axons() -> Result<(), TryRuntimeError> {
        for (netuid, uid, axon) in Axons::<T>::iter() {
            ensure!(Neurons::<T>::contains_key(netuid, uid), "an axon belongs to nobody");
            ensure!(axon.published_at <= Self::now(), "an axon was published in the future");
            ensure!(
                axon.published_at <= axon.expires_at,
                "an axon expired before it was published"
            );
        }
        Ok(())
    }

    fn try_state_of_prices() -> Result<(), TryRuntimeError> {
        for (netuid, demand) in Pricing::<T>::iter().chain(Difficulty::<T>::iter()) {
            ensure!(
                T::Subnets::exists(netuid) || T::Subnets::is_ending(netuid),
                "a subnet that does not exist has a price"
            );
            ensure!(demand.level > 0, "registering is free");
            ensure!(demand.at <= Self::now(), "a price from the future");
        }
        for (netuid, spent) in SpentSeals::<T>::iter() {
            ensure!(
                T::Subnets::exists(netuid) || T::Subnets::is_ending(netuid),
                "a subnet that does not exist remembers seals"
            );
            let seals: BTreeSet<_> = spent.iter().map(|spent| spent.seal).collect();
            ensure!(seals.len() == spent.len(), "a seal was spent twice");
        }
        for netuid in Protected::<T>::iter_keys() {
            ensure!(
                T::Subnets::exists(netuid) || T::Subnets::is_ending(netuid),
                "a subnet that does not exist protects a neuron"
            );
        }
        Ok(())
    }
}
