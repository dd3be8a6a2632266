//! What must hold of the storage at any time.
use crate::{Bonds, Clock, Commits, Config, Pallet, RowCount, Rows, Scores};
use frame_support::ensure;
use laurel_support::{Neurons, Subnets};
use laurel_types::{NetUid, RegistrationId, Uid};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks every equation that the crate's documentation lists.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        for netuid in T::Subnets::netuids() {
            ensure!(Clock::<T>::contains_key(netuid), "a subnet has no clock");
        }
        for (netuid, uid, stored) in Rows::<T>::iter() {
            Self::ensure_holder(netuid, uid, stored.registration)?;
            let entries = stored.row.entries();
            let count = T::Neurons::count(netuid);
            ensure!(stored.fixed_at <= Self::now(), "a row comes from the future");
            ensure!(
                entries.iter().all(|entry| entry.0 != uid && entry.0 .0 < count),
                "a row names a wrong uid"
            );
            let largest = entries.iter().map(|entry| entry.1).max();
            ensure!(
                largest.is_none_or(|w| w == u16::MAX),
                "a row is not scaled to its largest weight"
            );
        }
        for (netuid, count) in RowCount::<T>::iter() {
            ensure!(
                count as usize == Rows::<T>::iter_prefix(netuid).count(),
                "rows are miscounted"
            );
        }
        let counted: u32 = RowCount::<T>::iter_values().sum();
        ensure!(
            counted as usize == Rows::<T>::iter().count(),
            "there are rows that nobody counted"
        );
        Self::ensure_commits()?;
        Self::ensure_bonds()?;
        for (netuid, scores) in Scores::<T>::iter() {
            ensure!(
                scores.len() <= T::Neurons::count(netuid).into(),
                "there are scores without a neuron"
            );
        }
        Ok(())
    }

    fn ensure_commits() -> Result<(), TryRuntimeError> {
        for (netuid, uid, pending) in Commits::<T>::iter() {
            ensure!(!pending.is_empty(), "no commits are stored as a value");
            let running = Self::clock(netuid).epoch;
            let mut last = None;
            for commit in pending.iter() {
                Self::ensure_holder(netuid, uid, commit.registration)?;
                ensure!(
                    commit.epoch == running || commit.epoch.next() == running,
                    "a commit is out of time"
                );
                ensure!(last < Some(commit.epoch), "there are two commits of one epoch");
                last = Some(commit.epoch);
            }
        }
        Ok(())
    }

    fn ensure_bonds() -> Result<(), TryRuntimeError> {
        let mut netuids: alloc::vec::Vec<NetUid> = Bonds::<T>::iter_keys().map(|key| key.0).collect();
        netuids.dedup();
        for netuid in netuids {
            let count = T::Neurons::count(netuid);
            let mut last = None;
            for (validator, row) in Self::bonds(netuid) {
                ensure!(
                    last < Some(validator) && validator.0 < count,
                    "validators with bonds are not in order"
                );
                ensure!(!row.is_empty(), "no bonds are stored as a row");
                ensure!(
                    row.iter().all(|entry| entry.0 .0 < count && entry.1 > 0),
                    "a bond is on nobody"
                );
                last = Some(validator);
            }
        }
        Ok(())
    }

    fn ensure_holder(netuid: NetUid, uid: Uid, registration: RegistrationId) -> Result<(), TryRuntimeError> {
        let holder = T::Neurons::neuron(netuid, uid).map(|neuron| neuron.registration);
        ensure!(holder == Some(registration), "a predecessor's row or commit is left");
        Ok(())
    }
}
