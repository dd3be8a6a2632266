//! Who owns a hotkey, and what part of its dividends the owner keeps.
use crate::{
    ColdkeyId, ColdkeyIds, Config, Error, Event, Holding, Hotkeys, NextPoolId, OwnedPools, Pallet, Pool, PoolHotkeys,
    Settings, StakingSettings, VerifyConsent,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, ensure, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use laurel_types::{consent_preimage, BlockNumber, HotkeyConsent, Take};
use scale_info::TypeInfo;
use sp_runtime::{traits::Zero, SaturatedConversion};

/// Names a hotkey's pool for ever, through swaps. Positions are kept under it, so that a swap moves none of them.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct PoolId(pub u64);

/// What is known of a hotkey: one value, because paying a neuron reads and writes all that changes with it. All of it moves with a swap,
/// the stamps too: a swap is no way around them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HotkeyRecord {
    /// What is staked on it.
    pub pool: Pool,
    /// Its owner's position.
    pub owned: Holding,
    /// The coldkey that owns it.
    pub owner: ColdkeyId,
    /// Names its pool.
    pub pool_id: PoolId,
    /// The owner's part of its dividends.
    pub take: Take,
    /// Block of the last change of the take. Becoming known counts as one.
    pub take_changed_at: BlockNumber,
    /// Block in which the take was last lowered, if it ever was.
    pub take_lowered_at: Option<BlockNumber>,
}

/// Why a take was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TakeRefused {
    Unchanged,
    TooHigh,
    TooLow,
    RaisedTooSoon,
    LoweredTooSoon,
}

impl HotkeyRecord {
    /// A hotkey that becomes known at block `now`.
    pub fn new(owner: ColdkeyId, pool_id: PoolId, now: BlockNumber) -> Self {
        Self {
            pool: Pool::default(),
            owned: Holding::default(),
            owner,
            pool_id,
            take: Take::default(),
            take_changed_at: now,
            take_lowered_at: None,
        }
    }

    /// Changes the take at block `now`.
    ///
    /// A raise has to be an interval away from the last change in either direction: whoever staked because a take was
    /// lowered has it for a whole interval. A lowering has to be an interval away from the last one, so that a take does
    /// not flicker; the first one is free, since every hotkey begins with the highest take.
    pub(crate) fn set_take(&mut self, take: Take, now: BlockNumber, settings: &Settings) -> Result<(), TakeRefused> {
        if take == self.take {
            return Err(TakeRefused::Unchanged);
        }
        if take > settings.max_take {
            return Err(TakeRefused::TooHigh);
        }
        if take < settings.min_take {
            return Err(TakeRefused::TooLow);
        }
        if take > self.take {
            if now < self.take_changed_at.saturating_add(settings.take_increase_interval) {
                return Err(TakeRefused::RaisedTooSoon);
            }
        } else {
            let soonest = |last: BlockNumber| last.saturating_add(settings.take_decrease_interval);
            if self.take_lowered_at.is_some_and(|last| now < soonest(last)) {
                return Err(TakeRefused::LoweredTooSoon);
            }
            self.take_lowered_at = Some(now);
        }
        self.take = take;
        self.take_changed_at = now;
        Ok(())
    }
}

impl<T: Config> From<TakeRefused> for Error<T> {
    fn from(refused: TakeRefused) -> Self {
        match refused {
            TakeRefused::Unchanged => Self::TakeUnchanged,
            TakeRefused::TooHigh => Self::TakeTooHigh,
            TakeRefused::TooLow => Self::TakeTooLow,
            TakeRefused::RaisedTooSoon => Self::TakeRaisedTooSoon,
            TakeRefused::LoweredTooSoon => Self::TakeLoweredTooSoon,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// Makes an unknown hotkey known.
    fn bind_unchecked(hotkey: &T::AccountId, coldkey: &T::AccountId) {
        let owner = Self::coldkey_id(coldkey);
        Self::refer_to(owner);
        // 2⁶⁴ numbers do not run out.
        let pool = NextPoolId::<T>::mutate(|next| core::mem::replace(next, PoolId(next.0.saturating_add(1))));
        PoolHotkeys::<T>::insert(pool, hotkey);
        OwnedPools::<T>::insert(owner, pool, ());
        Hotkeys::<T>::insert(hotkey, HotkeyRecord::new(owner, pool, Self::now()));
        Self::deposit_event(Event::HotkeyBound {
            hotkey: hotkey.clone(),
            coldkey: coldkey.clone(),
        });
    }

    /// Whether `set_take` would succeed now; the hotkey's record after it.
    pub(crate) fn check_set_take(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        take: Take,
    ) -> Result<HotkeyRecord, Error<T>> {
        let mut record = Hotkeys::<T>::get(hotkey).ok_or(Error::<T>::HotkeyUnknown)?;
        ensure!(
            ColdkeyIds::<T>::get(coldkey) == Some(record.owner),
            Error::<T>::NotHotkeyOwner
        );
        record.set_take(take, Self::now(), &StakingSettings::<T>::get())?;
        Ok(record)
    }

    pub(crate) fn do_set_take(coldkey: &T::AccountId, hotkey: T::AccountId, take: Take) -> DispatchResult {
        let record = Self::check_set_take(coldkey, &hotkey, take)?;
        Hotkeys::<T>::insert(&hotkey, record);
        Self::deposit_event(Event::TakeSet { hotkey, take });
        Ok(())
    }

    fn consents(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        consent: Option<&HotkeyConsent>,
    ) -> Result<(), Error<T>> {
        let consent = consent.ok_or(Error::<T>::ConsentMissing)?;
        let genesis_hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let message = consent_preimage(&genesis_hash, hotkey, coldkey);
        ensure!(
            T::Consent::verify(&message, consent, hotkey),
            Error::<T>::ConsentInvalid
        );
        Ok(())
    }
}

impl<T: Config> laurel_support::Hotkeys<T::AccountId> for Pallet<T> {
    fn owner(hotkey: &T::AccountId) -> Option<T::AccountId> {
        Self::coldkey_of(Hotkeys::<T>::get(hotkey)?.owner)
    }

    fn check_bind(hotkey: &T::AccountId, coldkey: &T::AccountId, consent: Option<&HotkeyConsent>) -> DispatchResult {
        match Hotkeys::<T>::get(hotkey) {
            Some(record) if ColdkeyIds::<T>::get(coldkey) == Some(record.owner) => Ok(()),
            Some(_) => Err(Error::<T>::HotkeyOwnedByAnother.into()),
            None => Ok(Self::consents(hotkey, coldkey, consent)?),
        }
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

/// A hotkey's record passes to an unknown hotkey, its pool with it; positions stay where they are, under the pool's number.
impl<T: Config> laurel_support::OnHotkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        Hotkeys::<T>::contains_key(new)
    }

    fn on_hotkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        ensure!(!Hotkeys::<T>::contains_key(new), Error::<T>::HotkeyInUse);
        let record = Hotkeys::<T>::take(old).ok_or(Error::<T>::HotkeyUnknown)?;
        PoolHotkeys::<T>::insert(record.pool_id, new);
        Hotkeys::<T>::insert(new, record);
        Ok(())
    }

    fn swap_weight() -> Weight {
        <T::WeightInfo as crate::WeightInfo>::swap_hotkey()
    }
}
