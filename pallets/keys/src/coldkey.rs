//! Swapping a coldkey: announced, delayed, cancellable, and never in the way of anything else.
use crate::{ColdkeySwaps, Config, Error, Event, HoldReason, LastHotkeySwap, Pallet, Settings};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::{Inspect, InspectHold, Mutate, MutateHold},
        tokens::{Fortitude, Precision, Preservation, Restriction},
        Get,
    },
};
use laurel_support::{Hotkeys, OnColdkeySwapped};
use laurel_types::{coldkey_swap_preimage, Balance, BlockNumber};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_io::hashing::blake2_256;
use sp_runtime::DispatchError;

/// A coldkey swap that was announced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Announcement {
    /// Fixes the new coldkey without naming it.
    pub digest: H256,
    /// First block in which it can be executed.
    pub executable_at: BlockNumber,
    /// First block in which it no longer can.
    pub expires_at: BlockNumber,
    /// What is held for it, in leaves.
    pub deposit: Balance,
}

impl<T: Config> Pallet<T> {
    /// The deposit that an announcement would hold, or why it is refused.
    pub(crate) fn check_announce(coldkey: &T::AccountId) -> Result<Balance, Error<T>> {
        ensure!(!ColdkeySwaps::<T>::contains_key(coldkey), Error::<T>::AlreadyAnnounced);
        let cost = Settings::<T>::get().coldkey_swap_cost;
        let reason = HoldReason::ColdkeySwap.into();
        ensure!(
            T::Currency::can_hold(&reason, coldkey, cost),
            Error::<T>::BalanceBelowCost
        );
        Ok(cost)
    }

    pub(crate) fn do_announce(coldkey: T::AccountId, digest: H256) -> DispatchResult {
        let cost = Self::check_announce(&coldkey)?;
        let settings = Settings::<T>::get();
        let executable_at = Self::now().saturating_add(settings.coldkey_swap_delay);
        let expires_at = executable_at.saturating_add(settings.coldkey_swap_window);
        T::Currency::hold(&HoldReason::ColdkeySwap.into(), &coldkey, cost)?;
        let announcement = Announcement {
            digest,
            executable_at,
            expires_at,
            deposit: cost,
        };
        ColdkeySwaps::<T>::insert(&coldkey, announcement);
        Self::deposit_event(Event::ColdkeySwapAnnounced {
            coldkey,
            digest,
            executable_at,
            expires_at,
            cost,
        });
        Ok(())
    }

    pub(crate) fn do_cancel(coldkey: T::AccountId) -> DispatchResult {
        let announcement = ColdkeySwaps::<T>::take(&coldkey).ok_or(Error::<T>::NotAnnounced)?;
        let released = Self::release(&coldkey, &announcement)?;
        Self::deposit_event(Event::ColdkeySwapCancelled { coldkey, released });
        Ok(())
    }

    /// The announcement that `clear_expired_swap` would clear, or why it is refused.
    pub(crate) fn check_clear_expired(coldkey: &T::AccountId) -> Result<Announcement, Error<T>> {
        let announcement = ColdkeySwaps::<T>::get(coldkey).ok_or(Error::<T>::NotAnnounced)?;
        ensure!(Self::now() >= announcement.expires_at, Error::<T>::SwapNotExpired);
        Ok(announcement)
    }

    pub(crate) fn do_clear_expired(coldkey: T::AccountId) -> DispatchResult {
        let announcement = Self::check_clear_expired(&coldkey)?;
        ColdkeySwaps::<T>::remove(&coldkey);
        let released = Self::release(&coldkey, &announcement)?;
        Self::deposit_event(Event::ColdkeySwapExpired { coldkey, released });
        Ok(())
    }

    /// Gives the deposit back. What somebody else took from the hold cannot come back, and must not keep the announcement.
    fn release(coldkey: &T::AccountId, announcement: &Announcement) -> Result<Balance, DispatchError> {
        let reason = HoldReason::ColdkeySwap.into();
        T::Currency::release(&reason, coldkey, announcement.deposit, Precision::BestEffort)
    }

    /// The announcement that `swap_coldkey` would execute, or why it is refused.
    pub(crate) fn check_swap_coldkey(
        old: &T::AccountId,
        new: &T::AccountId,
        salt: &[u8; 32],
    ) -> Result<Announcement, Error<T>> {
        let announcement = ColdkeySwaps::<T>::get(old).ok_or(Error::<T>::NotAnnounced)?;
        let digest = H256(blake2_256(&coldkey_swap_preimage(old, new, salt)));
        ensure!(digest == announcement.digest, Error::<T>::NotWhatWasAnnounced);
        let now = Self::now();
        ensure!(now >= announcement.executable_at, Error::<T>::SwapTooEarly);
        ensure!(now < announcement.expires_at, Error::<T>::SwapExpired);
        ensure!(old != new, Error::<T>::SameKey);
        let in_use = T::Hotkeys::owner(new).is_some()
            || ColdkeySwaps::<T>::contains_key(new)
            || T::OnColdkeySwapped::in_use(new);
        ensure!(!in_use, Error::<T>::NewColdkeyInUse);
        Ok(announcement)
    }

    pub(crate) fn do_swap_coldkey(old: T::AccountId, new: T::AccountId, salt: [u8; 32]) -> DispatchResult {
        let announcement = Self::check_swap_coldkey(&old, &new, &salt)?;
        // Calls are undone as a whole when they fail; so is this, whoever calls it.
        let moved = with_storage_layer(|| Self::pass_on(&old, &new, &announcement))?;
        Self::deposit_event(Event::ColdkeySwapped {
            old,
            new,
            moved,
            cost: announcement.deposit,
        });
        Ok(())
    }

    /// Burns the deposit and moves everything. Returns the free balance moved.
    fn pass_on(old: &T::AccountId, new: &T::AccountId, announcement: &Announcement) -> Result<Balance, DispatchError> {
        ColdkeySwaps::<T>::remove(old);
        T::Currency::transfer_on_hold(
            &HoldReason::ColdkeySwap.into(),
            old,
            &T::BurnAccount::get(),
            announcement.deposit,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Polite,
        )?;
        // First, so that the new account exists and can have something held from it.
        let first = Self::move_free(old, new)?;
        T::OnColdkeySwapped::on_coldkey_swapped(old, new)?;
        if let Some(last) = LastHotkeySwap::<T>::take(old) {
            LastHotkeySwap::<T>::insert(new, last);
        }
        // Again, for the existential deposit that stayed while something was held from the old account.
        Ok(first.saturating_add(Self::move_free(old, new)?))
    }

    /// Moves as much of the free balance as nothing else needs where it is.
    fn move_free(old: &T::AccountId, new: &T::AccountId) -> Result<Balance, DispatchError> {
        let free = T::Currency::reducible_balance(old, Preservation::Expendable, Fortitude::Polite);
        let openable = T::Currency::balance(new).saturating_add(free) >= T::Currency::minimum_balance();
        if free == 0 || !openable {
            return Ok(0);
        }
        T::Currency::transfer(old, new, free, Preservation::Expendable)
    }
}
