//! Measures every call at its most expensive.
use super::*;
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::RawOrigin,
    traits::fungible::{Balanced, Inspect, Mutate},
};
use laurel_support::{Due, Hotkeys as _, OnColdkeySwapped, OnHotkeySwapped, Payout as _, Stake as _};
use laurel_types::Take;

/// A known hotkey, with stake of its owner so that the pool and the pot exist, and with pay on its way to it.
fn staked_hotkey<T: Config>(index: u32) -> T::AccountId {
    let (hotkey, owner) = (account("hotkey", index, 0), account("owner", index, 0));
    Pallet::<T>::benchmark_stake(&hotkey, &owner, 1_000 * minimum::<T>());
    let pay = T::Currency::issue(minimum::<T>());
    let due = Due {
        hotkey: hotkey.clone(),
        owner: 0,
        dividends: minimum::<T>(),
    };
    assert!(Pallet::<T>::pay(&[due], 360, pay).0[0].is_some());
    // The next call finds something released.
    let next = frame_system::Pallet::<T>::block_number() + 1u32.into();
    frame_system::Pallet::<T>::set_block_number(next);
    hotkey
}

fn minimum<T: Config>() -> Balance {
    StakingSettings::<T>::get()
        .min_nomination
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

    /// A first stake: the coldkey gets its number, and the position is written beside pool and both balances.
    #[benchmark]
    fn add_stake() {
        let hotkey = staked_hotkey::<T>(0);
        let caller = funded_caller::<T>();
        let amount = 10 * minimum::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone(), amount);

        assert!(Pallet::<T>::position(&caller, &hotkey) > 0);
    }

    /// Both pool and position remain and are written, after the valuation of the rest.
    #[benchmark]
    fn remove_stake() {
        let hotkey = staked_hotkey::<T>(0);
        let caller = funded_caller::<T>();
        let amount = 10 * minimum::<T>();
        Pallet::<T>::benchmark_stake(&hotkey, &caller, 3 * amount);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone(), amount);

        assert!(Pallet::<T>::position_value(&caller, &hotkey) > amount);
    }

    /// The receiver's account does not exist yet and is created; its number goes with its last position.
    #[benchmark]
    fn remove_all_stake() {
        let hotkey = staked_hotkey::<T>(0);
        let caller: T::AccountId = whitelisted_caller();
        Pallet::<T>::benchmark_stake(&hotkey, &caller, 10 * minimum::<T>());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone());

        assert!(!ColdkeyIds::<T>::contains_key(&caller));
    }

    /// A lowering, which moves both stamps.
    #[benchmark]
    fn set_take() {
        let (hotkey, caller): (T::AccountId, T::AccountId) = (account("hotkey", 0, 0), whitelisted_caller());
        Pallet::<T>::benchmark_bind(&hotkey, &caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hotkey.clone(), Take(1));

        assert_eq!(Hotkeys::<T>::get(&hotkey).map(|record| record.take), Some(Take(1)));
    }

    /// Two pools with pay on its way, one position that stays and one that begins.
    #[benchmark]
    fn move_stake() {
        let (from, to) = (staked_hotkey::<T>(0), staked_hotkey::<T>(1));
        let caller: T::AccountId = whitelisted_caller();
        let amount = 10 * minimum::<T>();
        Pallet::<T>::benchmark_stake(&from, &caller, 3 * amount);

        #[extrinsic_call]
        _(
            RawOrigin::Signed(caller.clone()),
            from.clone(),
            to.clone(),
            Some(amount),
        );

        assert!(Pallet::<T>::position(&caller, &from) > 0 && Pallet::<T>::position(&caller, &to) > 0);
    }

    /// The sender's number is forgotten and the receiver gets one.
    #[benchmark]
    fn transfer_stake() {
        let hotkey = staked_hotkey::<T>(0);
        let (caller, to): (T::AccountId, T::AccountId) = (whitelisted_caller(), account("receiver", 0, 0));
        Pallet::<T>::benchmark_stake(&hotkey, &caller, 10 * minimum::<T>());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), hotkey.clone(), to.clone(), None);

        assert!(Pallet::<T>::position(&to, &hotkey) > 0);
        assert!(!ColdkeyIds::<T>::contains_key(&caller));
    }

    /// As the removal of a whole position, at the hands of somebody else.
    #[benchmark]
    fn clear_nomination() {
        let hotkey = staked_hotkey::<T>(0);
        let (caller, nominator): (T::AccountId, T::AccountId) = (whitelisted_caller(), account("nominator", 0, 0));
        let stake = minimum::<T>();
        Pallet::<T>::benchmark_stake(&hotkey, &nominator, stake);
        StakingSettings::<T>::mutate(|settings| settings.min_nomination = 10 * stake);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), nominator.clone(), hotkey);

        assert!(!ColdkeyIds::<T>::contains_key(&nominator));
    }

    #[benchmark]
    fn set_settings() {
        let settings = Settings {
            take_increase_interval: 1,
            ..StakingSettings::<T>::get()
        };

        #[extrinsic_call]
        _(RawOrigin::Root, settings);

        assert_eq!(StakingSettings::<T>::get(), settings);
    }

    /// Record and pool move; what is staked, by however many, does not matter.
    #[benchmark]
    fn swap_hotkey() -> Result<(), BenchmarkError> {
        let (old, new) = (staked_hotkey::<T>(0), account("new", 0, 0));

        #[block]
        {
            assert!(!<Pallet<T> as OnHotkeySwapped<_>>::in_use(&new));
            <Pallet<T> as OnHotkeySwapped<_>>::on_hotkey_swapped(&old, &new)?;
        }

        assert!(Hotkeys::<T>::contains_key(&new) && !Hotkeys::<T>::contains_key(&old));
        Ok(())
    }

    /// One entry moves; how many hotkeys and positions there are does not matter.
    #[benchmark]
    fn swap_coldkey() -> Result<(), BenchmarkError> {
        let (hotkey, old, new) = (staked_hotkey::<T>(0), account("owner", 0, 0), account("new", 0, 0));

        #[block]
        {
            assert!(!<Pallet<T> as OnColdkeySwapped<_>>::in_use(&new));
            <Pallet<T> as OnColdkeySwapped<_>>::on_coldkey_swapped(&old, &new)?;
        }

        assert_eq!(Pallet::<T>::owner(&hotkey), Some(new));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
