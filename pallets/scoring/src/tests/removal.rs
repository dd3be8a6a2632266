//! Subnets that end, and hotkeys that are swapped.
use crate::{mock::*, Rolls};
use frame_support::{assert_ok, weights::Weight, StorageHasher, Twox64Concat};
use laurel_support::{OnHotkeySwapped, OnSubnetRemoved};
use laurel_types::NetUid;

/// Storage keys of the pallet that belong to a subnet: its number follows prefix and hash.
pub fn keys_of(netuid: NetUid) -> usize {
    let pallet = sp_io::hashing::twox_128(b"Scoring");
    let subnet = Twox64Concat::hash(&codec::Encode::encode(&netuid));
    let mut key = pallet.to_vec();
    let mut found = 0;
    while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&pallet)) {
        found += usize::from(next[32..].starts_with(&subnet));
        key = next;
    }
    found
}

/// Weakness 50: most of what a subnet had was left to the next one of the same number.
#[test]
fn nothing_is_left_of_a_subnet_that_ends() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)]), (1, &[(2, 1)])]);
        end_epoch();
        <Scoring as laurel_support::Epochs<AccountId>>::record_emission(NET, &[1, 2, 3, 4]);
        commit(0, &reveal_of(&[(3, 1)])).unwrap();
        // Clock, roll, rows and their count, commits, bonds, scores, consensus, emissions, permits.
        assert_eq!(keys_of(NET), 10);
        World::remove(NET);
        let step = |budget| <Scoring as OnSubnetRemoved>::remove_step(NET, Weight::from_parts(budget, 0));
        assert_eq!((step(299), keys_of(NET)), ((Weight::zero(), false), 10));
        // The roll, rows and commits of its only page.
        assert_eq!((step(799), keys_of(NET)), ((Weight::from_parts(300, 0), false), 7));
        assert_eq!((step(500), keys_of(NET)), ((Weight::from_parts(500, 0), true), 0));
        assert!(step(500).1, "harmless when nothing is left");
    });
}

#[test]
fn a_swapped_hotkey_keeps_row_commits_permit_bonds_and_marks() {
    ExtBuilder::default().build_and_execute(|| {
        commit_then_reveal(&[(0, &[(2, 1)]), (1, &[(2, 1)])]);
        end_epoch();
        let before = (
            stored_row(0),
            scores(0),
            Scoring::bonds(NET),
            Rolls::<Test>::get(NET, 0).marks,
        );
        World::rename(hotkey(0), 500);
        assert_ok!(Scoring::on_hotkey_swapped(&hotkey(0), &500));
        let after = (
            stored_row(0),
            scores(0),
            Scoring::bonds(NET),
            Rolls::<Test>::get(NET, 0).marks,
        );
        assert_eq!(after, before);
        assert_eq!(Rolls::<Test>::get(NET, 0).hotkeys[0], 500);
        let shares = end_epoch();
        assert_eq!(shares[0].hotkey, 500);
        assert!(shares[0].dividends > 0);
        assert!(may_speak(0));
    });
}
