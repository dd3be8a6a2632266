//! Stake that changes its hotkey or its coldkey, without leaving the pot.
use crate::{
    position::{Addition, Removal},
    ColdkeyId, ColdkeyIds, Config, Error, Event, Hotkeys, Pallet, PoolId, Positions, StakingSettings,
};
use frame_support::{dispatch::DispatchResult, ensure};
use laurel_types::Balance;

/// What moving stake from one hotkey to another will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) removal: Removal,
    pub(crate) addition: Addition,
}

/// What transferring stake from one coldkey to another will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) from: ColdkeyId,
    pub(crate) pool_id: PoolId,
    pub(crate) held: u128,
    /// What passes is worth, in leaves.
    pub amount: Balance,
    /// Shares that pass.
    pub shares: u128,
}

impl<T: Config> Pallet<T> {
    /// Whether `move_stake` would succeed now; what it will do.
    pub(crate) fn check_move_stake(
        coldkey: &T::AccountId,
        from: &T::AccountId,
        to: &T::AccountId,
        amount: Option<Balance>,
    ) -> Result<Move, Error<T>> {
        ensure!(from != to, Error::<T>::SameHotkey);
        let removal = Self::plan_removal(coldkey, from, amount)?;
        let addition = Self::plan_addition(coldkey, to, removal.amount)?;
        Ok(Move { removal, addition })
    }

    pub(crate) fn do_move_stake(
        coldkey: T::AccountId,
        from: T::AccountId,
        to: T::AccountId,
        amount: Option<Balance>,
    ) -> DispatchResult {
        let Move { removal, addition } = Self::check_move_stake(&coldkey, &from, &to, amount)?;
        // Minted first, so that the coldkey keeps its number where this is its only position.
        Self::store_pool(&to, addition.pool);
        Self::mint_shares(removal.coldkey, addition.pool_id, addition.shares);
        Self::apply_removal(&from, &removal);
        Self::deposit_event(Event::StakeMoved {
            coldkey,
            from,
            to,
            amount: removal.amount,
            burned: removal.shares,
            minted: addition.shares,
        });
        Ok(())
    }

    /// Whether `transfer_stake` would succeed now; what it will do.
    pub(crate) fn check_transfer_stake(
        from: &T::AccountId,
        hotkey: &T::AccountId,
        to: &T::AccountId,
        amount: Option<Balance>,
    ) -> Result<Transfer, Error<T>> {
        ensure!(from != to, Error::<T>::SameColdkey);
        ensure!(amount != Some(0), Error::<T>::AmountZero);
        let record = Hotkeys::<T>::get(hotkey).ok_or(Error::<T>::HotkeyUnknown)?;
        let id = ColdkeyIds::<T>::get(from).ok_or(Error::<T>::NotEnoughStake)?;
        let held = Positions::<T>::get(id, record.pool);
        let (pool, settings) = (Self::pool(hotkey), StakingSettings::<T>::get());
        let asked = match amount {
            Some(amount) => pool.shares_for(held, amount)?,
            None => held,
        };
        ensure!(held > 0, Error::<T>::NotEnoughStake);
        // As with a removal, what would stay too small goes along.
        let stays = pool.value_of(held.saturating_sub(asked));
        let (shares, amount) = if stays < settings.least_position(&record, Some(id)) {
            (held, pool.value_of(held))
        } else {
            (asked, amount.unwrap_or_else(|| pool.value_of(asked)))
        };
        let receiver = ColdkeyIds::<T>::get(to);
        let has = receiver.map_or(0, |id| Positions::<T>::get(id, record.pool));
        let worth = pool.value_of(has.saturating_add(shares));
        ensure!(
            worth >= settings.least_position(&record, receiver),
            Error::<T>::BelowMinimumNomination
        );
        Ok(Transfer {
            from: id,
            pool_id: record.pool,
            held,
            amount,
            shares,
        })
    }

    pub(crate) fn do_transfer_stake(
        from: T::AccountId,
        hotkey: T::AccountId,
        to: T::AccountId,
        amount: Option<Balance>,
    ) -> DispatchResult {
        let transfer = Self::check_transfer_stake(&from, &hotkey, &to, amount)?;
        Self::burn_shares(transfer.from, transfer.pool_id, transfer.held, transfer.shares);
        Self::mint_shares(Self::coldkey_id(&to), transfer.pool_id, transfer.shares);
        Self::deposit_event(Event::StakeTransferred {
            from,
            to,
            hotkey,
            amount: transfer.amount,
            shares: transfer.shares,
        });
        Ok(())
    }
}
