//! How long a slot is: set at genesis and never changed, so that one runtime serves chains of different speed.
//!
//! Slots are numbered by `timestamp / slot duration`, so changing the duration of a living chain would number them
//! anew; no call does it. What a block may compute follows from the same value, see [`Pallet::compute_budget`].
pub use pallet::*;

/// Slot of the production chain, in milliseconds; also what a chain without a value in its genesis gets.
pub const PRODUCTION_SLOT_MS: u64 = 12_000;

/// The compute that no block exceeds, in milliseconds, however long its slot: what the production chain's has.
pub const MAX_COMPUTE_MS: u64 = 4_800;

#[frame_support::pallet]
pub mod pallet {
    use super::{MAX_COMPUTE_MS, PRODUCTION_SLOT_MS};
    use frame_support::{
        pallet_prelude::*,
        traits::ConstU64,
        weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
    };

    /// Keeps the slot duration.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Nothing to configure.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// Milliseconds of one slot; at most one block is made in each.
    #[pallet::storage]
    #[pallet::whitelist_storage]
    pub type SlotDuration<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<PRODUCTION_SLOT_MS>>;

    /// The chain's speed.
    #[pallet::genesis_config]
    pub struct GenesisConfig<T: Config> {
        /// Milliseconds of one slot, 500 to 60000.
        pub slot_duration: u64,
        #[serde(skip)]
        pub _config: core::marker::PhantomData<T>,
    }

    impl<T: Config> Default for GenesisConfig<T> {
        fn default() -> Self {
            Self {
                slot_duration: PRODUCTION_SLOT_MS,
                _config: Default::default(),
            }
        }
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                (500..=60_000).contains(&self.slot_duration),
                "slotDuration is {} ms, but must be 500 to 60000 ms",
                self.slot_duration
            );
            SlotDuration::<T>::put(self.slot_duration);
        }
    }

    impl<T: Config> Pallet<T> {
        /// Milliseconds of one slot.
        pub fn slot_duration() -> u64 {
            SlotDuration::<T>::get()
        }

        /// What one block may compute: two fifths of its slot, and never more than [`MAX_COMPUTE_MS`]. The node fills blocks for 45 % of the
        /// slot, so a full block is ready in time, and importing it elsewhere leaves time for the network. Proof size counts only on parachains.
        pub fn compute_budget() -> Weight {
            let millis = Self::slot_duration()
                .saturating_mul(2)
                .saturating_div(5)
                .min(MAX_COMPUTE_MS);
            Weight::from_parts(millis.saturating_mul(WEIGHT_REF_TIME_PER_MILLIS), u64::MAX)
        }
    }
}
