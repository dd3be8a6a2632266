//! The equations that hold between blocks.
#![cfg(any(test, feature = "try-runtime"))]
use crate::{Config, Hotkeys, Pallet, Pools, Positions, StakingSettings};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::Inspect};
use laurel_types::{Balance, Take};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut positions = BTreeMap::<T::AccountId, u128>::new();
        for (_, hotkey, shares) in Positions::<T>::iter() {
            ensure!(shares > 0, "staking: a position without shares is stored");
            let sum = positions.entry(hotkey).or_default();
            *sum = sum
                .checked_add(shares)
                .ok_or("staking: the shares of a hotkey's positions overflow")?;
        }

        let mut totals: Balance = 0;
        for (hotkey, pool) in Pools::<T>::iter() {
            ensure!(
                pool.total() > 0 && pool.shares() > 0,
                "staking: a pool has leaves or shares, but not both"
            );
            ensure!(
                Hotkeys::<T>::contains_key(&hotkey),
                "staking: the hotkey of a pool is unknown"
            );
            ensure!(
                positions.remove(&hotkey) == Some(pool.shares()),
                "staking: the positions of a hotkey do not sum to its pool's shares"
            );
            totals = totals.checked_add(pool.total()).ok_or("staking: the pools overflow")?;
        }
        ensure!(positions.is_empty(), "staking: there is a position without a pool");
        ensure!(
            T::Currency::balance(&Self::pot()) >= totals,
            "staking: the pot holds less than the pools"
        );

        for record in Hotkeys::<T>::iter_values() {
            ensure!(record.take <= Take::MAX, "staking: a take is above the maximum");
        }
        ensure!(
            StakingSettings::<T>::get().min_stake >= T::Currency::minimum_balance(),
            "staking: the minimum stake is below the existential deposit"
        );
        Ok(())
    }
}
