//! What the hooks cost at worst.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::fungible::{Inspect, Mutate},
    weights::Weight,
    BoundedVec,
};
use laurel_support::{EpochShare, Neurons, OnHotkeySwapped, OnSubnetRemoved, Payout, Split, Subnets};
use laurel_types::{EpochIndex, EpochSummary, Hyperparameters, NetUid, Uid, LRL, MAX_CHILDREN, MAX_SUBNETS, MAX_UIDS};

/// A subnet with one neuron.
fn subnet<T: Config>(index: u32) -> NetUid {
    let netuid = T::Subnets::benchmark_create(&account("owner", index, 0), Hyperparameters::default());
    let (hotkey, coldkey) = (account("hotkey", 0, index), account("coldkey", 0, index));
    T::Neurons::benchmark_register(netuid, &hotkey, &coldkey);
    netuid
}

/// A queue as long as can be with `netuid` at its front.
fn wait<T: Config>(netuid: NetUid) {
    let others = (0..u16::MAX).rev().map(NetUid).take(MAX_SUBNETS as usize - 1);
    Queue::<T>::put(BoundedVec::truncate_from(
        core::iter::once(netuid).chain(others).collect(),
    ));
}

/// A bill of so many lines, which the pot can pay, with as many in each page as fit.
fn owe<T: Config>(netuid: NetUid, lines: u32) {
    let amount = LRL / 100;
    let all: Vec<Line<T::AccountId>> = (0..lines)
        .map(|index| Line {
            hotkey: account("payee", index, 0),
            uid: Uid(index as u16),
            role: Role::Neuron,
            incentive: amount,
            dividends: amount,
            child_take: amount,
        })
        .collect();
    let left = 3 * amount * u64::from(lines);
    T::Currency::set_balance(&Pallet::<T>::pot_account(netuid), left + T::Currency::minimum_balance());
    for (index, page) in (0..).zip(all.chunks(LINES_A_PAGE as usize)) {
        BillPages::<T>::insert(index, Page::<T>::truncate_from(page.to_vec()));
    }
    Progress::<T>::put(Stage::Pay(Bill {
        netuid,
        summary: EpochSummary {
            pot: left,
            carried: left,
            ..Default::default()
        },
        stream_blocks: 360,
        left,
        lines,
        next: 0,
        pages: lines.div_ceil(LINES_A_PAGE),
    }));
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn on_initialize(s: Linear<0, MAX_SUBNETS>) {
        let split: Vec<(NetUid, u64)> = (0..s)
            .map(|index| (subnet::<T>(index), u64::MAX / u64::from(MAX_SUBNETS)))
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

    /// The queue is as long as it can be, and its front has a bill; what a look at a subnet whose epoch is to be scored reads besides is
    /// read too.
    #[benchmark]
    fn on_poll() {
        let netuid = subnet::<T>(0);
        wait::<T>(netuid);
        owe::<T>(netuid, LINES_A_PAGE);
        let (step, front);
        #[block]
        {
            front = Queue::<T>::get().first().copied();
            step = Pallet::<T>::next_step(netuid);
            let _ = Pallet::<T>::score_weight(netuid, 1);
        }
        assert_eq!(front, Some(netuid));
        assert!(matches!(step.0, queue::Step::Pay(_)));
    }

    #[benchmark]
    fn draw_bill(n: Linear<0, MAX_UIDS>) {
        let netuid = subnet::<T>(0);
        wait::<T>(netuid);
        T::Currency::set_balance(&Pallet::<T>::pot_account(netuid), 1_000 * LRL);
        let shares: Vec<EpochShare<T::AccountId>> = (0..n)
            .map(|uid| EpochShare {
                uid: Uid(uid as u16),
                hotkey: account("hotkey", uid, 0),
                incentive: 3,
                dividends: 2,
            })
            .collect();
        let drawn;
        #[block]
        {
            drawn = Pallet::<T>::draw_bill(netuid, EpochIndex(0), shares);
        }
        assert_eq!(drawn, Ok(n == 0));
        assert_eq!(BillPages::<T>::iter_keys().count() as u32, n.div_ceil(LINES_A_PAGE));
    }

    /// The last page of a bill: each line is a miner's, a validator's and a child's, and begins its owner's position.
    #[benchmark]
    fn pay(n: Linear<1, LINES_A_PAGE>) {
        let netuid = subnet::<T>(0);
        wait::<T>(netuid);
        for index in 0..n {
            let (hotkey, coldkey) = (account("payee", index, 0), account("payee's coldkey", index, 0));
            T::Payout::benchmark_payee(&hotkey, &coldkey, &account("staker", index, 0));
        }
        owe::<T>(netuid, n);
        // Something of what is on its way is released.
        frame_system::Pallet::<T>::set_block_number(100u32.into());
        let Stage::Pay(bill) = Progress::<T>::get() else {
            panic!("there is a bill");
        };
        let paid;
        #[block]
        {
            paid = Pallet::<T>::pay_page(bill);
        }
        assert_eq!(paid, Ok(true));
        let summary = LastEpoch::<T>::get(netuid).expect("was just paid");
        assert_eq!((summary.carried, summary.miners > 0), (0, true));
    }

    #[benchmark]
    fn remove_subnet() {
        let split: Vec<(NetUid, u64)> = (0..MAX_SUBNETS)
            .map(|index| (subnet::<T>(index), u64::MAX / u64::from(MAX_SUBNETS)))
            .collect();
        let netuid = split[0].0;
        frame_system::Pallet::<T>::set_block_number(100_000u32.into());
        Pallet::<T>::distribute(split);
        wait::<T>(netuid);
        owe::<T>(netuid, MAX_PAGES * LINES_A_PAGE);
        LastEpoch::<T>::insert(netuid, EpochSummary::default());
        let removed;
        #[block]
        {
            removed = <Pallet<T> as OnSubnetRemoved>::remove_step(netuid, Weight::MAX);
        }
        assert!(removed.1);
        assert_eq!(LastDistribution::<T>::get().len() as u32, MAX_SUBNETS - 1);
        assert_eq!(T::Currency::total_balance(&Pallet::<T>::pot_account(netuid)), 0);
        assert_eq!(BillPages::<T>::iter_keys().count(), 0);
    }

    /// A neuron and parent of as many children as can be, in the largest bill, each in a page of its own.
    #[benchmark]
    fn swap_hotkey() -> Result<(), BenchmarkError> {
        let netuid = subnet::<T>(0);
        wait::<T>(netuid);
        owe::<T>(netuid, MAX_PAGES * LINES_A_PAGE);
        let (old, new): (T::AccountId, T::AccountId) = (account("old", 0, 0), account("new", 0, 0));
        for index in 0..=MAX_CHILDREN {
            BillPages::<T>::mutate(index, |page| page[0].hotkey = old.clone());
        }
        #[block]
        {
            assert!(!Pallet::<T>::in_use(&new));
            Pallet::<T>::on_hotkey_swapped(&old, &new)?;
        }
        assert!(Pallet::<T>::in_use(&new) && !Pallet::<T>::in_use(&old));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
