//! Measures every call and the hook at their most expensive.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::weights::Weight;
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use laurel_support::{Hotkeys as _, Neurons as _, OnHotkeySwapped, OnSubnetRemoved, Stake as _, Subnets as _};
use laurel_types::{Hyperparameters, LRL, MAX_ROOT_SEATS};

/// `count` subnets with a neuron each, so that all can pay.
fn create_subnets<T: Config>(count: u32) -> Vec<NetUid> {
    let owner: T::AccountId = account("subnet owner", 0, 0);
    (0..count)
        .map(|i| {
            let netuid = T::Subnets::benchmark_create(&owner, Hyperparameters::default());
            T::Neurons::benchmark_register(netuid, &account("miner", i, 0), &owner);
            netuid
        })
        .collect()
}

/// A seat with stake that the caller owns.
fn take_seat<T: Config>(index: u32, coldkey: &T::AccountId) -> Result<T::AccountId, BenchmarkError> {
    let hotkey: T::AccountId = account("seat", index, 0);
    T::Hotkeys::benchmark_bind(&hotkey, coldkey);
    T::Stake::benchmark_stake(&hotkey, coldkey, LRL + u64::from(index));
    Pallet::<T>::register_seat(RawOrigin::Signed(coldkey.clone()).into(), hotkey.clone(), None)?;
    Ok(hotkey)
}

fn weights_on(netuids: &[NetUid]) -> BySubnet<u16> {
    let weights = netuids
        .iter()
        .enumerate()
        .map(|(i, netuid)| (*netuid, 1 + i as u16))
        .collect();
    BySubnet::truncate_from(weights)
}

fn vote<T: Config>(coldkey: &T::AccountId, hotkey: &T::AccountId, netuids: &[NetUid]) -> Result<(), BenchmarkError> {
    let origin = RawOrigin::Signed(coldkey.clone()).into();
    Pallet::<T>::set_root_weights(origin, hotkey.clone(), weights_on(netuids)).map_err(|error| error.error)?;
    Ok(())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    /// All seats are taken; the weakest, which has weights, is replaced. Only a known hotkey can have the stake for it.
    #[benchmark]
    fn register_seat_replacing() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuids = create_subnets::<T>(MAX_SUBNETS);
        for index in 0..MAX_ROOT_SEATS {
            let hotkey = take_seat::<T>(index, &caller)?;
            vote::<T>(&caller, &hotkey, &netuids)?;
        }
        let newcomer: T::AccountId = account("newcomer", 0, 0);
        T::Hotkeys::benchmark_bind(&newcomer, &caller);
        T::Stake::benchmark_stake(&newcomer, &caller, 10 * LRL);

        #[extrinsic_call]
        register_seat(RawOrigin::Signed(caller), newcomer.clone(), None);

        assert!(Seats::<T>::contains_key(&newcomer));
        assert_eq!(Seats::<T>::count(), MAX_ROOT_SEATS);
        Ok(())
    }

    /// An unknown hotkey takes the last seat by its consent.
    #[benchmark]
    fn register_seat_consenting() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        for index in 1..MAX_ROOT_SEATS {
            take_seat::<T>(index, &caller)?;
        }
        let (newcomer, consent) = T::Hotkeys::benchmark_consent(0, &caller);

        #[extrinsic_call]
        register_seat(RawOrigin::Signed(caller), newcomer.clone(), Some(consent));

        assert!(Seats::<T>::contains_key(&newcomer));
        Ok(())
    }

    #[benchmark]
    fn leave_seat() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuids = create_subnets::<T>(MAX_SUBNETS);
        let hotkey = take_seat::<T>(0, &caller)?;
        vote::<T>(&caller, &hotkey, &netuids)?;
        let tempo = RootSettings::<T>::get().tempo;
        let now = frame_system::Pallet::<T>::block_number();
        frame_system::Pallet::<T>::set_block_number(now + BlockNumberFor::<T>::from(tempo));

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hotkey.clone());

        assert!(!Seats::<T>::contains_key(&hotkey));
        Ok(())
    }

    /// A row that replaces an earlier one.
    #[benchmark]
    fn set_root_weights(w: Linear<1, MAX_SUBNETS>) -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuids = create_subnets::<T>(MAX_SUBNETS);
        let hotkey = take_seat::<T>(0, &caller)?;
        vote::<T>(&caller, &hotkey, &netuids)?;
        RootSettings::<T>::mutate(|settings| settings.weights_rate_limit = 0);
        let weights = weights_on(&netuids[..w as usize]);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), hotkey.clone(), weights);

        assert_eq!(
            RootWeights::<T>::get(&hotkey).map(|row| row.entries().len()),
            Some(w as usize)
        );
        Ok(())
    }

    #[benchmark]
    fn split_not_due() {
        NextSplitAt::<T>::put(BlockNumber::MAX);

        #[block]
        {
            Pallet::<T>::split_if_due();
        }

        assert!(CurrentSplit::<T>::get().is_empty());
    }

    /// Every seat votes for every subnet.
    #[benchmark]
    fn recompute_split(s: Linear<0, MAX_ROOT_SEATS>, n: Linear<0, MAX_SUBNETS>) -> Result<(), BenchmarkError> {
        let coldkey: T::AccountId = whitelisted_caller();
        let netuids = create_subnets::<T>(n);
        for index in 0..s {
            let hotkey = take_seat::<T>(index, &coldkey)?;
            if n > 0 {
                vote::<T>(&coldkey, &hotkey, &netuids)?;
            }
        }
        NextSplitAt::<T>::put(0);

        #[block]
        {
            Pallet::<T>::split_if_due();
        }

        assert_eq!(CurrentSplit::<T>::get().len() as u32, if s > 0 { n } else { 0 });
        Ok(())
    }

    /// The seat has weights on every subnet.
    #[benchmark]
    fn on_hotkey_swapped() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuids = create_subnets::<T>(MAX_SUBNETS);
        let old = take_seat::<T>(0, &caller)?;
        vote::<T>(&caller, &old, &netuids)?;
        let new: T::AccountId = account("new", 0, 0);
        T::Hotkeys::benchmark_bind(&new, &caller);

        #[block]
        {
            if !<Pallet<T> as OnHotkeySwapped<T::AccountId>>::in_use(&new) {
                Pallet::<T>::on_hotkey_swapped(&old, &new)?;
            }
        }

        assert!(Seats::<T>::contains_key(&new));
        assert!(!RootWeights::<T>::contains_key(&old));
        Ok(())
    }

    /// Every seat has weights on this subnet alone, so it loses its row and is written too; all subnets are in the split.
    #[benchmark]
    fn remove_subnet() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuids = create_subnets::<T>(MAX_SUBNETS);
        for index in 0..MAX_ROOT_SEATS {
            let hotkey = take_seat::<T>(index, &caller)?;
            vote::<T>(&caller, &hotkey, &netuids[..1])?;
        }
        let part = u64::MAX / u64::from(MAX_SUBNETS);
        let split = netuids.iter().map(|netuid| (*netuid, part)).collect();
        CurrentSplit::<T>::put(BySubnet::truncate_from(split));
        let removed;

        #[block]
        {
            removed = <Pallet<T> as OnSubnetRemoved>::remove_step(netuids[0], Weight::MAX);
        }

        assert!(removed.1);
        assert_eq!(RootWeights::<T>::iter_keys().count(), 0);
        assert_eq!(CurrentSplit::<T>::get().len() as u32, MAX_SUBNETS - 1);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
