//! The equations that hold between blocks.
use crate::{
    Config, Deposits, DepositsOf, GatewayId, GatewayIds, Gateways, HoldReason, NextGatewayId, NextPayerId, Pallet,
    PayerId, PayerIds, Payers,
};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::InspectHold};
use laurel_types::Balance;
use sp_runtime::TryRuntimeError;

/// What is kept of one payer: deposits, leaves for gateways, leaves for records.
type Sums = (u32, Balance, Balance);

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        let (mut gateways, mut payers) = (BTreeMap::<GatewayId, u32>::new(), BTreeMap::<PayerId, Sums>::new());
        for (gateway, payer, deposit) in Deposits::<T>::iter() {
            ensure!(
                deposit.is_sound(),
                "prepaid: more is announced than is there, or nothing"
            );
            ensure!(
                DepositsOf::<T>::contains_key(payer, gateway),
                "prepaid: a deposit is not found by its payer"
            );
            *gateways.entry(gateway).or_default() += 1;
            let (deposits, amount, record_deposit) = payers.entry(payer).or_default();
            *deposits += 1;
            *amount = amount
                .checked_add(deposit.amount)
                .ok_or("prepaid: the deposits overflow")?;
            *record_deposit = record_deposit
                .checked_add(deposit.record_deposit)
                .ok_or("prepaid: the record deposits overflow")?;
        }
        ensure!(
            DepositsOf::<T>::iter_keys().count() == Deposits::<T>::iter_keys().count(),
            "prepaid: a payer has a deposit that is not there"
        );
        Self::try_gateways(&gateways)?;
        Self::try_payers(&payers)
    }

    fn try_gateways(counted: &BTreeMap<GatewayId, u32>) -> Result<(), TryRuntimeError> {
        for (id, party) in Gateways::<T>::iter() {
            ensure!(
                GatewayIds::<T>::get(&party.account) == Some(id) && id < NextGatewayId::<T>::get(),
                "prepaid: a gateway is not found by its hotkey"
            );
            ensure!(
                counted.get(&id) == Some(&party.deposits),
                "prepaid: the deposits for a gateway are miscounted"
            );
        }
        let known = Gateways::<T>::iter_keys().count();
        ensure!(
            known == counted.len() && GatewayIds::<T>::iter_keys().count() == known,
            "prepaid: a gateway's number names nobody"
        );
        Ok(())
    }

    fn try_payers(counted: &BTreeMap<PayerId, Sums>) -> Result<(), TryRuntimeError> {
        for (id, party) in Payers::<T>::iter() {
            ensure!(
                PayerIds::<T>::get(&party.account) == Some(id) && id < NextPayerId::<T>::get(),
                "prepaid: a payer is not found by its account"
            );
            let held = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &party.account);
            ensure!(
                counted.get(&id) == Some(&(party.deposits, held(HoldReason::Deposit), held(HoldReason::Record))),
                "prepaid: what is held of a payer is not what it deposited"
            );
        }
        let known = Payers::<T>::iter_keys().count();
        ensure!(
            known == counted.len() && PayerIds::<T>::iter_keys().count() == known,
            "prepaid: a payer's number names nobody"
        );
        Ok(())
    }
}
