//! What a validator says: checks, direct weights, storage.
use crate::{Config, Error, Event, Pallet, PermitSource, RowCount, Rows};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
    defensive, ensure,
    pallet_prelude::{DispatchError, DispatchResult},
};
use laurel_support::{NeuronId, Neurons};
use laurel_types::{BlockNumber, Hyperparameters, NetUid, RegistrationId, Uid, WeightRow};
use scale_info::TypeInfo;

/// A validator's weights as the epoch reads them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StoredRow {
    /// The weights, scaled so that the largest is 65535.
    pub row: WeightRow,
    /// Block in which their content was fixed: of the commit, or of the direct call.
    pub fixed_at: BlockNumber,
    /// Who said it.
    pub registration: RegistrationId,
}

impl StoredRow {
    /// Whether the row is too young for another one to be set at `now`.
    fn is_fresh(&self, now: BlockNumber, params: &Hyperparameters) -> bool {
        now.saturating_sub(self.fixed_at) < params.weights_rate_limit
    }
}

impl<T: Config> Pallet<T> {
    /// The rows of a subnet, ascending by registration.
    pub fn weights(netuid: NetUid) -> Vec<(RegistrationId, WeightRow)> {
        let mut rows: Vec<_> = Rows::<T>::iter_prefix_values(netuid)
            .map(|r| (r.registration, r.row))
            .collect();
        rows.sort_by_key(|(registration, _)| *registration);
        rows
    }

    /// Block in which the content of a neuron's weights was fixed; 0 if it has none.
    pub fn last_update(netuid: NetUid, uid: Uid) -> BlockNumber {
        Rows::<T>::get(netuid, uid).map_or(0, |row| row.fixed_at)
    }

    /// Stores a row at once. Returns what the permit was read from.
    pub(crate) fn set(
        hotkey: &T::AccountId,
        netuid: NetUid,
        row: WeightRow,
        receipts_root: [u8; 32],
        version_key: u64,
    ) -> Result<PermitSource, DispatchError> {
        let params = Self::params(netuid)?;
        ensure!(!params.commit_reveal, Error::<T>::CommitRevealEnabled);
        let neuron = Self::neuron(netuid, hotkey)?;
        let now = Self::now();
        let fresh = Rows::<T>::get(netuid, neuron.uid).is_some_and(|last| last.is_fresh(now, &params));
        ensure!(!fresh, Error::<T>::SettingWeightsTooFast);
        Self::check_row(netuid, neuron.uid, &row, version_key, &params)?;
        let permit = Self::ensure_permit(netuid, neuron.uid, &params)?;
        Self::put_row(netuid, &neuron, &row, now);
        Self::deposit_event(Event::WeightsSet {
            netuid,
            uid: neuron.uid,
            receipts_root,
        });
        Ok(permit)
    }

    /// Checks a row against the subnet's rules.
    pub(crate) fn check_row(
        netuid: NetUid,
        uid: Uid,
        row: &WeightRow,
        version_key: u64,
        params: &Hyperparameters,
    ) -> DispatchResult {
        ensure!(version_key >= params.weights_version, Error::<T>::OutdatedVersionKey);
        let count = T::Neurons::count(netuid);
        // Uids have no gaps and the row is ascending, so its last uid speaks for all.
        ensure!(
            row.entries().last().is_none_or(|(last, _)| last.0 < count),
            Error::<T>::UnknownUid
        );
        ensure!(
            row.entries().binary_search_by_key(&uid, |entry| entry.0).is_err(),
            Error::<T>::SelfWeight
        );
        let fewest = params.min_allowed_weights.min(count.saturating_sub(1));
        ensure!(row.len() >= usize::from(fewest), Error::<T>::TooFewWeights);
        let values: Vec<u16> = row.entries().iter().map(|entry| entry.1).collect();
        ensure!(
            laurel_yuma::within_max_weight(&values, params.max_weight_limit),
            Error::<T>::MaxWeightExceeded
        );
        Ok(())
    }

    /// Stores a checked row, scaled to its largest weight.
    pub(crate) fn put_row(netuid: NetUid, neuron: &NeuronId<T::AccountId>, row: &WeightRow, fixed_at: BlockNumber) {
        let Some(row) = max_upscaled(row) else {
            // A positive weight times 65535 over the greatest is at least 1, so scaling keeps the row valid.
            defensive!("scaling made a weight row invalid");
            return;
        };
        let stored = StoredRow {
            row,
            fixed_at,
            registration: neuron.registration,
        };
        if !Rows::<T>::contains_key(netuid, neuron.uid) {
            RowCount::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        }
        Rows::<T>::insert(netuid, neuron.uid, stored);
    }

    /// Removes the row of a uid, if it has one.
    pub(crate) fn remove_row(netuid: NetUid, uid: Uid) {
        if Rows::<T>::take(netuid, uid).is_some() {
            RowCount::<T>::mutate(netuid, |count| *count = count.saturating_sub(1));
        }
    }
}

/// The row with its largest weight at 65535 and the others in proportion.
fn max_upscaled(row: &WeightRow) -> Option<WeightRow> {
    let values: Vec<u16> = row.entries().iter().map(|entry| entry.1).collect();
    let scaled = laurel_yuma::max_upscale_u16(&values);
    WeightRow::new(row.entries().iter().map(|entry| entry.0).zip(scaled).collect()).ok()
}
