//! How a subnet passes to another owner: offered by one, accepted by the other, or with all that a coldkey has.
//!
//! Lock and deposit go with the subnet: what the buyer pays for them is between the two.
use crate::{
    Config, Error, Event, HoldReason, Identities, Netuids, Offers, Pallet, SubnetIdentities, Subnets, WeightInfo,
};
use frame_support::{
    ensure,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::{Fortitude, Precision, Restriction},
    },
    weights::Weight,
};
use laurel_support::OnColdkeySwapped;
use laurel_types::{Balance, NetUid};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// Offers a subnet to another account, or withdraws the offer; see the call.
    pub(crate) fn offer(signer: T::AccountId, netuid: NetUid, to: Option<T::AccountId>) -> DispatchResult {
        let owner = Subnets::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?.owner;
        ensure!(signer == owner, Error::<T>::NotSubnetOwner);
        match to {
            Some(to) => {
                ensure!(to != owner, Error::<T>::OwnsSubnetAlready);
                Offers::<T>::insert(netuid, &to);
                Self::deposit_event(Event::SubnetOffered { netuid, to });
            }
            None => {
                ensure!(Offers::<T>::contains_key(netuid), Error::<T>::SubnetNotOffered);
                Offers::<T>::remove(netuid);
                Self::deposit_event(Event::SubnetOfferWithdrawn { netuid });
            }
        }
        Ok(())
    }

    /// Makes `to` the owner of the subnet that it was offered; see the call.
    pub(crate) fn accept(to: T::AccountId, netuid: NetUid) -> DispatchResult {
        let mut subnet = Subnets::<T>::get(netuid).ok_or(Error::<T>::SubnetDoesNotExist)?;
        ensure!(
            Offers::<T>::get(netuid).as_ref() == Some(&to),
            Error::<T>::SubnetNotOffered
        );
        let deposit = SubnetIdentities::<T>::get(netuid).map_or(0, |known| known.deposit);
        Self::move_hold(HoldReason::SubnetLock, &subnet.owner, &to, subnet.lock)?;
        Self::move_hold(HoldReason::Identity, &subnet.owner, &to, deposit)?;
        let from = core::mem::replace(&mut subnet.owner, to.clone());
        Subnets::<T>::insert(netuid, subnet);
        Offers::<T>::remove(netuid);
        Self::deposit_event(Event::SubnetTransferred { netuid, from, to });
        Ok(())
    }

    /// Moves what is held from one account to another, where it stays held.
    fn move_hold(reason: HoldReason, from: &T::AccountId, to: &T::AccountId, amount: Balance) -> DispatchResult {
        if amount > 0 {
            T::Currency::transfer_on_hold(
                &reason.into(),
                from,
                to,
                amount,
                Precision::Exact,
                Restriction::OnHold,
                Fortitude::Force,
            )?;
        }
        Ok(())
    }
}

impl<T: Config> OnColdkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        let mut subnets = Netuids::<T>::get().into_iter().filter_map(Subnets::<T>::get);
        Identities::<T>::contains_key(new) || subnets.any(|subnet| subnet.owner == *new)
    }

    fn on_coldkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        for netuid in Netuids::<T>::get() {
            Subnets::<T>::mutate(netuid, |subnet| {
                if let Some(subnet) = subnet.as_mut().filter(|subnet| subnet.owner == *old) {
                    subnet.owner = new.clone();
                }
            });
            if Offers::<T>::get(netuid).as_ref() == Some(old) {
                Offers::<T>::insert(netuid, new);
            }
        }
        if let Some(known) = Identities::<T>::take(old) {
            Identities::<T>::insert(new, known);
        }
        for reason in [HoldReason::SubnetLock, HoldReason::Identity] {
            let held = T::Currency::balance_on_hold(&reason.into(), old);
            Self::move_hold(reason, old, new, held)?;
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::on_coldkey_swapped()
    }
}
