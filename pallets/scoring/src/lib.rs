//! What validators say about miners, and what an epoch makes of it.
//!
//! Validators of a subnet give each miner a weight. They commit to the hash of their weights in one epoch and reveal them
//! in the next, so that nobody can copy what is not yet fixed and nobody can choose afterwards what to have said. At the end of
//! each epoch the chain computes the score consensus over all rows (`laurel_yuma::epoch`): how much each
//! miner (incentive) and each validator (dividends) has earned, and who may speak in the next epoch (permits).
//!
//! # Rules
//! - **Permits.** The `max_validators` neurons with the most stake, stake above zero, hold a permit; each epoch decides anew for
//!   the next. While no neuron of a subnet holds one (before its first epoch, or when stake came only later) the
//!   same ranking, taken at the moment of the call, stands in; otherwise nobody could ever begin.
//! - **One commit an epoch** for each registration. It can be revealed in the epoch after, and in no other. A commit whose
//!   window closed unrevealed takes the validator's row with it: it then has no weights, is inactive and loses its bonds.
//! - **A row is as old as its commit.** The epoch ignores what a row says of a neuron that registered in or after that block.
//! - **Nothing is inherited.** When a uid passes on, its row, commits, scores, permit, bonds, and all bonds on it go.
//!
//! # Invariants (`try_state`)
//! - every subnet has a clock;
//! - a row belongs to the present holder of its uid, names only uids that exist and never its own, and its largest weight is 65535;
//! - [`RowCount`] is the number of rows of the subnet;
//! - a commit belongs to the present holder, is of the running epoch or the one before, and there is one for each epoch;
//! - bonds name only uids that exist, validators ascending, none empty;
//! - there are no more scores than neurons.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod bonds;
mod clock;
mod commit_reveal;
mod epoch;
mod permits;
mod rows;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use bonds::{BondGroup, BondRow, BOND_GROUP, BOND_GROUPS};
pub use clock::EpochClock;
pub use commit_reveal::{Commit, PendingCommits, Reveal};
pub use pallet::*;
pub use permits::PermitSource;
pub use rows::StoredRow;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{dispatch::PostDispatchInfo, pallet_prelude::*};
    use frame_system::pallet_prelude::*;
    use laurel_support::{Neurons, Stake, Subnets};
    use laurel_types::{EpochIndex, NetUid, NeuronScores, Uid, WeightRow, MAX_UIDS};
    use sp_core::H256;

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

    /// What a validator says, by uid: the row that the next epoch counts.
    #[pallet::storage]
    pub type Rows<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, StoredRow>;

    /// Number of rows in [`Rows`] of each subnet, from which the weight of an epoch follows.
    #[pallet::storage]
    pub type RowCount<T: Config> = StorageMap<_, Twox64Concat, NetUid, u32, ValueQuery>;

    /// Commits that are not yet revealed, by uid.
    #[pallet::storage]
    pub type Commits<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, PendingCommits, ValueQuery>;

    /// Bonds of validators on miners after the last epoch, in groups of [`BOND_GROUP`] validators with bonds, ascending by uid:
    /// an epoch rewrites them all, and few large values cost a tenth of many small ones.
    #[pallet::storage]
    pub type Bonds<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, u8, BondGroup, ValueQuery>;

    /// What the last epoch said of each neuron, by uid. Neurons that registered since may be missing at the end.
    #[pallet::storage]
    pub type Scores<T: Config> =
        StorageMap<_, Twox64Concat, NetUid, BoundedVec<NeuronScores, ConstU32<MAX_UIDS>>, ValueQuery>;

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
            /// The running epoch; the reveal belongs in the next.
            epoch: EpochIndex,
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
        /// There is no such subnet.
        UnknownSubnet,
        /// The signing hotkey holds no uid in the subnet.
        NotRegistered,
        /// The neuron holds no validator permit: its hotkey needs more stake.
        NoValidatorPermit,
        /// The subnet takes weights directly: use `set_weights`.
        CommitRevealDisabled,
        /// The subnet takes weights by commit and reveal: use `commit_weights`.
        CommitRevealEnabled,
        /// The validator has committed in this epoch: one commit an epoch, and it cannot be replaced.
        AlreadyCommitted,
        /// There is no commit to reveal; an unrevealed one expires with the epoch after its own.
        NoCommit,
        /// The commit is of the running epoch: it can be revealed in the next.
        RevealTooEarly,
        /// What was revealed is not what was committed to.
        HashMismatch,
        /// A weight is about a uid that nobody holds.
        UnknownUid,
        /// A validator cannot weigh itself.
        SelfWeight,
        /// The row has fewer entries than the subnet's `min_allowed_weights`.
        TooFewWeights,
        /// One entry's share of the row is above the subnet's `max_weight_limit`.
        MaxWeightExceeded,
        /// The version key is below the subnet's `weights_version`: update the validator.
        OutdatedVersionKey,
        /// The last direct weights are younger than the subnet's `weights_rate_limit`.
        SettingWeightsTooFast,
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
        /// Commits to the weights that the caller, a hotkey with a permit, will reveal in the next epoch.
        ///
        /// `hash` is the BLAKE2b-256 digest of `laurel_types::commit_hash_preimage`. One commit an epoch; the fee is
        /// returned on success.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::commit_weights().saturating_add(T::WeightInfo::provisional_permit(MAX_UIDS)))]
        pub fn commit_weights(origin: OriginFor<T>, netuid: NetUid, hash: H256) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let permit = Self::commit(&hotkey, netuid, hash)?;
            Ok(free(
                T::WeightInfo::commit_weights().saturating_add(Self::permit_weight(permit)),
            ))
        }

        /// Reveals the weights that the caller committed to in the epoch before.
        ///
        /// The row counts from the end of the running epoch on, as said in the block of the commit. The fee is returned on success.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::reveal_weights(row.len() as u32))]
        pub fn reveal_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            row: WeightRow,
            receipts_root: [u8; 32],
            version_key: u64,
            salt: [u8; 32],
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let entries = row.len() as u32;
            Self::reveal(
                &hotkey,
                netuid,
                Reveal {
                    row,
                    receipts_root,
                    version_key,
                    salt,
                },
            )?;
            Ok(free(T::WeightInfo::reveal_weights(entries)))
        }

        /// Sets the caller's weights at once, in a subnet without commit-reveal.
        ///
        /// At most once in `weights_rate_limit` blocks; the fee is returned on success.
        #[pallet::call_index(2)]
        #[pallet::weight(
            T::WeightInfo::set_weights(row.len() as u32).saturating_add(T::WeightInfo::provisional_permit(MAX_UIDS))
        )]
        pub fn set_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            row: WeightRow,
            receipts_root: [u8; 32],
            version_key: u64,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let entries = row.len() as u32;
            let permit = Self::set(&hotkey, netuid, row, receipts_root, version_key)?;
            Ok(free(
                T::WeightInfo::set_weights(entries).saturating_add(Self::permit_weight(permit)),
            ))
        }
    }

    /// A call that succeeded: the fee goes back to the caller.
    fn free(weight: Weight) -> PostDispatchInfo {
        PostDispatchInfo {
            actual_weight: Some(weight),
            pays_fee: Pays::No,
        }
    }
}
