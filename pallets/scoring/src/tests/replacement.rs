use crate::{mock::*, Error, PastConsensus, Tallies};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchClass};
use laurel_types::{NeuronScores, Uid};

/// Weaknesses 5 and 7: the newcomer had its predecessor's weights, bonds, permit and rate limit.
#[test]
fn a_replaced_neuron_inherits_neither_row_nor_commit_nor_permit_nor_scores_nor_bonds() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)]), (1, &[(2, 1)])]);
        end_epoch();
        assert_ok!(commit(0, &reveal_of(&[(3, 1)])));
        World::replace(NET, Uid(0), 500);
        assert_eq!(stored_row(0), None);
        assert_eq!(Tallies::<Test>::get(NET).rows(), 1);
        assert_eq!(Scoring::commits_of(NET, Uid(0)), None);
        assert_eq!(scores(0), NeuronScores::default());
        assert!(PastConsensus::<Test>::get(NET).iter().all(|column| column[0] == 0));
        assert!(Scoring::bonds(NET).iter().all(|(uid, _)| *uid != Uid(0)));
        // The validator that stays keeps what is its own.
        assert!(Scoring::bonds(NET).iter().any(|(uid, _)| *uid == Uid(1)));
        World::set_stake(500, 10_000);
        assert_noop!(commit(0, &reveal_of(&[(3, 1)])), Error::<Test>::NoValidatorPermit);
    });
}

#[test]
fn bonds_on_a_replaced_miner_do_not_pass_to_its_successor() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1), (3, 1)]), (1, &[(2, 1), (3, 1)])]);
        end_epoch();
        World::replace(NET, Uid(2), 500);
        for (_, bonds) in Scoring::bonds(NET) {
            assert_eq!(bonds.iter().map(|(uid, _)| *uid).collect::<Vec<_>>(), [Uid(3)]);
        }
    });
}

#[test]
fn a_commit_cannot_be_revealed_by_the_next_holder_of_the_uid() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 1)]);
        assert_ok!(commit(0, &said));
        end_epoch();
        World::replace(NET, Uid(0), 500);
        assert_noop!(reveal(0, &said), Error::<Test>::NoCommit);
    });
}

#[test]
fn the_same_hotkey_registered_anew_cannot_reveal_its_old_commit() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 1)]);
        assert_ok!(commit(0, &said));
        World::replace(NET, Uid(0), hotkey(0));
        assert_ok!(commit(0, &reveal_of(&[(3, 1)])));
        end_epoch();
        assert_noop!(reveal(0, &said), Error::<Test>::HashMismatch);
        assert_ok!(reveal(0, &reveal_of(&[(3, 1)])));
    });
}

#[test]
fn forgetting_a_neuron_is_charged_to_the_block() {
    ExtBuilder::default().build_and_execute(|| {
        let before = *System::block_weight().get(DispatchClass::Normal);
        World::replace(NET, Uid(0), 500);
        let after = *System::block_weight().get(DispatchClass::Normal);
        assert_eq!(after.ref_time() - before.ref_time(), 77 + 55);
    });
}
