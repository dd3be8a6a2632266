use super::*;
use crate::{
    evidence::Subject,
    rate::Policy,
    rating::tests::{correct, fault},
    statistic::Deviation,
    Judgement, Verdict,
};
use std::{fs, os::unix::fs::PermissionsExt};

pub(super) const IDENTITY: Identity = Identity {
    genesis: [1; 32],
    netuid: NetUid(2),
    hotkey: [3; 32],
};

fn evidence(epoch: u64, uid: u16, judgement: Judgement, before: &Record) -> (Evidence, Record) {
    let subject = Subject {
        netuid: NetUid(2),
        uid: Uid(uid),
        registration: RegistrationId(u64::from(uid) + 100),
        hotkey: [uid as u8; 32],
        model: Default::default(),
    };
    let moment = (EpochIndex(epoch), 7);
    Evidence::new(&subject, moment, judgement.into(), before, Policy::default())
}

fn kept<'a>(summary: &'a str, answer: Option<&'a [u8]>) -> Kept<'a> {
    Kept { summary, answer }
}

#[test]
fn the_folder_that_a_store_makes_is_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a/data");
    Store::open(&data, &IDENTITY).unwrap();
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_receipt_and_its_rating_are_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let mut good = correct();
    good.deviation = Some(Deviation {
        tokens: 30,
        ..Default::default()
    });
    let (receipt, record) = evidence(4, 5, good, &Record::default());
    {
        let store = Store::open(folder.path(), &IDENTITY).unwrap();
        let kept = kept("a task", Some(b"an answer"));
        store.record(&receipt, &record, &kept).unwrap();
    }
    let store = Store::open(folder.path(), &IDENTITY).unwrap();
    let again = store.record_of(RegistrationId(105)).unwrap();
    assert_eq!(again, record);
    assert!(again.rating.value == Score::ONE && again.rating.rate < Score::ONE);
    assert_ne!(again.window, Window::default());
    assert_eq!(store.record_of(RegistrationId(106)).unwrap(), Record::default());
    assert_eq!(store.leaves(EpochIndex(4)).unwrap(), [receipt.encode()]);
    let receipts = store.receipts_of(Uid(5), 3).unwrap();
    assert_eq!(
        receipts,
        [StoredReceipt {
            summary: "a task".into(),
            evidence: receipt
        }]
    );
}

#[test]
fn only_the_last_epochs_of_a_uid_are_returned() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &IDENTITY).unwrap();
    for (epoch, uid) in [(1, 5), (1, 6), (2, 5), (2, 5), (2, 6), (9, 5), (9, 6)] {
        let (receipt, record) = evidence(epoch, uid, fault(Verdict::Down), &Record::default());
        store.record(&receipt, &record, &kept("", None)).unwrap();
    }
    let epochs = |n| -> Vec<u64> {
        store
            .receipts_of(Uid(5), n)
            .unwrap()
            .iter()
            .map(|receipt| receipt.evidence.epoch.0)
            .collect()
    };
    assert_eq!(epochs(1), [9]);
    assert_eq!(epochs(2), [2, 2, 9]);
}

#[test]
fn task_numbers_are_never_given_twice_even_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path(), &IDENTITY).unwrap();
    let key = first.task_key().unwrap();
    assert_eq!(first.take_task_number().unwrap(), 0);
    // As a killed process leaves it: not closed.
    std::mem::forget(first);
    let second = Store::open(folder.path(), &IDENTITY).unwrap();
    assert_eq!(second.take_task_number().unwrap(), 1);
    assert_eq!(second.task_key().unwrap(), key);
}

#[test]
fn a_full_disk_keeps_neither_a_receipt_nor_its_rating_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &IDENTITY).unwrap();
    // SQLite's own bound refuses as a full disk does.
    store
        .with(|db| db.query_row("PRAGMA max_page_count = 1", [], |_| Ok(())))
        .unwrap();
    let (receipt, record) = evidence(4, 5, correct(), &Record::default());
    let large = [0; 1 << 20];
    let refusal = store
        .record(&receipt, &record, &kept("a task", Some(&large)))
        .unwrap_err();
    assert!(refusal.to_string().ends_with("free some space"), "{refusal}");
    assert_eq!(store.record_of(RegistrationId(105)).unwrap(), Record::default());
    assert!(store.leaves(EpochIndex(4)).unwrap().is_empty());
    // With room again it goes on as if nothing had been.
    store
        .with(|db| db.query_row("PRAGMA max_page_count = 100000", [], |_| Ok(())))
        .unwrap();
    store.record(&receipt, &record, &kept("a task", None)).unwrap();
}

#[test]
fn a_store_of_another_chain_subnet_or_hotkey_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Store::open(folder.path(), &IDENTITY).unwrap();
    let other_chain = Identity {
        genesis: [9; 32],
        ..IDENTITY
    };
    let other_key = Identity {
        hotkey: [9; 32],
        ..IDENTITY
    };
    for (identity, expected) in [(other_chain, "chain"), (other_key, "hotkey")] {
        match Store::open(folder.path(), &identity) {
            Err(StoreError::Foreign { what, .. }) => assert_eq!(what, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("subnet-2.sqlite");
    fs::write(&path, "a letter to my aunt, kept here for reasons of space".repeat(20)).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(
        Store::open(folder.path(), &IDENTITY),
        Err(StoreError::Sqlite { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), before);
}
