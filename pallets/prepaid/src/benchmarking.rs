//! Measures every call at its most expensive.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    dispatch::RawOrigin,
    traits::fungible::{Inspect, Mutate},
    BoundedVec,
};
use laurel_support::{Hotkeys as _, OnColdkeySwapped, OnHotkeySwapped};
use laurel_types::{Balance, PrepaidTerms, MAX_DRAWS};

/// A gateway whose owner has an account.
fn gateway<T: Config>() -> T::AccountId {
    let (gateway, owner): (T::AccountId, T::AccountId) = (account("gateway", 0, 0), account("owner", 0, 0));
    T::Hotkeys::benchmark_bind(&gateway, &owner);
    let _ = T::Currency::set_balance(&owner, amount::<T>());
    gateway
}

/// What benchmarks deposit.
fn amount<T: Config>() -> Balance {
    Terms::<T>::get().min_deposit.max(100 * T::Currency::minimum_balance())
}

fn funded<T: Config>(who: &T::AccountId) {
    let _ = T::Currency::set_balance(who, 10 * (amount::<T>() + Terms::<T>::get().record_deposit));
}

fn deposited<T: Config>(payer: &T::AccountId, gateway: &T::AccountId) {
    funded::<T>(payer);
    Pallet::<T>::do_deposit(payer.clone(), gateway.clone(), amount::<T>()).expect("the payer has enough");
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// A first deposit, of a payer and for a gateway without a number.
    #[benchmark]
    fn deposit() {
        let (gateway, caller) = (gateway::<T>(), whitelisted_caller());
        funded::<T>(&caller);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), gateway.clone(), amount::<T>());

        assert!(Pallet::<T>::prepaid(&gateway, &caller).is_some());
    }

    #[benchmark]
    fn withdraw() {
        let (gateway, caller) = (gateway::<T>(), whitelisted_caller());
        deposited::<T>(&caller, &gateway);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), gateway.clone(), amount::<T>());

        assert!(Pallet::<T>::prepaid(&gateway, &caller).is_some_and(|prepaid| prepaid.free_at.is_some()));
    }

    /// All of it, after which both numbers are forgotten.
    #[benchmark]
    fn take_back() {
        let (gateway, caller): (T::AccountId, T::AccountId) = (gateway::<T>(), whitelisted_caller());
        deposited::<T>(&caller, &gateway);
        Pallet::<T>::do_withdraw(caller.clone(), gateway.clone(), amount::<T>()).expect("so much is there");
        let later = Pallet::<T>::now() + Terms::<T>::get().notice;
        frame_system::Pallet::<T>::set_block_number(later.into());

        #[extrinsic_call]
        _(RawOrigin::Signed(caller.clone()), gateway.clone());

        assert!(Pallet::<T>::prepaid(&gateway, &caller).is_none());
    }

    /// From as many payers, of each all that it deposited.
    #[benchmark]
    fn draw(n: Linear<1, MAX_DRAWS>) {
        let gateway = gateway::<T>();
        let payers: Vec<T::AccountId> = (0..n).map(|index| account("payer", index, 0)).collect();
        payers.iter().for_each(|payer| deposited::<T>(payer, &gateway));
        let items = payers.into_iter().map(|payer| (payer, amount::<T>()));
        let items = BoundedVec::truncate_from(items.collect());

        #[extrinsic_call]
        _(RawOrigin::Signed(gateway.clone()), items);

        let left = Pallet::<T>::prepaid_for(&gateway, None, MAX_DRAWS);
        assert!(left.iter().all(|prepaid| prepaid.amount == 0));
    }

    #[benchmark]
    fn set_terms() {
        let terms = PrepaidTerms::default();

        #[extrinsic_call]
        _(RawOrigin::Root, terms);

        assert_eq!(Terms::<T>::get(), terms);
    }

    #[benchmark]
    fn swap_hotkey() {
        let (gateway, payer): (T::AccountId, T::AccountId) = (gateway::<T>(), account("payer", 0, 0));
        deposited::<T>(&payer, &gateway);
        let new = account("new", 0, 0);

        #[block]
        {
            let in_use = <Pallet<T> as OnHotkeySwapped<_>>::in_use(&new);
            assert!(!in_use);
            <Pallet<T> as OnHotkeySwapped<_>>::on_hotkey_swapped(&gateway, &new).expect("the new key is unused");
        }

        assert!(GatewayIds::<T>::contains_key(&new));
    }

    #[benchmark]
    fn swap_coldkey() {
        let (gateway, old): (T::AccountId, T::AccountId) = (gateway::<T>(), account("payer", 0, 0));
        deposited::<T>(&old, &gateway);
        let new: T::AccountId = account("new", 0, 0);
        funded::<T>(&new);

        #[block]
        {
            let in_use = <Pallet<T> as OnColdkeySwapped<_>>::in_use(&new);
            assert!(!in_use);
            <Pallet<T> as OnColdkeySwapped<_>>::on_coldkey_swapped(&old, &new).expect("the new key is unused");
        }

        assert!(PayerIds::<T>::contains_key(&new));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::build(), crate::mock::Test);
}
