//! Adding and removing stake: leaves between a coldkey's balance and the staking pot, shares in its position.
use crate::{
    ColdkeyId, ColdkeyIds, Config, Error, Event, HotkeyRecord, Hotkeys, Pallet, Pool, PoolError, PoolId, Pools,
    Positions, Settings, StakingSettings, Withdrawal,
};
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence},
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

/// What adding stake will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addition {
    pub(crate) pool_id: PoolId,
    pub(crate) pool: Pool,
    /// Shares to be minted.
    pub shares: u128,
}

/// What removing stake will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) coldkey: ColdkeyId,
    pub(crate) pool_id: PoolId,
    pub(crate) pool: Pool,
    pub(crate) held: u128,
    /// Leaves to be returned.
    pub amount: Balance,
    /// Shares to be burned.
    pub shares: u128,
}

impl Settings {
    /// The least that a position may be worth: the owner of a hotkey is asked for less than its nominators.
    pub(crate) fn least_position(&self, record: &HotkeyRecord, coldkey: Option<ColdkeyId>) -> Balance {
        if coldkey == Some(record.owner) {
            self.min_stake
        } else {
            self.min_nomination
        }
    }
}

impl<T: Config> Pallet<T> {
    /// The account that holds every staked token.
    pub fn pot() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// A hotkey's pool in the running block.
    pub fn pool(hotkey: &T::AccountId) -> Pool {
        Pools::<T>::get(hotkey).at(Self::now())
    }

    /// Whether `add_stake` would succeed now; what it will do.
    pub(crate) fn check_add_stake(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: Balance,
    ) -> Result<Addition, Error<T>> {
        let addition = Self::plan_addition(coldkey, hotkey, amount)?;
        let spendable = T::Currency::reducible_balance(coldkey, Preservation::Preserve, Fortitude::Polite);
        ensure!(amount <= spendable, Error::<T>::NotEnoughBalance);
        Ok(addition)
    }

    /// What putting `amount` on a hotkey for a coldkey does, wherever it comes from.
    pub(crate) fn plan_addition(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: Balance,
    ) -> Result<Addition, Error<T>> {
        let record = Hotkeys::<T>::get(hotkey).ok_or(Error::<T>::HotkeyUnknown)?;
        let settings = StakingSettings::<T>::get();
        ensure!(amount >= settings.min_stake, Error::<T>::BelowMinimumStake);
        let mut pool = Self::pool(hotkey);
        let shares = pool.stake(amount)?;
        let id = ColdkeyIds::<T>::get(coldkey);
        let held = id.map_or(0, |id| Positions::<T>::get(id, record.pool));
        // At most the pool's shares, which fit.
        let worth = pool.value_of(held.saturating_add(shares));
        ensure!(
            id == Some(record.owner) || worth >= settings.min_nomination,
            Error::<T>::BelowMinimumNomination
        );
        Ok(Addition {
            pool_id: record.pool,
            pool,
            shares,
        })
    }

    pub(crate) fn do_add_stake(coldkey: T::AccountId, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
        let Addition { pool_id, pool, shares } = Self::check_add_stake(&coldkey, &hotkey, amount)?;
        T::Currency::transfer(&coldkey, &Self::pot(), amount, Preservation::Preserve)?;
        Self::store_pool(&hotkey, pool);
        Self::mint_shares(Self::coldkey_id(&coldkey), pool_id, shares);
        Self::deposit_event(Event::StakeAdded {
            coldkey,
            hotkey,
            amount,
            shares,
        });
        Ok(())
    }

    /// Whether `remove_stake` (or `remove_all_stake`, for no amount) would succeed now; what it will do, and whether the pot stays.
    pub(crate) fn check_remove_stake(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: Option<Balance>,
    ) -> Result<(Removal, Preservation), Error<T>> {
        let removal = Self::plan_removal(coldkey, hotkey, amount)?;
        let preservation = Self::check_payable(coldkey, removal.amount)?;
        Ok((removal, preservation))
    }

    /// What taking `amount`, or all, of a coldkey's stake from a hotkey does, wherever it goes.
    pub(crate) fn plan_removal(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: Option<Balance>,
    ) -> Result<Removal, Error<T>> {
        Self::plan_removal_from(coldkey, hotkey, amount, Self::pool(hotkey))
    }

    /// The same from a pool as it will be, for quotes.
    pub(crate) fn plan_removal_from(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: Option<Balance>,
        mut pool: Pool,
    ) -> Result<Removal, Error<T>> {
        ensure!(amount != Some(0), Error::<T>::AmountZero);
        let record = Hotkeys::<T>::get(hotkey).ok_or(Error::<T>::HotkeyUnknown)?;
        let id = ColdkeyIds::<T>::get(coldkey).ok_or(Error::<T>::NotEnoughStake)?;
        let held = Positions::<T>::get(id, record.pool);
        let Withdrawal { amount, shares } = match amount {
            Some(amount) => {
                let least = StakingSettings::<T>::get().least_position(&record, Some(id));
                pool.withdraw(held, amount, least)?
            }
            None => pool.withdraw_all(held)?,
        };
        Ok(Removal {
            coldkey: id,
            pool_id: record.pool,
            pool,
            held,
            amount,
            shares,
        })
    }

    pub(crate) fn do_remove_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        amount: Option<Balance>,
    ) -> DispatchResult {
        let (removal, preservation) = Self::check_remove_stake(&coldkey, &hotkey, amount)?;
        T::Currency::transfer(&Self::pot(), &coldkey, removal.amount, preservation)?;
        Self::apply_removal(&hotkey, &removal);
        Self::deposit_event(Event::StakeRemoved {
            coldkey,
            hotkey,
            amount: removal.amount,
            shares: removal.shares,
        });
        Ok(())
    }

    /// Stores what a removal leaves of pool and position.
    pub(crate) fn apply_removal(hotkey: &T::AccountId, removal: &Removal) {
        Self::store_pool(hotkey, removal.pool);
        Self::burn_shares(removal.coldkey, removal.pool_id, removal.held, removal.shares);
    }

    /// Whether the pot can pay `amount` to `to` without dust at either end, which would be lost to its owner.
    pub(crate) fn check_payable(to: &T::AccountId, amount: Balance) -> Result<Preservation, Error<T>> {
        ensure!(
            T::Currency::can_deposit(to, amount, Provenance::Extant) == DepositConsequence::Success,
            Error::<T>::PayoutBelowExistentialDeposit
        );
        match T::Currency::can_withdraw(&Self::pot(), amount) {
            WithdrawConsequence::Success => Ok(Preservation::Preserve),
            WithdrawConsequence::ReducedToZero(0) => Ok(Preservation::Expendable),
            // The pot holds what all pools say, so that only dust can be in the way.
            _ => Err(Error::<T>::PotBelowMinimum),
        }
    }

    /// A pool in which nothing is or ever was is not stored; one that is empty now keeps its stake time.
    pub(crate) fn store_pool(hotkey: &T::AccountId, pool: Pool) {
        if pool.is_empty() && pool.stake_time() == 0 {
            Pools::<T>::remove(hotkey);
        } else {
            Pools::<T>::insert(hotkey, pool);
        }
    }

    /// Adds shares that a pool just minted to a position. A position's shares never exceed the pool's, which fit.
    pub(crate) fn mint_shares(coldkey: ColdkeyId, pool: PoolId, shares: u128) {
        if shares == 0 {
            return;
        }
        let held = Positions::<T>::get(coldkey, pool);
        if held == 0 {
            Self::refer_to(coldkey);
        }
        Positions::<T>::insert(coldkey, pool, held.saturating_add(shares));
    }

    /// Takes `shares` of the `held` ones from a position.
    pub(crate) fn burn_shares(coldkey: ColdkeyId, pool: PoolId, held: u128, shares: u128) {
        match held.saturating_sub(shares) {
            0 => {
                Positions::<T>::remove(coldkey, pool);
                Self::forget(coldkey);
            }
            rest => Positions::<T>::insert(coldkey, pool, rest),
        }
    }
}
