//! What clients read.
use crate::{Config, CurrentSplit, NextSplitAt, Pallet, RootWeights, Seats};
use alloc::vec::Vec;
use core::cmp::Reverse;
use laurel_support::Stake;
use laurel_types::{RootInfo, RootSeat};

impl<T: Config> Pallet<T> {
    /// The root network: seats by stake, most first; the split; when the next is due. A seat that has set no weights
    /// reads as last updated in block 0.
    pub fn root_info() -> RootInfo<T::AccountId> {
        let mut seats: Vec<_> = Seats::<T>::iter()
            .map(|(hotkey, seat)| RootSeat {
                stake: T::Stake::stake(&hotkey),
                weights: RootWeights::<T>::get(&hotkey)
                    .map(|row| row.entries().to_vec())
                    .unwrap_or_default(),
                last_update: seat.weights_updated_at.unwrap_or_default(),
                hotkey,
            })
            .collect();
        seats.sort_by(|a, b| (Reverse(a.stake), &a.hotkey).cmp(&(Reverse(b.stake), &b.hotkey)));
        RootInfo {
            seats,
            split: CurrentSplit::<T>::get().into_inner(),
            next_split_at: NextSplitAt::<T>::get(),
        }
    }
}
