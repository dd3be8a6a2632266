use crate::{commit_hash, mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use laurel_types::{EpochIndex, NetUid, RegistrationId, RevealItem, Uid};
use sp_core::H256;

#[test]
fn weights_committed_in_one_epoch_and_revealed_in_the_next_are_dated_to_the_commit() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 3), (3, 1)]);
        System::set_block_number(5);
        assert_ok!(commit(0, &said));
        System::assert_last_event(
            Event::WeightsCommitted {
                netuid: NET,
                uid: Uid(0),
                hash: hash_of(0, &said),
                epoch: EpochIndex(0),
                reveal_epoch: EpochIndex(1),
            }
            .into(),
        );
        end_epoch();
        assert_ok!(reveal(0, &said));
        System::assert_last_event(
            Event::WeightsRevealed {
                netuid: NET,
                uid: Uid(0),
                receipts_root: said.receipts_root,
            }
            .into(),
        );
        assert_eq!(stored_row(0), Some(row(&[(2, 65_535), (3, 21_845)])));
        assert_eq!(Scoring::commits_of(NET, Uid(0)), None);
        assert_eq!(Scoring::last_update(NET, Uid(0)), 5);
        assert_eq!(Scoring::last_updates(NET, 4), [5, 0, 0, 0]);
        assert_eq!(Scoring::weights(NET), [(RegistrationId(1), stored_row(0).unwrap())]);
    });
}

#[test]
fn a_commit_cannot_be_replaced_within_its_epoch() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(commit(0, &reveal_of(&[(2, 1)])));
        assert_noop!(commit(0, &reveal_of(&[(3, 1)])), Error::<Test>::AlreadyCommitted);
        assert_noop!(commit(0, &reveal_of(&[(2, 1)])), Error::<Test>::AlreadyCommitted);
    });
}

#[test]
fn a_commit_cannot_be_revealed_in_its_own_epoch() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 1)]);
        assert_noop!(reveal(0, &said), Error::<Test>::NoCommit);
        assert_ok!(commit(0, &said));
        assert_noop!(reveal(0, &said), Error::<Test>::RevealTooEarly);
    });
}

/// Weakness 2: of several commits a validator revealed the one that suited it, or none.
#[test]
fn a_validator_cannot_choose_afterwards_what_to_have_said() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)])]);
        assert_ok!(commit(0, &reveal_of(&[(2, 1)])));
        end_epoch();
        // Another row than the one committed, a second commit for the same window, silence: none of it leaves the old row standing.
        assert_noop!(reveal(0, &reveal_of(&[(3, 1)])), Error::<Test>::HashMismatch);
        assert_ok!(commit(0, &reveal_of(&[(3, 1)])));
        assert_noop!(reveal(0, &reveal_of(&[(3, 1)])), Error::<Test>::HashMismatch);
        end_epoch();
        assert_eq!(stored_row(0), None);
    });
}

#[test]
fn a_commit_not_revealed_in_its_window_leaves_the_validator_without_weights_and_without_bonds() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)])]);
        assert_ok!(commit(0, &reveal_of(&[(3, 1)])));
        let shares = end_epoch();
        assert!(shares[0].dividends > 0, "the revealed row counts");
        let shares = end_epoch();
        System::assert_has_event(
            Event::CommitExpired {
                netuid: NET,
                uid: Uid(0),
                epoch: EpochIndex(1),
            }
            .into(),
        );
        assert_eq!(incentives(&shares), [0, 0, 0, 0]);
        assert_eq!(dividends(&shares), [0, 0, 0, 0]);
        assert!(!scores(0).active);
        assert!(Scoring::bonds(NET).is_empty());
        assert_noop!(reveal(0, &reveal_of(&[(3, 1)])), Error::<Test>::NoCommit);
    });
}

#[test]
fn a_validator_that_does_not_commit_keeps_its_last_row() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)])]);
        assert!(end_epoch()[2].incentive > 0);
        assert!(end_epoch()[2].incentive > 0);
        assert!(stored_row(0).is_some());
    });
}

#[test]
fn a_validator_may_commit_anew_before_it_reveals() {
    ExtBuilder::default().build_and_execute(|| {
        let (first, second) = (reveal_of(&[(2, 1)]), reveal_of(&[(3, 1)]));
        assert_ok!(commit(0, &first));
        end_epoch();
        assert_ok!(commit(0, &second));
        assert_eq!(pending(0), [0, 1]);
        assert_ok!(reveal(0, &first));
        end_epoch();
        assert_ok!(reveal(0, &second));
        assert_eq!(stored_row(0), Some(row(&[(3, 65_535)])));
    });
}

#[test]
fn the_hash_binds_subnet_registration_row_receipts_version_and_salt() {
    let base = reveal_of(&[(2, 1)]);
    let hash = commit_hash(&base, RegistrationId(1));
    let changed = |change: fn(&mut RevealItem)| {
        let mut other = base.clone();
        change(&mut other);
        commit_hash(&other, RegistrationId(1))
    };
    let others = [
        commit_hash(&base, RegistrationId(2)),
        changed(|other| other.netuid = NetUid(2)),
        changed(|other| other.row = row(&[(2, 2)])),
        changed(|other| other.receipts_root = [8; 32]),
        changed(|other| other.version_key = 1),
        changed(|other| other.salt = [8; 32]),
    ];
    assert!(others.iter().all(|other| *other != hash));
}

/// Weakness 4: whoever was registered could commit.
#[test]
fn a_commit_needs_a_subnet_with_commit_reveal_a_uid_and_a_permit() {
    ExtBuilder::default().build_and_execute(|| {
        let hash = H256::repeat_byte(1);
        assert_noop!(
            Scoring::commit_weights(signed(hotkey(0)), NetUid(9), hash),
            Error::<Test>::UnknownSubnet
        );
        assert_noop!(
            Scoring::commit_weights(signed(999), NET, hash),
            Error::<Test>::NotRegistered
        );
        assert_noop!(
            Scoring::commit_weights(signed(hotkey(2)), NET, hash),
            Error::<Test>::NoValidatorPermit
        );
        World::change(NET, |params| params.commit_reveal = false);
        assert_noop!(
            Scoring::commit_weights(signed(hotkey(0)), NET, hash),
            Error::<Test>::CommitRevealDisabled
        );
        assert_noop!(reveal(0, &reveal_of(&[(2, 1)])), Error::<Test>::CommitRevealDisabled);
    });
}

#[test]
fn a_commit_of_a_subnet_that_switched_commit_reveal_off_lapses_without_taking_the_row() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)])]);
        assert_ok!(commit(0, &reveal_of(&[(3, 1)])));
        end_epoch();
        World::change(NET, |params| params.commit_reveal = false);
        end_epoch();
        assert_eq!(Scoring::commits_of(NET, Uid(0)), None);
        assert!(stored_row(0).is_some());
    });
}

/// Weakness 38: calls that could not succeed filled blocks free of charge.
#[test]
fn weights_calls_that_succeed_are_free_and_those_that_fail_are_not() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(2, 1)]);
        assert_eq!(commit(0, &said).unwrap().pays_fee, Pays::No);
        assert_eq!(commit(0, &said).unwrap_err().post_info.pays_fee, Pays::Yes);
        end_epoch();
        assert_eq!(
            reveal(0, &reveal_of(&[(3, 1)])).unwrap_err().post_info.pays_fee,
            Pays::Yes
        );
        assert_eq!(reveal(0, &said).unwrap().pays_fee, Pays::No);
    });
}

#[test]
fn a_reveal_that_breaks_a_rule_of_rows_is_refused_and_can_be_repeated() {
    ExtBuilder::default().build_and_execute(|| {
        let said = reveal_of(&[(0, 1), (2, 1)]);
        assert_ok!(commit(0, &said));
        end_epoch();
        assert_noop!(reveal(0, &said), Error::<Test>::SelfWeight);
        assert_eq!(pending(0), [0]);
    });
}

#[test]
fn a_reveal_period_hides_weights_for_as_many_epochs() {
    ExtBuilder::default()
        .params(|p| p.reveal_period = 2)
        .build_and_execute(|| {
            let said = [reveal_of(&[(2, 1)]), reveal_of(&[(2, 1), (3, 1)]), reveal_of(&[(3, 1)])];
            assert_ok!(commit(0, &said[0]));
            end_epoch();
            assert_noop!(reveal(0, &said[0]), Error::<Test>::RevealTooEarly);
            assert_ok!(commit(0, &said[1]));
            end_epoch();
            assert_ok!(commit(0, &said[2]));
            assert_eq!(pending(0), [0, 1, 2]);
            assert_noop!(reveal(0, &said[1]), Error::<Test>::HashMismatch);
            assert_ok!(reveal(0, &said[0]));
            assert!(end_epoch()[2].incentive > 0);
            assert_ok!(reveal(0, &said[1]));
            end_epoch();
            assert_ok!(reveal(0, &said[2]));
            assert_eq!(stored_row(0), Some(row(&[(3, 65_535)])));
        });
}

#[test]
fn a_shortened_period_leaves_each_commit_its_window_and_the_last_word_stands() {
    ExtBuilder::default()
        .params(|p| p.reveal_period = 2)
        .build_and_execute(|| {
            let (first, second) = (reveal_of(&[(2, 1)]), reveal_of(&[(3, 1)]));
            assert_ok!(commit(0, &first));
            end_epoch();
            World::change(NET, |params| params.reveal_period = 1);
            assert_ok!(commit(0, &second));
            end_epoch();
            // Both are due now; the older one comes last and changes nothing.
            assert_ok!(reveal(0, &second));
            assert_ok!(reveal(0, &first));
            assert_eq!(stored_row(0), Some(row(&[(3, 65_535)])));
            assert_eq!(Scoring::commits_of(NET, Uid(0)), None);
        });
}

/// Weakness 2: nobody saw that a validator had kept silent.
#[test]
fn a_missed_reveal_is_shown_until_the_validator_reveals_again() {
    ExtBuilder::default().build_and_execute(|| {
        let shown = || {
            let commits = Scoring::pending_commits(NET);
            let entry = commits.into_iter().find(|entry| entry.uid == Uid(0));
            entry.map(|entry| (entry.pending.len(), entry.missed))
        };
        assert_ok!(commit(0, &reveal_of(&[(2, 1)])));
        assert_eq!(shown(), Some((1, None)));
        end_epoch();
        end_epoch();
        assert_eq!(shown(), Some((0, Some(EpochIndex(0)))));
        let said = reveal_of(&[(3, 1)]);
        assert_ok!(commit(0, &said));
        end_epoch();
        assert_eq!(shown(), Some((1, Some(EpochIndex(0)))));
        assert_ok!(reveal(0, &said));
        assert_eq!(shown(), None);
    });
}

#[test]
fn a_row_counts_however_short_the_activity_cutoff_is_set() {
    ExtBuilder::default()
        .params(|p| {
            p.activity_cutoff = 10;
            p.reveal_period = 2;
        })
        .build_and_execute(|| {
            let said = reveal_of(&[(2, 1)]);
            assert_ok!(commit(0, &said));
            end_epoch();
            end_epoch();
            assert_ok!(reveal(0, &said));
            assert!(end_epoch()[2].incentive > 0);
            assert!(scores(0).active);
        });
}

/// Without a row a validator counts as one without a permit; its bonds used to stay in the table where it lost that as well.
#[test]
fn who_misses_a_reveal_and_loses_its_permit_loses_its_bonds_also() {
    let one = ExtBuilder::default().params(|p| p.max_validators = 1);
    one.build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)])]);
        end_epoch();
        assert_eq!(Scoring::bonds(NET).len(), 1);
        commit(0, &reveal_of(&[(2, 1)])).unwrap();
        end_epoch();
        World::set_stake(hotkey(1), 100_000);
        end_epoch();
        assert!(scores(1).permit && !scores(0).permit && stored_row(0).is_none());
        assert!(!crate::Bonds::<Test>::contains_key(NET));
    });
}
