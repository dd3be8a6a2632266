//! Swapping a hotkey: one step for all pallets.
use crate::{Config, Error, Event, LastHotkeySwap, Pallet, Settings};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Preservation},
        Get,
    },
};
use laurel_support::{Hotkeys, OnHotkeySwapped};
use laurel_types::{Balance, BlockNumber, HotkeyConsent};
use sp_runtime::{DispatchError, SaturatedConversion};

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Everything that `swap_hotkey` can be refused for. The consent is checked by whoever keeps the owners.
    pub(crate) fn check_swap_hotkey(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        new_hotkey: &T::AccountId,
        consent: Option<&HotkeyConsent>,
    ) -> DispatchResult {
        ensure!(hotkey != new_hotkey, Error::<T>::SameKey);
        ensure!(
            T::Hotkeys::owner(hotkey).as_ref() == Some(coldkey),
            Error::<T>::NotHotkeyOwner
        );
        let known = T::Hotkeys::owner(new_hotkey).is_some();
        ensure!(
            !known && !T::OnHotkeySwapped::in_use(new_hotkey),
            Error::<T>::NewHotkeyInUse
        );
        let settings = Settings::<T>::get();
        let waited = LastHotkeySwap::<T>::get(coldkey)
            .is_none_or(|last| Self::now() >= last.saturating_add(settings.hotkey_swap_interval));
        ensure!(waited, Error::<T>::HotkeySwappedTooSoon);
        Self::ensure_payable(coldkey, settings.hotkey_swap_cost)?;
        // Unknown as the new key is, it can only be bound with its signature.
        T::Hotkeys::check_bind(new_hotkey, coldkey, consent)
    }

    fn ensure_payable(coldkey: &T::AccountId, cost: Balance) -> Result<(), DispatchError> {
        let payable = T::Currency::reducible_balance(coldkey, Preservation::Preserve, Fortitude::Polite);
        ensure!(cost <= payable, Error::<T>::BalanceBelowCost);
        Ok(())
    }

    pub(crate) fn do_swap_hotkey(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        new_hotkey: T::AccountId,
        consent: Option<HotkeyConsent>,
    ) -> DispatchResult {
        Self::check_swap_hotkey(&coldkey, &hotkey, &new_hotkey, consent.as_ref())?;
        let cost = Settings::<T>::get().hotkey_swap_cost;
        // Calls are undone as a whole when they fail; so is this, whoever calls it.
        with_storage_layer(|| {
            T::Currency::transfer(&coldkey, &T::BurnAccount::get(), cost, Preservation::Preserve)?;
            T::OnHotkeySwapped::on_hotkey_swapped(&hotkey, &new_hotkey)
        })?;
        LastHotkeySwap::<T>::insert(&coldkey, Self::now());
        Self::deposit_event(Event::HotkeySwapped {
            coldkey,
            old: hotkey,
            new: new_hotkey,
            cost,
        });
        Ok(())
    }
}
