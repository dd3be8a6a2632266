use crate::{mock::*, Error, Tallies};
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo};
use laurel_types::CommitItem;

#[test]
fn before_the_first_epoch_every_neuron_with_stake_may_commit_and_none_without() {
    ExtBuilder::default()
        .stakes(&[10, 30, 20, 0])
        .params(|p| p.max_validators = 2)
        .build_and_execute(|| {
            let said = reveal_of(&[(3, 1)]);
            for uid in 0..3 {
                assert_ok!(commit(uid, &said));
            }
            assert_noop!(commit(3, &said), Error::<Test>::NoValidatorPermit);
        });
}

#[test]
fn before_the_first_epoch_weights_without_stake_are_refused() {
    ExtBuilder::default()
        .stakes(&[10, 0, 0])
        .params(|p| p.commit_reveal = false)
        .build_and_execute(|| {
            let set = |uid| Scoring::set_weights(signed(hotkey(uid)), NET, row(&[(2, 1)]), [3; 32], 0);
            assert_ok!(set(0));
            assert_noop!(set(1), Error::<Test>::NoValidatorPermit);
        });
}

#[test]
fn of_those_who_spoke_before_permits_were_given_only_the_most_staked_count() {
    let direct = ExtBuilder::default().stakes(&[10, 30, 20, 0, 0]).params(|p| {
        p.max_validators = 2;
        p.commit_reveal = false;
    });
    direct.build_and_execute(|| {
        for uid in 0..3 {
            let miner = if uid == 0 { 3 } else { 4 };
            assert_ok!(Scoring::set_weights(
                signed(hotkey(uid)),
                NET,
                row(&[(miner, 1)]),
                [3; 32],
                0
            ));
        }
        let shares = end_epoch();
        assert_eq!((shares[3].incentive, scores(3).trust), (0, 0));
        assert_eq!((shares[0].dividends, scores(0).validator_trust), (0, 0));
        assert!(shares[4].incentive > 0 && shares[1].dividends > 0 && shares[2].dividends > 0);
    });
}

/// Weakness 15: newcomers won ties, and stake of zero was enough.
#[test]
fn of_equal_stakes_the_lower_uid_gets_the_permit() {
    ExtBuilder::default()
        .stakes(&[5, 5, 5])
        .params(|p| p.max_validators = 2)
        .build_and_execute(|| {
            end_epoch();
            let given: Vec<bool> = (0..3).map(may_speak).collect();
            assert_eq!(given, [true, true, false]);
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
fn before_permits_are_given_what_a_hotkey_borrows_lets_it_speak_and_what_it_lent_does_not() {
    ExtBuilder::default().stakes(&[10, 0, 0]).build_and_execute(|| {
        // Uid 0 lends everything to uid 1.
        Backings::set([(hotkey(0), 0), (hotkey(1), 10)].into());
        assert_noop!(commit(0, &reveal_of(&[(2, 1)])), Error::<Test>::NoValidatorPermit);
        assert_ok!(commit(1, &reveal_of(&[(2, 1)])));
        assert_eq!([may_speak(0), may_speak(1), may_speak(2)], [false, true, false]);
    });
}

#[test]
fn looking_at_what_backs_a_neuron_is_charged_as_long_as_nobody_holds_a_permit() {
    ExtBuilder::default().build_and_execute(|| {
        let item = CommitItem {
            netuid: NET,
            hash: [1; 32],
        };
        let charged = || {
            let hash = item.hash.into();
            let commit = crate::Call::<Test>::commit_weights { netuid: NET, hash };
            let batch = crate::Call::<Test>::batch_commit_weights {
                items: vec![item; 3].try_into().unwrap(),
            };
            let looks = |call: crate::Call<Test>| call.get_dispatch_info().call_weight.proof_size();
            [looks(commit), looks(batch)]
        };
        assert_eq!(charged(), [1, 3]);
        end_epoch();
        assert_eq!(charged(), [0, 0]);
    });
}

#[test]
fn who_holds_no_permit_for_a_whole_epoch_and_the_next_loses_its_row_and_nobody_else() {
    let direct = ExtBuilder::default().stakes(&[600, 400, 0, 0]).params(|p| {
        p.max_validators = 1;
        p.commit_reveal = false;
    });
    direct.build_and_execute(|| {
        let set = |uid| Scoring::set_weights(signed(hotkey(uid)), NET, row(&[(2, 1)]), [3; 32], 0);
        let rows = || [stored_row(0).is_some(), stored_row(1).is_some()];
        assert_ok!(set(0));
        assert_ok!(set(1));
        end_epoch();
        assert_eq!(rows(), [true, true], "while nobody held one, everybody had a voice");

        // The first falls behind, and is ahead again before it was so for a whole epoch.
        let stake = |first, second| {
            World::set_stake(hotkey(0), first);
            World::set_stake(hotkey(1), second);
        };
        stake(1, 400);
        end_epoch();
        assert_eq!((may_speak(0), may_speak(1), rows()), (false, true, [true, true]));
        stake(600, 400);
        end_epoch();
        assert_eq!((may_speak(0), may_speak(1), rows()), (true, false, [true, true]));

        let charged = || <Scoring as laurel_support::Epochs<AccountId>>::weight(NET).ref_time();
        assert_eq!(charged(), 1_101 + 10, "the second may lose its row");
        end_epoch();
        assert_eq!(rows(), [true, false]);
        assert_eq!((charged(), Tallies::<Test>::get(NET).rows()), (1_101, 1));
    });
}
