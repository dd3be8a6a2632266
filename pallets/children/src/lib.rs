//! Who lends stake to whom: child hotkeys.
//!
//! A hotkey can lend parts of its own stake to up to five others in a subnet, its *children*; there a child then validates with its
//! own stake and what its *parents* lend. So a validator can leave a subnet to somebody who knows it better, without moving a
//! single token. What backs a hotkey in a subnet ([`laurel_support::Stake::stake_on`]) is
//!
//! `own − Σ own × proportion of each child + Σ stake of each parent × proportion`,
//!
//! each product rounded down, so that over all hotkeys it is what is staked. Nobody lends what it borrowed.
//!
//! # Consent and bounds
//! Nobody becomes a child unasked: the child's owner accepts, or is the parent's owner too. A child holds a uid of
//! the subnet and has at most [`MAX_PARENTS`](laurel_types::MAX_PARENTS) parents; losing the uid cuts its links. A new set of children waits for a
//! cool-down and for the end of an epoch, and replacing it begins the cool-down anew; either side can cut a link at any time.
//!
//! # Pay
//! The dividends of a child are divided by what backed it in the epoch, block by block, see [`Parting`]; rewards asks for that when
//! the epoch ends, and pays. Cutting or making a link in the middle of an epoch changes nothing for the blocks before.
//!
//! # Invariants (`try_state`)
//! - Both ends of a link name each other and agree on the proportion. With those that ended in an epoch that is not paid yet there are
//!   as many as [`LinkCount`] says.
//! - No hotkey lends to itself, twice to one, to more than five, nothing, or more than all that it has.
//! - A hotkey with parents holds a uid.
//! - A set that waits is in the queue at its place, and nothing else is in the queue; [`Waiting`] counts them and knows no place yet that
//!   one of them has.
//! - What backs all hotkeys of a subnet is what is staked on them.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
mod kinship;
mod links;
#[cfg(test)]
mod mock;
mod payout;
mod proposals;
mod removal;
mod stake;
mod take;
#[cfg(test)]
mod tests;
mod weights;

pub use kinship::{Borrowed, Contributions, Kinship, Lent, LinkFault, Moment};
pub use pallet::*;
pub use payout::Parting;
pub use proposals::{NotLinked, PendingSet, Place, Proposal, SETS_AN_EPOCH};
pub use take::{ChildTake, TakeRefused};
pub use weights::WeightInfo;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{Balance, BlockNumber, Proportion, LRL, MAX_CHILDREN};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// The record of one hotkey in one subnet.
pub type KinshipOf<T> = Kinship<<T as frame_system::Config>::AccountId>;
/// A set of children: how much each gets of the parent's own stake.
pub type Children<T> = BoundedVec<(Proportion, <T as frame_system::Config>::AccountId), ConstU32<MAX_CHILDREN>>;

/// What the genesis preset decides for child hotkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChildSettings {
    /// Blocks for which a proposed set of children waits at least; one that replaces it waits for as many from then on.
    pub cooldown: BlockNumber,
    /// Least own stake of a hotkey at the moment in which it proposes children, in leaves. The same stake may go on to another hotkey and
    /// serve it too; what bounds the queue is one set for each hotkey, and each of those costs a registration.
    pub min_parent_stake: Balance,
    /// Blocks between two raises of one child take.
    pub take_increase_interval: BlockNumber,
}

impl Default for ChildSettings {
    /// A day, ten tokens and thirty days, with blocks of 12 s.
    fn default() -> Self {
        Self {
            cooldown: 7_200,
            min_parent_stake: 10 * LRL,
            take_increase_interval: 216_000,
        }
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use laurel_support::{Epochs, Hotkeys, Neurons, Stake, Subnets};
    use laurel_types::{NetUid, Take, Uid};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for child hotkeys.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// What is staked on each hotkey itself.
        type Staking: Stake<Self::AccountId>;
        /// Who owns a hotkey.
        type Hotkeys: Hotkeys<Self::AccountId>;
        /// What subnets there are.
        type Subnets: Subnets<Self::AccountId>;
        /// Who holds a uid.
        type Neurons: Neurons<Self::AccountId>;
        /// Which epoch runs.
        type Epochs: Epochs<Self::AccountId>;
        /// Measured cost of calls and hooks.
        type WeightInfo: WeightInfo;
    }

    /// Settings from genesis.
    #[pallet::storage]
    pub type Settings<T> = StorageValue<_, ChildSettings, ValueQuery>;

    /// Links of each hotkey that has any, by subnet. Bounded: children hold uids, and each has few parents.
    #[pallet::storage]
    pub type Kin<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Blake2_128Concat, T::AccountId, KinshipOf<T>>;

    /// Links in each subnet, from which the cost of reading stake and of dividing dividends follows: also those that ended, until the
    /// epoch in which they did is paid. Absent where there are none.
    #[pallet::storage]
    pub type LinkCount<T: Config> = StorageMap<_, Twox64Concat, NetUid, u32, ValueQuery>;

    /// Proposed children of each hotkey, by subnet, until they are linked.
    #[pallet::storage]
    pub type Pending<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Blake2_128Concat, T::AccountId, PendingSet>;

    /// Whose proposed children come when, by subnet and [`Place`]. The places are neither hashed nor chosen by anybody, so that they are
    /// found in their order, and one that is given up leaves no gap.
    #[pallet::storage]
    pub type Queue<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Identity, Place, T::AccountId>;

    /// How many sets wait in each subnet, and the next free place; absent where none waits.
    #[pallet::storage]
    pub type Waiting<T: Config> = StorageMap<_, Twox64Concat, NetUid, (u32, Place), ValueQuery>;

    /// Settings of child hotkeys at genesis. Nobody has children then.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Cool-down, minimum stake, pace of takes.
        pub settings: ChildSettings,
        /// The configuration depends on the runtime only through its type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Settings::<T>::put(self.settings);
        }
    }

    /// What happened. Amounts are leaves.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey will lend to these children, those whose owners accept in time.
        ChildrenProposed {
            /// The subnet.
            netuid: NetUid,
            /// The parent.
            hotkey: T::AccountId,
            /// All its children then; none: it takes everything back.
            children: Children<T>,
            /// The first epoch that ends at or after this block links them.
            due: BlockNumber,
        },
        /// The set of children that waited is gone before it was linked; the one that is proposed next waits in its stead.
        ChildrenWithdrawn {
            /// The subnet.
            netuid: NetUid,
            /// The parent.
            hotkey: T::AccountId,
            /// From which block on it would have been linked.
            due: BlockNumber,
        },
        /// The owner of a proposed child agreed.
        ParentAccepted {
            /// The subnet.
            netuid: NetUid,
            /// The child.
            child: T::AccountId,
            /// The parent.
            parent: T::AccountId,
        },
        /// A hotkey lends to these children from now on, and to no others.
        ChildrenSet {
            /// The subnet.
            netuid: NetUid,
            /// The parent.
            hotkey: T::AccountId,
            /// All its children.
            children: Children<T>,
        },
        /// A proposed child was left out; its part stays with the parent.
        ChildNotLinked {
            /// The subnet.
            netuid: NetUid,
            /// The parent.
            hotkey: T::AccountId,
            /// The uid that the child had when it was proposed.
            uid: Uid,
            /// Why.
            reason: NotLinked,
        },
        /// One side cut a link, or took a proposal back.
        LinkRevoked {
            /// The subnet.
            netuid: NetUid,
            /// The parent.
            parent: T::AccountId,
            /// The child.
            child: T::AccountId,
        },
        /// What a child's owner keeps of its parents' parts changed. A raise counts from the next epoch on.
        ChildTakeSet {
            /// The subnet.
            netuid: NetUid,
            /// The child.
            hotkey: T::AccountId,
            /// Its take.
            take: Take,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no subnet with this netuid.
        SubnetDoesNotExist,
        /// Only the coldkey that owns the hotkey can do this; to cut a link, the owner of either hotkey.
        NotHotkeyOwner,
        /// The hotkey has no children, none wait to be linked and none were named: name at least one.
        NoChildren,
        /// The hotkey has less stake of its own than parents need: stake more on it first.
        ParentStakeTooLow,
        /// A hotkey cannot be its own child: leave it out.
        OwnChild,
        /// A child with proportion 0 gets nothing: leave it out.
        ZeroProportion,
        /// A child is named twice: name it once, with the sum of the proportions.
        ChildNamedTwice,
        /// The proportions sum to more than all of the stake: lower them.
        MoreThanAll,
        /// The child holds no uid in the subnet: it must register first.
        ChildNotRegistered,
        /// No set of children that waits names this child unaccepted: the parent must propose it first.
        NotProposed,
        /// The two hotkeys are not linked, and no link is proposed: there is nothing to cut.
        NotLinked,
        /// A child take is at most 18 %.
        TakeTooHigh,
        /// The child take was raised less than an interval ago: wait, or lower it.
        TakeRaisedTooSoon,
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
        /// Proposes all children that a hotkey of the caller shall have in a subnet, with parts of its own stake in `u64::MAX`ths;
        /// none: takes everything back. They are linked by the first epoch that ends after the cool-down, those whose
        /// owner is the caller or has accepted by then. A set that waits is replaced, and the cool-down begins anew.
        #[pallet::call_index(0)]
        // Who replaces a set also gives up its place, which is not measured.
        #[pallet::weight(T::WeightInfo::set_children(children.len() as u32).saturating_add(T::DbWeight::get().writes(1)))]
        pub fn set_children(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            children: Children<T>,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_set_children(coldkey, hotkey, netuid, children)
        }

        /// Agrees to a proposed parent for a hotkey of the caller.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::accept_parent())]
        pub fn accept_parent(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            parent: T::AccountId,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_accept_parent(coldkey, hotkey, netuid, parent)
        }

        /// Cuts a link at once, and strikes the child from the set that waits. By the owner of either hotkey. For the blocks before,
        /// the parent is paid all the same.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::revoke_link())]
        pub fn revoke_link(
            origin: OriginFor<T>,
            netuid: NetUid,
            parent: T::AccountId,
            child: T::AccountId,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_revoke(coldkey, netuid, parent, child)
        }

        /// Sets what the owner of a child keeps of what its parents' stake earns through it, at most 18 %. A raise counts from
        /// the next epoch on and is possible once an interval; lowering counts at once.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_child_take())]
        pub fn set_child_take(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            take: Take,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_set_child_take(coldkey, hotkey, netuid, take)
        }
    }
}
