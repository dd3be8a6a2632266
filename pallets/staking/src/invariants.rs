//! The equations that hold between blocks.
#![cfg(any(test, feature = "try-runtime"))]
use crate::{
    ColdkeyId, ColdkeyIds, ColdkeyRecords, Config, Hotkeys, NextColdkeyId, NextPoolId, OwnedPools, Pallet, PoolHotkeys,
    PoolId, Positions, StakingSettings,
};
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::Inspect};
use laurel_types::{Balance, Take};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate.
    pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
        let mut references = BTreeMap::<ColdkeyId, u32>::new();
        let mut positions = BTreeMap::<PoolId, u128>::new();
        for (coldkey, pool, held) in Positions::<T>::iter() {
            ensure!(held.shares > 0, "staking: a position without shares is stored");
            *references.entry(coldkey).or_default() += 1;
            let sum = positions.entry(pool).or_default();
            *sum = sum
                .checked_add(held.shares)
                .ok_or("staking: the shares of a hotkey's positions overflow")?;
        }
        Self::try_pools(positions)?;
        Self::try_hotkeys(&mut references)?;
        Self::try_coldkeys(references)?;
        ensure!(
            StakingSettings::<T>::get().is_sound(T::Currency::minimum_balance()),
            "staking: the settings do not fit together"
        );
        Ok(())
    }

    fn try_pools(mut positions: BTreeMap<PoolId, u128>) -> Result<(), TryRuntimeError> {
        let mut totals: Balance = 0;
        for record in Hotkeys::<T>::iter_values() {
            let pool = record.pool;
            ensure!(pool.is_sound(), "staking: a pool has leaves or shares, but not both");
            ensure!(
                !Positions::<T>::contains_key(record.owner, record.pool_id),
                "staking: an owner's position is stored twice"
            );
            let others = positions.remove(&record.pool_id).unwrap_or(0);
            ensure!(
                others.checked_add(record.owned.shares) == Some(pool.shares()),
                "staking: the positions of a hotkey do not sum to its pool's shares"
            );
            totals = totals.checked_add(pool.total()).ok_or("staking: the pools overflow")?;
        }
        ensure!(positions.is_empty(), "staking: there is a position without a pool");
        ensure!(
            T::Currency::balance(&Self::pot()) >= totals,
            "staking: the pot holds less than the pools"
        );
        Ok(())
    }

    fn try_hotkeys(references: &mut BTreeMap<ColdkeyId, u32>) -> Result<(), TryRuntimeError> {
        for (hotkey, record) in Hotkeys::<T>::iter() {
            ensure!(record.take <= Take::MAX, "staking: a take is above the maximum");
            ensure!(
                PoolHotkeys::<T>::get(record.pool_id).as_ref() == Some(&hotkey),
                "staking: a hotkey is not found by its pool's number"
            );
            ensure!(
                OwnedPools::<T>::contains_key(record.owner, record.pool_id),
                "staking: a pool is not found by its owner's number"
            );
            ensure!(
                record.pool_id < NextPoolId::<T>::get(),
                "staking: a pool's number was never given"
            );
            *references.entry(record.owner).or_default() += 1;
        }
        let known = Hotkeys::<T>::iter_keys().count();
        ensure!(
            PoolHotkeys::<T>::iter_keys().count() == known && OwnedPools::<T>::iter_keys().count() == known,
            "staking: a pool's number names no known hotkey"
        );
        Ok(())
    }

    fn try_coldkeys(references: BTreeMap<ColdkeyId, u32>) -> Result<(), TryRuntimeError> {
        let mut known = BTreeMap::new();
        for (id, record) in ColdkeyRecords::<T>::iter() {
            ensure!(
                ColdkeyIds::<T>::get(&record.account) == Some(id),
                "staking: a coldkey is not found by its account"
            );
            ensure!(
                id < NextColdkeyId::<T>::get(),
                "staking: a coldkey's number was never given"
            );
            known.insert(id, record.references);
        }
        ensure!(
            known == references,
            "staking: a coldkey's hotkeys and positions are miscounted"
        );
        ensure!(
            ColdkeyIds::<T>::iter_keys().count() == known.len(),
            "staking: an account has the number of another coldkey"
        );
        Ok(())
    }
}
