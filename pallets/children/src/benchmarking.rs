//! Measures calls and hooks at their most expensive: every hotkey has as many parents and children as it can.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::weights::Weight;
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use laurel_support::{
    Epochs, Hotkeys, Neurons, OnEpoch, OnHotkeySwapped, OnNeuronReplaced, OnSubnetRemoved, Parents, Stake, Subnets,
};
use laurel_types::{EpochIndex, Hyperparameters, NetUid, Take, Uid, MAX_PARENTS, MAX_SUBNETS};

fn subnet<T: Config>() -> NetUid {
    T::Subnets::benchmark_create(&account("subnet owner", 0, 0), Hyperparameters::default())
}

/// A hotkey of `coldkey` with enough stake to be a parent.
fn staked<T: Config>(name: &'static str, index: u32, coldkey: &T::AccountId) -> T::AccountId {
    let hotkey: T::AccountId = account(name, index, 0);
    T::Hotkeys::benchmark_bind(&hotkey, coldkey);
    T::Staking::benchmark_stake(&hotkey, coldkey, Settings::<T>::get().min_parent_stake.max(LRL));
    hotkey
}

/// The same with a uid.
fn neuron<T: Config>(netuid: NetUid, name: &'static str, index: u32, coldkey: &T::AccountId) -> T::AccountId {
    let hotkey = staked::<T>(name, index, coldkey);
    T::Neurons::benchmark_register(netuid, &hotkey, coldkey);
    hotkey
}

const PART: Proportion = Proportion(u64::MAX / 8);

/// Lends from so many new hotkeys to `child`.
fn lend_to<T: Config>(netuid: NetUid, child: &T::AccountId, parents: core::ops::Range<u32>, coldkey: &T::AccountId) {
    for index in parents {
        let parent = staked::<T>("parent", index, coldkey);
        Pallet::<T>::link(netuid, &parent, child, PART).expect("there is room for every parent");
    }
}

/// Fills a record: the hotkey borrows from so many more parents, known to nobody else, and lends to as many children as it can. Only
/// this end of the links is there, which is the one that costs.
fn relate<T: Config>(netuid: NetUid, hotkey: &T::AccountId, parents: u32, coldkey: &T::AccountId) {
    let seed = u32::from(netuid.0) << 16 | LinkCount::<T>::get(netuid);
    let mut kinship = Pallet::<T>::settled(netuid, hotkey);
    for index in 0..parents {
        let parent: T::AccountId = account("relative", index, seed);
        T::Staking::benchmark_stake(&parent, coldkey, LRL);
        let mark = Pallet::<T>::own_time(netuid, &parent);
        kinship
            .borrow_from(parent, PART, mark)
            .expect("there is room for every parent");
    }
    for index in kinship.children.len() as u32..MAX_CHILDREN {
        kinship
            .lend(account("grandchild", index, 0), PART)
            .expect("there is room for every child");
    }
    Pallet::<T>::store(netuid, hotkey, kinship);
}

fn propose<T: Config>(
    netuid: NetUid,
    coldkey: &T::AccountId,
    parent: &T::AccountId,
    of: Vec<T::AccountId>,
) -> Result<(), BenchmarkError> {
    let children = of.into_iter().map(|child| (PART, child)).collect();
    Pallet::<T>::set_children(
        RawOrigin::Signed(coldkey.clone()).into(),
        parent.clone(),
        netuid,
        Children::<T>::truncate_from(children),
    )?;
    Ok(())
}

fn wait<T: Config>(blocks: BlockNumber) {
    let later = frame_system::Pallet::<T>::block_number() + BlockNumberFor::<T>::from(blocks);
    frame_system::Pallet::<T>::set_block_number(later);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn set_children(c: Linear<0, MAX_CHILDREN>) -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuid = subnet::<T>();
        let parent = neuron::<T>(netuid, "lender", 0, &caller);
        let before = neuron::<T>(netuid, "before", 0, &caller);
        Pallet::<T>::link(netuid, &parent, &before, PART).expect("it is the first child");
        let children = (0..c)
            .map(|index| (PART, neuron::<T>(netuid, "child", index, &account("coldkey", index, 0))))
            .collect();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(caller),
            parent.clone(),
            netuid,
            Children::<T>::truncate_from(children),
        );

        assert!(Pending::<T>::contains_key(netuid, &parent));
        Ok(())
    }

    #[benchmark]
    fn accept_parent() -> Result<(), BenchmarkError> {
        let (caller, other): (T::AccountId, T::AccountId) = (whitelisted_caller(), account("coldkey", 0, 0));
        let netuid = subnet::<T>();
        let parent = neuron::<T>(netuid, "lender", 0, &other);
        let children: Vec<_> = (0..MAX_CHILDREN)
            .map(|index| neuron::<T>(netuid, "child", index, &caller))
            .collect();
        propose::<T>(netuid, &other, &parent, children.clone())?;
        let last = children.last().expect("there are children; qed").clone();

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), last, netuid, parent.clone());

        let set = Pending::<T>::get(netuid, &parent).ok_or("the set waits")?;
        assert!(set.children.iter().any(|proposal| proposal.accepted));
        Ok(())
    }

    /// Parent and child both have as many parents and children as they can.
    #[benchmark]
    fn revoke_link() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuid = subnet::<T>();
        let parent = neuron::<T>(netuid, "lender", 0, &caller);
        let children: Vec<_> = (0..MAX_CHILDREN)
            .map(|index| neuron::<T>(netuid, "child", index, &caller))
            .collect();
        for child in &children {
            Pallet::<T>::link(netuid, &parent, child, PART).expect("there is room for every child");
        }
        let child = children.first().expect("there are children; qed").clone();
        relate::<T>(netuid, &child, MAX_PARENTS - 1, &caller);
        relate::<T>(netuid, &parent, MAX_PARENTS, &caller);
        propose::<T>(netuid, &caller, &parent, children)?;
        wait::<T>(10);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), netuid, parent.clone(), child.clone());

        assert_eq!(
            Pallet::<T>::children_of(netuid, &parent).len(),
            MAX_CHILDREN as usize - 1
        );
        Ok(())
    }

    #[benchmark]
    fn set_child_take() -> Result<(), BenchmarkError> {
        let caller: T::AccountId = whitelisted_caller();
        let netuid = subnet::<T>();
        let child = neuron::<T>(netuid, "child", 0, &caller);
        lend_to::<T>(netuid, &child, 0..MAX_PARENTS, &caller);
        wait::<T>(10);

        #[extrinsic_call]
        _(RawOrigin::Signed(caller), child.clone(), netuid, Take::MAX);

        let latest = Kin::<T>::get(netuid, &child).map(|kinship| kinship.take.latest());
        assert_eq!(latest, Some(Take::MAX));
        Ok(())
    }

    /// Sets of five children each, all replaced; parents and children, old and new, have all relatives that they can have.
    #[benchmark]
    fn link_due(s: Linear<0, SETS_AN_EPOCH>) -> Result<(), BenchmarkError> {
        let coldkey: T::AccountId = account("coldkey", 0, 0);
        let netuid = subnet::<T>();
        let mut first = None;
        for set in 0..s {
            let parent = staked::<T>("lender", set, &coldkey);
            let children = |name| -> Vec<T::AccountId> {
                (0..MAX_CHILDREN)
                    .map(|index| neuron::<T>(netuid, name, set * MAX_CHILDREN + index, &coldkey))
                    .collect()
            };
            let (old, new) = (children("old"), children("new"));
            for child in &old {
                Pallet::<T>::link(netuid, &parent, child, PART).expect("there is room for every child");
            }
            for hotkey in old.iter().chain(&new) {
                relate::<T>(netuid, hotkey, MAX_PARENTS - 1, &coldkey);
            }
            relate::<T>(netuid, &parent, MAX_PARENTS, &coldkey);
            propose::<T>(netuid, &coldkey, &parent, new)?;
            first.get_or_insert(parent);
        }
        wait::<T>(Settings::<T>::get().cooldown);

        #[block]
        {
            <Pallet<T> as OnEpoch>::on_epoch(netuid, EpochIndex(0));
        }

        if let Some(parent) = first {
            assert!(!Pending::<T>::contains_key(netuid, &parent));
        }
        Ok(())
    }

    #[benchmark]
    fn read_stake(p: Linear<0, MAX_PARENTS>) {
        let coldkey: T::AccountId = account("coldkey", 0, 0);
        let netuid = subnet::<T>();
        let child = neuron::<T>(netuid, "child", 0, &coldkey);
        lend_to::<T>(netuid, &child, 0..p, &coldkey);
        wait::<T>(10);
        let time;

        #[block]
        {
            time = Pallet::<T>::stake_time_on(netuid, &child);
        }

        assert!(time > 0);
    }

    #[benchmark]
    fn divide(p: Linear<0, MAX_PARENTS>) -> Result<(), BenchmarkError> {
        let coldkey: T::AccountId = account("coldkey", 0, 0);
        let netuid = subnet::<T>();
        let child = neuron::<T>(netuid, "child", 0, &coldkey);
        // So that the subnet has a link in any case, and the child is looked up.
        lend_to::<T>(netuid, &neuron::<T>(netuid, "other", 0, &coldkey), 0..1, &coldkey);
        Pallet::<T>::set_child_take(
            RawOrigin::Signed(coldkey.clone()).into(),
            child.clone(),
            netuid,
            Take::MAX,
        )?;
        relate::<T>(netuid, &child, p, &coldkey);
        wait::<T>(10);
        T::Epochs::run(netuid);
        wait::<T>(10);
        T::Epochs::run(netuid);
        let divided;

        #[block]
        {
            divided = Pallet::<T>::divide(netuid, &[(child, LRL)]);
        }

        let parts = divided.first().map_or(0, |(_, family)| family.parents.len());
        assert_eq!(parts, p as usize);
        Ok(())
    }

    /// Every parent has all relatives that it can have.
    #[benchmark]
    fn on_neuron_replaced(p: Linear<0, MAX_PARENTS>) {
        let coldkey: T::AccountId = account("coldkey", 0, 0);
        let netuid = subnet::<T>();
        let child = neuron::<T>(netuid, "child", 0, &coldkey);
        for index in 0..p {
            let parent = neuron::<T>(netuid, "parent", index, &coldkey);
            Pallet::<T>::link(netuid, &parent, &child, PART).expect("there is room for every parent");
            relate::<T>(netuid, &parent, MAX_PARENTS, &coldkey);
        }
        relate::<T>(netuid, &child, 0, &coldkey);
        wait::<T>(10);
        let uid = T::Neurons::uid_of(netuid, &child).unwrap_or(Uid(0));

        #[block]
        {
            <Pallet<T> as OnNeuronReplaced>::on_neuron_replaced(netuid, uid);
        }

        let left = Kin::<T>::get(netuid, &child).map_or(0, |kinship| kinship.parents.len());
        assert_eq!(left, 0);
    }

    #[benchmark]
    fn remove_links(i: Linear<0, 512>) {
        let netuid = subnet::<T>();
        for index in 0..i {
            let hotkey: T::AccountId = account("hotkey", index, 0);
            let kinship = KinshipOf::<T>::new(u128::MAX, Pallet::<T>::moment(netuid));
            Kin::<T>::insert(netuid, hotkey, kinship);
        }

        #[block]
        {
            while !<Pallet<T> as OnSubnetRemoved>::remove_step(netuid, Weight::MAX).1 {}
        }

        assert_eq!(Kin::<T>::iter_prefix(netuid).count(), 0);
    }

    /// In each subnet a hotkey with as many relatives as it can have, and a set that waits.
    #[benchmark]
    fn swap_links(s: Linear<1, MAX_SUBNETS>) -> Result<(), BenchmarkError> {
        let coldkey: T::AccountId = account("coldkey", 0, 0);
        let (old, new) = (staked::<T>("old", 0, &coldkey), account("new", 0, 0));
        for _ in 0..s {
            let netuid = subnet::<T>();
            T::Neurons::benchmark_register(netuid, &old, &coldkey);
            let children: Vec<_> = (0..MAX_CHILDREN)
                .map(|index| neuron::<T>(netuid, "child", index, &coldkey))
                .collect();
            for child in &children {
                Pallet::<T>::link(netuid, &old, child, PART).expect("there is room for every child");
            }
            lend_to::<T>(netuid, &old, 0..MAX_PARENTS, &coldkey);
            for child in &children {
                relate::<T>(netuid, child, MAX_PARENTS - 1, &coldkey);
            }
            for index in 0..MAX_PARENTS {
                relate::<T>(netuid, &account("parent", index, 0), MAX_PARENTS, &coldkey);
            }
            propose::<T>(netuid, &coldkey, &old, children)?;
        }

        #[block]
        {
            assert!(!Pallet::<T>::in_use(&new));
            Pallet::<T>::on_hotkey_swapped(&old, &new)?;
        }

        assert!(Pallet::<T>::in_use(&new) && !Pallet::<T>::in_use(&old));
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::build(), crate::mock::Test);
}
