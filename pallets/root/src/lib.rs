//! The root network: seats, root weights, the split between subnets.
//!
//! At most [`MAX_ROOT_SEATS`](laurel_types::MAX_ROOT_SEATS) hotkeys hold a seat. A seat is free of charge while there is room; after that it costs more
//! stake than the weakest holder has. Who holds a seat says how much each subnet is worth ([`RootRow`]), and once a root
//! tempo those weights, counted by stake, become the split: each subnet's part of a block's emission.
//!
//! How weights become a split is `laurel_yuma::root_split`: a subnet's part is its stake-weighted weight times a logistic
//! curve over the stake that gave it any weight at all. So the split is not linear in the votes: a subnet that
//! few support gets less than the sum of what they gave it. Where all seats name the same subnets, it is linear.
//!
//! What does not count: weights older than their lifetime, which is a number of root tempos (their seat's stake
//! stays in the sum that trust is measured against, as that of a seat without weights), and weights on a subnet that cannot
//! pay, because it has no neurons or admits none. Such subnets are left out before each row is normalised.
//!
//! What the next split would be as things stand can be read at any time ([`Pallet::next_split`]), free of charge and deposit.
//!
//! Nothing is inherited: a seat that is lost or left takes its weights along, whoever sits there next starts without. A swapped
//! hotkey keeps its seat. A subnet that ends leaves every row.
//!
//! # Invariants (`try_state`)
//! - At most [`MAX_ROOT_SEATS`](laurel_types::MAX_ROOT_SEATS) seats, and as many as are counted.
//! - A seat has a weights row if and only if it has a block of its last weights; nobody without a seat has one.
//! - Each row is not empty, strictly ascending by netuid, without zeros, and its largest weight is 65535.
//! - Each seat's hotkey is known.
//! - The split is strictly ascending by netuid, without zeros, and sums to at most `u64::MAX`.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod invariants;
mod lifecycle;
#[cfg(test)]
mod mock;
mod reading;
mod row;
mod seat;
mod split;
#[cfg(test)]
mod tests;
mod weights;

pub use pallet::*;
pub use row::{RootRow, RowFault};
pub use seat::Seat;
pub use weights::WeightInfo;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{BlockNumber, NetUid, MAX_SUBNETS};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Entries by netuid, at most one a subnet.
pub type BySubnet<V> = BoundedVec<(NetUid, V), ConstU32<MAX_SUBNETS>>;

/// What the genesis preset decides for the root network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Blocks between two computations of the split; also how long a seat must be held before it can be left. At least 1.
    pub tempo: BlockNumber,
    /// Steepness of the consensus curve.
    pub rho: u16,
    /// Part of stake, in 65535ths, at which a subnet has half consensus.
    pub kappa: u16,
    /// Root tempos for which weights count. At least 1.
    pub weights_lifetime: u16,
    /// Blocks between two weights of one seat.
    pub weights_rate_limit: BlockNumber,
}

impl Default for Settings {
    /// As on the classic chain, with weights that count for about two weeks of blocks of 12 s.
    fn default() -> Self {
        Self {
            tempo: 100,
            rho: 10,
            kappa: 32_767,
            weights_lifetime: 1_008,
            weights_rate_limit: 100,
        }
    }
}

impl Settings {
    /// Blocks for which weights count.
    pub fn lifetime_in_blocks(&self) -> BlockNumber {
        self.tempo.saturating_mul(BlockNumber::from(self.weights_lifetime))
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use laurel_types::HotkeyConsent;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for the root network.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The subnets that can be voted for.
        type Subnets: laurel_support::Subnets<Self::AccountId>;
        /// Who is registered in them.
        type Neurons: laurel_support::Neurons<Self::AccountId>;
        /// Who owns a hotkey.
        type Hotkeys: laurel_support::Hotkeys<Self::AccountId>;
        /// What a seat's voice weighs.
        type Stake: laurel_support::Stake<Self::AccountId>;
        /// Measured cost of calls and hook.
        type WeightInfo: WeightInfo;
    }

    /// Settings from genesis.
    #[pallet::storage]
    pub type RootSettings<T> = StorageValue<_, Settings, ValueQuery>;

    /// Who holds a seat; at most [`MAX_ROOT_SEATS`](laurel_types::MAX_ROOT_SEATS).
    #[pallet::storage]
    pub type Seats<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, Seat>;

    /// The weights of each seat that set any.
    #[pallet::storage]
    pub type RootWeights<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, RootRow>;

    /// The split in force: parts of `u64::MAX`, ascending by netuid, none of them zero.
    #[pallet::storage]
    pub type CurrentSplit<T> = StorageValue<_, BySubnet<u64>, ValueQuery>;

    /// Block at which the split is next computed.
    #[pallet::storage]
    pub type NextSplitAt<T> = StorageValue<_, BlockNumber, ValueQuery>;

    /// Settings of the root network at genesis. All seats are free then.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Pace and curve.
        pub settings: Settings,
        /// The configuration depends on the runtime only through its type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(self.settings.tempo > 0, "root.settings.tempo must be at least 1");
            assert!(
                self.settings.weights_lifetime > 0,
                "root.settings.weightsLifetime must be at least 1"
            );
            RootSettings::<T>::put(self.settings);
            NextSplitAt::<T>::put(self.settings.tempo);
        }
    }

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey holds a seat from now on.
        SeatTaken {
            /// The hotkey.
            hotkey: T::AccountId,
            /// Its owner.
            coldkey: T::AccountId,
            /// Who had the least stake and lost the seat to it.
            replaced: Option<T::AccountId>,
        },
        /// A hotkey gave its seat up.
        SeatLeft {
            /// The hotkey.
            hotkey: T::AccountId,
        },
        /// A seat said what each subnet is worth.
        RootWeightsSet {
            /// The hotkey.
            hotkey: T::AccountId,
        },
        /// A new split is in force.
        SplitSet {
            /// Parts of `u64::MAX` by netuid; empty when nobody with stake votes for a subnet that can pay.
            split: BySubnet<u64>,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The hotkey belongs to another coldkey: sign with the one that owns it.
        NotHotkeyOwner,
        /// The hotkey holds a seat already.
        AlreadySeated,
        /// The hotkey holds no seat: register one first.
        NotSeated,
        /// All seats are taken, and none by a hotkey with less stake: stake more on this one.
        StakeTooLowForSeat,
        /// A seat must be held for a root tempo before it can be left: wait.
        SeatLeftTooSoon,
        /// The list of weights is empty: name at least one subnet.
        NoWeights,
        /// The weights are not in order: netuids must be strictly ascending.
        WeightsNotAscending,
        /// A weight of zero says nothing: leave the subnet out.
        ZeroWeight,
        /// One of the subnets does not exist: leave it out.
        SubnetUnknown,
        /// The seat set weights less than the rate limit ago: wait.
        WeightsSetTooSoon,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_n: BlockNumberFor<T>) -> Weight {
            Self::split_if_due()
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Takes a root seat for a hotkey of the caller. An unknown hotkey becomes the caller's if it consents
        /// (`laurel_types::consent_preimage`); a known one needs no consent. When all seats are taken,
        /// the holder with the least stake loses its seat if it has strictly less than this hotkey; among equals
        /// the one seated last.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::register_seat_replacing().max(T::WeightInfo::register_seat_consenting()))]
        pub fn register_seat(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            consent: Option<HotkeyConsent>,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_register_seat(coldkey, hotkey, consent)
        }

        /// Gives a seat and its weights up, at the earliest a root tempo after it was taken.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::leave_seat())]
        pub fn leave_seat(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_leave_seat(coldkey, hotkey)
        }

        /// Says what each subnet is worth: relative weights, strictly ascending by netuid, none zero. They replace the
        /// seat's earlier ones and count from the next split on. Free of charge when it succeeds.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::set_root_weights(weights.len() as u32))]
        pub fn set_root_weights(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            weights: BySubnet<u16>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            Self::do_set_root_weights(coldkey, hotkey, weights)?;
            Ok(Pays::No.into())
        }
    }
}
