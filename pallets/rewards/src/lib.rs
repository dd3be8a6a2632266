//! What is minted, and who is paid.
//!
//! Each block mints its emission and divides it between the pots of the subnets by the root split. When the epoch of a
//! subnet is over, its pot is paid out: 18 % to the owner, 41 % to miners by incentive, 41 % to validators by dividends.
//!
//! # Accounts
//! All are derived from the pallet's id, and nobody holds their keys.
//! - The **pot** of each subnet. It opens with the existential deposit, which it keeps as long as the subnet lives, so that any
//!   remainder can stay in it; "the pot" in numbers is what it holds beyond. When the subnet ends, all of it goes to the reserve.
//! - The **reserve**: emission with nowhere to go. It is divided again with the next block's.
//! - The **burn account**: what is burned. Nothing leaves it. Emission follows `issuance - burned`.
//!
//! Reserve and burn account get their existential deposit at genesis, before the genesis issuance is recorded.
//!
//! # Who is paid
//! The parts of a pot are cut by the largest remainder, so that they sum to it to the unit, and so are the parts of each part. Nobody is paid where no
//! validator's weights counted: not even the owner, so that an idle subnet earns nothing for being there. What one of them
//! cannot be given stays in the pot. Every payment is in an event, and the events of an epoch sum to its summary.
//!
//! # Epochs
//! `on_initialize` puts the subnets whose epoch is due in a queue. `on_poll` runs the queue from the front as far as the block's
//! weight reaches, and the next block goes on where it stopped. An epoch ends in steps: the stake of the neurons is read, some at a time;
//! the epoch is scored, which fixes its [`Bill`]; the bill is paid, [`LINES_A_PAGE`] lines at a time. What is paid does not depend on
//! how many blocks that takes. A step that fits in no block, or has waited for one already, is taken though it does not fit, so that
//! the queue always moves. Each is taken in a storage layer of its own: if it fails, nothing of it remains, the epoch is over, what is left
//! of its pot is carried into the next, and the others go on.
//!
//! # Invariants (`try_state`)
//! - total issuance = genesis + minted, to the unit;
//! - reserve and burn account hold at least the existential deposit, and so does every pot that was paid into;
//! - no subnet is queued twice;
//! - only the subnet at the front of the queue has a bill; the lines of its pages sum to what it says, and the pot holds that;
//! - of each summary: owner + miners + validators + carried = pot.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod bill;
mod mint;
mod payout;
mod pots;
mod queue;
mod removal;
mod swap;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(test, feature = "try-runtime"))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use bill::{
    Bill, Line, Page, Payments, Role, Stage, LINES_A_PAGE, MAX_PAGES, MINERS_SHARE, OWNER_SHARE, VALIDATORS_SHARE,
};
pub use pallet::*;
pub use payout::Payment;
pub use pots::{CreditOf, ToBurn};
pub use queue::NEURONS_A_STEP;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::{
        pallet_prelude::*,
        traits::fungible::{Balanced, Mutate},
        weights::WeightMeter,
        DefaultNoBound, PalletId,
    };
    use frame_system::pallet_prelude::*;
    use laurel_support::{Epochs, Neurons, OnEpoch, Parents, Payout, Split, Subnets};
    use laurel_types::{Balance, EpochIndex, EpochSummary, NetUid, MAX_SUBNETS};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        /// The ledger.
        type Currency: Balanced<Self::AccountId, Balance = Balance> + Mutate<Self::AccountId, Balance = Balance>;
        /// Names the pallet's accounts.
        #[pallet::constant]
        type PalletId: Get<PalletId>;
        /// What subnets there are.
        type Subnets: Subnets<Self::AccountId>;
        /// Who holds which uid.
        type Neurons: Neurons<Self::AccountId>;
        /// When epochs are due, and what they decide.
        type Epochs: Epochs<Self::AccountId>;
        /// The split of emission between subnets.
        type Split: Split;
        /// Who has a part in a validator's dividends.
        type Parents: Parents<Self::AccountId>;
        /// Gives hotkeys their pay.
        type Payout: Payout<Self::AccountId, CreditOf<Self>>;
        /// Told when an epoch has ended.
        type OnEpoch: OnEpoch;
        /// All staked tokens, in leaves; for [`Pallet::supply`].
        type Staked: Get<Balance>;
        /// All tokens locked for subnets, in leaves; for [`Pallet::supply`].
        type Locked: Get<Balance>;
        /// Dispatch weights.
        type WeightInfo: WeightInfo;
    }

    /// Issuance at genesis, in leaves.
    #[pallet::storage]
    pub type Genesis<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// Minted since genesis, in leaves.
    #[pallet::storage]
    pub type Minted<T: Config> = StorageValue<_, Balance, ValueQuery>;

    /// What the last block's emission gave to each subnet, in leaves, ascending by netuid.
    #[pallet::storage]
    pub type LastDistribution<T: Config> =
        StorageValue<_, BoundedVec<(NetUid, Balance), ConstU32<MAX_SUBNETS>>, ValueQuery>;

    /// Subnets whose epoch is due, the one that waits longest first.
    #[pallet::storage]
    pub type Queue<T: Config> = StorageValue<_, BoundedVec<NetUid, ConstU32<MAX_SUBNETS>>, ValueQuery>;

    /// How far the subnet at the front of the queue has come.
    #[pallet::storage]
    pub type Progress<T: Config> = StorageValue<_, Stage, ValueQuery>;

    /// What that subnet still has to pay, by page.
    #[pallet::storage]
    pub type BillPages<T: Config> = StorageMap<_, Twox64Concat, u32, Page<T>, ValueQuery>;

    /// What the last epoch of each subnet paid.
    #[pallet::storage]
    pub type LastEpoch<T: Config> = StorageMap<_, Twox64Concat, NetUid, EpochSummary>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The owner of a subnet received its part of an epoch.
        OwnerPaid {
            /// The subnet.
            netuid: NetUid,
            /// Its owner.
            owner: T::AccountId,
            /// In leaves.
            amount: Balance,
        },
        /// Neurons, and those who lend to them, received their parts of an epoch. One event a page of the bill: an event for each would cost
        /// a third of paying it.
        HotkeysPaid {
            /// The subnet.
            netuid: NetUid,
            /// To whom what was paid, by uid.
            payments: Payments<T>,
        },
        /// An epoch ended and its pot was paid, or carried over.
        EpochPaid {
            /// The subnet.
            netuid: NetUid,
            /// What was paid to whom.
            summary: EpochSummary,
        },
        /// A subnet ended, and what its pot held went to the reserve, to be divided again with the next emission.
        PotClosed {
            /// The subnet.
            netuid: NetUid,
            /// In leaves.
            amount: Balance,
        },
        /// An epoch could not be scored, or not all of it paid. What its pot still holds is carried over, and the next one has begun.
        EpochFailed {
            /// The subnet.
            netuid: NetUid,
            /// The epoch.
            epoch: EpochIndex,
            /// Why.
            error: DispatchError,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// What could not be placed could not go back to the pot either: the epoch is undone and its pot waits for the next.
        PotClosed,
    }

    /// Records the issuance of the other pallets' genesis: this pallet must come after the ledger.
    #[pallet::genesis_config]
    #[derive(DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Nothing to configure.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            Pallet::<T>::open_genesis_accounts();
            Genesis::<T>::put(<T::Currency as frame_support::traits::fungible::Inspect<_>>::total_issuance());
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_now: BlockNumberFor<T>) -> Weight {
            Self::distribute(T::Split::split());
            let subnets = Self::enqueue_due();
            T::WeightInfo::on_initialize(subnets)
        }

        fn on_poll(_now: BlockNumberFor<T>, meter: &mut WeightMeter) {
            Self::run_queue(meter);
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}
