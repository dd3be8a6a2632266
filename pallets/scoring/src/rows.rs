//! What a validator says: checks, direct weights, storage.
use crate::{
    uids::{group_of, GROUP},
    Config, Error, Event, Pallet, Permits, Rows, Tallies, UidSet,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::ConstU32, BoundedVec};
use laurel_support::{NeuronId, Neurons};
use laurel_types::{BlockNumber, Hyperparameters, NetUid, RegistrationId, Uid, WeightRow, WeightsItem, MAX_UIDS};
use scale_info::TypeInfo;

/// Weights of one validator, scaled so that the largest is 65535: `uid · 65536 + weight`, ascending. Numbers of one width are
/// read and written at once, pairs one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PackedRow(BoundedVec<u32, ConstU32<MAX_UIDS>>);

impl PackedRow {
    /// Scales a row to its largest weight and packs it.
    pub fn scaled(row: &WeightRow) -> Self {
        let values: Vec<u16> = row.entries().iter().map(|entry| entry.1).collect();
        let scaled = laurel_yuma::max_upscale_u16(&values).into_iter();
        let packed = row
            .entries()
            .iter()
            .zip(scaled)
            .map(|((uid, _), weight)| u32::from(uid.0) << 16 | u32::from(weight));
        // A row has at most `MAX_UIDS` entries.
        Self(BoundedVec::truncate_from(packed.collect()))
    }

    /// The entries as they are stored.
    pub(crate) fn packed(&self) -> &[u32] {
        &self.0
    }

    /// The entries as `(uid, weight)`, ascending by uid.
    pub fn entries(&self) -> impl Iterator<Item = (u16, u16)> + Clone + '_ {
        self.0.iter().map(|packed| ((packed >> 16) as u16, *packed as u16))
    }

    /// The row as validators write it.
    pub fn to_row(&self) -> WeightRow {
        // A positive weight times 65535 over the greatest is at least 1, so scaling kept the row valid.
        WeightRow::new(self.entries().map(|(uid, weight)| (Uid(uid), weight)).collect()).unwrap_or_default()
    }
}

/// A validator's weights as the epoch reads them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StoredRow {
    /// Whose.
    pub uid: Uid,
    /// Which holder of the uid said it.
    pub registration: RegistrationId,
    /// Block in which the content was fixed: of the commit, or of the direct call.
    pub fixed_at: BlockNumber,
    /// What it said.
    pub weights: PackedRow,
}

impl StoredRow {
    /// Whether the row is too young for another one to be set at `now`.
    fn is_fresh(&self, now: BlockNumber, params: &Hyperparameters) -> bool {
        now.saturating_sub(self.fixed_at) < params.weights_rate_limit
    }
}

/// The rows of the validators of one group of uids, ascending by uid.
pub type RowGroup = BoundedVec<StoredRow, ConstU32<GROUP>>;

impl<T: Config> Pallet<T> {
    /// The rows of a subnet, ascending by registration.
    pub fn weights(netuid: NetUid) -> Vec<(RegistrationId, WeightRow)> {
        let rows = Self::rows(netuid).into_iter();
        let mut rows: Vec<_> = rows.map(|row| (row.registration, row.weights.to_row())).collect();
        rows.sort_by_key(|(registration, _)| *registration);
        rows
    }

    /// Block in which the content of a neuron's weights was fixed; 0 if it has none.
    pub fn last_update(netuid: NetUid, uid: Uid) -> BlockNumber {
        Self::row(netuid, uid).map_or(0, |row| row.fixed_at)
    }

    /// [`Self::last_update`] of uids 0 to `count - 1`.
    pub fn last_updates(netuid: NetUid, count: u16) -> Vec<BlockNumber> {
        let mut updates = alloc::vec![0; count.into()];
        for row in Self::rows(netuid) {
            if let Some(update) = updates.get_mut(row.uid.index()) {
                *update = row.fixed_at;
            }
        }
        updates
    }

    /// The row of a uid.
    pub(crate) fn row(netuid: NetUid, uid: Uid) -> Option<StoredRow> {
        Rows::<T>::get(netuid, group_of(uid))
            .into_iter()
            .find(|row| row.uid == uid)
    }

    /// The rows of a subnet, ascending by uid.
    pub(crate) fn rows(netuid: NetUid) -> Vec<StoredRow> {
        let groups = Tallies::<T>::get(netuid).speakers.groups().into_iter();
        groups.flat_map(|group| Rows::<T>::get(netuid, group)).collect()
    }

    /// Stores a row at once.
    pub(crate) fn set(hotkey: &T::AccountId, item: &WeightsItem) -> Result<(), Error<T>> {
        let neuron = Self::check_set_weights(hotkey, item)?;
        Self::put_row(item.netuid, &neuron, &item.row, Self::now());
        Self::deposit_event(Event::WeightsSet {
            netuid: item.netuid,
            uid: neuron.uid,
            receipts_root: item.receipts_root,
        });
        Ok(())
    }

    /// Everything that `set_weights` can be refused for, so that the transaction pool can refuse for it too.
    pub fn check_set_weights(hotkey: &T::AccountId, item: &WeightsItem) -> Result<NeuronId<T::AccountId>, Error<T>> {
        let params = Self::params(item.netuid)?;
        ensure!(!params.commit_reveal, Error::<T>::CommitRevealEnabled);
        let neuron = Self::neuron(item.netuid, hotkey)?;
        let now = Self::now();
        let fresh = Self::row(item.netuid, neuron.uid).is_some_and(|last| last.is_fresh(now, &params));
        ensure!(!fresh, Error::<T>::SettingWeightsTooFast);
        Self::check_row(item.netuid, neuron.uid, &item.row, item.version_key, &params)?;
        Self::ensure_permit(item.netuid, &neuron)?;
        Ok(neuron)
    }

    /// Checks a row against the subnet's rules. Reads one number, however long the row is.
    pub(crate) fn check_row(
        netuid: NetUid,
        uid: Uid,
        row: &WeightRow,
        version_key: u64,
        params: &Hyperparameters,
    ) -> Result<(), Error<T>> {
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
        let stored = StoredRow {
            uid: neuron.uid,
            registration: neuron.registration,
            fixed_at,
            weights: PackedRow::scaled(row),
        };
        let group = group_of(neuron.uid);
        let known = Rows::<T>::mutate(netuid, group, |rows| {
            let place = rows.binary_search_by_key(&neuron.uid, |row| row.uid);
            match place {
                Ok(at) => {
                    if let Some(held) = rows.get_mut(at) {
                        *held = stored;
                    }
                }
                // A group has room for each of its uids.
                Err(at) => {
                    let _ = rows.try_insert(at, stored);
                }
            }
            place.is_ok()
        });
        if !known {
            Tallies::<T>::mutate(netuid, |tally| tally.speakers.insert(neuron.uid));
        }
    }

    /// Neurons that a call with this row has to reckon with, from which its weight follows: those in whose group it is stored can have
    /// said something of everybody.
    pub(crate) fn width(netuid: NetUid, row: &WeightRow) -> u32 {
        u32::from(T::Neurons::count(netuid)).max(row.len() as u32)
    }

    /// Removes those rows of a group whose uid is among `uids`.
    pub(crate) fn remove_rows(netuid: NetUid, group: u16, uids: &[Uid]) {
        if uids.is_empty() {
            return;
        }
        let mut rows = Rows::<T>::get(netuid, group);
        let before = rows.len();
        rows.retain(|row| !uids.contains(&row.uid));
        if rows.len() == before {
            return;
        }
        if rows.is_empty() {
            Rows::<T>::remove(netuid, group);
        } else {
            Rows::<T>::insert(netuid, group, rows);
        }
        Tallies::<T>::mutate(netuid, |tally| uids.iter().for_each(|uid| tally.speakers.remove(*uid)));
    }

    /// Those who said something but held no permit, of whom only some did. Where nobody did, everybody may have a voice.
    pub(crate) fn voiceless(netuid: NetUid, permits: &UidSet) -> UidSet {
        match permits.is_empty() {
            true => UidSet::default(),
            false => Tallies::<T>::get(netuid).speakers.without(permits),
        }
    }

    /// Removes the rows of those who held no permit in the epoch that ends, when `before` did, and hold none in the next, so that no
    /// epoch reads for ever what does not count.
    pub(crate) fn drop_voiceless_rows(netuid: NetUid, before: &UidSet) {
        let voiceless = Self::voiceless(netuid, before).without(&Permits::<T>::get(netuid));
        for group in voiceless.groups() {
            let uids: Vec<Uid> = voiceless.iter().filter(|uid| group_of(*uid) == group).collect();
            Self::remove_rows(netuid, group, &uids);
        }
    }
}
