//! The accounts that hold emission and burned tokens.
use crate::{Config, Genesis, Minted, Pallet};
use codec::Encode;
use core::marker::PhantomData;
use frame_support::{
    defensive,
    pallet_prelude::DispatchError,
    traits::{
        fungible::{Balanced, Credit, Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
        Defensive, Get, Imbalance, OnUnbalanced,
    },
};
use laurel_support::Subnets;
use laurel_types::{Balance, NetUid, Supply};
use sp_runtime::traits::AccountIdConversion;

/// Tokens that are in no account at the moment.
pub type CreditOf<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// Handler that puts what it is given into the burn account: for dust, and for fees of blocks without an author.
pub struct ToBurn<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<CreditOf<T>> for ToBurn<T> {
    fn on_nonzero_unbalanced(amount: CreditOf<T>) {
        if let Err(lost) = T::Currency::resolve(&Pallet::<T>::burn_account(), amount) {
            Pallet::<T>::unmint(lost);
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Holds burned tokens; nothing leaves it.
    pub fn burn_account() -> T::AccountId {
        Self::account(b"burn")
    }

    /// Holds emission with nowhere to go.
    pub fn reserve_account() -> T::AccountId {
        Self::account(b"rsrv")
    }

    /// Holds what a subnet's running epoch has collected.
    pub fn pot_account(netuid: NetUid) -> T::AccountId {
        Self::account((b"pot", netuid))
    }

    /// What the running epoch of a subnet has collected, in leaves.
    pub fn pot(netuid: NetUid) -> Balance {
        Self::spendable(&Self::pot_account(netuid))
    }

    /// Tokens in the burn account, in leaves.
    pub fn burned() -> Balance {
        T::Currency::total_balance(&Self::burn_account())
    }

    /// Where every token is.
    pub fn supply() -> Supply {
        let pots: Balance = T::Subnets::netuids()
            .into_iter()
            .map(|netuid| T::Currency::total_balance(&Self::pot_account(netuid)))
            .fold(
                T::Currency::total_balance(&Self::reserve_account()),
                Balance::saturating_add,
            );
        Supply {
            issuance: T::Currency::total_issuance(),
            genesis: Genesis::<T>::get(),
            minted: Minted::<T>::get(),
            burned: Self::burned(),
            staked: T::Staked::get(),
            pending: pots,
            locked: T::Locked::get(),
            block_emission: Self::block_emission(),
        }
    }

    /// Gives the reserve and the burn account the existential deposit.
    pub(crate) fn open_genesis_accounts() {
        for account in [Self::reserve_account(), Self::burn_account()] {
            if T::Currency::total_balance(&account) < T::Currency::minimum_balance() {
                let minted = T::Currency::mint_into(&account, T::Currency::minimum_balance());
                let _ = minted.defensive_proof("an account can hold the existential deposit");
            }
        }
    }

    /// What an account holds beyond the existential deposit.
    pub(crate) fn spendable(account: &T::AccountId) -> Balance {
        T::Currency::balance(account).saturating_sub(T::Currency::minimum_balance())
    }

    /// Takes an amount from an account, which keeps its existential deposit.
    pub(crate) fn take(account: &T::AccountId, amount: Balance) -> Result<CreditOf<T>, DispatchError> {
        let (precision, preservation) = (Precision::Exact, Preservation::Preserve);
        T::Currency::withdraw(account, amount, precision, preservation, Fortitude::Polite)
    }

    /// Opens the subnet's pot with the existential deposit, out of `credit`, unless it is open. Returns whether it is now.
    pub(crate) fn open_pot(netuid: NetUid, credit: &mut CreditOf<T>) -> bool {
        let (pot, seed) = (Self::pot_account(netuid), T::Currency::minimum_balance());
        if T::Currency::balance(&pot) >= seed {
            return true;
        }
        if credit.peek() < seed {
            return false;
        }
        match T::Currency::resolve(&pot, credit.extract(seed)) {
            Ok(()) => true,
            Err(unplaced) => {
                credit.subsume(unplaced);
                false
            }
        }
    }

    /// Puts a credit into the reserve.
    pub(crate) fn save(credit: CreditOf<T>) {
        if let Err(lost) = T::Currency::resolve(&Self::reserve_account(), credit) {
            Self::unmint(lost);
        }
    }

    /// Takes tokens that no account could hold out of existence and out of the books. The accounts that this pallet pays into
    /// are open since genesis, so it does not come to this; if it does, the sum still holds.
    fn unmint(lost: CreditOf<T>) {
        defensive!("an account of the rewards pallet is closed");
        Minted::<T>::mutate(|minted| *minted = minted.saturating_sub(lost.peek()));
        drop(lost);
    }

    fn account(purpose: impl Encode) -> T::AccountId {
        T::PalletId::get().into_sub_account_truncating(purpose)
    }
}
