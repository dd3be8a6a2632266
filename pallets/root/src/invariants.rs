//! What holds between blocks.
#![cfg(any(test, feature = "try-runtime"))]
use crate::{Config, CurrentSplit, Pallet, RootWeights, Seats};
use frame_support::ensure;
use laurel_support::Hotkeys;
use laurel_types::MAX_ROOT_SEATS;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        let seats: u32 = Seats::<T>::iter_keys().count() as u32;
        ensure!(seats == Seats::<T>::count(), "root: the count of seats is wrong");
        ensure!(seats <= MAX_ROOT_SEATS, "root: there are too many seats");
        for (hotkey, seat) in Seats::<T>::iter() {
            ensure!(
                T::Hotkeys::owner(&hotkey).is_some(),
                "root: the hotkey of a seat is unknown"
            );
            ensure!(
                seat.weights_updated_at.is_some() == RootWeights::<T>::contains_key(&hotkey),
                "root: a seat has weights or the block of its weights, but not both"
            );
        }
        for (hotkey, row) in RootWeights::<T>::iter() {
            ensure!(
                Seats::<T>::contains_key(&hotkey),
                "root: there are weights without a seat"
            );
            let entries = row.entries();
            ensure!(
                entries.windows(2).all(|pair| pair[0].0 < pair[1].0),
                "root: weights are not ascending"
            );
            ensure!(entries.iter().all(|(_, weight)| *weight > 0), "root: a weight is zero");
            ensure!(
                entries.iter().map(|(_, weight)| *weight).max() == Some(u16::MAX),
                "root: the largest weight of a row is not 65535"
            );
        }
        let split = CurrentSplit::<T>::get();
        ensure!(
            split.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "root: the split is not ascending"
        );
        ensure!(
            split.iter().all(|(_, part)| *part > 0),
            "root: a part of the split is zero"
        );
        let sum: u128 = split.iter().map(|(_, part)| u128::from(*part)).sum();
        ensure!(sum <= u128::from(u64::MAX), "root: the split is more than the whole");
        Ok(())
    }
}
