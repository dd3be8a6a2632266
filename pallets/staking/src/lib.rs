//! Who backs whom: pools, shares, take.
//!
//! Token holders stake on hotkeys. Each hotkey has one [`Pool`], which works as a vault does: whoever puts leaves in
//! receives shares, pay for the hotkey raises what the pool holds, and a share is worth `stake / shares outstanding`.
//! So paying a thousand stakers costs as much as paying one, and nothing here loops over stakers.
//!
//! Dividends reach the pool as a [`Stream`]: evenly over the blocks of the epoch that follows. Whoever stakes just before an epoch is
//! paid gets nothing of what it paid that is not released while it is there; whoever leaves gives up what is not. Incentive and
//! take are the owner's alone and become its stake at once. For the epochs themselves a pool counts its leaf-blocks
//! (`Stake::stake_time_on`), so that stake weighs by the time it was there. Nobody can gain by coming and going at a good
//! moment, so there is no rate limit of stake operations.
//!
//! The tokens themselves lie in one account, the staking pot; a pool is a claim on it. A coldkey owns its hotkeys
//! ([`HotkeyRecord`]) and keeps a *take* of their dividends, which becomes its own stake. A hotkey becomes known, and a coldkey's,
//! with the hotkey's signature ([`VerifyConsent`]).
//!
//! # Keys that change
//! Positions are kept under two numbers, of the coldkey ([`ColdkeyId`]) and of the pool ([`PoolId`]); the owner's is part of the hotkey's
//! record, which a payout has to write anyway. A swap of a hotkey moves its record, with the pool; a swap of a coldkey moves one entry; both cost the same whatever is staked. What a key is found by is
//! a type of its own, so that two of them cannot be confused. The new key must be unknown here. Whoever learns of a new
//! coldkey and gives it stake to stop the swap has made it a present of the minimum nomination at least: taking that out clears the way.
//!
//! # What a position has earned
//! Each position ([`Holding`]) keeps its *principal*: what was put in less what was taken out. What it has earned is what it is worth less
//! its principal, exact at every moment, and no payout has to write it. An owner's incentive and take are earned too: they became stake, but
//! nobody put them in.
//!
//! Adding, removing and transferring stake puts in and takes out what it is worth: who receives stake from another coldkey begins with nothing
//! earned on it. What is moved to another hotkey is taken out of one position and put into the other, so what was earned stays where it was;
//! but where all of it is moved, what it earned goes along, because the position that knew it ends. A position that is emptied otherwise ends,
//! and with it the account of what it had earned. Swaps of keys touch no position.
//!
//! So over all positions of a pool, those that ended included, what was earned sums to what the pool was paid and has released, less what
//! rounding down keeps from each: under a leaf a position.
//!
//! Rounding: shares minted round down, shares burned round up, values round down. So rounding always favours those
//! who stay, by less than the worth of one share, and the last to leave takes all that is left.
//!
//! Each call has a `check_*` function that changes nothing and by which the call begins, so that what it refuses leaves nothing
//! behind.
//!
//! # Invariants (`try_state`)
//! - The staking pot holds at least the sum of all pools' totals. Nothing in this pallet makes it hold more; only a
//!   plain transfer to the pot's address does, and such a gift belongs to nobody.
//! - The shares of a hotkey's positions, its owner's included, sum to its pool's shares; no stored position has zero shares or is an owner's.
//! - A pool has staked leaves and shares, never one without the other; and nothing is on its way to a pool without them. A
//!   stream releases everything by its end.
//! - Every hotkey with a position is known, and no take is above [`Take::MAX`](laurel_types::Take::MAX).
//! - Every hotkey is found by its pool's number and its pool by its owner's, every coldkey by its own number, and a coldkey's record
//!   counts its hotkeys and positions.
//! - The minimum stake is at least the existential deposit; the minimum nomination is at least the minimum stake.
//!
//! The pot keeps no existential deposit of its own. A withdrawal that would leave it with something, but less than
//! that deposit, is refused (`PotBelowMinimum`): this can only be met when what is left staked on the whole network
//! is less than the smallest account balance. Likewise a payout that the pot cannot hold goes back to the payer.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod coldkey;
mod consent;
mod holding;
mod hotkey;
mod invariants;
#[cfg(test)]
mod mock;
mod nomination;
mod payout;
mod pool;
mod position;
mod reading;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
mod transfer;
mod weights;

pub use coldkey::{ColdkeyId, ColdkeyRecord};
pub use consent::{Sr25519, VerifyConsent};
pub use holding::Holding;
pub use hotkey::{HotkeyRecord, PoolId};
pub use pallet::*;
pub use pool::{Pool, PoolError, Withdrawal};
pub use settings::Settings;
pub use stream::{Flow, Stream};
pub use weights::WeightInfo;

use frame_support::traits::fungible::Credit;
use laurel_types::Balance;

/// An imbalance of the currency that stakes are paid in.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

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

    /// Limits of stakes and takes.
    #[pallet::storage]
    pub type StakingSettings<T> = StorageValue<_, Settings, ValueQuery>;

    /// Owner, take and pool of each known hotkey. Bounded by what a registration costs.
    #[pallet::storage]
    pub type Hotkeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, HotkeyRecord>;

    /// The hotkey of each pool's number.
    #[pallet::storage]
    pub type PoolHotkeys<T: Config> = StorageMap<_, Twox64Concat, PoolId, T::AccountId>;

    /// The number that the next hotkey's pool will have.
    #[pallet::storage]
    pub type NextPoolId<T> = StorageValue<_, PoolId, ValueQuery>;

    /// The pools of each coldkey's own hotkeys.
    #[pallet::storage]
    pub type OwnedPools<T> = StorageDoubleMap<_, Twox64Concat, ColdkeyId, Twox64Concat, PoolId, ()>;

    /// The number of each coldkey that owns a hotkey or has stake.
    #[pallet::storage]
    pub type ColdkeyIds<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ColdkeyId>;

    /// The coldkey with each number.
    #[pallet::storage]
    pub type ColdkeyRecords<T: Config> = StorageMap<_, Twox64Concat, ColdkeyId, ColdkeyRecord<T::AccountId>>;

    /// The number that the next coldkey will have.
    #[pallet::storage]
    pub type NextColdkeyId<T> = StorageValue<_, ColdkeyId, ValueQuery>;

    /// What a coldkey has in the pool of somebody else's hotkey; the owner's is in the hotkey's record. Each position was paid
    /// for with the minimum nomination.
    #[pallet::storage]
    pub type Positions<T> = StorageDoubleMap<_, Twox64Concat, ColdkeyId, Twox64Concat, PoolId, Holding, ValueQuery>;

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
                self.settings.is_sound(T::Currency::minimum_balance()),
                "staking.settings must have existential deposit <= minStake <= minNomination and minTake <= maxTake <= 11796"
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
        /// Stake of a coldkey went from one hotkey's pool to another's.
        StakeMoved {
            /// Whose stake.
            coldkey: T::AccountId,
            /// From whose pool.
            from: T::AccountId,
            /// To whose pool.
            to: T::AccountId,
            /// Leaves moved; more than asked for when the rest was under the minimum.
            amount: Balance,
            /// Shares burned in the one pool.
            burned: u128,
            /// Shares minted in the other.
            minted: u128,
        },
        /// Stake on a hotkey passed from one coldkey to another.
        StakeTransferred {
            /// Whose stake it was.
            from: T::AccountId,
            /// Whose it is.
            to: T::AccountId,
            /// In whose pool.
            hotkey: T::AccountId,
            /// What passed is worth, in leaves; more than asked for when the rest was under the minimum.
            amount: Balance,
            /// Shares that passed.
            shares: u128,
        },
        /// A nomination under the minimum went back to its coldkey's balance.
        NominationCleared {
            /// Who is paid.
            coldkey: T::AccountId,
            /// Whose pool.
            hotkey: T::AccountId,
            /// Leaves returned.
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
        /// Limits of stakes and takes changed.
        SettingsChanged {
            /// What is in force from now on.
            settings: Settings,
        },
    }

    /// Why a call was refused, and what to do.
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
        /// Only the coldkey that owns the hotkey can do this: sign with it.
        NotHotkeyOwner,
        /// Each addition must be at least the minimum stake: add more at one time.
        BelowMinimumStake,
        /// A position on a hotkey of another owner must be worth at least the minimum nomination: stake more.
        BelowMinimumNomination,
        /// The coldkey has less stake on this hotkey, or none: read its positions, and ask for at most what is there.
        NotEnoughStake,
        /// The coldkey's balance, less the existential deposit that it keeps, is smaller: stake less.
        NotEnoughBalance,
        /// Ask for at least one leaf.
        AmountZero,
        /// The amount buys so few shares of this pool that rounding would cost over a millionth of it: stake more.
        BelowShareResolution,
        /// The pool cannot hold that much: stake less, or on another hotkey.
        PoolOverflow,
        /// The hotkey has this take already: there is nothing to do.
        TakeUnchanged,
        /// The take is above the maximum: choose a lower one.
        TakeTooHigh,
        /// The take is below the minimum: choose a higher one.
        TakeTooLow,
        /// The take was changed, or the hotkey became known, less than an interval ago: raise it later.
        TakeRaisedTooSoon,
        /// The take was lowered less than an interval ago: lower it again later.
        TakeLoweredTooSoon,
        /// What would be left in the staking pot is below the existential deposit: remove a little less.
        PotBelowMinimum,
        /// The coldkey's account does not exist, and this is less than an account must hold: remove more, or fund the account first.
        PayoutBelowExistentialDeposit,
        /// Both hotkeys are the same: name another one to move to.
        SameHotkey,
        /// Both coldkeys are the same: name another one to transfer to.
        SameColdkey,
        /// The position is the hotkey owner's, which the minimum nomination does not bind: leave it.
        OwnerPosition,
        /// The position is worth the minimum nomination: leave it.
        NominationLargeEnough,
        /// The settings do not fit together: existential deposit <= minimum stake <= minimum nomination, and minimum take <=
        /// maximum take <= 11796.
        SettingsUnsound,
        /// The hotkey that is to take another one's place is known already: choose an unused one.
        HotkeyInUse,
        /// The coldkey that is to take another one's place owns hotkeys or has stake: choose an unused one.
        ColdkeyInUse,
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
        /// would stay is under the minimum. What is still on its way to the pool stays with those who stay; the last one
        /// to leave receives it.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::remove_stake())]
        pub fn remove_stake(origin: OriginFor<T>, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_remove_stake(coldkey, hotkey, Some(amount))
        }

        /// Returns all of the caller's stake on a hotkey to its balance, as `remove_stake` does.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::remove_all_stake())]
        pub fn remove_all_stake(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_remove_stake(coldkey, hotkey, None)
        }

        /// Sets the owner's part of a hotkey's dividends, within the bounds. Raising it is possible an interval after its last
        /// change in either direction or after the hotkey became known; lowering it an interval after it was last lowered.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_take())]
        pub fn set_take(origin: OriginFor<T>, hotkey: T::AccountId, take: Take) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_set_take(&coldkey, hotkey, take)
        }

        /// Moves `amount` leaves of the caller's stake, or all where none is given, from one hotkey to another in one
        /// step. What is moved must be at least the minimum stake, and what is there afterwards the minimum nomination; all
        /// is moved when what would stay is under the minimum.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::move_stake())]
        pub fn move_stake(
            origin: OriginFor<T>,
            from: T::AccountId,
            to: T::AccountId,
            amount: Option<Balance>,
        ) -> DispatchResult {
            let coldkey = ensure_signed(origin)?;
            Self::do_move_stake(coldkey, from, to, amount)
        }

        /// Transfers `amount` leaves of the caller's stake on a hotkey, or all where none is given, to another coldkey. It
        /// stays on the hotkey and keeps its part of what is on its way. All is transferred when what would stay is under the minimum.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::transfer_stake())]
        pub fn transfer_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            to: T::AccountId,
            amount: Option<Balance>,
        ) -> DispatchResult {
            let from = ensure_signed(origin)?;
            Self::do_transfer_stake(from, hotkey, to, amount)
        }

        /// Returns a nomination that a raised minimum has left too small to its coldkey's balance. Anybody may call this; it costs
        /// nothing where it succeeds.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::clear_nomination())]
        pub fn clear_nomination(
            origin: OriginFor<T>,
            coldkey: T::AccountId,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Self::do_clear_nomination(coldkey, hotkey)?;
            Ok(Pays::No.into())
        }

        /// Changes the limits of stakes and takes. Takes and positions beyond a new limit stay as they are; positions under the new
        /// minimum nomination can be cleared by anybody.
        #[pallet::call_index(7)]
        #[pallet::weight(T::WeightInfo::set_settings())]
        pub fn set_settings(origin: OriginFor<T>, settings: Settings) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(
                settings.is_sound(T::Currency::minimum_balance()),
                Error::<T>::SettingsUnsound
            );
            StakingSettings::<T>::put(settings);
            Self::deposit_event(Event::SettingsChanged { settings });
            Ok(())
        }
    }
}
