//! Accepted models.
use crate::{mock::*, AnnouncedModels, Error, Event, Models, PendingModels};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use laurel_support::Subnets as _;
use laurel_types::{AcceptedModel, EpochIndex, ModelKind, NetUid};

fn set(signer: u64, netuid: NetUid, models: Models) -> DispatchResult {
    Subnets::set_models(RuntimeOrigin::signed(signer), netuid, models)
}

#[test]
fn the_first_models_are_accepted_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, models(&[1, 2])));
        assert_eq!(Subnets::models(netuid), vec![model(1), model(2)]);
        System::assert_last_event(
            Event::ModelsApplied {
                netuid,
                models: models(&[1, 2]),
            }
            .into(),
        );
    });
}

#[test]
fn later_models_are_accepted_a_whole_epoch_after_the_running_one() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, models(&[1])));
        end_epoch(netuid);
        assert_ok!(set(ALICE, netuid, models(&[2])));
        let from = EpochIndex(3);
        System::assert_last_event(
            Event::ModelsSet {
                netuid,
                models: models(&[2]),
                from,
            }
            .into(),
        );
        let announced = AnnouncedModels {
            models: models(&[2]),
            from,
        };
        assert_eq!(PendingModels::<Test>::get(netuid), Some(announced));
        end_epoch(netuid); // epoch 1, in which it was announced
        assert_eq!(Subnets::models(netuid), vec![model(1)]);

        end_epoch(netuid); // epoch 2, the whole one
        assert_eq!(Subnets::models(netuid), vec![model(2)]);
        assert_eq!(PendingModels::<Test>::get(netuid), None);
        System::assert_last_event(
            Event::ModelsApplied {
                netuid,
                models: models(&[2]),
            }
            .into(),
        );
    });
}

#[test]
fn models_are_frozen_like_parameters_before_an_epoch_ends() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        DueAt::set(2);
        assert_ok!(set(ALICE, netuid, models(&[1])));
        assert_noop!(set(ALICE, netuid, models(&[2])), Error::<Test>::FrozenBeforeEpoch);
    });
}

#[test]
fn models_rest_after_their_owner_replaced_them_but_root_can_correct_them() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(set(ALICE, netuid, models(&[1])));
        assert_ok!(set(ALICE, netuid, models(&[2])));
        assert_noop!(set(ALICE, netuid, models(&[3])), Error::<Test>::ChangedTooRecently);
        assert_ok!(Subnets::set_models(RuntimeOrigin::root(), netuid, models(&[4])));
        end_epoch(netuid);
        end_epoch(netuid);
        assert_eq!(Subnets::models(netuid), vec![model(4)]);
        skip_blocks(COOLDOWN);
        assert_ok!(set(ALICE, netuid, models(&[3])));
    });
}

#[test]
fn a_list_that_names_nothing_or_something_twice_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_noop!(set(ALICE, netuid, models(&[])), Error::<Test>::NoModels);
        assert_noop!(set(ALICE, netuid, models(&[1, 2, 1])), Error::<Test>::ModelListedTwice);
        let empty = Models::truncate_from(vec![AcceptedModel { context: 0, ..model(1) }]);
        assert_noop!(set(ALICE, netuid, empty), Error::<Test>::ModelWithoutContext);
        let text = AcceptedModel { sampler: 0, ..model(1) };
        let sampled = |kind| AcceptedModel { kind, ..model(1) };
        for strange in [text, sampled(ModelKind::Embedding), sampled(ModelKind::Custom)] {
            let strange = Models::truncate_from(vec![strange]);
            assert_noop!(set(ALICE, netuid, strange), Error::<Test>::SamplerDoesNotFitKind);
        }
        let custom = AcceptedModel {
            sampler: 0,
            ..sampled(ModelKind::Custom)
        };
        assert_ok!(set(ALICE, netuid, Models::truncate_from(vec![custom])));
    });
}

#[test]
fn nobody_but_the_owner_and_root_chooses_models() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_noop!(set(BOB, netuid, models(&[1])), Error::<Test>::NotSubnetOwner);
        assert_noop!(set(ALICE, NetUid(9), models(&[1])), Error::<Test>::SubnetDoesNotExist);
    });
}
