//! Who holds a uid: registration, its price, immunity, eviction, and where each miner serves.
//!
//! A subnet has a limited number of slots, the uids. A coldkey registers a hotkey by paying the price of the block: the
//! payment goes to the burn account. Where the subnet allows it, work pays instead ([`work`]). Demand moves the price of either
//! ([`price`]). A hotkey that nobody owns yet must consent by signature to belong to the coldkey. While there is room the
//! newcomer gets the next uid; once the subnet is full it takes the uid of the neuron that would be missed least ([`eviction`]).
//! A miner publishes where it serves and with which model; such a record expires unless it is renewed ([`axons`]).
//!
//! Every call has a function `check_…` that says, without changing anything, whether it would succeed and why not; the call
//! asks it first, and so can the transaction pool.
//!
//! A uid passes from hand to hand, a [`RegistrationId`] never does: whoever wants to speak of *this* holder uses it.
//!
//! # Invariants (checked by `do_try_state`)
//! - The uids of a subnet run from 0 to `Count - 1` without gaps.
//! - `Neurons` and `Uids` are inverse to each other: no hotkey holds two uids in one subnet.
//! - No two neurons share a registration id, and all ids are below `NextRegistration`.
//! - There is an axon only where there is a neuron, and it expires no sooner than it was published.
//! - No two seals in [`SpentSeals`] of a subnet are the same.
//! - Nothing belongs to a subnet that does not exist, unless what is left of it is being removed.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub mod axons;
pub mod eviction;
pub mod price;
mod registration;
mod removal;
mod swap;
pub mod weights;
pub mod work;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use axons::AxonSettings;
pub use pallet::*;
pub use price::{Demand, DemandRule};
pub use registration::Neuron;
pub use weights::WeightInfo;
pub use work::{Spent, SpentSeal};

use alloc::vec::Vec;
use laurel_support::NeuronId;
use laurel_types::{Axon, AxonAddress, Balance, HotkeyConsent, ModelRoot, NetUid, RegistrationId, Uid, Work};

// The FRAME macros generate items that cannot carry docs.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use laurel_support::{EvictionScore, Hotkeys, OnNeuronRegistered, OnNeuronReplaced, Subnets};
    use sp_runtime::{traits::Convert, DispatchError};

    /// The neurons.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for this pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// What registrations are paid in.
        type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>;
        /// Where the price of a registration goes. The account must hold the existential deposit from genesis on, or prices
        /// below it cannot be paid.
        type BurnAccount: Get<Self::AccountId>;
        /// What subnets there are.
        type Subnets: Subnets<Self::AccountId>;
        /// Which coldkey owns a hotkey.
        type Hotkeys: Hotkeys<Self::AccountId>;
        /// How little a neuron would be missed.
        type EvictionScore: EvictionScore;
        /// Those who keep state for each uid, when it passes from one hotkey to another.
        type OnNeuronReplaced: OnNeuronReplaced;
        /// Those who keep state for each uid, when it has a new holder.
        type OnNeuronRegistered: OnNeuronRegistered;
        /// How the pool names the error for which it refuses a registration by work.
        type PoolRefusal: Convert<DispatchError, InvalidTransaction>;
        /// What the calls cost.
        type WeightInfo: WeightInfo;
    }

    /// How this chain treats axons; fixed at genesis.
    #[pallet::storage]
    pub type Settings<T: Config> = StorageValue<_, AxonSettings, ValueQuery>;

    /// The holder of each uid.
    #[pallet::storage]
    pub type Neurons<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, Neuron<T::AccountId>, OptionQuery>;

    /// The uid of each hotkey, by hotkey first, so that its registrations can be listed.
    #[pallet::storage]
    pub type Uids<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, NetUid, Uid, OptionQuery>;

    /// Neurons in each subnet.
    #[pallet::storage]
    pub type Count<T: Config> = StorageMap<_, Twox64Concat, NetUid, u16, ValueQuery>;

    /// Where each neuron serves or served: expired and withdrawn records included.
    #[pallet::storage]
    pub type Axons<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, Axon, OptionQuery>;

    /// The price of a registration as of the last paid one.
    #[pallet::storage]
    pub type Pricing<T: Config> = StorageMap<_, Twox64Concat, NetUid, Demand>;

    /// The difficulty of a registration by work as of the last one.
    #[pallet::storage]
    pub type Difficulty<T: Config> = StorageMap<_, Twox64Concat, NetUid, Demand>;

    /// Seals by which somebody registered and that are young enough to be tried again.
    #[pallet::storage]
    pub type SpentSeals<T: Config> = StorageMap<_, Twox64Concat, NetUid, Spent, ValueQuery>;

    /// The hotkey of a subnet's owner that stays, while it is registered and the owner's; see [`eviction`].
    #[pallet::storage]
    pub type Protected<T: Config> = StorageMap<_, Twox64Concat, NetUid, T::AccountId>;

    /// The id that the next registration gets.
    #[pallet::storage]
    pub type NextRegistration<T: Config> = StorageValue<_, RegistrationId, ValueQuery>;

    /// How the chain treats axons. The default is what a public chain needs.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Whether an axon may name the publisher's own machine.
        pub allow_loopback: bool,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Settings::<T>::put(AxonSettings {
                allow_loopback: self.allow_loopback,
            });
        }
    }

    /// What happened to neurons.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey holds a uid from now on.
        NeuronRegistered {
            /// Where.
            netuid: NetUid,
            /// The uid.
            uid: Uid,
            /// The holder.
            hotkey: T::AccountId,
            /// Who owns the hotkey and paid.
            coldkey: T::AccountId,
            /// Names this registration for ever.
            registration: RegistrationId,
            /// What was paid, in leaves; 0 for work.
            price: Balance,
        },
        /// Work paid for the registration that follows.
        WorkAccepted {
            /// Where.
            netuid: NetUid,
            /// Who registers.
            hotkey: T::AccountId,
            /// What was found.
            seal: [u8; 32],
            /// The difficulty that it met.
            difficulty: u64,
        },
        /// This neuron of the subnet's owner is never evicted: the owner chose it, or it is the first that it registered.
        NeuronProtected {
            /// Where.
            netuid: NetUid,
            /// The neuron's key.
            hotkey: T::AccountId,
        },
        /// A hotkey lost its uid to a newcomer, and with it everything that was said of it.
        NeuronEvicted {
            /// Where.
            netuid: NetUid,
            /// The uid.
            uid: Uid,
            /// Who held it.
            hotkey: T::AccountId,
            /// The registration that ended.
            registration: RegistrationId,
        },
        /// A neuron serves at this address until the record expires.
        AxonPublished {
            /// Where.
            netuid: NetUid,
            /// The neuron.
            uid: Uid,
            /// Its key.
            hotkey: T::AccountId,
            /// The record.
            axon: Axon,
        },
        /// A neuron serves no longer.
        AxonWithdrawn {
            /// Where.
            netuid: NetUid,
            /// The neuron.
            uid: Uid,
            /// Its key.
            hotkey: T::AccountId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no subnet with this netuid.
        SubnetDoesNotExist,
        /// The subnet takes no registrations: its owner switched them off.
        RegistrationOff,
        /// The subnet takes no registrations by work: pay the price instead.
        WorkOff,
        /// The work is bound to a block that is not 1 to 64 blocks old: solve it anew for a recent one.
        WorkBlockOutOfRange,
        /// The seal does not meet the difficulty of this block: ask for it and search on.
        WorkBelowDifficulty,
        /// Somebody registered by this seal already: solve it anew.
        WorkSpent,
        /// So much work was accepted lately that no more is remembered: try again in some blocks.
        TooMuchWork,
        /// The hotkey already holds a uid in this subnet.
        AlreadyRegistered,
        /// The price now is above the maximum given: ask for a new quote.
        PriceAboveMaximum,
        /// The coldkey cannot pay the price and stay alive: fund it first.
        BalanceBelowPrice,
        /// The subnet is full and holds nobody who can be evicted.
        NoEvictableNeuron,
        /// The hotkey holds no uid in this subnet: register it first.
        NotRegistered,
        /// No client could connect to this address; loopback counts only on development chains.
        AddressNotDialable,
        /// The subnet does not pay for this model: serve one that it lists.
        ModelNotAccepted,
        /// The same axon was published a moment ago: renew it later.
        AxonRenewedTooSoon,
        /// The neuron has published no axon.
        NoAxon,
        /// Only the subnet's owner can choose which neuron stays.
        NotSubnetOwner,
        /// The hotkey does not belong to the signer: choose one of your own.
        NotOwnHotkey,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers `hotkey` in the subnet, for the price of this block, which the signing coldkey pays. Fails if the price is
        /// above `max_price` (leaves), if the hotkey belongs to somebody else or is already registered, or if the subnet takes no
        /// registrations. A hotkey that nobody owns yet becomes the signer's; `consent` is its signature that it wants to
        /// (`laurel_types::consent_preimage`).
        #[pallet::call_index(0)]
        #[pallet::weight(
            T::WeightInfo::burned_register_append()
                .max(T::WeightInfo::burned_register_evict(Count::<T>::get(netuid).into()))
        )]
        pub fn burned_register(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
            max_price: Balance,
            consent: Option<HotkeyConsent>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            Ok(Some(Self::register_for_price(coldkey, netuid, hotkey, max_price, consent)?).into())
        }

        /// Says where the signing hotkey serves, which version of the wire `protocol` it speaks and which model it loaded. The
        /// record expires after `axon_lifetime` blocks; publishing it again renews it. The same record cannot be renewed
        /// before `axon_interval` blocks are over. A success returns the fee, unless it changes a record within that interval.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::publish_axon())]
        pub fn publish_axon(
            origin: OriginFor<T>,
            netuid: NetUid,
            address: AxonAddress,
            protocol: u16,
            model: ModelRoot,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            Ok(Self::publish(hotkey, netuid, address, protocol, model)?.into())
        }

        /// Ends the axon of the signing hotkey now: it serves no longer.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw_axon())]
        pub fn withdraw_axon(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            Self::withdraw(hotkey, netuid)
        }

        /// Registers `hotkey` in the subnet for work instead of a price, and makes it `coldkey`'s if nobody owns it yet. Nobody signs
        /// and nobody pays: `work` must meet the difficulty of this block ([`work`](crate::work) says how it is found), and
        /// `consent` is the hotkey's signature that it wants to belong to `coldkey`. The pool refuses it for the same reasons as
        /// a block would.
        #[pallet::call_index(3)]
        #[pallet::weight(
            T::WeightInfo::pow_register_append()
                .max(T::WeightInfo::pow_register_evict(Count::<T>::get(netuid).into()))
        )]
        #[pallet::authorize(Self::authorize_pow_register)]
        #[pallet::weight_of_authorize(T::WeightInfo::authorize_pow_register())]
        pub fn pow_register(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
            coldkey: T::AccountId,
            work: Work,
            consent: HotkeyConsent,
        ) -> DispatchResultWithPostInfo {
            ensure_authorized(origin)?;
            Ok(Some(Self::register_for_work(netuid, hotkey, coldkey, work, consent)?).into())
        }

        /// Chooses which neuron of the signing subnet owner is never evicted: `hotkey`, which must be the owner's and
        /// registered. The first that an owner registers is chosen by itself.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::protect_neuron())]
        pub fn protect_neuron(origin: OriginFor<T>, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
            let owner = ensure_signed(origin)?;
            Ok(Self::protect(owner, netuid, hotkey)?)
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

impl<T: Config> laurel_support::Neurons<T::AccountId> for Pallet<T> {
    fn count(netuid: NetUid) -> u16 {
        Count::<T>::get(netuid)
    }

    fn neuron(netuid: NetUid, uid: Uid) -> Option<NeuronId<T::AccountId>> {
        Neurons::<T>::get(netuid, uid).map(|neuron| neuron.identified(uid))
    }

    fn uid_of(netuid: NetUid, hotkey: &T::AccountId) -> Option<Uid> {
        Uids::<T>::get(hotkey, netuid)
    }

    fn neurons(netuid: NetUid) -> Vec<NeuronId<T::AccountId>> {
        (0..Count::<T>::get(netuid))
            .filter_map(|uid| Self::neuron(netuid, Uid(uid)))
            .collect()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_register(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId) -> Uid {
        benchmarking::register_unpaid::<T>(netuid, hotkey, coldkey)
    }
}
