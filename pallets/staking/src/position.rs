//! Adding and removing stake: leaves between a coldkey's balance and the staking pot, shares in its position.
use crate::{Config, Error, Event, Hotkeys, Pallet, Pool, PoolError, Pools, Positions, StakingSettings, Withdrawal};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Preservation, WithdrawConsequence},
        Get,
    },
};
use laurel_types::Balance;
use sp_runtime::traits::AccountIdConversion;

impl<T: Config> From<PoolError> for Error<T> {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Overflow => Self::PoolOverflow,
            PoolError::NotEnough | PoolError::Empty => Self::NotEnoughStake,
            PoolError::TooCoarse => Self::BelowShareResolution,
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The account that holds every staked token.
    pub fn pot() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    pub(crate) fn do_add_stake(coldkey: T::AccountId, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(Hotkeys::<T>::contains_key(&hotkey), Error::<T>::HotkeyUnknown);
        ensure!(
            amount >= StakingSettings::<T>::get().min_stake,
            Error::<T>::BelowMinimumStake
        );
        let mut pool = Pools::<T>::get(&hotkey);
        let shares = pool.stake(amount).map_err(Error::<T>::from)?;

        T::Currency::transfer(&coldkey, &Self::pot(), amount, Preservation::Preserve)?;
        Self::store_pool(&hotkey, pool);
        Self::mint_shares(&coldkey, &hotkey, shares);
        Self::deposit_event(Event::StakeAdded {
            coldkey,
            hotkey,
            amount,
            shares,
        });
        Ok(())
    }

    pub(crate) fn do_remove_stake(coldkey: T::AccountId, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
        ensure!(amount > 0, Error::<T>::AmountZero);
        let min_stake = StakingSettings::<T>::get().min_stake;
        Self::leave(coldkey, hotkey, |pool, held| pool.withdraw(held, amount, min_stake))
    }

    pub(crate) fn do_remove_all_stake(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        Self::leave(coldkey, hotkey, |pool, held| pool.withdraw_all(held))
    }

    /// Pays out what `withdraw` takes from the pool for the position's shares.
    fn leave(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        withdraw: impl FnOnce(&mut Pool, u128) -> Result<Withdrawal, PoolError>,
    ) -> DispatchResult {
        let held = Positions::<T>::get(&coldkey, &hotkey);
        let mut pool = Pools::<T>::get(&hotkey);
        let Withdrawal { amount, shares } = withdraw(&mut pool, held).map_err(Error::<T>::from)?;

        Self::pay_from_pot(&coldkey, amount)?;
        Self::store_pool(&hotkey, pool);
        match held.saturating_sub(shares) {
            0 => Positions::<T>::remove(&coldkey, &hotkey),
            rest => Positions::<T>::insert(&coldkey, &hotkey, rest),
        }
        Self::deposit_event(Event::StakeRemoved {
            coldkey,
            hotkey,
            amount,
            shares,
        });
        Ok(())
    }

    /// Moves leaves from the pot to an account without ever leaving dust, which would be lost to the pools.
    fn pay_from_pot(to: &T::AccountId, amount: Balance) -> DispatchResult {
        let pot = Self::pot();
        let preservation = match T::Currency::can_withdraw(&pot, amount) {
            WithdrawConsequence::Success => Preservation::Preserve,
            WithdrawConsequence::ReducedToZero(0) => Preservation::Expendable,
            WithdrawConsequence::ReducedToZero(_) => return Err(Error::<T>::PotBelowMinimum.into()),
            refused => return refused.into_result(true).map(|_| ()),
        };
        T::Currency::transfer(&pot, to, amount, preservation)?;
        Ok(())
    }

    pub(crate) fn store_pool(hotkey: &T::AccountId, pool: Pool) {
        if pool.is_empty() {
            Pools::<T>::remove(hotkey);
        } else {
            Pools::<T>::insert(hotkey, pool);
        }
    }

    /// Adds shares that a pool just minted to a position. A position's shares never exceed the pool's, which fit.
    pub(crate) fn mint_shares(coldkey: &T::AccountId, hotkey: &T::AccountId, shares: u128) {
        if shares > 0 {
            Positions::<T>::mutate(coldkey, hotkey, |held| *held = held.saturating_add(shares));
        }
    }
}
