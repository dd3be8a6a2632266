//! Worst cases of the calls, and how other pallets' benchmarks get a subnet.
use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::fungible::{InspectHold, Mutate},
    BoundedVec,
};
use frame_system::RawOrigin;
use laurel_types::{ModelKind, ModelRoot, LRL, MAX_ACCEPTED_MODELS};

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
    };
    BoundedVec::truncate_from((0..m).map(model).collect::<Vec<_>>())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create_subnet() {
        // All other subnets exist, and the lock follows from an earlier one.
        for _ in 1..MAX_SUBNETS {
            create_unlocked::<T>(&account("owner", 0, 0), Hyperparameters::default());
        }
        let mut settings = Settings::<T>::get();
        settings.create_rate_limit = 0;
        Settings::<T>::put(settings);
        LastLock::<T>::put(Lock { cost: LRL, block: 0 });
        let owner: T::AccountId = whitelisted_caller();
        T::Currency::set_balance(&owner, Balance::MAX / 4);
        let cost = Pallet::<T>::lock_cost();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), cost);

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
        let mut settings = Settings::<T>::get();
        settings.parameter_cooldown = 0;
        Settings::<T>::put(settings);
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

        assert_eq!(PendingModels::<T>::get(netuid), Some(models));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::default().build(), crate::mock::Test);
}
