//! Passing on what a key holds to another key.
//!
//! # Hotkeys
//! A hotkey lies on a machine that serves, so it may have to be replaced. [`swap_hotkey`](Pallet::swap_hotkey) moves everything that
//! is kept under it to a new key in one step: its record with take and stamps, its stake, its uids with axons, weights and bonds, its
//! seat and root weights, its links to parents and children. Each pallet moves its own
//! ([`laurel_support::OnHotkeySwapped`]); if one fails, nothing has happened. The new key must be unused, and must
//! consent by signature to belong to the coldkey. The swap costs a fee, which is burned, and a coldkey
//! must wait between two swaps.
//!
//! # Coldkeys
//! A coldkey passes everything on in two steps, so that whoever stole it cannot do so before its owner notices. It announces a
//! digest that fixes the new coldkey without naming it; after a delay the swap can be executed by anybody who knows what was
//! announced, until the announcement expires. What it costs is held from the announcement on, burned by the swap, and
//! released by cancelling or once the announcement has expired.
//!
//! **Nothing is locked meanwhile.** The coldkey can transfer, stake and sign as before; the swap moves what is there when it is
//! executed. A lock would have to hold in every nested call, would be no help against a thief, who could have moved
//! everything before, and could leave an account locked when a swap fails. A swap that fails changes nothing, the
//! announcement stays, and it can be tried again, cancelled or left to expire.
//!
//! Moved are hotkeys, positions, subnets and deposits for gateways with what is held for them, and the free balance. Not moved is what other pallets
//! hold from the account for its own acts there: deposits of proxies, multisigs and preimages.
//!
//! # Invariants (`try_state`)
//! - What is held from an account for a swap is the deposit of its announcement, and nothing where there is none.
//! - An announcement expires after it can be executed.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod coldkey;
mod hotkey;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
mod weights;

pub use coldkey::Announcement;
pub use pallet::*;
pub use weights::WeightInfo;

use codec::{Decode, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber, LRL};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What the genesis preset decides for swaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SwapSettings {
    /// What a hotkey swap burns, in leaves.
    pub hotkey_swap_cost: Balance,
    /// Blocks between two hotkey swaps of one coldkey.
    pub hotkey_swap_interval: BlockNumber,
    /// What a coldkey swap holds when it is announced and burns when it is executed, in leaves.
    pub coldkey_swap_cost: Balance,
    /// Blocks from the announcement of a coldkey swap to the first in which it can be executed.
    pub coldkey_swap_delay: BlockNumber,
    /// Blocks for which it can then be executed. At least 1.
    pub coldkey_swap_window: BlockNumber,
}

impl Default for SwapSettings {
    /// A tenth of a token each; with blocks of 12 s a day between hotkey swaps, five days of delay and a window of a week.
    fn default() -> Self {
        Self {
            hotkey_swap_cost: LRL / 10,
            hotkey_swap_interval: 7_200,
            coldkey_swap_cost: LRL / 10,
            coldkey_swap_delay: 36_000,
            coldkey_swap_window: 50_400,
        }
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Mutate, MutateHold},
    };
    use frame_system::pallet_prelude::*;
    use laurel_support::{Hotkeys, OnColdkeySwapped, OnHotkeySwapped};
    use laurel_types::HotkeyConsent;
    use sp_core::H256;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for swaps.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The one ledger.
        type Currency: Mutate<Self::AccountId, Balance = Balance>
            + MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;
        /// Why tokens are held, in the runtime.
        type RuntimeHoldReason: From<HoldReason>;
        /// Where burned tokens go. The account must hold the existential deposit from genesis on.
        type BurnAccount: Get<Self::AccountId>;
        /// Who owns a hotkey, and whether a new one consents.
        type Hotkeys: Hotkeys<Self::AccountId>;
        /// Those who keep something under hotkeys.
        type OnHotkeySwapped: OnHotkeySwapped<Self::AccountId>;
        /// Those who keep something under coldkeys.
        type OnColdkeySwapped: OnColdkeySwapped<Self::AccountId>;
        /// Measured cost of the calls, without what the others do.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds tokens.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// The cost of an announced coldkey swap.
        ColdkeySwap,
    }

    /// Settings from genesis.
    #[pallet::storage]
    pub type Settings<T> = StorageValue<_, SwapSettings, ValueQuery>;

    /// Block of the last hotkey swap of each coldkey that ever swapped one. Bounded by what a swap costs.
    #[pallet::storage]
    pub type LastHotkeySwap<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, BlockNumber>;

    /// The announced swap of each coldkey that announced one. Bounded by what is held for each.
    #[pallet::storage]
    pub type ColdkeySwaps<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Announcement>;

    /// Settings of swaps at genesis.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Costs, interval, delay and window.
        pub settings: SwapSettings,
        /// The configuration depends on the runtime only through its type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.settings.coldkey_swap_window > 0,
                "keys.settings.coldkeySwapWindow must be at least 1"
            );
            Settings::<T>::put(self.settings);
        }
    }

    /// What happened. Amounts are leaves.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Everything kept under a hotkey is kept under another one from now on.
        HotkeySwapped {
            /// Who owns both.
            coldkey: T::AccountId,
            /// The key before, which nobody knows any more.
            old: T::AccountId,
            /// The key from now on.
            new: T::AccountId,
            /// Leaves burned.
            cost: Balance,
        },
        /// A coldkey will pass everything on. If this was not its owner, it must cancel.
        ColdkeySwapAnnounced {
            /// The coldkey.
            coldkey: T::AccountId,
            /// Digest of `laurel_types::coldkey_swap_preimage`.
            digest: H256,
            /// First block in which the swap can be executed.
            executable_at: BlockNumber,
            /// First block in which it no longer can.
            expires_at: BlockNumber,
            /// Leaves held.
            cost: Balance,
        },
        /// An announced swap will not take place.
        ColdkeySwapCancelled {
            /// The coldkey.
            coldkey: T::AccountId,
            /// Leaves released.
            released: Balance,
        },
        /// An announced swap was not executed in time, and was cleared away.
        ColdkeySwapExpired {
            /// The coldkey.
            coldkey: T::AccountId,
            /// Leaves released.
            released: Balance,
        },
        /// Everything of a coldkey belongs to another one from now on.
        ColdkeySwapped {
            /// Who passed on.
            old: T::AccountId,
            /// Who received.
            new: T::AccountId,
            /// Leaves of free balance moved.
            moved: Balance,
            /// Leaves burned.
            cost: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// Only the coldkey that owns the hotkey can swap it.
        NotHotkeyOwner,
        /// The new key is the old one: name another.
        SameKey,
        /// The new hotkey is known, registered, seated or linked already: take one that was never used.
        NewHotkeyInUse,
        /// This coldkey swapped a hotkey less than an interval ago: wait.
        HotkeySwappedTooSoon,
        /// The coldkey cannot pay the swap and stay alive: fund it first.
        BalanceBelowCost,
        /// The coldkey has announced a swap already: cancel it first.
        AlreadyAnnounced,
        /// The coldkey has announced no swap.
        NotAnnounced,
        /// The delay after the announcement is not over: wait.
        SwapTooEarly,
        /// The announcement has expired: clear it, and announce again.
        SwapExpired,
        /// The announcement has not expired; until then only the coldkey itself can cancel it.
        SwapNotExpired,
        /// The new coldkey and the salt are not what was announced.
        NotWhatWasAnnounced,
        /// The new coldkey owns hotkeys, stake, subnets or deposits for gateways, is a hotkey, or has announced a swap itself:
        /// announce a swap to a fresh one.
        NewColdkeyInUse,
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
        /// Moves everything kept under a hotkey of the caller to `new_hotkey`, which was never used and consents to belong to the
        /// caller. Burns the cost. Possible once an interval.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::swap_hotkey().saturating_add(T::OnHotkeySwapped::swap_weight()))]
        pub fn swap_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            consent: Option<HotkeyConsent>,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_swap_hotkey(coldkey, hotkey, new_hotkey, consent)
        }

        /// Announces that the caller will pass everything on to another coldkey: `digest` is the BLAKE2b-256 digest of
        /// `laurel_types::coldkey_swap_preimage`. Holds the cost. Until the swap is executed the caller can do everything as
        /// before.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::announce_coldkey_swap())]
        pub fn announce_coldkey_swap(origin: OriginFor<T>, digest: H256) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_announce(coldkey, digest)
        }

        /// Takes the caller's announcement back and releases what was held for it.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::cancel_coldkey_swap())]
        pub fn cancel_coldkey_swap(origin: OriginFor<T>) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_cancel(coldkey)
        }

        /// Executes an announced swap: by anybody who knows the new coldkey and the salt, from the end of the delay until the
        /// announcement expires. Fails without effect if the new coldkey is in use.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::swap_coldkey().saturating_add(T::OnColdkeySwapped::swap_weight()))]
        pub fn swap_coldkey(
            origin: OriginFor<T>,
            coldkey: T::AccountId,
            new_coldkey: T::AccountId,
            salt: [u8; 32],
        ) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_swap_coldkey(coldkey, new_coldkey, salt)
        }

        /// Clears an announcement that has expired and releases what was held for it, for anybody who asks.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::clear_expired_swap())]
        pub fn clear_expired_swap(origin: OriginFor<T>, coldkey: T::AccountId) -> DispatchResult {
            ensure_signed(origin)?;
            Self::do_clear_expired(coldkey)
        }
    }
}
