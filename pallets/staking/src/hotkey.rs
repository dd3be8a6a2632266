//! Who owns a hotkey, and what part of its dividends the owner keeps.
use crate::{Config, Error, Event, Hotkeys, Pallet, StakingSettings};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, ensure};
use laurel_types::{BlockNumber, Take};
use scale_info::TypeInfo;
use sp_runtime::SaturatedConversion;

/// What is known of a hotkey.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct HotkeyRecord<AccountId> {
    /// The coldkey that owns it.
    pub owner: AccountId,
    /// The owner's part of its dividends.
    pub take: Take,
    /// Block of the last raise. Becoming known counts as one, since the take begins at the maximum; so a low take
    /// that attracted stake cannot be put up again at once.
    pub take_raised_at: BlockNumber,
}

/// Why a take was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakeRefused {
    TooHigh,
    TooSoon,
}

impl<AccountId> HotkeyRecord<AccountId> {
    /// A hotkey that becomes known at block `now`.
    pub fn new(owner: AccountId, now: BlockNumber) -> Self {
        Self {
            owner,
            take: Take::default(),
            take_raised_at: now,
        }
    }

    /// Changes the take at block `now`, where raises are at least `interval` blocks apart.
    pub(crate) fn set_take(&mut self, take: Take, now: BlockNumber, interval: BlockNumber) -> Result<(), TakeRefused> {
        if take > Take::MAX {
            return Err(TakeRefused::TooHigh);
        }
        if take > self.take {
            if now < self.take_raised_at.saturating_add(interval) {
                return Err(TakeRefused::TooSoon);
            }
            self.take_raised_at = now;
        }
        self.take = take;
        Ok(())
    }
}

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    pub(crate) fn do_set_take(coldkey: T::AccountId, hotkey: T::AccountId, take: Take) -> DispatchResult {
        let mut record = Hotkeys::<T>::get(&hotkey).ok_or(Error::<T>::HotkeyUnknown)?;
        ensure!(record.owner == coldkey, Error::<T>::NotHotkeyOwner);
        let interval = StakingSettings::<T>::get().take_increase_interval;
        record
            .set_take(take, Self::now(), interval)
            .map_err(|refused| match refused {
                TakeRefused::TooHigh => Error::<T>::TakeTooHigh,
                TakeRefused::TooSoon => Error::<T>::TakeRaisedTooSoon,
            })?;
        Hotkeys::<T>::insert(&hotkey, record);
        Self::deposit_event(Event::TakeSet { hotkey, take });
        Ok(())
    }
}

impl<T: Config> laurel_support::Hotkeys<T::AccountId> for Pallet<T> {
    fn owner(hotkey: &T::AccountId) -> Option<T::AccountId> {
        Hotkeys::<T>::get(hotkey).map(|record| record.owner)
    }

    fn bind(hotkey: &T::AccountId, coldkey: &T::AccountId) -> DispatchResult {
        if let Some(record) = Hotkeys::<T>::get(hotkey) {
            ensure!(record.owner == *coldkey, Error::<T>::HotkeyOwnedByAnother);
            return Ok(());
        }
        Hotkeys::<T>::insert(hotkey, HotkeyRecord::new(coldkey.clone(), Self::now()));
        Self::deposit_event(Event::HotkeyBound {
            hotkey: hotkey.clone(),
            coldkey: coldkey.clone(),
        });
        Ok(())
    }
}
