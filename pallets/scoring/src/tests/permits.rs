use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok};
use laurel_types::Uid;

#[test]
fn before_the_first_epoch_the_most_staked_neurons_may_commit() {
    ExtBuilder::default()
        .stakes(&[10, 30, 20, 0])
        .params(|p| p.max_validators = 2)
        .build_and_execute(|| {
            let said = reveal_of(&[(3, 1)]);
            assert_ok!(commit(1, &said));
            assert_ok!(commit(2, &said));
            assert_noop!(commit(0, &said), Error::<Test>::NoValidatorPermit);
            assert_noop!(commit(3, &said), Error::<Test>::NoValidatorPermit);
        });
}

/// Weakness 15: newcomers won ties, and stake of zero was enough.
#[test]
fn of_equal_stakes_the_lower_uid_gets_the_permit() {
    ExtBuilder::default()
        .stakes(&[5, 5, 5])
        .params(|p| p.max_validators = 2)
        .build_and_execute(|| {
            let provisional: Vec<bool> = (0..3).map(|uid| Scoring::has_permit(NET, Uid(uid))).collect();
            assert_eq!(provisional, [true, true, false]);
            end_epoch();
            let given: Vec<bool> = (0..3).map(|uid| Scoring::has_permit(NET, Uid(uid))).collect();
            assert_eq!(given, provisional);
        });
}

#[test]
fn stake_alone_never_gives_more_permits_than_the_subnet_has_and_no_stake_gives_none() {
    ExtBuilder::default().stakes(&[0, 7, 0]).build_and_execute(|| {
        end_epoch();
        let given: Vec<bool> = (0..3).map(|uid| scores(uid).permit).collect();
        assert_eq!(given, [false, true, false]);
    });
}

#[test]
fn once_an_epoch_has_given_permits_stake_counts_only_at_the_next() {
    ExtBuilder::default()
        .params(|p| p.max_validators = 1)
        .build_and_execute(|| {
            end_epoch();
            World::set_stake(hotkey(1), 1_000);
            assert_noop!(commit(1, &reveal_of(&[(2, 1)])), Error::<Test>::NoValidatorPermit);
            assert_ok!(commit(0, &reveal_of(&[(2, 1)])));
            end_epoch();
            assert_ok!(commit(1, &reveal_of(&[(2, 1)])));
            assert_noop!(commit(0, &reveal_of(&[(2, 1)])), Error::<Test>::NoValidatorPermit);
        });
}

#[test]
fn a_subnet_whose_first_stake_comes_after_its_first_epoch_can_begin_at_once() {
    ExtBuilder::default().stakes(&[0, 0, 0]).build_and_execute(|| {
        end_epoch();
        assert_noop!(commit(0, &reveal_of(&[(1, 1)])), Error::<Test>::NoValidatorPermit);
        World::set_stake(hotkey(0), 1);
        assert_ok!(commit(0, &reveal_of(&[(1, 1)])));
    });
}

#[test]
fn ranking_the_neurons_is_charged_only_where_it_was_done() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 1)]);
        let provisional = commit(0, &said).unwrap().actual_weight.unwrap();
        assert_eq!(provisional.ref_time(), 1_000 + 4 * 10);
        end_epoch();
        let given = commit(0, &said).unwrap().actual_weight.unwrap();
        assert_eq!(given.ref_time(), 1_000);
    });
}
