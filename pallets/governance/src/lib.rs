//! What root may do on a chain that has no master key.
//!
//! Three bodies must agree, each with its own interest. The **council**, a few technical people, proposes a call and can take it back.
//! The **owners of root seats** approve it, by the stake behind their seats: more than half of all of it. Then **time** must pass, in which
//! everybody sees what is coming and the council can still cancel. After it the scheduler makes the call as root.
//!
//! Who may vote, with how much, and how much is needed is written down when the proposal is opened ([`Electorate`]). Seats that are won or
//! lost and stake that moves afterwards change nothing about it: neither can the electorate be swapped under a running vote, nor can a
//! threshold of yesterday meet the seats of today.
//!
//! A decided proposal is closed by whoever likes, so that no body can leave the others stuck. It is decided while more than half of all stake
//! says aye, or so much says nay that no more than half is left; at the latest when its time is over. Until somebody closes it, who voted can
//! change its mind.
//!
//! # Invariants (`try_state`)
//! - At most `MaxOpen` proposals are open, each with an index below `NextIndex`.
//! - The electors of each are strictly ascending, all with stake.
//! - Enactments that wait are bounded by `MaxOpen`, no index twice, none of an open proposal.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod decision;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod proposal;
#[cfg(test)]
mod tests;
mod weights;

pub use pallet::*;
pub use proposal::{Elector, Electorate, Enactment, Proposal, Standing, Vote};
pub use weights::WeightInfo;

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::Bounded;
use laurel_types::{Balance, BlockNumber};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// A call as it is stored: itself if it is small, else by its preimage.
pub type BoundedCallOf<T> = Bounded<<T as Config>::RuntimeCall, <T as frame_system::Config>::Hashing>;
/// A proposal of the runtime.
pub type ProposalOf<T> = Proposal<<T as frame_system::Config>::AccountId, BoundedCallOf<T>>;

/// Who owns root seats.
pub trait Seats<AccountId> {
    /// The owner of each seat with the stake behind it, in leaves; at most `laurel_types::MAX_ROOT_SEATS`.
    fn seats() -> Vec<(AccountId, Balance)>;
    /// Gives `owner` a seat with this stake out of nothing, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_take(owner: &AccountId, stake: Balance);
}

/// What the genesis preset decides for governance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Blocks in which votes are taken. At least 1.
    pub voting_period: BlockNumber,
    /// Blocks between approval and enactment. At least 1.
    pub enactment_delay: BlockNumber,
}

impl Default for Settings {
    /// A week for the vote and two days to see it coming, in blocks of 12 s.
    fn default() -> Self {
        Self {
            voting_period: 50_400,
            enactment_delay: 14_400,
        }
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::{
        pallet_prelude::*,
        traits::{schedule::v3::Named, EnsureOrigin, QueryPreimage, StorePreimage},
    };
    use frame_system::pallet_prelude::*;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for governance.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// What can be proposed.
        type RuntimeCall: Parameter + From<frame_system::Call<Self>>;
        /// Who may act, in the runtime: root is one of them.
        type PalletsOrigin: From<frame_system::RawOrigin<Self::AccountId>>;
        /// Makes approved calls when their block has come.
        type Scheduler: Named<
            BlockNumberFor<Self>,
            <Self as Config>::RuntimeCall,
            Self::PalletsOrigin,
            Hasher = Self::Hashing,
        >;
        /// Keeps calls that are too large to be stored in a proposal.
        type Preimages: QueryPreimage<H = Self::Hashing> + StorePreimage;
        /// Who votes.
        type Seats: Seats<Self::AccountId>;
        /// Who proposes: the council.
        type ProposeOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Who takes a proposal back, approved or not: a majority of the council.
        type CancelOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Proposals open at a time; also enactments waiting at a time.
        #[pallet::constant]
        type MaxOpen: Get<u32>;
        /// Measured cost of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Settings from genesis.
    #[pallet::storage]
    pub type GovernanceSettings<T> = StorageValue<_, Settings, ValueQuery>;

    /// The index that the next proposal gets.
    #[pallet::storage]
    pub type NextIndex<T> = StorageValue<_, u32, ValueQuery>;

    /// Proposals that are voted on, and those decided that nobody closed yet; at most `MaxOpen`.
    #[pallet::storage]
    pub type Proposals<T: Config> = CountedStorageMap<_, Twox64Concat, u32, ProposalOf<T>>;

    /// What was approved and waits, in the order of approval. What has been made stays until the next approval.
    #[pallet::storage]
    pub type Enactments<T: Config> = StorageValue<_, BoundedVec<Enactment<BoundedCallOf<T>>, T::MaxOpen>, ValueQuery>;

    /// Settings of governance at genesis.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Pace.
        pub settings: Settings,
        /// The configuration depends on the runtime only through its type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.settings.voting_period > 0 && self.settings.enactment_delay > 0,
                "governance.settings: votingPeriod and enactmentDelay must be at least 1"
            );
            GovernanceSettings::<T>::put(self.settings);
        }
    }

    /// What happened. Stakes are leaves.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The council proposes a call to the owners of root seats.
        ProposalOpened {
            /// Names the proposal for ever.
            index: u32,
            /// Hash of the call.
            hash: T::Hash,
            /// Stake that must say aye.
            threshold: Balance,
            /// First block in which no vote is taken any more.
            ends_at: BlockNumber,
        },
        /// An owner of root seats voted.
        Voted {
            /// The proposal.
            index: u32,
            /// The owner.
            account: T::AccountId,
            /// What it said.
            vote: Vote,
            /// With how much stake.
            stake: Balance,
        },
        /// A proposal was approved; root makes the call in block `at`.
        ProposalApproved {
            /// The proposal.
            index: u32,
            /// When the call is made.
            at: BlockNumber,
        },
        /// A proposal was not approved and is gone.
        ProposalRejected {
            /// The proposal.
            index: u32,
        },
        /// The council took a proposal back; if it had been approved, its call is not made.
        ProposalCancelled {
            /// The proposal.
            index: u32,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such proposal, or it is decided and closed: read `Proposals`.
        UnknownProposal,
        /// No root seat has stake behind it, so nobody could approve: take seats and stake first.
        NobodyCanVote,
        /// As many proposals as can be are open, or wait for enactment: close or await one.
        TooManyProposals,
        /// The account owned no root seat with stake when the proposal was opened.
        NotAnElector,
        /// The time for votes is over: close the proposal.
        VotingOver,
        /// Neither side has its half of the stake, and there is time to vote: close it later.
        VotingOpen,
        /// The chain does not have the proposed call in this length: note its preimage first, and give its hash and length.
        PreimageMissing,
        /// Every index has been given.
        IndicesExhausted,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Proposes a call for root to make, small ones as they are, large ones by hash and length of a preimage that is already
        /// noted. By the council. Who may vote, with how much, is fixed now, and so is how much is needed: more than half of it.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::open())]
        pub fn open(origin: OriginFor<T>, call: BoundedCallOf<T>) -> DispatchResult {
            T::ProposeOrigin::ensure_origin(origin)?;
            Self::do_open(call)
        }

        /// Votes on a proposal with all stake that was behind the caller's root seats when it was opened. Can be repeated; the
        /// last one counts.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::vote())]
        pub fn vote(origin: OriginFor<T>, index: u32, vote: Vote) -> DispatchResult {
            let account = ensure_signed(origin)?;
            Self::do_vote(account, index, vote)
        }

        /// Ends a proposal that is decided: schedules its call or drops it. By anybody.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::close())]
        pub fn close(origin: OriginFor<T>, index: u32) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_close(index)
        }

        /// Takes a proposal back: one that is voted on, or one that was approved and whose call is not made yet. By a
        /// majority of the council.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::cancel())]
        pub fn cancel(origin: OriginFor<T>, index: u32) -> DispatchResult {
            T::CancelOrigin::ensure_origin(origin)?;
            Self::do_cancel(index)
        }
    }
}
