//! What validators say about miners, and what an epoch makes of it.
//!
//! Validators of a subnet give each miner a weight. They commit to the hash of their weights in one epoch and reveal them
//! in a later one, so that nobody can copy what is not yet fixed and nobody can choose afterwards what to have said. At the end of
//! each epoch the chain computes the score consensus over all rows (`laurel_yuma::epoch`): how much each
//! miner (incentive) and each validator (dividends) has earned, and who may speak in the next epoch (permits).
//!
//! # Rules
//! - **Stake** is the average over the epoch, not what is there when it ends: stake that came for the last blocks counts for those blocks.
//!   What exceeds the subnet's `max_stake` does not count.
//! - **Permits.** The `max_validators` neurons with the most stake, stake above zero, hold a permit; of equal stakes the lower uid, which is
//!   the older. Each epoch decides anew for the next. While no neuron of a subnet holds one (before its first epoch, or when stake came only later) every
//!   neuron that stake backs, its own or borrowed, may speak, otherwise nobody could ever begin; but of their rows only those of the `max_validators` most staked count.
//! - **What does not count is not kept.** The row of a neuron that held no permit in an epoch, where others did, and is given none for the
//!   next, goes with the end of that epoch: one epoch without a permit costs no row, two do.
//! - **One commit an epoch** for each registration. It can be revealed `reveal_period` epochs later, and in no other. A commit whose
//!   window closed unrevealed takes the validator's row with it: it then has no weights, is inactive and loses its bonds, and
//!   [`Pallet::pending_commits`] shows that it missed a reveal until it reveals again.
//! - **A row is as old as its commit.** The epoch ignores what a row says of a neuron that registered in or after that block.
//! - **Copies do not pay.** What can be copied is `reveal_period` epochs old. Who repeats what the score consensus said then earns less than who saw it change
//!   (`laurel_yuma::Change`, hyperparameter `staleness_penalty`).
//! - **Nothing is inherited.** When a uid passes on, its row, commits, scores, permit, bonds, and all bonds on it go.
//!
//! # Invariants (`try_state`)
//! - every subnet has a clock and a roll, and the roll names its neurons;
//! - a row belongs to the present holder of its uid, names only uids that exist and never its own, and its largest weight is 65535;
//! - [`Tallies`] counts the rows and the commits of the subnet;
//! - a commit belongs to the present holder, was made in the running epoch or before and can be revealed in it or later, and there is one
//!   for each epoch;
//! - bonds name only uids that exist, validators ascending;
//! - there are no more scores, permits and remembered consensus than neurons;
//! - there is nothing of a subnet that is gone.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod batch;
mod bonds;
mod clock;
mod commit_reveal;
mod epoch;
mod lifecycle;
mod permits;
mod roll;
mod rows;
mod scores;
mod stock;
mod tally;
mod uids;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use bonds::{BondRow, BondTable};
pub use clock::EpochClock;
pub use commit_reveal::{commit_hash, CommitGroup, CommitRecord, MAX_PENDING};
pub use pallet::*;
pub use roll::{Members, Roll};
pub use rows::{PackedRow, RowGroup, StoredRow};
pub use scores::{EpochScores, PastScores, Proportions, MEMORY};
pub use tally::Tally;
pub use uids::{UidSet, GROUP, PAGE};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use crate::batch::batch_weight;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use laurel_support::{Neurons, Stake, Subnets};
    use laurel_types::{
        Balance, CommitItem, EpochIndex, NetUid, RevealItem, Uid, WeightRow, WeightsItem, MAX_SUBNETS, MAX_UIDS,
    };
    use sp_core::H256;

    /// Items of one batch: at most one a subnet makes sense.
    pub type Batch<I> = BoundedVec<I, ConstU32<MAX_SUBNETS>>;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// What subnets there are.
        type Subnets: Subnets<Self::AccountId>;
        /// Who holds which uid.
        type Neurons: Neurons<Self::AccountId>;
        /// How much backs a hotkey.
        type Stake: Stake<Self::AccountId>;
        /// Dispatch weights.
        type WeightInfo: WeightInfo;
    }

    /// The running epoch of each subnet.
    #[pallet::storage]
    pub type Clock<T: Config> = StorageMap<_, Twox64Concat, NetUid, EpochClock>;

    /// Who is in each subnet, and what each had of stake, by page ([`PAGE`]): all that an epoch needs of neurons.
    #[pallet::storage]
    pub type Rolls<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, u16, Roll<T::AccountId>, ValueQuery>;

    /// What validators say, by group of uids ([`GROUP`]): the rows that the next epoch counts.
    #[pallet::storage]
    pub type Rows<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, u16, RowGroup, ValueQuery>;

    /// What [`Rows`] and [`Commits`] hold of each subnet, from which it follows what the end of an epoch reads and costs.
    #[pallet::storage]
    pub type Tallies<T: Config> = StorageMap<_, Twox64Concat, NetUid, Tally, ValueQuery>;

    /// What validators have committed to and not yet revealed, by group of uids ([`GROUP`]).
    #[pallet::storage]
    pub type Commits<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, u16, CommitGroup, ValueQuery>;

    /// Bonds of validators on miners after the last epoch.
    #[pallet::storage]
    pub type Bonds<T: Config> = StorageMap<_, Twox64Concat, NetUid, BondTable, ValueQuery>;

    /// What the last epoch said of each neuron.
    #[pallet::storage]
    pub type Scores<T: Config> = StorageMap<_, Twox64Concat, NetUid, EpochScores, ValueQuery>;

    /// The score consensus of the last epochs, the latest first: what copied weights can repeat.
    #[pallet::storage]
    pub type PastConsensus<T: Config> = StorageMap<_, Twox64Concat, NetUid, PastScores, ValueQuery>;

    /// What the last epoch paid for each neuron, by uid, in leaves.
    #[pallet::storage]
    pub type Emissions<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, BoundedVec<Balance, ConstU32<MAX_UIDS>>, ValueQuery>;

    /// Who may speak in the running epoch, as the last one decided.
    #[pallet::storage]
    pub type Permits<T: Config> = StorageMap<_, Twox64Concat, NetUid, UidSet, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A validator committed to its weights.
        WeightsCommitted {
            /// The subnet.
            netuid: NetUid,
            /// The validator.
            uid: Uid,
            /// Hash of what it will reveal.
            hash: H256,
            /// The running epoch.
            epoch: EpochIndex,
            /// The epoch in which it can be revealed, and in no other.
            reveal_epoch: EpochIndex,
        },
        /// A validator revealed the weights that it had committed to.
        WeightsRevealed {
            /// The subnet.
            netuid: NetUid,
            /// The validator.
            uid: Uid,
            /// Merkle root of the receipts behind the weights.
            receipts_root: [u8; 32],
        },
        /// A validator set weights directly.
        WeightsSet {
            /// The subnet.
            netuid: NetUid,
            /// The validator.
            uid: Uid,
            /// Merkle root of the receipts behind the weights.
            receipts_root: [u8; 32],
        },
        /// A commit was not revealed in its window, and the validator's weights are gone with it.
        CommitExpired {
            /// The subnet.
            netuid: NetUid,
            /// The validator.
            uid: Uid,
            /// The epoch of the commit.
            epoch: EpochIndex,
        },
        /// An item of a batch failed; the others were tried all the same.
        BatchItemFailed {
            /// Which one, from 0.
            index: u32,
            /// The subnet that it was for.
            netuid: NetUid,
            /// Why.
            error: DispatchError,
        },
        /// A batch of weights was worked through.
        BatchCompleted {
            /// Items that succeeded.
            done: u32,
            /// Items that failed, each with an event of its own.
            failed: u32,
        },
        /// An epoch ended without scores.
        EpochSkipped {
            /// The subnet.
            netuid: NetUid,
            /// The epoch that ended.
            epoch: EpochIndex,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// There is no such subnet: check the netuid.
        UnknownSubnet,
        /// The signing hotkey holds no uid in the subnet: register it first.
        NotRegistered,
        /// The neuron holds no validator permit: its hotkey needs more stake, and permits change when an epoch ends.
        NoValidatorPermit,
        /// The subnet takes weights directly: use `set_weights`.
        CommitRevealDisabled,
        /// The subnet takes weights by commit and reveal: use `commit_weights`.
        CommitRevealEnabled,
        /// The validator has committed in this epoch: one commit an epoch, and it cannot be replaced. Commit in the next one.
        AlreadyCommitted,
        /// There is no commit to reveal: commit first. An unrevealed commit expires with the epoch that it belonged in.
        NoCommit,
        /// No commit is due in the running epoch: reveal when the epoch runs that the commit named.
        RevealTooEarly,
        /// What was revealed is not what was committed to: reveal the same row, receipts root, version key and salt.
        HashMismatch,
        /// A weight is about a uid that nobody holds: leave it out.
        UnknownUid,
        /// A validator cannot weigh itself: leave its own uid out.
        SelfWeight,
        /// The row has fewer entries than the subnet's `min_allowed_weights`: say more.
        TooFewWeights,
        /// One entry's share of the row is above the subnet's `max_weight_limit`: lower it.
        MaxWeightExceeded,
        /// The version key is below the subnet's `weights_version`: update the validator.
        OutdatedVersionKey,
        /// The last direct weights are younger than the subnet's `weights_rate_limit`: wait.
        SettingWeightsTooFast,
        /// The batch has no items: name at least one.
        EmptyBatch,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Commits to the weights that the caller, a hotkey with a permit, will reveal `reveal_period` epochs later.
        ///
        /// `hash` is the BLAKE2b-256 digest of `laurel_types::commit_hash_preimage`. One commit an epoch; the fee is
        /// returned on success.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::commit_weights().saturating_add(Pallet::<T>::backing_weight(*netuid)))]
        pub fn commit_weights(origin: OriginFor<T>, netuid: NetUid, hash: H256) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let hash = hash.0;
            Self::commit(&hotkey, &CommitItem { netuid, hash })?;
            Ok(Pays::No.into())
        }

        /// Reveals the weights that the caller committed to `reveal_period` epochs before.
        ///
        /// The row counts from the end of the running epoch on, as said in the block of the commit. The fee is returned on success.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::reveal_weights(Pallet::<T>::width(*netuid, row)))]
        pub fn reveal_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            row: WeightRow,
            receipts_root: [u8; 32],
            version_key: u64,
            salt: [u8; 32],
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let item = RevealItem {
                netuid,
                row,
                receipts_root,
                version_key,
                salt,
            };
            Self::reveal(&hotkey, &item)?;
            Ok(Pays::No.into())
        }

        /// Sets the caller's weights at once, in a subnet without commit-reveal.
        ///
        /// At most once in `weights_rate_limit` blocks; the fee is returned on success.
        #[pallet::call_index(2)]
        #[pallet::weight(
            T::WeightInfo::set_weights(Pallet::<T>::width(*netuid, row)).saturating_add(Pallet::<T>::backing_weight(*netuid))
        )]
        pub fn set_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            row: WeightRow,
            receipts_root: [u8; 32],
            version_key: u64,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let item = WeightsItem {
                netuid,
                row,
                receipts_root,
                version_key,
            };
            Self::set(&hotkey, &item)?;
            Ok(Pays::No.into())
        }

        /// [`Self::set_weights`] for several subnets at once. Each item succeeds or fails for itself, and an event says why one failed. The fee is
        /// returned if none did; if all did, the call fails with the reason of the first.
        #[pallet::call_index(3)]
        #[pallet::weight(batch_weight::<T, _>(items))]
        pub fn batch_set_weights(origin: OriginFor<T>, items: Batch<WeightsItem>) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            Self::run_batch(&hotkey, &items)
        }

        /// [`Self::commit_weights`] for several subnets at once; items and fee as in [`Self::batch_set_weights`].
        #[pallet::call_index(4)]
        #[pallet::weight(batch_weight::<T, _>(items))]
        pub fn batch_commit_weights(origin: OriginFor<T>, items: Batch<CommitItem>) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            Self::run_batch(&hotkey, &items)
        }

        /// [`Self::reveal_weights`] for several subnets at once; items and fee as in [`Self::batch_set_weights`].
        #[pallet::call_index(5)]
        #[pallet::weight(batch_weight::<T, _>(items))]
        pub fn batch_reveal_weights(origin: OriginFor<T>, items: Batch<RevealItem>) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            Self::run_batch(&hotkey, &items)
        }
    }
}
