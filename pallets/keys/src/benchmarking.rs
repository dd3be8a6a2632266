//! Measures every call. What other pallets move is measured there and added as their weight.
use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    fungible::{Inspect, Mutate},
    Get,
};
use frame_system::RawOrigin;
use laurel_support::Hotkeys;
use laurel_types::coldkey_swap_preimage;
use sp_core::H256;
use sp_io::hashing::blake2_256;

const SALT: [u8; 32] = [7; 32];

fn funded_caller<T: Config>() -> T::AccountId {
    let caller: T::AccountId = whitelisted_caller();
    let _ = T::Currency::set_balance(&caller, 1_000 * LRL);
    let _ = T::Currency::set_balance(&T::BurnAccount::get(), T::Currency::minimum_balance());
    caller
}

fn announce<T: Config>(coldkey: &T::AccountId, new: &T::AccountId) -> Result<(), BenchmarkError> {
    let digest = H256(blake2_256(&coldkey_swap_preimage(coldkey, new, &SALT)));
    Pallet::<T>::announce_coldkey_swap(RawOrigin::Signed(coldkey.clone()).into(), digest)?;
    Ok(())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// A first swap, whose stamp is new.
    #[benchmark]
    fn swap_hotkey() {
        let caller = funded_caller::<T>();
        let hotkey: T::AccountId = account("hotkey", 0, 0);
        T::Hotkeys::benchmark_bind(&hotkey, &caller);
        let (new, consent) = T::Hotkeys::benchmark_consent(1, &caller);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(caller.clone()),
            hotkey.clone(),
            new.clone(),
            Some(consent),
        );

        assert_eq!(T::Hotkeys::owner(&hotkey), None);
        assert_eq!(T::Hotkeys::owner(&new), Some(caller));
    }

    #[benchmark]
    fn announce_coldkey_swap() {
        let caller = funded_caller::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), H256::repeat_byte(1));

        assert!(ColdkeySwaps::<T>::contains_key(&caller));
    }

    #[benchmark]
    fn cancel_coldkey_swap() -> Result<(), BenchmarkError> {
        let caller = funded_caller::<T>();
        announce::<T>(&caller, &account("new", 0, 0))?;

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()));

        assert!(!ColdkeySwaps::<T>::contains_key(&caller));
        Ok(())
    }

    /// Executed by a third account; the new one is opened and the old one closed.
    #[benchmark]
    fn swap_coldkey() -> Result<(), BenchmarkError> {
        let caller = funded_caller::<T>();
        let (old, new): (T::AccountId, T::AccountId) = (account("old", 0, 0), account("new", 0, 0));
        let _ = T::Currency::set_balance(&old, 1_000 * LRL);
        LastHotkeySwap::<T>::insert(&old, 1);
        announce::<T>(&old, &new)?;
        ColdkeySwaps::<T>::mutate(&old, |announcement| {
            if let Some(announcement) = announcement {
                announcement.executable_at = 0;
                announcement.expires_at = BlockNumber::MAX;
            }
        });

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), old.clone(), new.clone(), SALT);

        assert!(T::Currency::balance(&new) > 0);
        assert_eq!(T::Currency::balance(&old), 0);
        Ok(())
    }

    #[benchmark]
    fn clear_expired_swap() -> Result<(), BenchmarkError> {
        let caller = funded_caller::<T>();
        let old: T::AccountId = account("old", 0, 0);
        let _ = T::Currency::set_balance(&old, 1_000 * LRL);
        announce::<T>(&old, &caller)?;
        ColdkeySwaps::<T>::mutate(&old, |announcement| {
            if let Some(announcement) = announcement {
                announcement.expires_at = 0;
            }
        });

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), old.clone());

        assert!(!ColdkeySwaps::<T>::contains_key(&old));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::build(), crate::mock::Test);
}
