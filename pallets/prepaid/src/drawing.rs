//! The gateway's side: drawing what was used, from many payers at once.
use crate::{Config, Deposits, Error, Event, HoldReason, Pallet};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::{Inspect, MutateHold},
        tokens::{DepositConsequence, Fortitude, Precision, Provenance, Restriction},
    },
};
use laurel_support::Hotkeys as _;
use laurel_types::Balance;
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
    /// What one item of a draw would bring, or why it would be refused; `owner` owns the gateway.
    pub(crate) fn check_draw(
        gateway: &T::AccountId,
        owner: &T::AccountId,
        payer: &T::AccountId,
        asked: Balance,
    ) -> Result<Balance, Error<T>> {
        ensure!(asked > 0, Error::<T>::AmountZero);
        let (_, _, deposit) = Self::find(payer, gateway).ok_or(Error::<T>::NoDeposit)?;
        let amount = asked.min(deposit.drawable(Self::now()));
        ensure!(amount > 0, Error::<T>::NothingToDraw);
        ensure!(
            T::Currency::can_deposit(owner, amount, Provenance::Extant) == DepositConsequence::Success,
            Error::<T>::DrawBelowExistentialDeposit
        );
        Ok(amount)
    }

    /// Draws for each item by itself; an event says how much, or why nothing. Fails with the reason of the first where nothing was drawn.
    pub(crate) fn do_draw(gateway: T::AccountId, items: &[(T::AccountId, Balance)]) -> DispatchResult {
        let owner = T::Hotkeys::owner(&gateway).ok_or(Error::<T>::GatewayUnknown)?;
        let mut first = None;
        let mut drawn = false;
        for (index, (payer, asked)) in (0u32..).zip(items) {
            match with_storage_layer(|| Self::draw_one(&gateway, &owner, payer, *asked)) {
                Ok(()) => drawn = true,
                Err(error) => {
                    first.get_or_insert(error);
                    let (gateway, payer) = (gateway.clone(), payer.clone());
                    Self::deposit_event(Event::DrawRefused {
                        gateway,
                        index,
                        payer,
                        error,
                    });
                }
            }
        }
        if drawn {
            return Ok(());
        }
        Err(first.unwrap_or_else(|| Error::<T>::EmptyBatch.into()))
    }

    fn draw_one(
        gateway: &T::AccountId,
        owner: &T::AccountId,
        payer: &T::AccountId,
        asked: Balance,
    ) -> Result<(), DispatchError> {
        Self::check_draw(gateway, owner, payer, asked)?;
        let (id, payer_id, mut deposit) = Self::find(payer, gateway).ok_or(Error::<T>::NoDeposit)?;
        let amount = deposit.draw(asked, Self::now());
        T::Currency::transfer_on_hold(
            &HoldReason::Deposit.into(),
            payer,
            owner,
            amount,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Force,
        )?;
        Deposits::<T>::insert(id, payer_id, deposit);
        Self::deposit_event(Event::Drawn {
            gateway: gateway.clone(),
            payer: payer.clone(),
            amount,
            asked,
        });
        Ok(())
    }
}
