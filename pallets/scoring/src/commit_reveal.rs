//! Commit in one epoch, reveal in a later one, no way back between them.
use crate::{
    tally::reveal_epochs,
    uids::{group_of, groups, GROUP},
    Commits, Config, Error, Event, Pallet, Tallies,
};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, traits::ConstU32, Blake2_256, BoundedVec, StorageHasher};
use laurel_support::NeuronId;
use laurel_types::{
    commit_hash_preimage, Commit, CommitItem, EpochIndex, NetUid, RegistrationId, RevealItem, Uid, ValidatorCommits,
    MAX_UIDS,
};
use scale_info::TypeInfo;

/// Commits of one validator that can be pending: one for each epoch of the longest `reveal_period`, and one of the running epoch.
pub const MAX_PENDING: u32 = 5;

/// What a validator has committed to and not yet revealed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct CommitRecord {
    /// Whose.
    pub uid: Uid,
    /// Which holder of the uid made them.
    pub registration: RegistrationId,
    /// The commits, the oldest first, one an epoch.
    pub pending: BoundedVec<Commit, ConstU32<MAX_PENDING>>,
    /// The epoch of the last commit whose window closed unrevealed; none once the validator reveals again.
    pub missed: Option<EpochIndex>,
}

impl CommitRecord {
    /// A record without commits.
    pub fn new(uid: Uid, registration: RegistrationId) -> Self {
        Self {
            uid,
            registration,
            pending: BoundedVec::new(),
            missed: None,
        }
    }

    /// Whether nothing is known of the validator.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.missed.is_none()
    }

    /// The commit made in `epoch`.
    pub fn of_epoch(&self, epoch: EpochIndex) -> Option<&Commit> {
        self.pending.iter().find(|commit| commit.epoch == epoch)
    }

    /// The commits that can be revealed while `epoch` runs: one, or more where the subnet shortened its `reveal_period` since.
    pub fn revealable_in(&self, epoch: EpochIndex) -> impl Iterator<Item = &Commit> {
        self.pending.iter().filter(move |commit| commit.reveal_epoch == epoch)
    }
}

/// The commits of one group of uids, ascending by uid.
pub type CommitGroup = BoundedVec<CommitRecord, ConstU32<GROUP>>;

/// The hash that a reveal opens, for one registration.
pub fn commit_hash(item: &RevealItem, registration: RegistrationId) -> [u8; 32] {
    Blake2_256::hash(&commit_hash_preimage(
        item.netuid,
        registration,
        &item.row,
        &item.receipts_root,
        item.version_key,
        &item.salt,
    ))
}

impl<T: Config> Pallet<T> {
    /// What the validators of a subnet have committed to and not revealed, and who missed a reveal; ascending by uid.
    pub fn pending_commits(netuid: NetUid) -> Vec<ValidatorCommits> {
        groups(MAX_UIDS as usize)
            .flat_map(|group| Commits::<T>::get(netuid, group))
            .map(|record| ValidatorCommits {
                uid: record.uid,
                registration: record.registration,
                pending: record.pending.into_inner(),
                missed: record.missed,
            })
            .collect()
    }

    /// The commits of one validator.
    pub(crate) fn commits_of(netuid: NetUid, uid: Uid) -> Option<CommitRecord> {
        Commits::<T>::get(netuid, group_of(uid))
            .into_iter()
            .find(|record| record.uid == uid)
    }

    /// Everything that `commit_weights` can be refused for, so that the transaction pool can refuse for it too. Returns the
    /// commit that it would record beside the validator.
    pub fn check_commit_weights(
        hotkey: &T::AccountId,
        item: &CommitItem,
    ) -> Result<(NeuronId<T::AccountId>, Commit), Error<T>> {
        let params = Self::params(item.netuid)?;
        ensure!(params.commit_reveal, Error::<T>::CommitRevealDisabled);
        let neuron = Self::neuron(item.netuid, hotkey)?;
        let epoch = Self::clock(item.netuid).epoch;
        let record = Self::commits_of(item.netuid, neuron.uid);
        // Every epoch's end removes what can no longer be revealed, so there is room for one more.
        let committed =
            record.is_some_and(|record| record.of_epoch(epoch).is_some() || record.pending.len() as u32 >= MAX_PENDING);
        ensure!(!committed, Error::<T>::AlreadyCommitted);
        Self::ensure_permit(item.netuid, &neuron)?;
        let commit = Commit {
            hash: item.hash,
            epoch,
            reveal_epoch: EpochIndex(epoch.0.saturating_add(params.reveal_period.into())),
            block: Self::now(),
        };
        Ok((neuron, commit))
    }

    /// Records a commit.
    pub(crate) fn commit(hotkey: &T::AccountId, item: &CommitItem) -> Result<(), Error<T>> {
        let (neuron, commit) = Self::check_commit_weights(hotkey, item)?;
        Self::change_commits(item.netuid, &neuron, |record| {
            // The check has made sure of room.
            let _ = record.pending.try_push(commit);
        });
        Self::deposit_event(Event::WeightsCommitted {
            netuid: item.netuid,
            uid: neuron.uid,
            hash: commit.hash.into(),
            epoch: commit.epoch,
            reveal_epoch: commit.reveal_epoch,
        });
        Ok(())
    }

    /// Everything that `reveal_weights` can be refused for, so that the transaction pool can refuse for it too. Returns the
    /// commit that it opens beside the validator. A permit is not asked for again: without one the epoch ignores the row.
    pub fn check_reveal_weights(
        hotkey: &T::AccountId,
        item: &RevealItem,
    ) -> Result<(NeuronId<T::AccountId>, Commit), Error<T>> {
        let params = Self::params(item.netuid)?;
        ensure!(params.commit_reveal, Error::<T>::CommitRevealDisabled);
        let neuron = Self::neuron(item.netuid, hotkey)?;
        let record = Self::commits_of(item.netuid, neuron.uid).filter(|record| !record.pending.is_empty());
        let record = record.ok_or(Error::<T>::NoCommit)?;
        let mut open = record.revealable_in(Self::clock(item.netuid).epoch).peekable();
        ensure!(open.peek().is_some(), Error::<T>::RevealTooEarly);
        let hash = commit_hash(item, neuron.registration);
        let commit = *open
            .find(|commit| commit.hash == hash)
            .ok_or(Error::<T>::HashMismatch)?;
        Self::check_row(item.netuid, neuron.uid, &item.row, item.version_key, &params)?;
        Ok((neuron, commit))
    }

    /// Opens a commit and stores its row.
    pub(crate) fn reveal(hotkey: &T::AccountId, item: &RevealItem) -> Result<(), Error<T>> {
        let (neuron, commit) = Self::check_reveal_weights(hotkey, item)?;
        Self::change_commits(item.netuid, &neuron, |record| {
            record.pending.retain(|pending| pending.epoch != commit.epoch);
            record.missed = None;
        });
        // Where two commits are due in one epoch, what was said last stands, in whatever order they are revealed.
        let later = Self::row(item.netuid, neuron.uid).is_some_and(|row| row.fixed_at > commit.block);
        if !later {
            Self::put_row(item.netuid, &neuron, &item.row, commit.block);
        }
        Self::deposit_event(Event::WeightsRevealed {
            netuid: item.netuid,
            uid: neuron.uid,
            receipts_root: item.receipts_root,
        });
        Ok(())
    }

    /// Changes the record of a validator's commits, which is made if there is none and goes when it says nothing.
    fn change_commits(netuid: NetUid, neuron: &NeuronId<T::AccountId>, change: impl FnOnce(&mut CommitRecord)) {
        let group = group_of(neuron.uid);
        let mut records = Commits::<T>::get(netuid, group);
        let before = reveal_epochs(&records);
        let (at, known) = match records.binary_search_by_key(&neuron.uid, |record| record.uid) {
            Ok(at) => (at, true),
            Err(at) => (at, false),
        };
        if !known {
            // A group has room for each of its uids.
            let _ = records.try_insert(at, CommitRecord::new(neuron.uid, neuron.registration));
        }
        if let Some(record) = records.get_mut(at) {
            change(record);
        }
        let after = reveal_epochs(&records);
        records.retain(|record| !record.is_empty());
        Self::put_commits(netuid, group, records, (&before, &after));
    }

    /// Forgets the commits of a uid.
    pub(crate) fn remove_commits(netuid: NetUid, uid: Uid) {
        let group = group_of(uid);
        let mut records = Commits::<T>::get(netuid, group);
        let (held, before) = (records.len(), reveal_epochs(&records));
        records.retain(|record| record.uid != uid);
        if records.len() != held {
            let after = reveal_epochs(&records);
            Self::put_commits(netuid, group, records, (&before, &after));
        }
    }

    /// Closes the windows that end with the epoch `ended`, in a subnet of `neurons`: what could be revealed in it and was not is void, and
    /// the validator's row with it. The window is suspended where commit-reveal was off in that epoch, so that nobody could
    /// reveal: then the commit goes and the row stays.
    pub(crate) fn expire_commits(netuid: NetUid, neurons: usize, ended: EpochIndex, window: Window) {
        if Tallies::<T>::get(netuid).expiring(ended) == 0 {
            return;
        }
        for group in groups(neurons) {
            let mut records = Commits::<T>::get(netuid, group);
            let expires = |commit: &Commit| commit.reveal_epoch <= ended;
            if !records.iter().any(|record| record.pending.iter().any(expires)) {
                continue;
            }
            let (before, mut lapsed) = (reveal_epochs(&records), Vec::new());
            for record in records.iter_mut() {
                let uid = record.uid;
                let missed: Vec<EpochIndex> = record
                    .pending
                    .iter()
                    .filter(|commit| expires(commit))
                    .map(|commit| commit.epoch)
                    .collect();
                record.pending.retain(|commit| !expires(commit));
                if let Some(latest) = missed.last().filter(|_| window == Window::Enforced) {
                    record.missed = Some(*latest);
                    lapsed.push(uid);
                    for epoch in missed {
                        Self::deposit_event(Event::CommitExpired { netuid, uid, epoch });
                    }
                }
            }
            let after = reveal_epochs(&records);
            records.retain(|record| !record.is_empty());
            Self::put_commits(netuid, group, records, (&before, &after));
            Self::remove_rows(netuid, group, &lapsed);
        }
    }

    /// Stores a group, nothing if it is empty, whose commits could be revealed in the epochs `before` and can be in those of `after`.
    fn put_commits(netuid: NetUid, group: u16, records: CommitGroup, (before, after): (&[EpochIndex], &[EpochIndex])) {
        if before != after {
            Tallies::<T>::mutate(netuid, |tally| tally.recount_commits(before, after));
        }
        if records.is_empty() {
            Commits::<T>::remove(netuid, group);
        } else {
            Commits::<T>::insert(netuid, group, records);
        }
    }
}

/// Whether the reveal window of an epoch was open, so that missing it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Commit-reveal was on.
    Enforced,
    /// It was off: nobody could reveal.
    Suspended,
}
