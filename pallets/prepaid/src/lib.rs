//! What users deposit for gateways, and what these draw.
//!
//! A gateway serves users and wants to be paid for what they used, without a transaction for each answer and without trust beyond a deposit. So a
//! user [deposits](Pallet::deposit) tokens for a gateway, which is a known hotkey; the gateway counts what is used off chain and
//! [draws](Pallet::draw) it now and then, from many payers in one call; and the user gets the rest back: it
//! [announces](Pallet::withdraw) how much, and [takes it back](Pallet::take_back) after a notice.
//!
//! Every token stays in the payer's account, on hold, until it is drawn; then it goes to the coldkey that owns the hotkey. The hold for a
//! deposit is the payer's limit of what it can lose: the chain does not know what was used, so a gateway can draw all of a deposit
//! without having earned it, and nothing else of the payer's.
//!
//! # Notice
//! Until the notice is over the gateway can draw everything, also what was announced: it was used before. From then on it can draw nothing of
//! what was announced, whether the payer has taken it yet or not. So a gateway that stops serving on credit of what is announced, and draws once
//! a notice at least, loses nothing; and a payer waits a notice at most. What is drawn meanwhile is taken from what was not announced first. A
//! new announcement takes the place of the one before; whoever announces no more than before keeps the notice that was given, and nobody can
//! announce anew while something lies ready to be taken back. A changed notice holds for later announcements only.
//!
//! # Records
//! A deposit holds a record deposit besides its amount, which pays for the record, is never drawn and comes back with the last leaf. A payer whose
//! deposit was drawn to nothing can take the record deposit back at once.
//!
//! # Keys that change
//! Deposits are kept under two numbers, of the gateway and of the payer. A swap of a hotkey or of a coldkey moves one entry each, and the
//! coldkey's holds; both cost the same however many deposits there are. A gateway draws from the new coldkey then, and the runtime API counts
//! nothing as available of a payer that can be swapped within a notice, so that the old one's account is settled before. What is drawn goes to
//! who owns the hotkey at the time. A deposit for a hotkey that nobody knows any more can be taken back at once.
//!
//! Each call has a `check_*` function that changes nothing and by which the call begins, so that what it refuses leaves nothing behind.
//!
//! # Invariants (`try_state`)
//! - What is held of an account for gateways is the sum of its deposits, and what is held for their records the sum of their record deposits.
//! - What is announced of a deposit is more than nothing and at most its amount.
//! - Every deposit is found by its gateway and by its payer; every gateway and every payer with a deposit by its own number, which counts its
//!   deposits, and nobody else has one.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod deposit;
mod drawing;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
mod paying;
mod reading;
mod register;
mod swap;
#[cfg(test)]
mod tests;
mod weights;

pub use deposit::{Deposit, Withdrawal};
pub use pallet::*;
pub use register::{GatewayId, Number, Party, PayerId};
pub use weights::WeightInfo;

pub(crate) use register::{GatewayRegister, PayerRegister};

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Mutate, MutateHold},
    };
    use frame_system::pallet_prelude::*;
    use laurel_support::Hotkeys;
    use laurel_types::{Balance, BlockNumber, PrepaidTerms, MAX_DRAWS};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// What the runtime decides for deposits.
    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The one ledger.
        type Currency: Mutate<Self::AccountId, Balance = Balance>
            + MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;
        /// Why tokens are held, in the runtime.
        type RuntimeHoldReason: From<HoldReason>;
        /// Who owns a hotkey.
        type Hotkeys: Hotkeys<Self::AccountId>;
        /// Measured cost of the calls.
        type WeightInfo: WeightInfo;
    }

    /// Why this pallet holds tokens.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// Deposited for a gateway, which can draw it.
        Deposit,
        /// Pays for the record of a deposit.
        Record,
    }

    /// On which terms deposits are taken and given back.
    #[pallet::storage]
    pub type Terms<T> = StorageValue<_, PrepaidTerms, ValueQuery>;

    /// What each payer holds for each gateway. Each was paid for with a record deposit.
    #[pallet::storage]
    pub type Deposits<T> = StorageDoubleMap<_, Twox64Concat, GatewayId, Twox64Concat, PayerId, Deposit>;

    /// The gateways that each payer holds something for.
    #[pallet::storage]
    pub type DepositsOf<T> = StorageDoubleMap<_, Twox64Concat, PayerId, Twox64Concat, GatewayId, ()>;

    /// The number of each hotkey that something is held for.
    #[pallet::storage]
    pub type GatewayIds<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, GatewayId>;

    /// The gateway with each number.
    #[pallet::storage]
    pub type Gateways<T: Config> = StorageMap<_, Twox64Concat, GatewayId, Party<T::AccountId>>;

    /// The number that the next gateway will have.
    #[pallet::storage]
    pub type NextGatewayId<T> = StorageValue<_, GatewayId, ValueQuery>;

    /// The number of each account that holds something for a gateway.
    #[pallet::storage]
    pub type PayerIds<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, PayerId>;

    /// The payer with each number.
    #[pallet::storage]
    pub type Payers<T: Config> = StorageMap<_, Twox64Concat, PayerId, Party<T::AccountId>>;

    /// The number that the next payer will have.
    #[pallet::storage]
    pub type NextPayerId<T> = StorageValue<_, PayerId, ValueQuery>;

    /// Terms at genesis. Nothing is deposited then.
    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Least deposit, record deposit, notice.
        pub terms: PrepaidTerms,
        /// The configuration depends on the runtime only through its type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            assert!(
                self.terms.min_deposit > 0 && self.terms.notice > 0,
                "prepaid.terms must have a minDeposit and a notice of at least 1"
            );
            Terms::<T>::put(self.terms);
        }
    }

    /// What happened. Amounts are leaves.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// More is held for a gateway.
        Deposited {
            /// The hotkey that may draw.
            gateway: T::AccountId,
            /// From whose account.
            payer: T::AccountId,
            /// How much more.
            amount: Balance,
            /// What is held besides for a new record; 0 where there was one.
            record_deposit: Balance,
        },
        /// A payer will take leaves back. Until then the gateway can draw them.
        WithdrawalAnnounced {
            /// The gateway.
            gateway: T::AccountId,
            /// The payer.
            payer: T::AccountId,
            /// How many.
            amount: Balance,
            /// First block in which the payer can take them and the gateway no longer.
            free_at: BlockNumber,
        },
        /// A payer takes nothing back after all.
        WithdrawalCancelled {
            /// The gateway.
            gateway: T::AccountId,
            /// The payer.
            payer: T::AccountId,
        },
        /// Leaves are no longer held for a gateway.
        TakenBack {
            /// The gateway.
            gateway: T::AccountId,
            /// The payer, who has them.
            payer: T::AccountId,
            /// How many of the deposit.
            amount: Balance,
            /// How many of the record deposit; more than none where the record ended.
            record_deposit: Balance,
        },
        /// A gateway drew from a deposit.
        Drawn {
            /// The gateway, whose owner was paid.
            gateway: T::AccountId,
            /// Who paid.
            payer: T::AccountId,
            /// How much.
            amount: Balance,
            /// How much it asked for; less was there where it is more.
            asked: Balance,
        },
        /// A gateway drew nothing for an item of its call; the others were tried all the same.
        DrawRefused {
            /// The gateway.
            gateway: T::AccountId,
            /// Which item, from 0.
            index: u32,
            /// From whom it was to draw.
            payer: T::AccountId,
            /// Why it drew nothing.
            error: DispatchError,
        },
        /// The terms changed.
        TermsChanged {
            /// What is in force from now on.
            terms: PrepaidTerms,
        },
    }

    /// Why a call was refused, and what to do.
    #[pallet::error]
    pub enum Error<T> {
        /// Nobody registered this hotkey: a gateway must join a subnet or the root network first.
        GatewayUnknown,
        /// Each deposit must be at least the minimum: deposit more at one time.
        BelowMinimumDeposit,
        /// The account cannot have the deposit and its record deposit held and stay alive: fund it first, or deposit less.
        NotEnoughBalance,
        /// The payer holds nothing for this gateway: deposit first.
        NoDeposit,
        /// The deposit is smaller: read it, and announce at most what is there.
        NotEnoughDeposited,
        /// Nothing is announced to be taken back: announce it with `withdraw` first.
        NothingAnnounced,
        /// The notice is not over: take it back later, from the block on that the announcement names.
        NoticeNotOver,
        /// What was announced before is free: take it back first.
        TakeBackFirst,
        /// Ask for at least one leaf.
        AmountZero,
        /// Nothing of the deposit can be drawn: it is spent, or announced with its notice over.
        NothingToDraw,
        /// The owner's account does not exist, and this is less than an account must hold: draw more, or fund the account first.
        DrawBelowExistentialDeposit,
        /// The batch has no items: name at least one.
        EmptyBatch,
        /// The terms need a least deposit and a notice of at least 1.
        TermsUnsound,
        /// The key that is to take another one's place has deposits already: choose an unused one.
        KeyInUse,
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
        /// Holds `amount` leaves of the caller for a gateway, on top of what is there. The first time a record deposit is held besides. The caller's
        /// account stays alive.
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::deposit())]
        pub fn deposit(origin: OriginFor<T>, gateway: T::AccountId, amount: Balance) -> DispatchResult {
            let payer = ensure_signed(origin)?;
            Self::do_deposit(payer, gateway, amount)
        }

        /// Announces that the caller takes `amount` leaves of its deposit for a gateway back; possible with [`Self::take_back`] after the
        /// notice, until which the gateway can draw them. Takes the place of what was announced before; 0 takes that back.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>, gateway: T::AccountId, amount: Balance) -> DispatchResult {
            let payer = ensure_signed(origin)?;
            Self::do_withdraw(payer, gateway, amount)
        }

        /// Releases what the caller announced to take back and whose notice is over. With the last leaf also the record deposit; at once, where the
        /// gateway has drawn all. All and at once, where nobody knows the gateway's hotkey any more.
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::take_back())]
        pub fn take_back(origin: OriginFor<T>, gateway: T::AccountId) -> DispatchResult {
            let payer = ensure_signed(origin)?;
            Self::do_take_back(payer, gateway)
        }

        /// Pays the owner of the caller, a gateway's hotkey, from what payers hold for it: for each item at most so many leaves, and what
        /// is there where it is less. An item that brings nothing does not stop the others; an event says why. Fails where none brings
        /// anything.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::draw(items.len() as u32))]
        pub fn draw(
            origin: OriginFor<T>,
            items: BoundedVec<(T::AccountId, Balance), ConstU32<MAX_DRAWS>>,
        ) -> DispatchResult {
            let gateway = ensure_signed(origin)?;
            Self::do_draw(gateway, &items)
        }

        /// Changes the terms. Record deposits that are held and notices that were given stay as they are.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_terms())]
        pub fn set_terms(origin: OriginFor<T>, terms: PrepaidTerms) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(terms.min_deposit > 0 && terms.notice > 0, Error::<T>::TermsUnsound);
            Terms::<T>::put(terms);
            Self::deposit_event(Event::TermsChanged { terms });
            Ok(())
        }
    }
}
