//! Taking stock: what each neuron had of stake, on average, since the last time.
//!
//! Reading the stake of a hotkey is the dearest part of an epoch, so it is a step of its own that can stop after any neuron and go on in
//! the next block. Each neuron is therefore averaged over a window of its own, from the block in which its stake was read last.
use crate::{Config, Pallet, Rolls};
use alloc::vec::Vec;
use laurel_support::Stake;
use laurel_types::{Balance, BlockNumber, NetUid, Uid};

impl<T: Config> Pallet<T> {
    /// Takes stock of `count` neurons from uid `first` on, as far as there are any.
    pub(crate) fn stock(netuid: NetUid, first: Uid, count: u16) {
        let mut roll = Rolls::<T>::get(netuid);
        let end = first.index().saturating_add(count.into()).min(roll.len());
        let Some(hotkeys) = roll.hotkeys.get(first.index()..end).filter(|part| !part.is_empty()) else {
            return;
        };
        let times = T::Stake::stake_times_on(netuid, hotkeys);
        let now = Self::now();
        for (uid, time) in (first.index()..).zip(times) {
            roll.weigh(uid, time, now);
        }
        Rolls::<T>::insert(netuid, roll);
    }

    /// The average stake of each neuron as the last stock-taking found it, by uid; what exceeds `max_stake` does not count.
    pub(crate) fn stakes(roll: &crate::Roll<T::AccountId>, max_stake: Balance) -> Vec<Balance> {
        roll.stakes.iter().map(|stake| (*stake).min(max_stake)).collect()
    }
}

/// `stake_time / blocks`, rounded down; none if no block has passed.
pub(crate) fn average(stake_time: u128, blocks: BlockNumber) -> Option<Balance> {
    // All stake over a usual epoch fits in 64 bits; Wasm divides wider numbers in software.
    match u64::try_from(stake_time) {
        Ok(stake_time) => stake_time.checked_div(blocks.into()),
        Err(_) => {
            let average = stake_time.checked_div(blocks.into())?;
            Some(Balance::try_from(average).unwrap_or(Balance::MAX))
        }
    }
}
