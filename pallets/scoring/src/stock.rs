//! Taking stock: what each neuron had of stake, on average, since the last time.
//!
//! Reading the stake of a hotkey is the dearest part of an epoch, so it is a step of its own that can stop after any neuron and go on in
//! the next block. Each neuron is therefore averaged over a window of its own, from the block in which its stake was read last.
use crate::{
    uids::{place_of, PAGE},
    Config, Pallet, Rolls,
};
use laurel_support::{Neurons, Stake};
use laurel_types::{Balance, BlockNumber, NetUid, Uid};

impl<T: Config> Pallet<T> {
    /// Takes stock of `count` neurons from uid `first` on, as far as there are any.
    pub(crate) fn stock(netuid: NetUid, first: Uid, count: u16) {
        let end = first.0.saturating_add(count).min(T::Neurons::count(netuid));
        let (mut next, now) = (first.0, Self::now());
        while next < end {
            let (page, from) = place_of(Uid(next));
            let to = from.saturating_add((end - next).into()).min(PAGE as usize);
            Rolls::<T>::mutate(netuid, page, |roll| {
                let hotkeys = roll.hotkeys.get(from..to.min(roll.len())).unwrap_or_default();
                let times = T::Stake::stake_times_on(netuid, hotkeys);
                for (at, time) in (from..).zip(times) {
                    roll.weigh(at, time, now);
                }
            });
            // At least one, because `from` is below `PAGE` and `next` below `end`.
            next = next.saturating_add((to - from) as u16);
        }
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
