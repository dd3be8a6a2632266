//! Who backs whom: pools, shares, take.
//!
//! Token holders stake on hotkeys. Each hotkey has one [`Pool`], which works as a vault does: whoever puts leaves in
//! receives shares, pay for the hotkey raises the pool's total, and a share is worth `total / shares outstanding`.
//! So paying a thousand stakers costs as much as paying one, and nothing here loops over stakers.
//!
//! The tokens themselves lie in one account, the staking pot; a pool is a claim on it. A coldkey owns its hotkeys
//! ([`HotkeyRecord`]) and keeps a *take* of their dividends, which becomes its own stake.
//!
//! Rounding: shares minted round down, shares burned round up, values round down. So rounding always favours those
//! who stay, by less than the worth of one share, and the last to leave takes all that is left.
//!
//! # Invariants (`try_state`)
//! - The staking pot holds at least the sum of all pools' totals. Nothing in this pallet makes it hold more; only a
//!   plain transfer to the pot's address does, and such a gift belongs to nobody.
//! - The shares of a hotkey's positions sum to its pool's shares; no position has zero shares.
//! - A stored pool has leaves and shares, never one without the other.
//! - Every hotkey with a pool or a position is known, and no take is above [`Take::MAX`](laurel_types::Take::MAX).
//! - The minimum stake is at least the existential deposit.
//!
//! The pot keeps no existential deposit of its own. A withdrawal that would leave it with something, but less than
//! that deposit, is refused (`PotBelowMinimum`): this can only be met when what is left staked on the whole network
//! is less than the smallest account balance. Likewise a payout that the pot cannot hold goes back to the payer.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod consent;
mod hotkey;
mod invariants;
#[cfg(test)]
mod mock;
mod payout;
mod pool;
mod position;
mod reading;
#[cfg(test)]
mod tests;
mod weights;

pub use consent::{Sr25519, VerifyConsent};
pub use hotkey::HotkeyRecord;
pub use pallet::*;
pub use pool::{Pool, PoolError, Withdrawal};
pub use weights::WeightInfo;

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::fungible::Credit;
use laurel_types::{Balance, BlockNumber, LRL};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// An imbalance of the currency that stakes are paid in.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// What the genesis preset decides for staking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Least that one call can add, and least that a withdrawal can leave behind, in leaves. At least the existential
    /// deposit.
    pub min_stake: Balance,
    /// Blocks between two raises of one hotkey's take.
    pub take_increase_interval: BlockNumber,
}

impl Default for Settings {
    /// A thousandth of a token; thirty days of blocks of 12 s.
    fn default() -> Self {
        Self {
            min_stake: LRL / 1_000,
            take_increase_interval: 216_000,
        }
    }
}

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Balanced, Inspect, Mutate},
        PalletId,
    };
    use frame_system::pallet_prelude::*;
    use laurel_types::Take;

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for staking.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The one ledger.
        type Currency: Mutate<Self::AccountId, Balance = Balance> + Balanced<Self::AccountId>;
        /// Names the staking pot's account.
        #[pallet::constant]
        type PalletId: Get<PalletId>;
        /// Checks a hotkey's signature.
        type Consent: VerifyConsent<Self::AccountId>;
        /// Measured cost of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Settings from genesis.
    #[pallet::storage]
    pub type StakingSettings<T> = StorageValue<_, Settings, ValueQuery>;

    /// Owner and take of each known hotkey. Bounded by what a registration costs.
    #[pallet::storage]
    pub type Hotkeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, HotkeyRecord<T::AccountId>>;

    /// What is staked on each hotkey; absent when nothing is.
    #[pallet::storage]
    pub type Pools<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Pool, ValueQuery>;

    /// Shares that a coldkey has in a hotkey's pool. Each position was paid for with the minimum stake, except one a
    /// hotkey: its owner's, which payouts can begin.
    #[pallet::storage]
    pub type Positions<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, T::AccountId, u128, ValueQuery>;

    /// Settings of staking at genesis. Nothing is staked then.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Lowest stake, pace of take.
        pub settings: Settings,
        /// The configuration depends on the runtime only through its type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.settings.min_stake >= T::Currency::minimum_balance(),
                "staking.settings.minStake must be at least the existential deposit"
            );
            StakingSettings::<T>::put(self.settings);
        }
    }

    /// What happened. Amounts are leaves.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey is known from now on and belongs to a coldkey.
        HotkeyBound {
            /// The hotkey.
            hotkey: T::AccountId,
            /// Its owner.
            coldkey: T::AccountId,
        },
        /// Leaves went from a coldkey's balance to a hotkey's pool.
        StakeAdded {
            /// Who pays and holds the shares.
            coldkey: T::AccountId,
            /// Whose pool.
            hotkey: T::AccountId,
            /// Leaves staked.
            amount: Balance,
            /// Shares minted for them.
            shares: u128,
        },
        /// Leaves went from a hotkey's pool to a coldkey's balance.
        StakeRemoved {
            /// Who is paid.
            coldkey: T::AccountId,
            /// Whose pool.
            hotkey: T::AccountId,
            /// Leaves returned; more than asked for when the rest was under the minimum.
            amount: Balance,
            /// Shares burned for them.
            shares: u128,
        },
        /// The owner's part of a hotkey's dividends changed.
        TakeSet {
            /// The hotkey.
            hotkey: T::AccountId,
            /// The take from the next payout on.
            take: Take,
        },
        /// A miner was paid, as stake of its owner.
        IncentivePaid {
            /// The miner.
            hotkey: T::AccountId,
            /// Leaves paid.
            amount: Balance,
        },
        /// A validator was paid: `take + stakers` leaves.
        DividendsPaid {
            /// The validator.
            hotkey: T::AccountId,
            /// To the owner, as stake.
            take: Balance,
            /// To everyone in the pool, in proportion to shares.
            stakers: Balance,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// Nobody registered this hotkey: it must join a subnet or the root network first.
        HotkeyUnknown,
        /// The hotkey belongs to another coldkey: use one of your own.
        HotkeyOwnedByAnother,
        /// The hotkey is unknown and its consent is not there: sign `laurel_types::consent_preimage` with the hotkey and
        /// send the signature along.
        ConsentMissing,
        /// The consent is not the hotkey's signature for this coldkey on this chain: sign `laurel_types::consent_preimage`
        /// with this chain's genesis hash, this hotkey and the coldkey that signs the transaction.
        ConsentInvalid,
        /// Only the coldkey that owns the hotkey can do this.
        NotHotkeyOwner,
        /// Each addition must be at least the minimum stake.
        BelowMinimumStake,
        /// The coldkey has less stake on this hotkey, or none.
        NotEnoughStake,
        /// Ask for at least one leaf.
        AmountZero,
        /// The amount buys so few shares of this pool that rounding would cost over a millionth of it: stake more.
        BelowShareResolution,
        /// The pool cannot hold that much.
        PoolOverflow,
        /// The take is above the maximum.
        TakeTooHigh,
        /// The take was raised less than an interval ago.
        TakeRaisedTooSoon,
        /// What would be left in the staking pot is below the existential deposit: remove a little less.
        PotBelowMinimum,
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
        /// Stakes exactly `amount` leaves of the caller on a hotkey. The caller's account stays alive. The amount must
        /// be at least the minimum stake.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::add_stake())]
        pub fn add_stake(origin: OriginFor<T>, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_add_stake(coldkey, hotkey, amount)
        }

        /// Returns exactly `amount` leaves of the caller's stake on a hotkey to its balance; all of it when what
        /// would stay is under the minimum stake.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::remove_stake())]
        pub fn remove_stake(origin: OriginFor<T>, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_remove_stake(coldkey, hotkey, amount)
        }

        /// Returns all of the caller's stake on a hotkey to its balance.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::remove_all_stake())]
        pub fn remove_all_stake(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_remove_all_stake(coldkey, hotkey)
        }

        /// Sets the owner's part of a hotkey's dividends. Lowering it is free; raising it is possible once an
        /// interval, counted from the last raise or from when the hotkey became known.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_take())]
        pub fn set_take(origin: OriginFor<T>, hotkey: T::AccountId, take: Take) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_set_take(coldkey, hotkey, take)
        }
    }
}
