//! Stake that changes its hotkey or its coldkey, without leaving the pot.
use crate::{
    position::{Addition, Removal},
    ColdkeyId, ColdkeyIds, Config, Error, Event, Holding, HotkeyRecord, Hotkeys, Pallet, StakingSettings,
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
    pub(crate) record: HotkeyRecord,
    pub(crate) held: Holding,
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
        let mut addition = Self::plan_addition(coldkey, to, removal.amount)?;
        if removal.is_whole() {
            // The position ends. What it earned is not lost, but goes along.
            addition.joins.principal = removal.held.principal;
        }
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
        let (amount, burned, minted) = (removal.amount, removal.shares, addition.joins.shares);
        Self::apply_addition(&to, removal.coldkey, addition);
        Self::apply_removal(&from, removal);
        Self::deposit_event(Event::StakeMoved {
            coldkey,
            from,
            to,
            amount,
            burned,
            minted,
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
        let record = Self::known(hotkey)?;
        let id = ColdkeyIds::<T>::get(from).ok_or(Error::<T>::NotEnoughStake)?;
        let held = Self::held(&record, id);
        let (pool, settings) = (record.pool, StakingSettings::<T>::get());
        let asked = match amount {
            Some(amount) => pool.shares_for(held.shares, amount)?,
            None => held.shares,
        };
        ensure!(held.shares > 0, Error::<T>::NotEnoughStake);
        // As with a removal, what would stay too small goes along.
        let stays = pool.value_of(held.shares.saturating_sub(asked));
        let (shares, amount) = if stays < settings.least_position(&record, Some(id)) {
            (held.shares, pool.value_of(held.shares))
        } else {
            (asked, amount.unwrap_or_else(|| pool.value_of(asked)))
        };
        let receiver = ColdkeyIds::<T>::get(to);
        let has = receiver.map_or(0, |id| Self::held(&record, id).shares);
        let worth = pool.value_of(has.saturating_add(shares));
        ensure!(
            worth >= settings.least_position(&record, receiver),
            Error::<T>::BelowMinimumNomination
        );
        Ok(Transfer {
            from: id,
            record,
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
        let mut transfer = Self::check_transfer_stake(&from, &hotkey, &to, amount)?;
        let record = &mut transfer.record;
        let passes = Holding::of(transfer.shares, transfer.amount);
        Self::leave(transfer.from, record, transfer.held, passes);
        Self::join(Self::coldkey_id(&to), record, passes);
        Hotkeys::<T>::insert(&hotkey, record);
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
