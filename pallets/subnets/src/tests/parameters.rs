//! Tuning a subnet: who may, within which ranges, how often, from when on.
use crate::{mock::*, Error, Event, PendingParams};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::DispatchResult,
    storage::{with_transaction, TransactionOutcome},
};
use laurel_support::Subnets as _;
use laurel_types::{Hyperparameter, Hyperparameters, NetUid};
use sp_runtime::DispatchError;

fn set(signer: u64, netuid: NetUid, change: Hyperparameter) -> DispatchResult {
    Subnets::set_hyperparameter(RuntimeOrigin::signed(signer), netuid, change)
}

fn immunity(netuid: NetUid) -> Option<u32> {
    Subnets::params(netuid).map(|params| params.immunity_period)
}

#[test]
fn a_change_takes_effect_when_the_epoch_ends() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::ImmunityPeriod(99)));
        System::assert_last_event(
            Event::HyperparameterSet {
                netuid,
                change: Hyperparameter::ImmunityPeriod(99),
            }
            .into(),
        );
        assert_eq!(immunity(netuid), Some(5_000));

        end_epoch(netuid);
        assert_eq!(immunity(netuid), Some(99));
        assert_eq!(PendingParams::<Test>::get(netuid), None);
        let params = Subnets::params(netuid).unwrap_or_default();
        System::assert_last_event(Event::HyperparametersApplied { netuid, params }.into());
    });
}

#[test]
fn several_changes_in_one_epoch_take_effect_together() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::ImmunityPeriod(99)));
        assert_ok!(set(ALICE, netuid, Hyperparameter::CommitReveal(false)));
        end_epoch(netuid);
        let params = Subnets::params(netuid).unwrap_or_default();
        assert_eq!((params.immunity_period, params.commit_reveal), (99, false));
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
        assert_ok!(set(ALICE, one, Hyperparameter::ImmunityPeriod(99)));
        end_epoch(other);
        assert_eq!((immunity(one), immunity(other)), (Some(5_000), Some(5_000)));
    });
}

/// Weaknesses 13 and 14: values that stopped the chain or robbed validators were accepted. Every number below and above the
/// range that the table states is refused, for every parameter and whoever sets it.
#[test]
fn a_value_out_of_range_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        for change in [
            Hyperparameter::Tempo(4),
            Hyperparameter::Tempo(7_201),
            Hyperparameter::Kappa(0),
            Hyperparameter::MaxWeightLimit(654),
            Hyperparameter::MaxUids(4_097),
            Hyperparameter::MaxValidators(257),
            Hyperparameter::MaxValidators(0),
            Hyperparameter::MinAllowedWeights(0),
            Hyperparameter::ActivityCutoff(9),
            Hyperparameter::BondsMovingAverage(1_000_000),
            Hyperparameter::LiquidAlpha(Some((0, u16::MAX))),
            Hyperparameter::RevealPeriod(0),
            Hyperparameter::RevealPeriod(5),
            Hyperparameter::MaxStake(0),
            Hyperparameter::MinBurn(0),
            Hyperparameter::MaxBurn(10_000_000_000_001),
            Hyperparameter::MinDifficulty(999),
            Hyperparameter::DemandHalfLife(0),
            Hyperparameter::DemandGrowth(1_009),
            Hyperparameter::AxonLifetime(9),
            // Free publications without end.
            Hyperparameter::AxonInterval(0),
            Hyperparameter::AxonInterval(7_201),
        ] {
            let by_root = Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, change);
            assert_eq!(
                by_root,
                Err(Error::<Test>::HyperparameterOutOfRange.into()),
                "{change:?}"
            );
        }
        assert_eq!(PendingParams::<Test>::get(netuid), None);
    });
}

#[test]
fn a_change_is_judged_together_with_the_changes_that_wait() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        let by_root = |change| Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, change);
        // 64 validators do not fit in 32 uids, neither in force nor waiting.
        assert_noop!(
            by_root(Hyperparameter::MaxUids(32)),
            Error::<Test>::HyperparameterOutOfRange
        );
        assert_ok!(by_root(Hyperparameter::MaxValidators(16)));
        assert_ok!(by_root(Hyperparameter::MaxUids(32)));
        end_epoch(netuid);
        let params = Subnets::params(netuid).unwrap_or_default();
        assert_eq!((params.max_validators, params.max_uids), (16, 32));
    });
}

#[test]
fn what_costs_the_whole_chain_is_roots_to_change() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        for change in [
            Hyperparameter::Tempo(99),
            Hyperparameter::MaxUids(255),
            Hyperparameter::MaxValidators(63),
            Hyperparameter::MaxStake(1),
            Hyperparameter::DemandHalfLife(99),
            Hyperparameter::DemandGrowth(2_000),
        ] {
            assert_noop!(set(ALICE, netuid, change), Error::<Test>::ParameterIsRoots);
            assert_ok!(Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, change));
        }
    });
}

/// Weakness 13: an owner changed the rules right before an epoch that it could foresee.
#[test]
fn an_owner_changes_nothing_in_the_last_blocks_of_an_epoch() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        // The epoch ends before the calls of its block.
        let due = System::block_number() + 14;
        DueAt::set(due);
        let mut allowed = Vec::new();
        // Past the block in which the epoch should have ended, too.
        while System::block_number() < due + FREEZE {
            let change = || set(ALICE, netuid, Hyperparameter::ActivityCutoff(99));
            match with_transaction(|| TransactionOutcome::Rollback(change())) {
                Ok(()) => allowed.push(System::block_number()),
                Err(error) => assert_eq!(error, Error::<Test>::FrozenBeforeEpoch.into()),
            }
            skip_blocks(1);
        }
        assert_eq!(allowed.last(), Some(&(due - FREEZE - 1)), "{FREEZE} blocks are frozen");
        assert_eq!(allowed.len() as u32, 14 - FREEZE);
        let by_root = Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, Hyperparameter::ActivityCutoff(99));
        assert_ok!(by_root);
        DueAt::set(40);
        assert_ok!(set(ALICE, netuid, Hyperparameter::MinBurn(99)));
    });
}

/// Weakness 55: some setters said nothing. The table is complete by construction; here each of its rows is changed and told.
#[test]
fn every_change_is_told_when_it_is_made_and_when_it_takes_effect() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        let p = Hyperparameters::default();
        let changes = [
            Hyperparameter::Kappa(p.kappa + 1),
            Hyperparameter::LiquidAlpha(Some((45_875, 58_982))),
            Hyperparameter::CommitReveal(false),
            Hyperparameter::RegistrationAllowed(false),
            Hyperparameter::PowAllowed(true),
            Hyperparameter::MinDifficulty(1_000),
            Hyperparameter::BondsPenalty(0),
        ];
        for change in changes {
            System::reset_events();
            // Weakness 56: root can make every change that an owner can.
            assert_ok!(Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, change));
            System::assert_last_event(Event::HyperparameterSet { netuid, change }.into());
            end_epoch(netuid);
            let params = Subnets::params(netuid).unwrap();
            System::assert_last_event(Event::HyperparametersApplied { netuid, params }.into());
        }
    });
}

#[test]
fn a_parameter_rests_after_its_owner_changed_it_and_the_others_do_not() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::ImmunityPeriod(99)));
        end_epoch(netuid);
        skip_blocks(COOLDOWN - 1);
        assert_noop!(
            set(ALICE, netuid, Hyperparameter::ImmunityPeriod(98)),
            Error::<Test>::ChangedTooRecently
        );
        assert_ok!(set(ALICE, netuid, Hyperparameter::ActivityCutoff(70)));
        skip_blocks(1);
        assert_ok!(set(ALICE, netuid, Hyperparameter::ImmunityPeriod(98)));
    });
}

#[test]
fn a_parameter_of_one_subnet_rests_without_the_same_one_of_another() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        let (one, other) = (create_subnet(ALICE), create_subnet(ALICE));
        assert_ok!(set(ALICE, one, Hyperparameter::ImmunityPeriod(99)));
        assert_ok!(set(ALICE, other, Hyperparameter::ImmunityPeriod(99)));
    });
}

#[test]
fn root_changes_without_waiting_but_not_out_of_range() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, Hyperparameter::ImmunityPeriod(99)));
        let by_root = |change| Subnets::set_hyperparameter(RuntimeOrigin::root(), netuid, change);
        assert_ok!(by_root(Hyperparameter::ImmunityPeriod(50)));
        assert_noop!(
            by_root(Hyperparameter::ImmunityPeriod(50_401)),
            Error::<Test>::HyperparameterOutOfRange
        );
        // What root set is not the owner's to change back at once.
        assert_noop!(
            set(ALICE, netuid, Hyperparameter::ImmunityPeriod(99)),
            Error::<Test>::ChangedTooRecently
        );
        end_epoch(netuid);
        assert_eq!(immunity(netuid), Some(50));
    });
}

#[test]
fn nobody_but_the_owner_and_root_tunes_a_subnet() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        let change = Hyperparameter::ImmunityPeriod(99);
        assert_noop!(set(BOB, netuid, change), Error::<Test>::NotSubnetOwner);
        assert_noop!(
            Subnets::set_hyperparameter(RuntimeOrigin::none(), netuid, change),
            DispatchError::BadOrigin
        );
        assert_noop!(set(ALICE, NetUid(7), change), Error::<Test>::SubnetDoesNotExist);
    });
}
