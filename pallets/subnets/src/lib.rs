//! What a subnet is: who owns it, what its owner locked for it, how it is tuned, which models it pays for, how it ends.
//!
//! Anybody can create a subnet by locking tokens: the lock is a hold on the creator's own account. Each creation doubles
//! the next lock, and time lowers it again, see [`Pallet::lock_cost_at`]. Where the chain is full, the weakest subnet that is past its
//! immunity ends for it ([`Pallet::next_replaced`]). The owner tunes the subnet within the ranges of
//! [`Hyperparameters`] and says which models it accepts. A change never touches the epoch that is running: it waits and
//! takes effect when the epoch ends, models one epoch later still, so nobody is scored by rules that were not known when the epoch
//! began. After a change the same parameter rests for a while, and the last blocks of an epoch admit no change, so that an
//! owner cannot steer from epoch to epoch. Root is bound by the ranges and the waiting, not by the rest.
//!
//! A subnet passes to another owner by offer and acceptance (`ownership.rs`), and ends by dissolution or replacement
//! (`ending.rs`). A netuid is given once and never again.
//!
//! # Invariants (checked by `do_try_state`)
//! - `Netuids` is strictly ascending, holds at most `MAX_SUBNETS`, and every entry is below `NextNetUid`.
//! - `Subnets` and `Params` have exactly the keys in `Netuids`; no other map by netuid has a key outside it.
//! - Subnets being removed are not in `Netuids`, and none is listed twice; dissolutions are announced of subnets that exist, one
//!   each, the first due first.
//! - Parameters in force and pending are in range; model lists are not empty and name no root twice.
//! - What is held from an account is the sum of the locks of its subnets, and of the deposits of its and their identities.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod ending;
mod identity;
mod lifecycle;
mod models;
mod ownership;
mod parameters;
mod settings;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use ending::{Dissolution, Reason};
pub use identity::{Identified, Identity, Text};
pub use lifecycle::{Creation, Lock, Subnet};
pub use models::{AnnouncedModels, Models};
pub use pallet::*;
pub use parameters::Tunable;
pub use settings::SubnetSettings;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use laurel_types::{AcceptedModel, Balance, BlockNumber, Hyperparameter, Hyperparameters, NetUid, MAX_SUBNETS};

// The FRAME macros generate items that cannot carry docs.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{pallet_prelude::*, traits::fungible, weights::WeightMeter};
    use frame_system::pallet_prelude::*;
    use laurel_support::{Epochs, OnSubnetCreated, OnSubnetRemoved, Split};
    use laurel_types::EpochIndex;
    // FRAME's prelude has a hasher of that name.
    use crate::Identity;
    use sp_runtime::DispatchError;

    /// The subnets.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for this pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// Where locks are held.
        type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
            + fungible::Mutate<Self::AccountId, Balance = Balance>;
        /// Why tokens are held, in the runtime.
        type RuntimeHoldReason: From<HoldReason>;
        /// Where the part of a lock goes that is not refunded.
        type BurnAccount: Get<Self::AccountId>;
        /// When epochs end.
        type Epochs: Epochs<Self::AccountId>;
        /// Which subnets get how much, so which is the weakest.
        type Split: Split;
        /// Those who keep state for each subnet.
        type OnSubnetCreated: OnSubnetCreated;
        /// The same, when a subnet has ended.
        type OnSubnetRemoved: OnSubnetRemoved;
        /// What the calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds tokens.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Locked by the owner of a subnet for as long as the subnet exists.
        SubnetLock,
        /// Deposited for the identity of a coldkey or of its subnet.
        Identity,
    }

    /// How this chain creates, tunes and ends subnets.
    #[pallet::storage]
    pub type Settings<T: Config> = StorageValue<_, SubnetSettings, ValueQuery>;

    /// Netuids of all subnets, ascending.
    #[pallet::storage]
    pub type Netuids<T: Config> = StorageValue<_, BoundedVec<NetUid, ConstU32<MAX_SUBNETS>>, ValueQuery>;

    /// Each subnet's owner, lock and age.
    #[pallet::storage]
    pub type Subnets<T: Config> = StorageMap<_, Twox64Concat, NetUid, Subnet<T::AccountId>>;

    /// Parameters in force in the running epoch.
    #[pallet::storage]
    pub type Params<T: Config> = StorageMap<_, Twox64Concat, NetUid, Hyperparameters>;

    /// Parameters that take effect when the running epoch ends; absent if nothing was changed.
    #[pallet::storage]
    pub type PendingParams<T: Config> = StorageMap<_, Twox64Concat, NetUid, Hyperparameters>;

    /// Block of the last change of each thing that can be tuned.
    #[pallet::storage]
    pub type Cooldowns<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Tunable, BlockNumber, OptionQuery>;

    /// Models that the subnet pays for; absent until its owner named the first.
    #[pallet::storage]
    pub type AcceptedModels<T: Config> = StorageMap<_, Twox64Concat, NetUid, Models>;

    /// Models that the subnet pays for once the running epoch has ended; absent if nothing was changed.
    #[pallet::storage]
    pub type PendingModels<T: Config> = StorageMap<_, Twox64Concat, NetUid, AnnouncedModels>;

    /// To whom the owner of a subnet offers it.
    #[pallet::storage]
    pub type Offers<T: Config> = StorageMap<_, Twox64Concat, NetUid, T::AccountId>;

    /// Who is behind a subnet, in its owner's words.
    #[pallet::storage]
    pub type SubnetIdentities<T: Config> = StorageMap<_, Twox64Concat, NetUid, Identified>;

    /// Who is behind a coldkey, in its own words.
    #[pallet::storage]
    pub type Identities<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Identified>;

    /// Dissolutions that were announced, the first due first.
    #[pallet::storage]
    pub type Dissolutions<T: Config> = StorageValue<_, BoundedVec<Dissolution, ConstU32<MAX_SUBNETS>>, ValueQuery>;

    /// Subnets that ended and of which others still keep something, the first ended first.
    #[pallet::storage]
    pub type Removals<T: Config> = StorageValue<_, BoundedVec<NetUid, ConstU32<MAX_SUBNETS>>, ValueQuery>;

    /// The netuid that the next subnet gets.
    #[pallet::storage]
    pub type NextNetUid<T: Config> = StorageValue<_, NetUid, ValueQuery, FirstNetUid>;

    /// The lock of the subnet created last; absent before the first.
    #[pallet::storage]
    pub type LastLock<T: Config> = StorageValue<_, Lock>;

    /// Netuids begin at one; zero is the root network in clients of the field.
    pub struct FirstNetUid;
    impl Get<NetUid> for FirstNetUid {
        fn get() -> NetUid {
            NetUid(1)
        }
    }

    /// Settings of the chain. The default is what a public chain with blocks of 12 s needs.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// How the chain creates, tunes and ends subnets.
        pub settings: SubnetSettings,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if let Err(reason) = self.settings.check() {
                panic!("genesis of subnets: {reason}");
            }
            Settings::<T>::put(&self.settings);
        }
    }

    /// What happened to subnets.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A subnet exists from now on.
        SubnetCreated {
            /// Its number.
            netuid: NetUid,
            /// Who owns it.
            owner: T::AccountId,
            /// What is held from the owner, in leaves.
            lock: Balance,
        },
        /// A hyperparameter will change when the running epoch ends.
        HyperparameterSet {
            /// Whose.
            netuid: NetUid,
            /// The new value.
            change: Hyperparameter,
        },
        /// An epoch ended and changed hyperparameters are in force.
        HyperparametersApplied {
            /// Whose.
            netuid: NetUid,
            /// All parameters now in force.
            params: Hyperparameters,
        },
        /// The models accepted will change when the epoch after the running one ends.
        ModelsSet {
            /// Whose.
            netuid: NetUid,
            /// The new list.
            models: Models,
            /// The first epoch in which it is in force.
            from: EpochIndex,
        },
        /// The subnet pays for these models from now on.
        ModelsApplied {
            /// Whose.
            netuid: NetUid,
            /// The list in force.
            models: Models,
        },
        /// A subnet will be dissolved.
        DissolutionAnnounced {
            /// Which.
            netuid: NetUid,
            /// First block in which it happens.
            at: BlockNumber,
        },
        /// A subnet will not be dissolved after all.
        DissolutionCancelled {
            /// Which.
            netuid: NetUid,
        },
        /// A subnet could not be dissolved and goes on; its dissolution must be announced again.
        DissolutionFailed {
            /// Which.
            netuid: NetUid,
            /// Why.
            error: DispatchError,
        },
        /// A subnet exists no longer; what others keep of it is removed in the following blocks.
        SubnetEnded {
            /// Which.
            netuid: NetUid,
            /// Who owned it.
            owner: T::AccountId,
            /// What the owner has back of its lock, in leaves.
            refunded: Balance,
            /// What was burned of it, in leaves.
            burned: Balance,
            /// Why it ended.
            reason: Reason,
        },
        /// Nothing is left of a subnet that ended.
        SubnetRemoved {
            /// Which.
            netuid: NetUid,
        },
        /// The owner of a subnet offers it to another account.
        SubnetOffered {
            /// Which.
            netuid: NetUid,
            /// To whom.
            to: T::AccountId,
        },
        /// A subnet is offered no longer.
        SubnetOfferWithdrawn {
            /// Which.
            netuid: NetUid,
        },
        /// A subnet has another owner, who now also holds its lock and deposit.
        SubnetTransferred {
            /// Which.
            netuid: NetUid,
            /// Who owned it.
            from: T::AccountId,
            /// Who owns it now.
            to: T::AccountId,
        },
        /// The owner of a subnet says who is behind it.
        SubnetIdentitySet {
            /// Which.
            netuid: NetUid,
            /// What is held for it, in leaves.
            deposit: Balance,
        },
        /// Nobody says any longer who is behind a subnet, and the deposit is released.
        SubnetIdentityCleared {
            /// Which.
            netuid: NetUid,
        },
        /// A coldkey says who is behind it.
        IdentitySet {
            /// Which.
            who: T::AccountId,
            /// What is held for it, in leaves.
            deposit: Balance,
        },
        /// A coldkey no longer says who is behind it, and the deposit is released.
        IdentityCleared {
            /// Which.
            who: T::AccountId,
        },
        /// Root changed how the chain creates, tunes and ends subnets.
        SettingsChanged {
            /// As they are now.
            settings: SubnetSettings,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no subnet with this netuid.
        SubnetDoesNotExist,
        /// Only the subnet's owner or root can do this.
        NotSubnetOwner,
        /// The lock now costs more than the maximum given: ask for a new quote.
        LockAboveMaximum,
        /// The account cannot have the lock held and stay alive: fund it first.
        BalanceBelowLock,
        /// Another subnet was created a moment ago: wait for the rate limit.
        SubnetCreatedTooRecently,
        /// The chain holds as many subnets as it can.
        TooManySubnets,
        /// Every netuid has been given.
        NetUidsExhausted,
        /// The value, or its combination with the other parameters, is out of range.
        HyperparameterOutOfRange,
        /// The same thing was changed a moment ago: wait for its cool-down.
        ChangedTooRecently,
        /// The list of models is empty: name at least one.
        NoModels,
        /// The list names a model root twice.
        ModelListedTwice,
        /// A model's context is zero tokens.
        ModelWithoutContext,
        /// A text model needs the version of its sampler, an embedding model has none.
        SamplerDoesNotFitKind,
        /// Only root changes this parameter: propose it.
        ParameterIsRoots,
        /// The epoch is about to end: change it when the next one has begun.
        FrozenBeforeEpoch,
        /// The chain is full and every subnet is in its immunity: wait until one is not.
        AllSubnetsImmune,
        /// So many ended subnets are still being removed that no further one can end: try again in some blocks.
        RemovalsUnderWay,
        /// The dissolution of this subnet is announced already.
        DissolutionAnnouncedAlready,
        /// No dissolution of this subnet is announced.
        NoDissolutionAnnounced,
        /// The subnet is not offered to this account: ask its owner to.
        SubnetNotOffered,
        /// The account owns the subnet already.
        OwnsSubnetAlready,
        /// An identity needs a name, and all of its texts must be UTF-8.
        IdentityWithoutName,
        /// There is no identity to remove.
        NoIdentity,
        /// The account cannot have the deposit held and stay alive: fund it, or say less.
        BalanceBelowDeposit,
        /// A setting is out of range.
        SettingsOutOfRange,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Creates a subnet that the signer owns. Holds the lock cost of this block from the signer; fails if that is
        /// above `max_lock` (leaves), if the signer cannot afford it, or if the rate limit is not over. Where the chain is full, the
        /// subnet with the smallest part of the emission ends for it, of those past their immunity; fails if there is none.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_subnet())]
        pub fn create_subnet(origin: OriginFor<T>, max_lock: Balance) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::create(owner, max_lock)
        }

        /// Changes one hyperparameter when the running epoch ends. By the owner or root; the owner waits for the
        /// parameter's cool-down between two changes, changes nothing in the last blocks of an epoch, and leaves some parameters to
        /// root (`Hyperparameters::DESCRIPTIONS`).
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_hyperparameter())]
        pub fn set_hyperparameter(origin: OriginFor<T>, netuid: NetUid, change: Hyperparameter) -> DispatchResult {
            let tuner = Self::ensure_tuner(origin, netuid)?;
            Self::change_parameter(tuner, netuid, change)
        }

        /// Replaces the list of accepted models: at once if there was none, else a whole epoch after the running one. By the owner
        /// or root; the owner waits for the cool-down between two replacements and changes nothing in the last blocks of an epoch.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_models(models.len() as u32))]
        pub fn set_models(origin: OriginFor<T>, netuid: NetUid, models: Models) -> DispatchResult {
            let tuner = Self::ensure_tuner(origin, netuid)?;
            Self::change_models(tuner, netuid, models)
        }

        /// Announces that the subnet ends after the chain's delay. By the owner or root. Then its owner has the lock back, less a
        /// part that is burned where the subnet is young, and everything kept for the subnet is removed; stake stays with its
        /// stakers.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::announce_dissolution())]
        pub fn announce_dissolution(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            Self::ensure_tuner(origin, netuid)?;
            Self::announce(netuid)
        }

        /// Calls an announced dissolution off. By the owner or root.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::cancel_dissolution())]
        pub fn cancel_dissolution(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            Self::ensure_tuner(origin, netuid)?;
            Self::cancel(netuid)
        }

        /// Offers the signer's subnet to `to`, or to nobody any longer. Nothing passes before `to` accepts.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::offer_subnet())]
        pub fn offer_subnet(origin: OriginFor<T>, netuid: NetUid, to: Option<T::AccountId>) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::offer(owner, netuid, to)
        }

        /// Makes the signer the owner of a subnet that was offered to it. The lock and the deposit of its identity pass with it: they
        /// are held from the signer from now on, and refunded to it one day.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::accept_subnet())]
        pub fn accept_subnet(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            let to = ensure_signed(origin)?;
            Self::accept(to, netuid)
        }

        /// Says who is behind the signer's subnet, for a deposit that grows with the length. Replaces what was said before.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_subnet_identity(identity.bytes()))]
        pub fn set_subnet_identity(origin: OriginFor<T>, netuid: NetUid, identity: Identity) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::identify_subnet(owner, netuid, identity)
        }

        /// Removes a subnet's identity and returns the deposit to the owner. By the owner or root.
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::clear_subnet_identity())]
        pub fn clear_subnet_identity(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            Self::ensure_tuner(origin, netuid)?;
            Self::forget_subnet_identity(netuid)
        }

        /// Says who is behind the signing coldkey, for a deposit that grows with the length. Replaces what was said before.
        #[pallet::call_index(9)]
        #[pallet::weight(T::WeightInfo::set_identity(identity.bytes()))]
        pub fn set_identity(origin: OriginFor<T>, identity: Identity) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::identify(who, identity)
        }

        /// Removes the signer's identity and returns the deposit.
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::clear_identity())]
        pub fn clear_identity(origin: OriginFor<T>) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::forget_identity(who)
        }

        /// Replaces how the chain creates, tunes and ends subnets. By root. Subnets that exist keep their parameters.
        #[pallet::call_index(11)]
        #[pallet::weight(T::WeightInfo::set_settings())]
        pub fn set_settings(origin: OriginFor<T>, settings: SubnetSettings) -> DispatchResult {
            ensure_root(origin)?;
            Self::replace_settings(settings)
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
            if meter.try_consume(T::WeightInfo::on_poll()).is_err() {
                return;
            }
            Self::end_due(meter);
            let used = Self::remove_ended(Self::removal_budget().min(meter.remaining()));
            meter.consume(used.min(meter.remaining()));
        }

        fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
            match remaining.checked_sub(&T::WeightInfo::on_poll()) {
                Some(left) => T::WeightInfo::on_poll().saturating_add(Self::remove_ended(left)),
                None => Weight::zero(),
            }
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}

impl<T: Config> laurel_support::Subnets<T::AccountId> for Pallet<T> {
    fn netuids() -> Vec<NetUid> {
        Netuids::<T>::get().into_inner()
    }

    fn params(netuid: NetUid) -> Option<Hyperparameters> {
        Params::<T>::get(netuid)
    }

    fn owner(netuid: NetUid) -> Option<T::AccountId> {
        Subnets::<T>::get(netuid).map(|subnet| subnet.owner)
    }

    fn models(netuid: NetUid) -> Vec<AcceptedModel> {
        AcceptedModels::<T>::get(netuid).unwrap_or_default().into_inner()
    }

    fn is_ending(netuid: NetUid) -> bool {
        Removals::<T>::get().contains(&netuid)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(owner: &T::AccountId, params: Hyperparameters) -> NetUid {
        benchmarking::create_unlocked::<T>(owner, params)
    }
}
