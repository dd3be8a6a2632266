//! Weights of several subnets in one call: each item succeeds or fails for itself.
use crate::{Config, Error, Event, Pallet, WeightInfo};
use frame_support::{
    dispatch::{DispatchResultWithPostInfo, Pays},
    storage::with_storage_layer,
    weights::Weight,
};
use laurel_types::{CommitItem, NetUid, RevealItem, WeightsItem};
use sp_runtime::DispatchError;

/// One item of a batch: what it costs and does.
pub(crate) trait BatchItem<T: Config> {
    /// The subnet that it is for.
    fn netuid(&self) -> NetUid;
    /// What it costs.
    fn weight(&self) -> Weight;
    /// Everything that it can be refused for.
    fn check(&self, hotkey: &T::AccountId) -> Result<(), Error<T>>;
    /// Does it.
    fn apply(&self, hotkey: &T::AccountId) -> Result<(), Error<T>>;
}

impl<T: Config> BatchItem<T> for CommitItem {
    fn netuid(&self) -> NetUid {
        self.netuid
    }
    fn weight(&self) -> Weight {
        T::WeightInfo::commit_weights().saturating_add(Pallet::<T>::backing_weight(self.netuid))
    }
    fn check(&self, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        Pallet::<T>::check_commit_weights(hotkey, self).map(|_| ())
    }
    fn apply(&self, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        Pallet::<T>::commit(hotkey, self)
    }
}

impl<T: Config> BatchItem<T> for RevealItem {
    fn netuid(&self) -> NetUid {
        self.netuid
    }
    fn weight(&self) -> Weight {
        T::WeightInfo::reveal_weights(Pallet::<T>::width(self.netuid, &self.row))
    }
    fn check(&self, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        Pallet::<T>::check_reveal_weights(hotkey, self).map(|_| ())
    }
    fn apply(&self, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        Pallet::<T>::reveal(hotkey, self)
    }
}

impl<T: Config> BatchItem<T> for WeightsItem {
    fn netuid(&self) -> NetUid {
        self.netuid
    }
    fn weight(&self) -> Weight {
        let row = T::WeightInfo::set_weights(Pallet::<T>::width(self.netuid, &self.row));
        row.saturating_add(Pallet::<T>::backing_weight(self.netuid))
    }
    fn check(&self, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        Pallet::<T>::check_set_weights(hotkey, self).map(|_| ())
    }
    fn apply(&self, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        Pallet::<T>::set(hotkey, self)
    }
}

/// The most that a batch can cost.
pub(crate) fn batch_weight<T: Config, I: BatchItem<T>>(items: &[I]) -> Weight {
    items
        .iter()
        .map(BatchItem::weight)
        .fold(T::WeightInfo::batch(items.len() as u32), Weight::saturating_add)
}

impl<T: Config> Pallet<T> {
    /// Everything that `batch_commit_weights` can be refused for: that it is empty, or that each item would fail.
    pub fn check_batch_commit_weights(hotkey: &T::AccountId, items: &[CommitItem]) -> Result<(), Error<T>> {
        Self::check_batch(hotkey, items)
    }

    /// Everything that `batch_reveal_weights` can be refused for: that it is empty, or that each item would fail.
    pub fn check_batch_reveal_weights(hotkey: &T::AccountId, items: &[RevealItem]) -> Result<(), Error<T>> {
        Self::check_batch(hotkey, items)
    }

    /// Everything that `batch_set_weights` can be refused for: that it is empty, or that each item would fail.
    pub fn check_batch_set_weights(hotkey: &T::AccountId, items: &[WeightsItem]) -> Result<(), Error<T>> {
        Self::check_batch(hotkey, items)
    }

    fn check_batch<I: BatchItem<T>>(hotkey: &T::AccountId, items: &[I]) -> Result<(), Error<T>> {
        let mut refused = Error::<T>::EmptyBatch;
        for (index, item) in items.iter().enumerate() {
            match item.check(hotkey) {
                Ok(()) => return Ok(()),
                Err(error) if index == 0 => refused = error,
                Err(_) => {}
            }
        }
        Err(refused)
    }

    /// Applies each item by itself; an event says why one failed. The fee is returned when none did; when all did, the call fails with
    /// the reason of the first.
    pub(crate) fn run_batch<I: BatchItem<T>>(hotkey: &T::AccountId, items: &[I]) -> DispatchResultWithPostInfo {
        let (mut done, mut failed) = (0u32, 0u32);
        let mut refused = DispatchError::from(Error::<T>::EmptyBatch);
        for (index, item) in (0u32..).zip(items) {
            match with_storage_layer(|| item.apply(hotkey).map_err(DispatchError::from)) {
                Ok(()) => done += 1,
                Err(error) => {
                    if index == 0 {
                        refused = error;
                    }
                    failed += 1;
                    let netuid = item.netuid();
                    Self::deposit_event(Event::BatchItemFailed { index, netuid, error });
                }
            }
        }
        if done == 0 {
            return Err(refused.into());
        }
        Self::deposit_event(Event::BatchCompleted { done, failed });
        Ok(if failed == 0 { Pays::No } else { Pays::Yes }.into())
    }
}
