//! Commit in one epoch, reveal in the next, no way back between them.
use crate::{Commits, Config, Error, Event, Pallet, PermitSource};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchError, traits::ConstU32, Blake2_256, BoundedVec, StorageHasher};
use laurel_types::{commit_hash_preimage, BlockNumber, EpochIndex, NetUid, RegistrationId, Uid, WeightRow};
use scale_info::TypeInfo;
use sp_core::H256;

/// What a validator bound itself to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Commit {
    /// BLAKE2b-256 digest of `laurel_types::commit_hash_preimage`.
    pub hash: H256,
    /// The epoch in which it was made.
    pub epoch: EpochIndex,
    /// The block in which it was made, from which on the content was fixed.
    pub block: BlockNumber,
    /// Who made it.
    pub registration: RegistrationId,
}

/// A validator's commits that can still be revealed: at most the one of the last epoch and the one of the running epoch, in this
/// order. Two, so that a validator may commit anew before it reveals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingCommits(BoundedVec<Commit, ConstU32<2>>);

impl PendingCommits {
    /// The commits, the older first.
    pub fn iter(&self) -> impl Iterator<Item = &Commit> {
        self.0.iter()
    }

    /// Whether nothing is left to reveal.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The commit made in `epoch`.
    pub fn of_epoch(&self, epoch: EpochIndex) -> Option<&Commit> {
        self.0.iter().find(|commit| commit.epoch == epoch)
    }

    /// The commit that can be revealed while `epoch` runs.
    pub fn revealable_in(&self, epoch: EpochIndex) -> Option<&Commit> {
        self.0.iter().find(|commit| commit.epoch.next() == epoch)
    }

    /// Adds a commit. Fails, changing nothing, when two are pending.
    pub fn push(&mut self, commit: Commit) -> Result<(), Commit> {
        self.0.try_push(commit)
    }

    /// Forgets the commit made in `epoch`.
    pub fn remove(&mut self, epoch: EpochIndex) {
        self.0.retain(|commit| commit.epoch != epoch);
    }
}

/// What a validator says it had committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// The weights.
    pub row: WeightRow,
    /// Merkle root of the receipts behind them.
    pub receipts_root: [u8; 32],
    /// Version of the validator's rules.
    pub version_key: u64,
    /// What kept the hash from being guessed.
    pub salt: [u8; 32],
}

impl Reveal {
    /// The hash that this reveal opens, for one registration in one subnet.
    pub fn hash(&self, netuid: NetUid, registration: RegistrationId) -> H256 {
        let preimage = commit_hash_preimage(
            netuid,
            registration,
            &self.row,
            &self.receipts_root,
            self.version_key,
            &self.salt,
        );
        H256(Blake2_256::hash(&preimage))
    }
}

impl<T: Config> Pallet<T> {
    /// Records a commit. Returns what the permit was read from.
    pub(crate) fn commit(hotkey: &T::AccountId, netuid: NetUid, hash: H256) -> Result<PermitSource, DispatchError> {
        let params = Self::params(netuid)?;
        ensure!(params.commit_reveal, Error::<T>::CommitRevealDisabled);
        let neuron = Self::neuron(netuid, hotkey)?;
        let epoch = Self::clock(netuid).epoch;
        let mut pending = Commits::<T>::get(netuid, neuron.uid);
        ensure!(pending.of_epoch(epoch).is_none(), Error::<T>::AlreadyCommitted);
        let permit = Self::ensure_permit(netuid, neuron.uid, &params)?;
        let commit = Commit {
            hash,
            epoch,
            block: Self::now(),
            registration: neuron.registration,
        };
        // Every epoch's end removes what is older than the epoch that ended, so there is room.
        pending.push(commit).map_err(|_| Error::<T>::AlreadyCommitted)?;
        Commits::<T>::insert(netuid, neuron.uid, pending);
        Self::deposit_event(Event::WeightsCommitted {
            netuid,
            uid: neuron.uid,
            hash,
            epoch,
        });
        Ok(permit)
    }

    /// Opens the commit of the epoch before and stores its row. A permit is not asked for again: without one the epoch ignores the row.
    pub(crate) fn reveal(hotkey: &T::AccountId, netuid: NetUid, reveal: Reveal) -> Result<(), DispatchError> {
        let params = Self::params(netuid)?;
        ensure!(params.commit_reveal, Error::<T>::CommitRevealDisabled);
        let neuron = Self::neuron(netuid, hotkey)?;
        let mut pending = Commits::<T>::get(netuid, neuron.uid);
        let Some(commit) = pending.revealable_in(Self::clock(netuid).epoch).copied() else {
            let error = if pending.is_empty() {
                Error::<T>::NoCommit
            } else {
                Error::<T>::RevealTooEarly
            };
            return Err(error.into());
        };
        ensure!(
            reveal.hash(netuid, neuron.registration) == commit.hash,
            Error::<T>::HashMismatch
        );
        Self::check_row(netuid, neuron.uid, &reveal.row, reveal.version_key, &params)?;

        pending.remove(commit.epoch);
        Self::put_commits(netuid, neuron.uid, pending);
        Self::put_row(netuid, &neuron, &reveal.row, commit.block);
        let Reveal { receipts_root, .. } = reveal;
        Self::deposit_event(Event::WeightsRevealed {
            netuid,
            uid: neuron.uid,
            receipts_root,
        });
        Ok(())
    }

    /// Closes the windows that end with the epoch `ended`: what was committed before it and is unrevealed is void, and
    /// the validator's row with it. The window is suspended where commit-reveal was off in that epoch, so that nobody could
    /// reveal: then the commit goes and the row stays.
    pub(crate) fn expire_commits(netuid: NetUid, ended: EpochIndex, window: Window) {
        let pending: Vec<(Uid, PendingCommits)> = Commits::<T>::iter_prefix(netuid).collect();
        for (uid, mut commits) in pending {
            let expired: Vec<EpochIndex> = commits.iter().map(|c| c.epoch).filter(|epoch| *epoch < ended).collect();
            if expired.is_empty() {
                continue;
            }
            for epoch in expired {
                commits.remove(epoch);
                if window == Window::Enforced {
                    Self::remove_row(netuid, uid);
                    Self::deposit_event(Event::CommitExpired { netuid, uid, epoch });
                }
            }
            Self::put_commits(netuid, uid, commits);
        }
    }

    /// Stores what is pending, nothing if nothing is.
    fn put_commits(netuid: NetUid, uid: Uid, pending: PendingCommits) {
        if pending.is_empty() {
            Commits::<T>::remove(netuid, uid);
        } else {
            Commits::<T>::insert(netuid, uid, pending);
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
