//! Who owns a hotkey, and what part of its dividends the owner keeps.
use crate::{Config, Error, Event, Hotkeys, Pallet, StakingSettings, VerifyConsent};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, ensure};
use frame_system::pallet_prelude::BlockNumberFor;
use laurel_types::{consent_preimage, BlockNumber, HotkeyConsent, Take};
use scale_info::TypeInfo;
use sp_runtime::{traits::Zero, SaturatedConversion};

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
    /// Makes an unknown hotkey known.
    fn bind_unchecked(hotkey: &T::AccountId, coldkey: &T::AccountId) {
        Hotkeys::<T>::insert(hotkey, HotkeyRecord::new(coldkey.clone(), Self::now()));
        Self::deposit_event(Event::HotkeyBound {
            hotkey: hotkey.clone(),
            coldkey: coldkey.clone(),
        });
    }

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

    fn check_bind(hotkey: &T::AccountId, coldkey: &T::AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult {
        if let Some(record) = Hotkeys::<T>::get(hotkey) {
            ensure!(record.owner == *coldkey, Error::<T>::HotkeyOwnedByAnother);
            return Ok(());
        }
        let consent = consent.ok_or(Error::<T>::ConsentMissing)?;
        let genesis_hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let message = consent_preimage(&genesis_hash, hotkey, coldkey);
        ensure!(
            T::Consent::verify(&message, consent, hotkey),
            Error::<T>::ConsentInvalid
        );
        Ok(())
    }

    fn bind(hotkey: &T::AccountId, coldkey: &T::AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult {
        Self::check_bind(hotkey, coldkey, consent)?;
        if !Hotkeys::<T>::contains_key(hotkey) {
            Self::bind_unchecked(hotkey, coldkey);
        }
        Ok(())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_bind(hotkey: &T::AccountId, coldkey: &T::AccountId) {
        if !Hotkeys::<T>::contains_key(hotkey) {
            Self::bind_unchecked(hotkey, coldkey);
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn benchmark_consent(index: u32, coldkey: &T::AccountId) -> (T::AccountId, HotkeyConsent) {
        let genesis_hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let hotkey = T::Consent::benchmark_hotkey(index);
        let consent = T::Consent::benchmark_sign(index, &consent_preimage(&genesis_hash, &hotkey, coldkey));
        (hotkey, consent)
    }
}
