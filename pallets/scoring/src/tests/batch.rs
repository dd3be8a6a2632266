//! Weights of several subnets in one call.
use crate::{mock::*, Call, Error, Event};
use frame_support::{
    assert_ok,
    dispatch::{GetDispatchInfo, Pays},
};
use laurel_types::{CommitItem, Hyperparameters, NetUid, Uid, WeightsItem};

const OTHER: NetUid = NetUid(2);

/// A second subnet with the same neurons, both taking weights as `commit_reveal` says.
fn two_subnets(commit_reveal: bool) -> ExtBuilder {
    ExtBuilder::default().params(move |p| p.commit_reveal = commit_reveal)
}

fn create_other(commit_reveal: bool) {
    let params = Hyperparameters {
        tempo: TEMPO,
        commit_reveal,
        ..Default::default()
    };
    assert_eq!(World::create(params), OTHER);
    for uid in 0..4 {
        World::register(OTHER, hotkey(uid));
    }
}

fn item(netuid: NetUid, entries: &[(u16, u16)]) -> WeightsItem {
    WeightsItem {
        netuid,
        row: row(entries),
        receipts_root: [3; 32],
        version_key: 0,
    }
}

fn set(items: Vec<WeightsItem>) -> frame_support::dispatch::DispatchResultWithPostInfo {
    Scoring::batch_set_weights(signed(hotkey(0)), items.try_into().unwrap())
}

#[test]
fn a_batch_sets_weights_in_each_subnet_and_is_free() {
    two_subnets(false).build_and_execute(|| {
        create_other(false);
        let info = set(vec![item(NET, &[(2, 1)]), item(OTHER, &[(2, 1), (3, 1)])]).unwrap();
        assert_eq!(info.pays_fee, Pays::No);
        assert_eq!(stored_row(0), Some(row(&[(2, 65_535)])));
        assert_eq!(Scoring::last_update(OTHER, Uid(0)), 2);
        System::assert_last_event(Event::BatchCompleted { done: 2, failed: 0 }.into());
    });
}

#[test]
fn an_item_that_fails_stops_no_other_says_why_and_costs_the_fee() {
    two_subnets(false).build_and_execute(|| {
        create_other(true);
        let items = vec![item(OTHER, &[(2, 1)]), item(NET, &[(0, 1)]), item(NET, &[(2, 1)])];
        let info = set(items).unwrap();
        assert_eq!(info.pays_fee, Pays::Yes);
        assert!(stored_row(0).is_some());
        for (index, netuid, error) in [
            (0, OTHER, Error::<Test>::CommitRevealEnabled),
            (1, NET, Error::<Test>::SelfWeight),
        ] {
            let error = error.into();
            System::assert_has_event(Event::BatchItemFailed { index, netuid, error }.into());
        }
        System::assert_last_event(Event::BatchCompleted { done: 1, failed: 2 }.into());
    });
}

#[test]
fn the_same_subnet_twice_in_a_batch_meets_the_rate_limit() {
    two_subnets(false).build_and_execute(|| {
        let info = set(vec![item(NET, &[(2, 1)]), item(NET, &[(3, 1)])]).unwrap();
        assert_eq!(info.pays_fee, Pays::Yes);
        assert_eq!(stored_row(0), Some(row(&[(2, 65_535)])));
    });
}

#[test]
fn a_batch_without_an_item_that_succeeds_fails_with_the_first_reason() {
    two_subnets(false).build_and_execute(|| {
        let nothing: Vec<WeightsItem> = Vec::new();
        assert_eq!(
            set(nothing.clone()).unwrap_err().error,
            Error::<Test>::EmptyBatch.into()
        );
        let hopeless = vec![item(NET, &[(0, 1)]), item(NetUid(9), &[(2, 1)])];
        let failure = set(hopeless.clone()).unwrap_err();
        assert_eq!(failure.error, Error::<Test>::SelfWeight.into());
        assert_eq!(failure.post_info.pays_fee, Pays::Yes);
        // The pool knows before.
        let check = |items: &[WeightsItem]| Scoring::check_batch_set_weights(&hotkey(0), items);
        assert!(matches!(check(&nothing), Err(Error::EmptyBatch)));
        assert!(matches!(check(&hopeless), Err(Error::SelfWeight)));
        assert!(check(&[item(NET, &[(0, 1)]), item(NET, &[(2, 1)])]).is_ok());
    });
}

#[test]
fn a_batch_commits_and_another_reveals() {
    two_subnets(true).build_and_execute(|| {
        create_other(true);
        let said: Vec<_> = [NET, OTHER]
            .map(|netuid| laurel_types::RevealItem {
                netuid,
                ..reveal_of(&[(2, 3), (3, 1)])
            })
            .into();
        let commits: Vec<_> = said
            .iter()
            .map(|item| CommitItem {
                netuid: item.netuid,
                hash: hash_of(0, item).0,
            })
            .collect();
        assert_ok!(Scoring::batch_commit_weights(
            signed(hotkey(0)),
            commits.clone().try_into().unwrap()
        ));
        let again = Scoring::batch_commit_weights(signed(hotkey(0)), commits.try_into().unwrap());
        assert_eq!(again.unwrap_err().error, Error::<Test>::AlreadyCommitted.into());
        end_epoch();
        <Scoring as laurel_support::Epochs<AccountId>>::run(OTHER);
        assert_ok!(Scoring::batch_reveal_weights(
            signed(hotkey(0)),
            said.try_into().unwrap()
        ));
        assert_eq!(stored_row(0), Some(row(&[(2, 65_535), (3, 21_845)])));
        assert_eq!(Scoring::weights(OTHER).len(), 1);
    });
}

/// Weakness 37: a batch cost the same whatever was in it.
#[test]
fn a_batch_is_charged_by_its_items() {
    ExtBuilder::default().stakes(&[]).build_and_execute(|| {
        let items = vec![item(NET, &[(2, 1), (3, 1)]), item(OTHER, &[(2, 1)])];
        let items = items.try_into().unwrap();
        let weight = Call::<Test>::batch_set_weights { items }
            .get_dispatch_info()
            .call_weight;
        assert_eq!(weight.ref_time(), 200_000 + 3_002 + 3_001);
    });
}
