//! Adding and removing stake: leaves between a coldkey's balance and the staking pot, shares in its position.
use crate::{
    ColdkeyId, ColdkeyIds, Config, Error, Event, Holding, HotkeyRecord, Hotkeys, Pallet, Pool, PoolError, Positions,
    Settings, StakingSettings, Withdrawal,
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
use laurel_types::{Balance, BlockNumber};
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
    /// The hotkey afterwards, but for the position.
    pub(crate) record: HotkeyRecord,
    /// Shares to be minted, and what is put in for them.
    pub joins: Holding,
}

/// What removing stake will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) coldkey: ColdkeyId,
    /// The hotkey afterwards, but for the position.
    pub(crate) record: HotkeyRecord,
    pub(crate) held: Holding,
    /// Leaves to be returned.
    pub amount: Balance,
    /// Shares to be burned.
    pub shares: u128,
}

impl Removal {
    /// What leaves the position.
    pub(crate) fn leaves(&self) -> Holding {
        Holding::of(self.shares, self.amount)
    }

    /// Whether nothing of the position stays.
    pub(crate) fn is_whole(&self) -> bool {
        self.shares == self.held.shares
    }
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
        Self::pool_at(hotkey, Self::now())
    }

    /// A hotkey's pool in block `now`; an empty one if the hotkey is unknown.
    pub(crate) fn pool_at(hotkey: &T::AccountId, now: BlockNumber) -> Pool {
        Hotkeys::<T>::get(hotkey)
            .map_or_else(Pool::default, |record| record.pool)
            .at(now)
    }

    /// What is known of a hotkey, with its pool as it is in block `now`.
    pub(crate) fn record_at(hotkey: &T::AccountId, now: BlockNumber) -> Option<HotkeyRecord> {
        let mut record = Hotkeys::<T>::get(hotkey)?;
        record.pool = record.pool.at(now);
        Some(record)
    }

    /// The same in the running block, or the error that there is nothing.
    pub(crate) fn known(hotkey: &T::AccountId) -> Result<HotkeyRecord, Error<T>> {
        Self::record_at(hotkey, Self::now()).ok_or(Error::<T>::HotkeyUnknown)
    }

    /// What a coldkey has in a hotkey's pool.
    pub(crate) fn held(record: &HotkeyRecord, coldkey: ColdkeyId) -> Holding {
        if coldkey == record.owner {
            record.owned
        } else {
            Positions::<T>::get(coldkey, record.pool_id)
        }
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
        let mut record = Self::known(hotkey)?;
        let settings = StakingSettings::<T>::get();
        ensure!(amount >= settings.min_stake, Error::<T>::BelowMinimumStake);
        let shares = record.pool.stake(amount)?;
        let id = ColdkeyIds::<T>::get(coldkey);
        let held = id.map_or(0, |id| Self::held(&record, id).shares);
        // At most the pool's shares, which fit.
        let worth = record.pool.value_of(held.saturating_add(shares));
        ensure!(
            id == Some(record.owner) || worth >= settings.min_nomination,
            Error::<T>::BelowMinimumNomination
        );
        let joins = Holding::of(shares, amount);
        Ok(Addition { record, joins })
    }

    pub(crate) fn do_add_stake(coldkey: T::AccountId, hotkey: T::AccountId, amount: Balance) -> DispatchResult {
        let addition = Self::check_add_stake(&coldkey, &hotkey, amount)?;
        let shares = addition.joins.shares;
        T::Currency::transfer(&coldkey, &Self::pot(), amount, Preservation::Preserve)?;
        Self::apply_addition(&hotkey, Self::coldkey_id(&coldkey), addition);
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
        ensure!(amount != Some(0), Error::<T>::AmountZero);
        Self::plan_removal_from(coldkey, Self::known(hotkey)?, amount)
    }

    /// The same from a hotkey as it will be, for quotes.
    pub(crate) fn plan_removal_from(
        coldkey: &T::AccountId,
        mut record: HotkeyRecord,
        amount: Option<Balance>,
    ) -> Result<Removal, Error<T>> {
        let id = ColdkeyIds::<T>::get(coldkey).ok_or(Error::<T>::NotEnoughStake)?;
        let held = Self::held(&record, id);
        let Withdrawal { amount, shares } = match amount {
            Some(amount) => {
                let least = StakingSettings::<T>::get().least_position(&record, Some(id));
                record.pool.withdraw(held.shares, amount, least)?
            }
            None => record.pool.withdraw_all(held.shares)?,
        };
        Ok(Removal {
            coldkey: id,
            record,
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
        let (amount, shares) = (removal.amount, removal.shares);
        Self::apply_removal(&hotkey, removal);
        Self::deposit_event(Event::StakeRemoved {
            coldkey,
            hotkey,
            amount,
            shares,
        });
        Ok(())
    }

    /// Stores what an addition makes of a hotkey and a position.
    pub(crate) fn apply_addition(hotkey: &T::AccountId, coldkey: ColdkeyId, addition: Addition) {
        let Addition { mut record, joins } = addition;
        Self::join(coldkey, &mut record, joins);
        Hotkeys::<T>::insert(hotkey, record);
    }

    /// Stores what a removal leaves of a hotkey and a position.
    pub(crate) fn apply_removal(hotkey: &T::AccountId, removal: Removal) {
        let leaves = removal.leaves();
        let Removal { mut record, .. } = removal;
        Self::leave(removal.coldkey, &mut record, removal.held, leaves);
        Hotkeys::<T>::insert(hotkey, record);
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

    /// Adds to a position what just joined the pool. The caller stores the record.
    pub(crate) fn join(coldkey: ColdkeyId, record: &mut HotkeyRecord, joins: Holding) {
        if coldkey == record.owner {
            record.owned = record.owned.with(joins);
        } else if joins.shares > 0 {
            let held = Positions::<T>::get(coldkey, record.pool_id);
            if held.shares == 0 {
                Self::refer_to(coldkey);
            }
            Positions::<T>::insert(coldkey, record.pool_id, held.with(joins));
        }
    }

    /// Takes from a position, which is `held`, what leaves the pool. The caller stores the record.
    pub(crate) fn leave(coldkey: ColdkeyId, record: &mut HotkeyRecord, held: Holding, leaves: Holding) {
        let rest = held.without(leaves);
        if coldkey == record.owner {
            record.owned = rest;
        } else if rest.shares == 0 {
            Positions::<T>::remove(coldkey, record.pool_id);
            Self::forget(coldkey);
        } else {
            Positions::<T>::insert(coldkey, record.pool_id, rest);
        }
    }
}
