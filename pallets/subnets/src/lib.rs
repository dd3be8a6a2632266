//! What a subnet is: who owns it, what its owner locked for it, how it is tuned, which models it pays for.
//!
//! Anybody can create a subnet by locking tokens: the lock is a hold on the creator's own account. Each creation doubles
//! the next lock, and time lowers it again, see [`Pallet::lock_cost`]. The owner tunes the subnet within the ranges of
//! [`Hyperparameters`] and says which models it accepts. A change never touches the epoch that is running: it waits and
//! takes effect when the epoch ends, so nobody is scored by rules that were not known when the epoch began. After a
//! change the same parameter rests for a while, so that an owner cannot steer from epoch to epoch. Root is bound by
//! the ranges and the waiting, not by the rest.
//!
//! A netuid is given once and never again.
//!
//! # Invariants (checked by `do_try_state`)
//! - `Netuids` is strictly ascending, holds at most `MAX_SUBNETS`, and every entry is below `NextNetUid`.
//! - `Subnets` and `Params` have exactly the keys in `Netuids`; no other map has a key outside it.
//! - Parameters in force and pending are in range; model lists are not empty and name no root twice.
//! - What is held from an owner for subnets is the sum of the locks of the subnets that it owns.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod lifecycle;
mod models;
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

pub use lifecycle::{Lock, Subnet};
pub use models::Models;
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
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use laurel_support::OnSubnetCreated;

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
        /// Those who keep state for each subnet.
        type OnSubnetCreated: OnSubnetCreated;
        /// What the calls cost.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds tokens.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Locked by the owner of a subnet for as long as the subnet exists.
        SubnetLock,
    }

    /// How this chain creates and tunes subnets; fixed at genesis.
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
    pub type PendingModels<T: Config> = StorageMap<_, Twox64Concat, NetUid, Models>;

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
    pub struct GenesisConfig<T: Config> {
        /// Parameters with which a subnet begins.
        pub default_params: Hyperparameters,
        /// Lowest lock, in leaves.
        pub min_lock: Balance,
        /// Blocks in which the lock falls by the amount of the last one; it doubles at each creation.
        pub lock_reduction_interval: BlockNumber,
        /// Blocks between two creations.
        pub create_rate_limit: BlockNumber,
        /// Blocks for which a parameter rests after its owner changed it.
        pub parameter_cooldown: BlockNumber,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            let settings = SubnetSettings::default();
            Self {
                default_params: settings.default_params,
                min_lock: settings.min_lock,
                lock_reduction_interval: settings.lock_reduction_interval,
                create_rate_limit: settings.create_rate_limit,
                parameter_cooldown: settings.parameter_cooldown,
                _config: core::marker::PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            let settings = SubnetSettings {
                default_params: self.default_params,
                min_lock: self.min_lock,
                lock_reduction_interval: self.lock_reduction_interval,
                create_rate_limit: self.create_rate_limit,
                parameter_cooldown: self.parameter_cooldown,
            };
            if let Err(reason) = settings.check() {
                panic!("genesis of subnets: {reason}");
            }
            Settings::<T>::put(settings);
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
        /// The models accepted will change when the running epoch ends.
        ModelsSet {
            /// Whose.
            netuid: NetUid,
            /// The new list.
            models: Models,
        },
        /// The subnet pays for these models from now on.
        ModelsApplied {
            /// Whose.
            netuid: NetUid,
            /// The list in force.
            models: Models,
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
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Creates a subnet that the signer owns. Holds the lock cost of this block from the signer; fails if that is
        /// above `max_lock` (leaves), if the signer cannot afford it, or if the rate limit or the number of subnets is
        /// reached.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::create_subnet())]
        pub fn create_subnet(origin: OriginFor<T>, max_lock: Balance) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Self::create(owner, max_lock)
        }

        /// Changes one hyperparameter when the running epoch ends. By the owner or root; the owner waits for the
        /// parameter's cool-down between two changes.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::set_hyperparameter())]
        pub fn set_hyperparameter(origin: OriginFor<T>, netuid: NetUid, change: Hyperparameter) -> DispatchResult {
            let tuner = Self::ensure_tuner(origin, netuid)?;
            Self::change_parameter(tuner, netuid, change)
        }

        /// Replaces the list of accepted models: at once if there was none, else when the running epoch ends. By the owner
        /// or root; the owner waits for the cool-down between two replacements.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_models(models.len() as u32))]
        pub fn set_models(origin: OriginFor<T>, netuid: NetUid, models: Models) -> DispatchResult {
            let tuner = Self::ensure_tuner(origin, netuid)?;
            Self::change_models(tuner, netuid, models)
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
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

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_create(owner: &T::AccountId, params: Hyperparameters) -> NetUid {
        benchmarking::create_unlocked::<T>(owner, params)
    }
}
