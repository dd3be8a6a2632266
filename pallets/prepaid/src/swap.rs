//! Deposits when keys change: they stay where they are, under their numbers.
use crate::{Config, Error, GatewayRegister, HoldReason, Pallet, PayerRegister, WeightInfo};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        fungible::{InspectHold, MutateHold},
        tokens::{Fortitude, Precision, Restriction},
    },
    weights::Weight,
};
use laurel_support::{OnColdkeySwapped, OnHotkeySwapped};

/// What is held for a gateway is held for its new hotkey.
impl<T: Config> OnHotkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        GatewayRegister::<T>::id(new).is_some()
    }

    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        ensure!(!<Self as OnHotkeySwapped<_>>::in_use(new), Error::<T>::KeyInUse);
        GatewayRegister::<T>::rename(old, new);
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::swap_hotkey()
    }
}

/// What a coldkey holds for gateways its successor holds. What is drawn goes to who owns the gateway then, whom this pallet does not keep.
impl<T: Config> OnColdkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        PayerRegister::<T>::id(new).is_some()
    }

    fn on_coldkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        ensure!(!<Self as OnColdkeySwapped<_>>::in_use(new), Error::<T>::KeyInUse);
        PayerRegister::<T>::rename(old, new);
        for reason in [HoldReason::Deposit, HoldReason::Record] {
            let reason = reason.into();
            let held = T::Currency::balance_on_hold(&reason, old);
            if held > 0 {
                T::Currency::transfer_on_hold(
                    &reason,
                    old,
                    new,
                    held,
                    Precision::Exact,
                    Restriction::OnHold,
                    Fortitude::Force,
                )?;
            }
        }
        Ok(())
    }

    fn swap_weight() -> Weight {
        T::WeightInfo::swap_coldkey()
    }
}
