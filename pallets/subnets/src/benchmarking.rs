//! Worst cases of the calls, and how other pallets' benchmarks get a subnet.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{InspectHold, Mutate, MutateHold},
        Get, Hooks,
    },
    weights::WeightMeter,
    BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use laurel_support::OnColdkeySwapped;
use laurel_types::{EpochIndex, ModelKind, ModelRoot, TokenizerRoot, LRL, MAX_ACCEPTED_MODELS};

/// A subnet without lock or limit that accepts as many models as it can.
pub(crate) fn create_unlocked<T: Config>(owner: &T::AccountId, params: Hyperparameters) -> NetUid {
    let subnet = Subnet {
        owner: owner.clone(),
        created_at: Pallet::<T>::now(),
        lock: 0,
    };
    let netuid = Pallet::<T>::insert(subnet, params).unwrap_or_else(|_| panic!("the chain has room for a subnet"));
    Pallet::<T>::apply_models(netuid, some_models(MAX_ACCEPTED_MODELS));
    <T::OnSubnetCreated as laurel_support::OnSubnetCreated>::on_subnet_created(netuid);
    netuid
}

/// The first `m` of endless different models.
fn some_models(m: u32) -> Models {
    let model = |at: u32| AcceptedModel {
        root: ModelRoot([at as u8; 32]),
        kind: ModelKind::Text,
        context: 2_048,
        tokenizer: TokenizerRoot([at as u8; 32]),
        sampler: 1,
    };
    BoundedVec::truncate_from((0..m).map(model).collect::<Vec<_>>())
}

/// An account that can afford everything, and a burn account that can receive.
fn rich<T: Config>(name: &'static str) -> T::AccountId {
    let who: T::AccountId = account(name, 0, 0);
    T::Currency::set_balance(&who, 1_000_000 * LRL);
    T::Currency::set_balance(&T::BurnAccount::get(), LRL);
    who
}

/// A locked subnet that has something of everything.
fn rich_subnet<T: Config>(owner: &T::AccountId) -> NetUid {
    let netuid = create_unlocked::<T>(owner, Hyperparameters::default());
    T::Currency::hold(&HoldReason::SubnetLock.into(), owner, LRL).expect("the owner is rich");
    Subnets::<T>::mutate(netuid, |subnet| {
        if let Some(subnet) = subnet.as_mut() {
            subnet.lock = LRL;
        }
    });
    Pallet::<T>::identify_subnet(owner.clone(), netuid, some_identity(2_112)).expect("the owner is rich");
    PendingParams::<T>::insert(netuid, Hyperparameters::default());
    let announced = AnnouncedModels {
        models: some_models(MAX_ACCEPTED_MODELS),
        from: EpochIndex(2),
    };
    PendingModels::<T>::insert(netuid, announced);
    Offers::<T>::insert(netuid, account::<T::AccountId>("buyer", 0, 0));
    for index in 0..Hyperparameters::DESCRIPTIONS.len() {
        Cooldowns::<T>::insert(netuid, Tunable::Parameter(index as u8), 0);
    }
    Cooldowns::<T>::insert(netuid, Tunable::Models, 0);
    netuid
}

/// An identity of `bytes` bytes, at least one.
fn some_identity(bytes: u32) -> Identity {
    let mut left = bytes as usize;
    let mut take = |most: usize| {
        let length = left.min(most);
        left -= length;
        alloc::vec![b'x'; length]
    };
    Identity {
        name: Text::truncate_from(take(64)),
        url: Text::truncate_from(take(256)),
        repository: Text::truncate_from(take(256)),
        contact: Text::truncate_from(take(256)),
        image: Text::truncate_from(take(256)),
        description: Text::truncate_from(take(1_024)),
    }
}

fn change_settings<T: Config>(change: impl FnOnce(&mut SubnetSettings)) {
    Settings::<T>::mutate(change);
}

/// Announces the dissolution of as many other subnets as there can be.
fn announce_others<T: Config>(except: NetUid) {
    let others = (1..MAX_SUBNETS).map(|at| Dissolution {
        netuid: NetUid(except.0.saturating_add(at as u16)),
        at: 0,
    });
    Dissolutions::<T>::put(BoundedVec::truncate_from(others.collect::<Vec<_>>()));
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create_subnet() {
        // The chain is full, the weakest is the last and has something of everything, and the lock follows from an earlier one.
        for _ in 1..MAX_SUBNETS {
            create_unlocked::<T>(&account("owner", 0, 0), Hyperparameters::default());
        }
        let weakest = rich_subnet::<T>(&rich::<T>("weakest"));
        change_settings::<T>(|settings| {
            settings.create_rate_limit = 0;
            settings.immunity_period = 0;
            settings.max_subnets = MAX_SUBNETS;
        });
        for netuid in Netuids::<T>::get() {
            Subnets::<T>::mutate(netuid, |subnet| {
                if let Some(subnet) = subnet.as_mut() {
                    subnet.created_at = u32::from(netuid != weakest);
                }
            });
        }
        LastLock::<T>::put(Lock { cost: LRL, block: 0 });
        frame_system::Pallet::<T>::set_block_number(1u32.into());
        let owner: T::AccountId = whitelisted_caller();
        T::Currency::set_balance(&owner, Balance::MAX / 4);
        let cost = Pallet::<T>::lock_cost_at(Pallet::<T>::now());

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), cost);

        assert!(!Subnets::<T>::contains_key(weakest));
        assert_eq!(
            T::Currency::balance_on_hold(&HoldReason::SubnetLock.into(), &owner),
            cost
        );
    }

    #[benchmark]
    fn set_hyperparameter() {
        let owner: T::AccountId = whitelisted_caller();
        let netuid = create_unlocked::<T>(&owner, Hyperparameters::default());
        // Something waits already, and an old cool-down is over.
        PendingParams::<T>::insert(netuid, Hyperparameters::default());
        change_settings::<T>(|settings| settings.parameter_cooldown = 0);
        let change = Hyperparameter::AxonLifetime(77);
        Cooldowns::<T>::insert(netuid, Tunable::Parameter(change.index()), 0);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid, change);

        assert_eq!(
            PendingParams::<T>::get(netuid).map(|params| params.axon_lifetime),
            Some(77)
        );
    }

    #[benchmark]
    fn set_models(m: Linear<1, 8>) {
        let owner: T::AccountId = whitelisted_caller();
        let netuid = create_unlocked::<T>(&owner, Hyperparameters::default());
        let models = some_models(m);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid, models.clone());

        assert_eq!(
            PendingModels::<T>::get(netuid).map(|announced| announced.models),
            Some(models)
        );
    }

    #[benchmark]
    fn announce_dissolution() {
        let owner: T::AccountId = whitelisted_caller();
        let netuid = create_unlocked::<T>(&owner, Hyperparameters::default());
        announce_others::<T>(netuid);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid);

        assert!(Pallet::<T>::dissolution_at(netuid).is_some());
    }

    #[benchmark]
    fn cancel_dissolution() {
        let owner: T::AccountId = whitelisted_caller();
        let netuid = create_unlocked::<T>(&owner, Hyperparameters::default());
        announce_others::<T>(netuid);
        Pallet::<T>::announce(netuid).expect("the subnet exists");

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid);

        assert!(Pallet::<T>::dissolution_at(netuid).is_none());
    }

    #[benchmark]
    fn offer_subnet() {
        let (owner, to): (T::AccountId, T::AccountId) = (whitelisted_caller(), account("buyer", 0, 0));
        let netuid = create_unlocked::<T>(&owner, Hyperparameters::default());

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid, Some(to.clone()));

        assert_eq!(Offers::<T>::get(netuid), Some(to));
    }

    #[benchmark]
    fn accept_subnet() {
        let to = rich::<T>("buyer");
        let netuid = rich_subnet::<T>(&rich::<T>("owner"));
        Offers::<T>::insert(netuid, &to);

        #[extrinsic_call]
        _(RawOrigin::Signed(to.clone()), netuid);

        assert_eq!(Subnets::<T>::get(netuid).map(|subnet| subnet.owner), Some(to));
    }

    #[benchmark]
    fn set_subnet_identity(b: Linear<1, 2112>) {
        let owner = rich::<T>("owner");
        let netuid = rich_subnet::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid, some_identity(b));

        assert_eq!(
            SubnetIdentities::<T>::get(netuid).map(|known| known.identity.bytes()),
            Some(b)
        );
    }

    #[benchmark]
    fn clear_subnet_identity() {
        let owner = rich::<T>("owner");
        let netuid = rich_subnet::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), netuid);

        assert!(!SubnetIdentities::<T>::contains_key(netuid));
    }

    #[benchmark]
    fn set_identity(b: Linear<1, 2112>) {
        let who = rich::<T>("somebody");
        Pallet::<T>::identify(who.clone(), some_identity(2_112)).expect("it is rich");

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), some_identity(b));

        assert_eq!(Identities::<T>::get(&who).map(|known| known.identity.bytes()), Some(b));
    }

    #[benchmark]
    fn clear_identity() {
        let who = rich::<T>("somebody");
        Pallet::<T>::identify(who.clone(), some_identity(2_112)).expect("it is rich");

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));

        assert!(!Identities::<T>::contains_key(&who));
    }

    #[benchmark]
    fn set_settings() {
        let settings = SubnetSettings {
            min_lock: 77,
            ..SubnetSettings::default()
        };

        #[extrinsic_call]
        _(RawOrigin::Root, settings.clone());

        assert_eq!(Settings::<T>::get(), settings);
    }

    #[benchmark]
    fn on_poll() {
        // The longest lists, of which nothing is due and nothing can be done for want of weight.
        let later = |at: u32| Dissolution {
            netuid: NetUid(at as u16),
            at: u32::MAX,
        };
        Dissolutions::<T>::put(BoundedVec::truncate_from(
            (0..MAX_SUBNETS).map(later).collect::<Vec<_>>(),
        ));
        let mut meter = WeightMeter::with_limit(T::WeightInfo::on_poll());

        #[block]
        {
            <Pallet<T> as Hooks<BlockNumberFor<T>>>::on_poll(1u32.into(), &mut meter);
        }

        assert_eq!(Dissolutions::<T>::get().len() as u32, MAX_SUBNETS);
    }

    #[benchmark]
    fn end_subnet() {
        for _ in 1..MAX_SUBNETS {
            create_unlocked::<T>(&account("owner", 0, 0), Hyperparameters::default());
        }
        let netuid = rich_subnet::<T>(&rich::<T>("owner"));

        #[block]
        {
            Pallet::<T>::end(netuid, Reason::Dissolved).expect("the subnet exists");
        }

        assert!(!Subnets::<T>::contains_key(netuid));
    }

    #[benchmark]
    fn removal_step() {
        let all: Vec<_> = (0..MAX_SUBNETS as u16).map(|at| NetUid(1_000 + at)).collect();
        Removals::<T>::put(BoundedVec::truncate_from(all));

        #[block]
        {
            // As `remove_ended` does it around what others do.
            let ended = Removals::<T>::get();
            if let Some(netuid) = ended.first().copied() {
                Removals::<T>::mutate(|removals| removals.retain(|other| *other != netuid));
                Pallet::<T>::deposit_event(Event::SubnetRemoved { netuid });
            }
        }

        assert_eq!(Removals::<T>::get().len() as u32, MAX_SUBNETS - 1);
    }

    #[benchmark]
    fn on_coldkey_swapped() {
        let (old, new) = (rich::<T>("old"), rich::<T>("new"));
        for _ in 0..MAX_SUBNETS {
            let netuid = rich_subnet::<T>(&old);
            Offers::<T>::insert(netuid, &old);
        }
        Pallet::<T>::identify(old.clone(), some_identity(2_112)).expect("it is rich");

        #[block]
        {
            let _ = <Pallet<T> as OnColdkeySwapped<T::AccountId>>::in_use(&new);
            Pallet::<T>::on_coldkey_swapped(&old, &new).expect("nothing is under the new coldkey");
        }

        assert!(Identities::<T>::contains_key(&new));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
