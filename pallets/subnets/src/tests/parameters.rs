//! Tuning a subnet: who may, within which ranges, how often, from when on.
use crate::{mock::*, Error, Event, PendingParams};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use laurel_support::Subnets as _;
use laurel_types::{Hyperparameter, NetUid};
use sp_runtime::DispatchError;

fn set(signer: u64, netuid: NetUid, change: Hyperparameter) -> DispatchResult {
    Subnets::set_hyperparameter(RuntimeOrigin::signed(signer), netuid, change)
}

fn tempo(netuid: NetUid) -> Option<u16> {
    Subnets::params(netuid).map(|params| params.tempo)
}

#[test]
fn a_change_takes_effect_when_the_epoch_ends() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::Tempo(99)));
        System::assert_last_event(
            Event::HyperparameterSet {
                netuid,
                change: Hyperparameter::Tempo(99),
            }
            .into(),
        );
        assert_eq!(tempo(netuid), Some(15));

        end_epoch(netuid);
        assert_eq!(tempo(netuid), Some(99));
        assert_eq!(PendingParams::<Test>::get(netuid), None);
        let params = Subnets::params(netuid).unwrap_or_default();
        System::assert_last_event(Event::HyperparametersApplied { netuid, params }.into());
    });
}

#[test]
fn several_changes_in_one_epoch_take_effect_together() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::Tempo(99)));
        assert_ok!(set(ALICE, netuid, Hyperparameter::CommitReveal(false)));
        end_epoch(netuid);
        let params = Subnets::params(netuid).unwrap_or_default();
        assert_eq!((params.tempo, params.commit_reveal), (99, false));
    });
}

#[test]
fn an_epoch_without_changes_says_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        System::reset_events();
        end_epoch(netuid);
        assert_eq!(System::events(), vec![]);
    });
}

#[test]
fn an_epoch_applies_only_its_own_subnets_changes() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        let (one, other) = (create_subnet(ALICE), create_subnet(ALICE));
        assert_ok!(set(ALICE, one, Hyperparameter::Tempo(99)));
        end_epoch(other);
        assert_eq!((tempo(one), tempo(other)), (Some(15), Some(15)));
    });
}

#[test]
fn a_value_out_of_range_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        for change in [
            Hyperparameter::Tempo(4),
            Hyperparameter::Kappa(0),
            Hyperparameter::AdjustmentInterval(0),
            Hyperparameter::TargetRegistrations(0),
            Hyperparameter::BondsMovingAverage(1_000_000),
            Hyperparameter::LiquidAlpha(Some((0, u16::MAX))),
        ] {
            assert_noop!(set(ALICE, netuid, change), Error::<Test>::HyperparameterOutOfRange);
        }
    });
}

#[test]
fn a_change_is_judged_together_with_the_changes_that_wait() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        // 64 validators do not fit in 32 uids, neither in force nor waiting.
        assert_noop!(
            set(ALICE, netuid, Hyperparameter::MaxUids(32)),
            Error::<Test>::HyperparameterOutOfRange
        );
        assert_ok!(set(ALICE, netuid, Hyperparameter::MaxValidators(16)));
        assert_ok!(set(ALICE, netuid, Hyperparameter::MaxUids(32)));
        end_epoch(netuid);
        let params = Subnets::params(netuid).unwrap_or_default();
        assert_eq!((params.max_validators, params.max_uids), (16, 32));
    });
}

#[test]
fn a_parameter_rests_after_its_owner_changed_it_and_the_others_do_not() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::Tempo(99)));
        end_epoch(netuid);
        skip_blocks(COOLDOWN - 1);
        assert_noop!(
            set(ALICE, netuid, Hyperparameter::Tempo(98)),
            Error::<Test>::ChangedTooRecently
        );
        assert_ok!(set(ALICE, netuid, Hyperparameter::ImmunityPeriod(7)));
        skip_blocks(1);
        assert_ok!(set(ALICE, netuid, Hyperparameter::Tempo(98)));
    });
}

#[test]
fn a_parameter_of_one_subnet_rests_without_the_same_one_of_another() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        let (one, other) = (create_subnet(ALICE), create_subnet(ALICE));
        assert_ok!(set(ALICE, one, Hyperparameter::Tempo(99)));
        assert_ok!(set(ALICE, other, Hyperparameter::Tempo(99)));
    });
}

#[test]
fn root_changes_without_waiting_but_not_out_of_range() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::Tempo(99)));
        let by_root = |change| Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, change);
        assert_ok!(by_root(Hyperparameter::Tempo(50)));
        assert_noop!(
            by_root(Hyperparameter::Tempo(0)),
            Error::<Test>::HyperparameterOutOfRange
        );
        // What root set is not the owner's to change back at once.
        assert_noop!(
            set(ALICE, netuid, Hyperparameter::Tempo(99)),
            Error::<Test>::ChangedTooRecently
        );
        end_epoch(netuid);
        assert_eq!(tempo(netuid), Some(50));
    });
}

#[test]
fn nobody_but_the_owner_and_root_tunes_a_subnet() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        let change = Hyperparameter::Tempo(99);
        assert_noop!(set(BOB, netuid, change), Error::<Test>::NotSubnetOwner);
        assert_noop!(
            Subnets::set_hyperparameter(RuntimeOrigin::none(), netuid, change),
            DispatchError::BadOrigin
        );
        assert_noop!(set(ALICE, NetUid(7), change), Error::<Test>::SubnetDoesNotExist);
    });
}
