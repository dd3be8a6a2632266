//! Who holds a uid: registration, its price, immunity, eviction, and where each miner serves.
//!
//! A subnet has a limited number of slots, the uids. A coldkey registers a hotkey by paying the price of the block: the
//! payment goes to the burn account. While there is room the newcomer gets the next uid; once the subnet is full it takes the
//! uid of the neuron that would be missed least ([`eviction`]). Demand moves the price ([`price`]). A miner publishes where
//! it serves and with which model; such a record expires unless it is renewed ([`axons`]).
//!
//! A uid passes from hand to hand, a [`RegistrationId`] never does: whoever wants to speak of *this* holder uses it.
//!
//! # Invariants (checked by `do_try_state`)
//! - The uids of a subnet run from 0 to `Count - 1` without gaps.
//! - `Neurons` and `Uids` are inverse to each other: no hotkey holds two uids in one subnet.
//! - No two neurons share a registration id, and all ids are below `NextRegistration`.
//! - There is an axon only where there is a neuron, and it expires after it was published.
//! - No neuron, price or count belongs to a subnet that does not exist.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub mod axons;
pub mod eviction;
pub mod price;
mod registration;
pub mod weights;

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
pub use price::RegistrationPrice;
pub use registration::Neuron;
pub use weights::WeightInfo;

use alloc::vec::Vec;
use laurel_support::NeuronId;
use laurel_types::{Axon, AxonAddress, Balance, BlockNumber, ModelRoot, NetUid, RegistrationId, Uid, MAX_UIDS};

// The FRAME macros generate items that cannot carry docs.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{pallet_prelude::*, traits::fungible};
    use frame_system::pallet_prelude::*;
    use laurel_support::{EvictionScore, Hotkeys, OnNeuronReplaced, Subnets};

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
        /// Those who keep state for each uid.
        type OnNeuronReplaced: OnNeuronReplaced;
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

    /// Where each neuron serves, expired records included.
    #[pallet::storage]
    pub type Axons<T: Config> = StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, Axon, OptionQuery>;

    /// The price of a registration as of the last one, and what moves it.
    #[pallet::storage]
    pub type Pricing<T: Config> = StorageMap<_, Twox64Concat, NetUid, RegistrationPrice>;

    /// The id that the next registration gets.
    #[pallet::storage]
    pub type NextRegistration<T: Config> = StorageValue<_, RegistrationId, ValueQuery>;

    /// How the chain treats axons. The default is what a public chain needs.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Whether an axon may name the publisher's own machine.
        pub allow_loopback: bool,
        /// Blocks between two publications of the same axon.
        pub axon_renewal_interval: BlockNumber,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            let AxonSettings {
                allow_loopback,
                renewal_interval,
            } = AxonSettings::default();
            Self {
                allow_loopback,
                axon_renewal_interval: renewal_interval,
                _config: core::marker::PhantomData,
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Settings::<T>::put(AxonSettings {
                allow_loopback: self.allow_loopback,
                renewal_interval: self.axon_renewal_interval,
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
            /// What was paid, in leaves.
            price: Balance,
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
        /// The block admits no further registration in this subnet: try again in the next one.
        TooManyRegistrationsThisBlock,
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
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers `hotkey` in the subnet, for the price of this block, which the signing coldkey pays and owns the hotkey
        /// from then on. Fails if the price is above `max_price` (leaves), if the hotkey belongs to somebody else or is
        /// already registered, or if the subnet takes no (further) registration in this block.
        #[pallet::call_index(0)]
        #[pallet::weight(
            T::WeightInfo::burned_register_append().max(T::WeightInfo::burned_register_evict(MAX_UIDS))
        )]
        pub fn burned_register(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
            max_price: Balance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            Ok(Some(Self::register_for_price(coldkey, netuid, hotkey, max_price)?).into())
        }

        /// Says where the signing hotkey serves, which version of the wire `protocol` it speaks and which model it loaded. The
        /// record expires after `axon_lifetime` blocks; publishing it again renews it. The same record cannot be renewed
        /// before its renewal interval is over. A success returns the fee, unless it changes a record within that interval.
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

        /// Removes the axon of the signing hotkey: it serves no longer.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::withdraw_axon())]
        pub fn withdraw_axon(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            Self::withdraw(hotkey, netuid)
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
