//! The payer's side: holding leaves for a gateway, announcing a withdrawal, taking leaves back.
use crate::{
    Config, Deposit, Deposits, DepositsOf, Error, Event, GatewayId, GatewayRegister, HoldReason, Pallet, PayerId,
    PayerRegister, Terms,
};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::Precision,
    },
};
use frame_system::pallet_prelude::BlockNumberFor;
use laurel_support::Hotkeys as _;
use laurel_types::{Balance, BlockNumber};
use sp_runtime::SaturatedConversion;

/// A deposit and where it is kept.
pub(crate) type Found = (GatewayId, PayerId, Deposit);

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        let now: BlockNumberFor<T> = frame_system::Pallet::<T>::block_number();
        now.saturated_into()
    }

    /// What a payer holds for a gateway, if it ever deposited and did not take all back.
    pub(crate) fn find(payer: &T::AccountId, gateway: &T::AccountId) -> Option<Found> {
        let (gateway, payer) = (GatewayRegister::<T>::id(gateway)?, PayerRegister::<T>::id(payer)?);
        Some((gateway, payer, Deposits::<T>::get(gateway, payer)?))
    }

    /// The record deposit that a deposit would hold besides, or why it is refused.
    pub(crate) fn check_deposit(
        payer: &T::AccountId,
        gateway: &T::AccountId,
        amount: Balance,
    ) -> Result<Balance, Error<T>> {
        ensure!(T::Hotkeys::owner(gateway).is_some(), Error::<T>::GatewayUnknown);
        let terms = Terms::<T>::get();
        ensure!(amount >= terms.min_deposit, Error::<T>::BelowMinimumDeposit);
        let record_deposit = match Self::find(payer, gateway) {
            Some(_) => 0,
            None => terms.record_deposit,
        };
        let sum = amount.checked_add(record_deposit).ok_or(Error::<T>::NotEnoughBalance)?;
        // One look for both: what can be held for the one reason can be held for the other.
        ensure!(
            T::Currency::can_hold(&HoldReason::Deposit.into(), payer, sum),
            Error::<T>::NotEnoughBalance
        );
        Ok(record_deposit)
    }

    pub(crate) fn do_deposit(payer: T::AccountId, gateway: T::AccountId, amount: Balance) -> DispatchResult {
        let record_deposit = Self::check_deposit(&payer, &gateway, amount)?;
        T::Currency::hold(&HoldReason::Deposit.into(), &payer, amount)?;
        if record_deposit > 0 {
            T::Currency::hold(&HoldReason::Record.into(), &payer, record_deposit)?;
        }
        let (id, payer_id, mut deposit) = match Self::find(&payer, &gateway) {
            Some(found) => found,
            None => Self::begin(&gateway, &payer, record_deposit),
        };
        // Both were held from one balance, whose type they share.
        deposit.amount = deposit.amount.saturating_add(amount);
        Deposits::<T>::insert(id, payer_id, deposit);
        Self::deposit_event(Event::Deposited {
            gateway,
            payer,
            amount,
            record_deposit,
        });
        Ok(())
    }

    /// Makes room for a first deposit.
    fn begin(gateway: &T::AccountId, payer: &T::AccountId, record_deposit: Balance) -> Found {
        let (gateway, payer) = (GatewayRegister::<T>::begin(gateway), PayerRegister::<T>::begin(payer));
        DepositsOf::<T>::insert(payer, gateway, ());
        let deposit = Deposit {
            record_deposit,
            ..Deposit::default()
        };
        (gateway, payer, deposit)
    }

    /// The deposit of which `amount` can be announced to be taken back.
    pub(crate) fn check_withdraw(
        payer: &T::AccountId,
        gateway: &T::AccountId,
        amount: Balance,
    ) -> Result<Found, Error<T>> {
        let found = Self::find(payer, gateway).ok_or(Error::<T>::NoDeposit)?;
        let deposit = &found.2;
        ensure!(deposit.free(Self::now()) == 0, Error::<T>::TakeBackFirst);
        ensure!(amount <= deposit.amount, Error::<T>::NotEnoughDeposited);
        ensure!(amount > 0 || deposit.withdrawal.is_some(), Error::<T>::NothingAnnounced);
        Ok(found)
    }

    pub(crate) fn do_withdraw(payer: T::AccountId, gateway: T::AccountId, amount: Balance) -> DispatchResult {
        let (id, payer_id, mut deposit) = Self::check_withdraw(&payer, &gateway, amount)?;
        let event = if amount == 0 {
            deposit.withdrawal = None;
            Event::WithdrawalCancelled { gateway, payer }
        } else {
            let free_at = deposit.announce(amount, Self::now(), Terms::<T>::get().notice).free_at;
            Event::WithdrawalAnnounced {
                gateway,
                payer,
                amount,
                free_at,
            }
        };
        Deposits::<T>::insert(id, payer_id, deposit);
        Self::deposit_event(event);
        Ok(())
    }

    /// The deposit as taking back leaves it, and how much comes back.
    pub(crate) fn check_take_back(payer: &T::AccountId, gateway: &T::AccountId) -> Result<(Found, Balance), Error<T>> {
        let (id, payer_id, mut deposit) = Self::find(payer, gateway).ok_or(Error::<T>::NoDeposit)?;
        let amount = if T::Hotkeys::owner(gateway).is_none() {
            // Nobody is there who could draw.
            let all = deposit.amount;
            (deposit.amount, deposit.withdrawal) = (0, None);
            all
        } else {
            deposit.take_back(Self::now())
        };
        if amount == 0 && deposit.amount > 0 {
            return Err(match deposit.withdrawal {
                Some(_) => Error::<T>::NoticeNotOver,
                None => Error::<T>::NothingAnnounced,
            });
        }
        Ok(((id, payer_id, deposit), amount))
    }

    pub(crate) fn do_take_back(payer: T::AccountId, gateway: T::AccountId) -> DispatchResult {
        let ((id, payer_id, deposit), amount) = Self::check_take_back(&payer, &gateway)?;
        if amount > 0 {
            T::Currency::release(&HoldReason::Deposit.into(), &payer, amount, Precision::Exact)?;
        }
        let record_deposit = if deposit.amount == 0 { deposit.record_deposit } else { 0 };
        if deposit.amount > 0 {
            Deposits::<T>::insert(id, payer_id, deposit);
        } else {
            if record_deposit > 0 {
                T::Currency::release(&HoldReason::Record.into(), &payer, record_deposit, Precision::Exact)?;
            }
            Deposits::<T>::remove(id, payer_id);
            DepositsOf::<T>::remove(payer_id, id);
            GatewayRegister::<T>::end(id);
            PayerRegister::<T>::end(payer_id);
        }
        Self::deposit_event(Event::TakenBack {
            gateway,
            payer,
            amount,
            record_deposit,
        });
        Ok(())
    }
}
