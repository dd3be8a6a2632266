//! What backs a hotkey in a subnet: its own stake, less what it lends, plus what it borrows.
use crate::{Config, Kin, KinshipOf, LinkCount, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::weights::Weight;
use laurel_support::Stake;
use laurel_types::{Balance, NetUid, Proportion, MAX_PARENTS};

impl<T: Config> Stake<T::AccountId> for Pallet<T> {
    fn stake(hotkey: &T::AccountId) -> Balance {
        T::Staking::stake(hotkey)
    }

    fn stake_on(netuid: NetUid, hotkey: &T::AccountId) -> Balance {
        let own = T::Staking::stake(hotkey);
        match Kin::<T>::get(netuid, hotkey) {
            Some(kinship) => kinship.stake(own, T::Staking::stake),
            None => own,
        }
    }

    fn stake_time_on(netuid: NetUid, hotkey: &T::AccountId) -> u128 {
        let own_time = Self::own_time(netuid, hotkey);
        match Kin::<T>::get(netuid, hotkey) {
            Some(kinship) => kinship.stake_time(own_time, |parent| Self::own_time(netuid, parent)),
            None => own_time,
        }
    }

    /// Most subnets have no records: one look tells, and spares one for each neuron. Records and not links are looked for, because a
    /// neuron whose links are gone keeps its own account of stake-time.
    fn stake_times_on(netuid: NetUid, hotkeys: &[T::AccountId]) -> Vec<u128> {
        if Kin::<T>::iter_key_prefix(netuid).next().is_none() {
            return T::Staking::stake_times_on(netuid, hotkeys);
        }
        hotkeys
            .iter()
            .map(|hotkey| Self::stake_time_on(netuid, hotkey))
            .collect()
    }

    fn reading_weight(netuid: NetUid, hotkeys: u32) -> Weight {
        let links = LinkCount::<T>::get(netuid).min(hotkeys.saturating_mul(MAX_PARENTS));
        let record = T::WeightInfo::read_stake(0);
        let link = T::WeightInfo::read_stake(1).saturating_sub(record);
        record
            .saturating_mul(hotkeys.saturating_add(1).into())
            .saturating_add(link.saturating_mul(links.into()))
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, amount: Balance) {
        T::Staking::benchmark_stake(hotkey, coldkey, amount);
    }
}

impl<T: Config> Pallet<T> {
    /// To whom a hotkey lends in a subnet, and how much.
    pub fn children_of(netuid: NetUid, hotkey: &T::AccountId) -> Vec<(Proportion, T::AccountId)> {
        let lent = |kinship: KinshipOf<T>| {
            kinship
                .children
                .into_iter()
                .map(|lent| (lent.proportion, lent.child))
                .collect()
        };
        Kin::<T>::get(netuid, hotkey).map(lent).unwrap_or_default()
    }
}
