//! What the hooks cost at worst.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::fungible::{Inspect, Mutate},
    weights::{Weight, WeightMeter},
    BoundedVec,
};
use laurel_support::{EpochShare, Neurons, OnSubnetRemoved, Split, Subnets};
use laurel_types::{EpochIndex, EpochSummary, Hyperparameters, NetUid, LRL, MAX_SUBNETS, MAX_UIDS};

/// A subnet with `n` neurons.
fn subnet<T: Config>(index: u32, n: u32) -> NetUid {
    let netuid = T::Subnets::benchmark_create(&account("owner", index, 0), Hyperparameters::default());
    for uid in 0..n {
        let (hotkey, coldkey) = (account("hotkey", uid, index), account("coldkey", uid, index));
        T::Neurons::benchmark_register(netuid, &hotkey, &coldkey);
    }
    netuid
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn on_initialize(s: Linear<0, MAX_SUBNETS>) {
        let split: Vec<(NetUid, u64)> = (0..s)
            .map(|index| (subnet::<T>(index, 1), u64::MAX / u64::from(MAX_SUBNETS)))
            .collect();
        T::Currency::set_balance(&Pallet::<T>::reserve_account(), LRL);
        frame_system::Pallet::<T>::set_block_number(100_000u32.into());
        #[block]
        {
            let _ = T::Split::split();
            Pallet::<T>::distribute(split);
            Pallet::<T>::enqueue_due();
        }
        assert_eq!(LastDistribution::<T>::get().len() as u32, s);
        // Subnets of the genesis may be due too.
        assert!(Queue::<T>::get().len() as u32 >= s);
    }

    #[benchmark]
    fn on_poll() {
        Queue::<T>::put(BoundedVec::truncate_from((0..MAX_SUBNETS as u16).map(NetUid).collect()));
        // Enough to look at the queue and no more.
        let mut meter = WeightMeter::with_limit(T::WeightInfo::on_poll());
        #[block]
        {
            Pallet::<T>::run_queue(&mut meter);
        }
    }

    #[benchmark]
    fn payout(n: Linear<0, MAX_UIDS>) {
        let netuid = subnet::<T>(0, n);
        T::Currency::set_balance(&Pallet::<T>::pot_account(netuid), 1_000 * LRL);
        let neurons = T::Neurons::neurons(netuid).into_iter();
        let shares: Vec<EpochShare<T::AccountId>> = neurons
            .map(|neuron| EpochShare {
                uid: neuron.uid,
                hotkey: neuron.hotkey,
                incentive: 3,
                dividends: 2,
            })
            .collect();
        let paid;
        #[block]
        {
            paid = Pallet::<T>::pay(netuid, EpochIndex(0), &shares);
        }
        assert_eq!(paid, Ok(()));
        let summary = LastEpoch::<T>::get(netuid).expect("was just paid");
        assert_eq!(summary.miners > 0, n > 0);
        assert_eq!(summary.carried == 0, n > 0);
    }

    #[benchmark]
    fn remove_subnet() {
        let split: Vec<(NetUid, u64)> = (0..MAX_SUBNETS)
            .map(|index| (subnet::<T>(index, 1), u64::MAX / u64::from(MAX_SUBNETS)))
            .collect();
        let netuid = split[0].0;
        frame_system::Pallet::<T>::set_block_number(100_000u32.into());
        Pallet::<T>::distribute(split);
        Pallet::<T>::enqueue_due();
        LastEpoch::<T>::insert(netuid, EpochSummary::default());
        let removed;
        #[block]
        {
            removed = <Pallet<T> as OnSubnetRemoved>::remove_step(netuid, Weight::MAX);
        }
        assert!(removed.1);
        assert_eq!(LastDistribution::<T>::get().len() as u32, MAX_SUBNETS - 1);
        assert_eq!(T::Currency::total_balance(&Pallet::<T>::pot_account(netuid)), 0);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
