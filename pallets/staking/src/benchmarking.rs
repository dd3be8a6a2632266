//! Measures every call at its most expensive.
use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use laurel_support::{Hotkeys as _, Stake as _};
use laurel_types::Take;

/// A known hotkey, with stake of its owner so that the pool and the pot exist.
fn staked_hotkey<T: Config>() -> T::AccountId {
    let (hotkey, owner) = (account("hotkey", 0, 0), account("owner", 0, 0));
    Pallet::<T>::benchmark_stake(&hotkey, &owner, 1_000 * minimum::<T>());
    hotkey
}

fn minimum<T: Config>() -> Balance {
    StakingSettings::<T>::get()
        .min_stake
        .max(T::Currency::minimum_balance())
}

fn funded_caller<T: Config>() -> T::AccountId {
    let caller = whitelisted_caller();
    let _ = T::Currency::set_balance(&caller, 1_000 * minimum::<T>());
    caller
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// A first stake: the position is written beside pool and both balances.
    #[benchmark]
    fn add_stake() {
        let hotkey = staked_hotkey::<T>();
        let caller = funded_caller::<T>();
        let amount = 10 * minimum::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone(), amount);

        assert_eq!(Pallet::<T>::position_value(&caller, &hotkey), amount);
    }

    /// Both pool and position remain and are written, after the valuation of the rest.
    #[benchmark]
    fn remove_stake() {
        let hotkey = staked_hotkey::<T>();
        let caller = funded_caller::<T>();
        let amount = 10 * minimum::<T>();
        Pallet::<T>::benchmark_stake(&hotkey, &caller, 2 * amount);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone(), amount);

        assert_eq!(Pallet::<T>::position_value(&caller, &hotkey), amount);
    }

    /// The receiver's account does not exist yet and is created.
    #[benchmark]
    fn remove_all_stake() {
        let hotkey = staked_hotkey::<T>();
        let caller: T::AccountId = whitelisted_caller();
        Pallet::<T>::benchmark_stake(&hotkey, &caller, 10 * minimum::<T>());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone());

        assert_eq!(Pallet::<T>::position_value(&caller, &hotkey), 0);
    }

    /// A raise, which also moves the stamp.
    #[benchmark]
    fn set_take() -> Result<(), BenchmarkError> {
        let (hotkey, caller): (T::AccountId, T::AccountId) = (account("hotkey", 0, 0), whitelisted_caller());
        Pallet::<T>::benchmark_bind(&hotkey, &caller);
        Pallet::<T>::set_take(RawOrigin::Signed(caller.clone()).into(), hotkey.clone(), Take(0))?;
        StakingSettings::<T>::mutate(|settings| settings.take_increase_interval = 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hotkey.clone(), Take::MAX);

        assert_eq!(Hotkeys::<T>::get(&hotkey).map(|record| record.take), Some(Take::MAX));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
