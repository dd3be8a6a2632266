use crate::{mock::*, Error, Event, Tallies};
use codec::{Decode, Encode};
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResultWithPostInfo, Pays},
};
use laurel_types::Uid;

fn direct() -> ExtBuilder {
    ExtBuilder::default().params(|p| p.commit_reveal = false)
}

fn set(uid: u16, entries: &[(u16, u16)], version_key: u64) -> DispatchResultWithPostInfo {
    Scoring::set_weights(signed(hotkey(uid)), NET, row(entries), [3; 32], version_key)
}

#[test]
fn direct_weights_count_from_their_block_scaled_to_the_largest() {
    direct().build_and_execute(|| {
        assert_eq!(set(0, &[(1, 2), (2, 1)], 0).unwrap().pays_fee, Pays::No);
        System::assert_last_event(
            Event::WeightsSet {
                netuid: NET,
                uid: Uid(0),
                receipts_root: [3; 32],
            }
            .into(),
        );
        assert_eq!(Scoring::last_update(NET, Uid(0)), 2);
        assert_eq!(stored_row(0), Some(row(&[(1, 65_535), (2, 32_768)])));
        assert_eq!(Tallies::<Test>::get(NET).rows(), 1);
    });
}

#[test]
fn direct_weights_are_refused_where_commit_reveal_is_on() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(set(0, &[(2, 1)], 0), Error::<Test>::CommitRevealEnabled);
    });
}

#[test]
fn direct_weights_need_a_permit() {
    direct().build_and_execute(|| {
        assert_noop!(set(2, &[(3, 1)], 0), Error::<Test>::NoValidatorPermit);
    });
}

#[test]
fn direct_weights_wait_for_the_rate_limit() {
    direct().params(|p| p.weights_rate_limit = 8).build_and_execute(|| {
        assert_ok!(set(0, &[(2, 1)], 0));
        System::set_block_number(9);
        assert_noop!(set(0, &[(3, 1)], 0), Error::<Test>::SettingWeightsTooFast);
        System::set_block_number(10);
        assert_ok!(set(0, &[(3, 1)], 0));
        assert_eq!(Tallies::<Test>::get(NET).rows(), 1);
    });
}

/// Weakness 11: who weighed itself needed no permit.
#[test]
fn a_row_names_only_neurons_that_exist_and_never_its_own() {
    direct().build_and_execute(|| {
        assert_noop!(set(0, &[(2, 1), (4, 1)], 0), Error::<Test>::UnknownUid);
        assert_noop!(set(0, &[(0, 1)], 0), Error::<Test>::SelfWeight);
        assert_ok!(set(0, &[(1, 1), (3, 1)], 0));
    });
}

#[test]
fn a_row_has_the_subnets_fewest_entries_or_all_neurons_but_its_own() {
    direct().params(|p| p.min_allowed_weights = 2).build_and_execute(|| {
        assert_noop!(set(0, &[(2, 1)], 0), Error::<Test>::TooFewWeights);
        assert_ok!(set(0, &[(2, 1), (3, 1)], 0));
    });
    direct().params(|p| p.min_allowed_weights = 100).build_and_execute(|| {
        assert_noop!(set(0, &[(1, 1), (2, 1)], 0), Error::<Test>::TooFewWeights);
        assert_ok!(set(0, &[(1, 1), (2, 1), (3, 1)], 0));
    });
}

#[test]
fn no_entry_has_more_than_the_subnets_share_of_its_row() {
    direct().params(|p| p.max_weight_limit = 32_768).build_and_execute(|| {
        assert_noop!(set(0, &[(2, 2), (3, 1)], 0), Error::<Test>::MaxWeightExceeded);
        assert_ok!(set(0, &[(2, 1), (3, 1)], 0));
    });
}

#[test]
fn a_row_of_an_outdated_validator_is_refused() {
    direct().params(|p| p.weights_version = 5).build_and_execute(|| {
        assert_noop!(set(0, &[(2, 1)], 4), Error::<Test>::OutdatedVersionKey);
        assert_ok!(set(0, &[(2, 1)], 5));
    });
}

/// Weakness 42: whether a row named a uid twice was found out by comparing all with all.
#[test]
fn a_row_that_is_not_ascending_cannot_be_decoded() {
    for entries in [
        vec![(Uid(1), 1u16), (Uid(1), 1)],
        vec![(Uid(2), 1), (Uid(1), 1)],
        vec![(Uid(1), 0)],
    ] {
        assert!(laurel_types::WeightRow::decode(&mut &entries.encode()[..]).is_err());
    }
}

/// Everything that the pallet has stored.
fn stored() -> std::collections::BTreeMap<Vec<u8>, Vec<u8>> {
    let pallet = sp_io::hashing::twox_128(b"Scoring").to_vec();
    let mut all = std::collections::BTreeMap::new();
    let mut key = pallet.clone();
    while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&pallet)) {
        let value = sp_io::storage::get(&next).unwrap_or_default().to_vec();
        all.insert(next.clone(), value);
        key = next;
    }
    all
}

/// Weakness 32: one row rewrote vectors of the whole subnet.
#[test]
fn a_row_changes_the_value_of_its_group_and_the_count_of_rows_and_nothing_else() {
    direct().stakes(&[100; 64]).build_and_execute(|| {
        for uid in 0..64u16 {
            assert_ok!(set(uid, &[((uid + 1) % 64, 1)], 0));
        }
        System::set_block_number(200);
        let before = stored();
        assert_ok!(set(40, &[(1, 3), (2, 1)], 0));
        let changed: Vec<Vec<u8>> = stored()
            .into_iter()
            .filter(|(key, value)| before.get(key) != Some(value))
            .map(|(key, _)| key)
            .collect();
        assert_eq!(changed, [crate::Rows::<Test>::hashed_key_for(NET, 2)]);
        assert_eq!(stored().len(), before.len());
    });
}
