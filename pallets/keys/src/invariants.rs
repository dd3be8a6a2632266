//! The equations that hold between blocks.
use crate::{ColdkeySwaps, Config, HoldReason, Pallet, Settings};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Checks the invariants listed at the head of the crate.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let reason = HoldReason::ColdkeySwap.into();
        for (coldkey, announcement) in ColdkeySwaps::<T>::iter() {
            ensure!(
                T::Currency::balance_on_hold(&reason, &coldkey) == announcement.deposit,
                "keys: what is held for a swap is not its deposit"
            );
            ensure!(
                announcement.executable_at < announcement.expires_at,
                "keys: an announcement expires before it can be executed"
            );
        }
        for coldkey in frame_system::Account::<T>::iter_keys() {
            ensure!(
                ColdkeySwaps::<T>::contains_key(&coldkey) || T::Currency::balance_on_hold(&reason, &coldkey) == 0,
                "keys: something is held for a swap that was not announced"
            );
        }
        ensure!(
            Settings::<T>::get().coldkey_swap_window > 0,
            "keys: no swap could ever be executed"
        );
        Ok(())
    }
}
