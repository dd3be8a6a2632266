//! Clearing nominations that a raised minimum has left too small: one call each, by anybody, and no loop.
use crate::{position::Removal, Config, Error, Event, Pallet, StakingSettings};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{fungible::Mutate, tokens::Preservation},
};

impl<T: Config> Pallet<T> {
    /// Whether `clear_nomination` would succeed now; what it will do, and whether the pot stays.
    pub(crate) fn check_clear_nomination(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
    ) -> Result<(Removal, Preservation), Error<T>> {
        let record = Self::known(hotkey)?;
        let pool = record.pool;
        let removal = Self::plan_removal_from(coldkey, record, None)?;
        ensure!(removal.coldkey != removal.record.owner, Error::<T>::OwnerPosition);
        // A share is never worth less than it was and every addition ends above the minimum: only raising that gets here.
        let worth = pool.value_of(removal.held.shares);
        ensure!(
            worth < StakingSettings::<T>::get().min_nomination,
            Error::<T>::NominationLargeEnough
        );
        let preservation = Self::check_payable(coldkey, removal.amount)?;
        Ok((removal, preservation))
    }

    pub(crate) fn do_clear_nomination(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        let (removal, preservation) = Self::check_clear_nomination(&coldkey, &hotkey)?;
        T::Currency::transfer(&Self::pot(), &coldkey, removal.amount, preservation)?;
        let (amount, shares) = (removal.amount, removal.shares);
        Self::apply_removal(&hotkey, removal);
        Self::deposit_event(Event::NominationCleared {
            coldkey,
            hotkey,
            amount,
            shares,
        });
        Ok(())
    }
}
