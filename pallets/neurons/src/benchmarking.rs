//! Worst cases of the calls, and how other pallets' benchmarks get a neuron.
use super::*;
use crate::registration::Slot;
use frame_benchmarking::v2::*;
use frame_support::{
    pallet_prelude::TransactionSource,
    traits::{
        fungible::{Inspect, Mutate},
        Authorize, Get,
    },
    weights::Weight,
};
use frame_system::RawOrigin;
use laurel_support::{EvictionScore, Hotkeys, Neurons as _, OnHotkeySwapped, OnSubnetRemoved, Subnets};
use laurel_types::{Hyperparameters, AXON_PROTOCOL_VERSION, LRL, MAX_SUBNETS, MAX_UIDS};
use sp_runtime::traits::Hash;

/// A neuron that paid nothing and waited for nobody: appended while there is room, else in place of the one that is
/// evicted.
pub(crate) fn register_unpaid<T: Config>(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId) -> Uid {
    if let Some(uid) = Uids::<T>::get(hotkey, netuid) {
        return uid;
    }
    T::Hotkeys::benchmark_bind(hotkey, coldkey);
    let count = Count::<T>::get(netuid);
    let now = Pallet::<T>::now();
    let slot = if u32::from(count) < MAX_UIDS {
        Slot::New(Uid(count))
    } else {
        let params = T::Subnets::params(netuid).expect("the subnet exists");
        Slot::Of(Pallet::<T>::evictee(netuid, &params, now).expect("not all neurons are the owner's first"))
    };
    Pallet::<T>::seat(netuid, slot, hotkey.clone(), now).uid
}

/// A subnet as large as the benchmark wants it, which takes work.
fn params(max_uids: u32) -> Hyperparameters {
    let max_uids = max_uids as u16;
    Hyperparameters {
        max_uids,
        max_validators: max_uids,
        immunity_period: 0,
        pow_allowed: true,
        min_difficulty: 1_000,
        ..Hyperparameters::default()
    }
}

/// A subnet of `n` neurons, whose owner holds the first uid.
fn subnet_of<T: Config>(owner: &T::AccountId, n: u32, max_uids: u32) -> NetUid {
    let netuid = T::Subnets::benchmark_create(owner, params(max_uids));
    for i in 0..n {
        let coldkey = if i == 0 {
            owner.clone()
        } else {
            account("coldkey", i, 0)
        };
        register_unpaid::<T>(netuid, &account("hotkey", i, n), &coldkey);
    }
    netuid
}

/// A full subnet of `n` scored neurons. The turn is uid 0's, which is spared as the owner's; uid 1 goes, which was a former owner's choice,
/// and takes that choice along. When `owner` itself registers, its newcomer is noted in its place. Returns who goes.
fn slowest_eviction<T: Config>(owner: &T::AccountId, n: u32) -> (NetUid, T::AccountId) {
    let netuid = subnet_of::<T>(owner, n, n);
    T::EvictionScore::benchmark_score(netuid);
    let evicted = Neurons::<T>::get(netuid, Uid(1)).expect("was registered").hotkey;
    register_axon::<T>(netuid, &evicted);
    Protected::<T>::insert(netuid, &evicted);
    (netuid, evicted)
}

/// Work that meets the lowest difficulty, in a chain that has a block to bind it to, where no more seals fit than one.
fn some_work<T: Config>(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId) -> Work {
    frame_system::Pallet::<T>::set_block_number(100u32.into());
    let hash: T::Hash = T::Hashing::hash(b"a block");
    frame_system::BlockHash::<T>::insert(frame_system::pallet_prelude::BlockNumberFor::<T>::from(99u32), hash);
    let spent = (0..crate::work::MAX_SPENT_SEALS - 1).map(|at| SpentSeal {
        block: 99,
        seal: [at as u8; 32],
    });
    SpentSeals::<T>::insert(netuid, Spent::truncate_from(spent.collect()));
    (0..)
        .map(|nonce| Work { block: 99, nonce })
        .find(|work| {
            let seal = Pallet::<T>::seal(netuid, hotkey, coldkey, work).expect("the block is known");
            laurel_types::meets_difficulty(&seal, 1_000)
        })
        .expect("one nonce in a thousand is good enough")
}

/// A coldkey that can pay any price, and a burn account that can receive it.
fn rich_coldkey<T: Config>() -> T::AccountId {
    let coldkey: T::AccountId = whitelisted_caller();
    T::Currency::set_balance(&coldkey, 100_000 * LRL);
    T::Currency::set_balance(&T::BurnAccount::get(), T::Currency::minimum_balance());
    coldkey
}

/// A hotkey with a uid in a subnet that accepts as many models as it can, and the last of these.
fn registered_hotkey<T: Config>() -> (NetUid, T::AccountId, ModelRoot) {
    let hotkey: T::AccountId = whitelisted_caller();
    let netuid = T::Subnets::benchmark_create(&account("owner", 0, 0), Hyperparameters::default());
    register_unpaid::<T>(netuid, &hotkey, &account("coldkey", 0, 0));
    let model = T::Subnets::models(netuid)
        .last()
        .expect("benchmark_create accepts models")
        .root;
    (netuid, hotkey, model)
}

const ADDRESS: AxonAddress = AxonAddress::V6([0x20; 16], 8_091);

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn burned_register_append() {
        let coldkey = rich_coldkey::<T>();
        let netuid = subnet_of::<T>(&coldkey, MAX_UIDS - 1, MAX_UIDS);
        let (hotkey, consent) = T::Hotkeys::benchmark_consent(0, &coldkey);

        #[extrinsic_call]
        burned_register(
            RawOrigin::Signed(coldkey),
            netuid,
            hotkey.clone(),
            Balance::MAX,
            Some(consent),
        );

        assert_eq!(Pallet::<T>::uid_of(netuid, &hotkey), Some(Uid(MAX_UIDS as u16 - 1)));
    }

    #[benchmark]
    fn burned_register_evict(n: Linear<4, MAX_UIDS>) {
        let coldkey = rich_coldkey::<T>();
        let (netuid, evicted) = slowest_eviction::<T>(&coldkey, n);
        let (hotkey, consent) = T::Hotkeys::benchmark_consent(0, &coldkey);

        #[extrinsic_call]
        burned_register(
            RawOrigin::Signed(coldkey),
            netuid,
            hotkey.clone(),
            Balance::MAX,
            Some(consent),
        );

        assert_eq!(Pallet::<T>::uid_of(netuid, &evicted), None);
        assert_eq!(Pallet::<T>::uid_of(netuid, &hotkey), Some(Uid(1)));
        assert_eq!(Protected::<T>::get(netuid), Some(hotkey));
    }

    #[benchmark]
    fn pow_register_append() {
        let coldkey: T::AccountId = account("coldkey", 0, 1);
        let netuid = subnet_of::<T>(&coldkey, MAX_UIDS - 1, MAX_UIDS);
        let (hotkey, consent) = T::Hotkeys::benchmark_consent(0, &coldkey);
        let work = some_work::<T>(netuid, &hotkey, &coldkey);

        #[extrinsic_call]
        pow_register(RawOrigin::Authorized, netuid, hotkey.clone(), coldkey, work, consent);

        assert_eq!(Pallet::<T>::uid_of(netuid, &hotkey), Some(Uid(MAX_UIDS as u16 - 1)));
    }

    #[benchmark]
    fn pow_register_evict(n: Linear<4, MAX_UIDS>) {
        let coldkey: T::AccountId = account("coldkey", 0, 1);
        let (netuid, evicted) = slowest_eviction::<T>(&coldkey, n);
        let (hotkey, consent) = T::Hotkeys::benchmark_consent(0, &coldkey);
        let work = some_work::<T>(netuid, &hotkey, &coldkey);

        #[extrinsic_call]
        pow_register(RawOrigin::Authorized, netuid, hotkey.clone(), coldkey, work, consent);

        assert_eq!(Pallet::<T>::uid_of(netuid, &evicted), None);
        assert_eq!(Pallet::<T>::uid_of(netuid, &hotkey), Some(Uid(1)));
        assert_eq!(Protected::<T>::get(netuid), Some(hotkey));
    }

    #[benchmark]
    fn authorize_pow_register() -> Result<(), BenchmarkError> {
        let netuid = subnet_of::<T>(&account("owner", 0, 0), 4, MAX_UIDS);
        let coldkey: T::AccountId = account("coldkey", 0, 1);
        let (hotkey, consent) = T::Hotkeys::benchmark_consent(0, &coldkey);
        let work = some_work::<T>(netuid, &hotkey, &coldkey);
        let call = Call::<T>::pow_register {
            netuid,
            hotkey,
            coldkey,
            work,
            consent,
        };

        #[block]
        {
            call.authorize(TransactionSource::External)
                .ok_or("the call is authorized by its work")?
                .map_err(|_| "the work is good")?;
        }

        Ok(())
    }

    #[benchmark]
    fn publish_axon() {
        let (netuid, hotkey, model) = registered_hotkey::<T>();
        register_axon::<T>(netuid, &hotkey);
        frame_system::Pallet::<T>::set_block_number(100_000u32.into());

        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey), netuid, ADDRESS, AXON_PROTOCOL_VERSION, model);

        assert_eq!(
            Pallet::<T>::live_axon(netuid, Uid(0)).map(|axon| axon.published_at),
            Some(100_000)
        );
    }

    #[benchmark]
    fn withdraw_axon() {
        let (netuid, hotkey, _) = registered_hotkey::<T>();
        register_axon::<T>(netuid, &hotkey);

        #[extrinsic_call]
        _(RawOrigin::Signed(hotkey), netuid);

        assert_eq!(Pallet::<T>::live_axon(netuid, Uid(0)), None);
    }

    #[benchmark]
    fn protect_neuron() {
        let owner: T::AccountId = whitelisted_caller();
        let netuid = subnet_of::<T>(&owner, 1, MAX_UIDS);
        let hotkey: T::AccountId = account("hotkey", 0, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid, hotkey.clone());

        assert_eq!(Protected::<T>::get(netuid), Some(hotkey));
    }

    #[benchmark]
    fn on_hotkey_swapped() {
        let (owner, old, new): (T::AccountId, T::AccountId, T::AccountId) =
            (account("owner", 0, 0), account("old", 0, 0), account("new", 0, 0));
        for _ in 0..MAX_SUBNETS {
            let netuid = T::Subnets::benchmark_create(&owner, Hyperparameters::default());
            register_unpaid::<T>(netuid, &old, &owner);
            Protected::<T>::insert(netuid, &old);
        }

        #[block]
        {
            assert!(!<Pallet<T> as OnHotkeySwapped<T::AccountId>>::in_use(&new));
            Pallet::<T>::on_hotkey_swapped(&old, &new).expect("nothing is under the new hotkey");
        }

        assert_eq!(Uids::<T>::iter_prefix(&new).count(), MAX_SUBNETS as usize);
    }

    #[benchmark]
    fn remove_neurons(n: Linear<0, MAX_UIDS>) {
        let netuid = subnet_of::<T>(&account("owner", 0, 0), n, MAX_UIDS);
        for uid in 0..n {
            let hotkey = Neurons::<T>::get(netuid, Uid(uid as u16))
                .expect("was registered")
                .hotkey;
            register_axon::<T>(netuid, &hotkey);
        }

        #[block]
        {
            Pallet::<T>::remove_step(netuid, Weight::MAX);
        }

        assert_eq!(Neurons::<T>::iter_prefix(netuid).count(), 0);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}

/// Publishes the last model that the subnet accepts.
fn register_axon<T: Config>(netuid: NetUid, hotkey: &T::AccountId) {
    let model = T::Subnets::models(netuid)
        .last()
        .expect("benchmark_create accepts models")
        .root;
    Pallet::<T>::publish(hotkey.clone(), netuid, ADDRESS, AXON_PROTOCOL_VERSION, model).expect("all is in order");
}
