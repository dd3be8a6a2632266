//! What runtime APIs read.
use crate::{Config, Deposit, Deposits, DepositsOf, GatewayRegister, Gateways, Pallet, PayerRegister};
use alloc::vec::Vec;
use laurel_types::Prepaid;

impl<T: Config> Pallet<T> {
    /// What a payer holds for a gateway; none if there is no deposit.
    pub fn prepaid(gateway: &T::AccountId, payer: &T::AccountId) -> Option<Prepaid<T::AccountId>> {
        let (_, _, deposit) = Self::find(payer, gateway)?;
        Some(Self::show(gateway.clone(), payer.clone(), &deposit))
    }

    /// Everything that a payer holds for gateways, ascending by gateway. For reading off chain: the cost grows with its own deposits.
    pub fn prepaid_by(payer: &T::AccountId) -> Vec<Prepaid<T::AccountId>> {
        let Some(id) = PayerRegister::<T>::id(payer) else {
            return Vec::new();
        };
        let mut deposits: Vec<_> = DepositsOf::<T>::iter_key_prefix(id)
            .filter_map(|gateway| {
                let deposit = Deposits::<T>::get(gateway, id)?;
                Some(Self::show(
                    GatewayRegister::<T>::account(gateway)?,
                    payer.clone(),
                    &deposit,
                ))
            })
            .collect();
        deposits.sort_by(|a, b| a.gateway.cmp(&b.gateway));
        deposits
    }

    /// `count` deposits for a gateway, in no particular order but always the same within a block: those that come after the one of payer
    /// `after`, or the first ones. None come after a payer without a deposit for it.
    pub fn prepaid_for(gateway: &T::AccountId, after: Option<&T::AccountId>, count: u32) -> Vec<Prepaid<T::AccountId>> {
        let Some(id) = GatewayRegister::<T>::id(gateway) else {
            return Vec::new();
        };
        let deposits = match after {
            None => Deposits::<T>::iter_prefix(id),
            Some(after) => match PayerRegister::<T>::id(after).filter(|payer| Deposits::<T>::contains_key(id, payer)) {
                Some(payer) => Deposits::<T>::iter_prefix_from(id, Deposits::<T>::hashed_key_for(id, payer)),
                None => return Vec::new(),
            },
        };
        deposits
            .take(count as usize)
            .filter_map(|(payer, deposit)| {
                let payer = PayerRegister::<T>::account(payer)?;
                Some(Self::show(gateway.clone(), payer, &deposit))
            })
            .collect()
    }

    /// How many deposits there are for a gateway.
    pub fn deposits_for(gateway: &T::AccountId) -> u32 {
        let party = GatewayRegister::<T>::id(gateway).and_then(Gateways::<T>::get);
        party.map_or(0, |party| party.deposits)
    }

    fn show(gateway: T::AccountId, payer: T::AccountId, deposit: &Deposit) -> Prepaid<T::AccountId> {
        Prepaid {
            gateway,
            payer,
            amount: deposit.amount,
            drawable: deposit.drawable(Self::now()),
            available: deposit.available(),
            announced: deposit.announced(),
            free_at: deposit.withdrawal.map(|withdrawal| withdrawal.free_at),
            record_deposit: deposit.record_deposit,
        }
    }
}
