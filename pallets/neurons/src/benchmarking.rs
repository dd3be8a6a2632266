//! Worst cases of the calls, and how other pallets' benchmarks get a neuron.
use super::*;
use crate::registration::Slot;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    fungible::{Inspect, Mutate},
    Get,
};
use frame_system::RawOrigin;
use laurel_support::{Hotkeys, Neurons as _, Subnets};
use laurel_types::{Hyperparameters, AXON_PROTOCOL_VERSION, LRL};

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

/// Parameters under which a registration takes longest: as many intervals to settle as are settled at all, and a price
/// that moves in each of them.
fn slow_params(max_uids: u32) -> Hyperparameters {
    let max_uids = max_uids as u16;
    Hyperparameters {
        max_uids,
        max_validators: max_uids,
        min_burn: 1,
        max_burn: 10_000 * LRL,
        adjustment_interval: 1,
        // Keeps 97 % of the old price.
        adjustment_alpha: u64::MAX / 100 * 97,
        immunity_period: 0,
        ..Hyperparameters::default()
    }
}

/// A subnet of `n` neurons that nobody has joined for long, at the highest price.
fn deserted_subnet<T: Config>(owner: &T::AccountId, n: u32, max_uids: u32) -> NetUid {
    let params = slow_params(max_uids);
    let netuid = T::Subnets::benchmark_create(owner, params);
    for i in 0..n {
        // The owner holds the first uid and the last one.
        let coldkey = if i == 0 || i == n - 1 {
            owner.clone()
        } else {
            account("coldkey", i, 0)
        };
        register_unpaid::<T>(netuid, &account("hotkey", i, n), &coldkey);
    }
    let price = RegistrationPrice {
        price: params.max_burn,
        ..RegistrationPrice::new(0, &params)
    };
    Pricing::<T>::insert(netuid, price);
    frame_system::Pallet::<T>::set_block_number(2_000u32.into());
    netuid
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
        let netuid = deserted_subnet::<T>(&account("owner", 0, 0), MAX_UIDS - 1, MAX_UIDS);
        let coldkey = rich_coldkey::<T>();
        let hotkey: T::AccountId = account("newcomer", 0, 0);

        #[extrinsic_call]
        burned_register(RawOrigin::Signed(coldkey), netuid, hotkey.clone(), Balance::MAX);

        assert_eq!(Pallet::<T>::uid_of(netuid, &hotkey), Some(Uid(MAX_UIDS as u16 - 1)));
    }

    #[benchmark]
    fn burned_register_evict(n: Linear<4, 256>) {
        let netuid = deserted_subnet::<T>(&account("owner", 0, 0), n, n);
        // Uid 0 goes first, is the owner's, and the owner's first neuron is the last one that a search would find. The
        // search asks for the owner of every hotkey.
        let last = Uid(n as u16 - 1);
        let registration = |uid| Neurons::<T>::get(netuid, uid).expect("was registered").registration;
        let (youngest, oldest) = (registration(last), registration(Uid(0)));
        for (uid, registration) in [(Uid(0), RegistrationId(youngest.0)), (last, RegistrationId(oldest.0))] {
            Neurons::<T>::mutate(netuid, uid, |neuron| {
                if let Some(neuron) = neuron.as_mut() {
                    neuron.registration = registration;
                }
            });
        }
        let evicted = Neurons::<T>::get(netuid, Uid(0)).expect("was registered").hotkey;
        register_axon::<T>(netuid, &evicted);
        let coldkey = rich_coldkey::<T>();
        let hotkey: T::AccountId = account("newcomer", 0, 0);

        #[extrinsic_call]
        burned_register(RawOrigin::Signed(coldkey), netuid, hotkey.clone(), Balance::MAX);

        assert_eq!(Pallet::<T>::uid_of(netuid, &evicted), None);
        assert_eq!(Pallet::<T>::uid_of(netuid, &hotkey), Some(Uid(0)));
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

        assert!(!Axons::<T>::contains_key(netuid, Uid(0)));
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
