//! `explain` tells, for a uid, what was asked, what it was worth and why.
use codec::Encode;
use laurel_protocol::merkle_proof;
use laurel_types::{EpochIndex, ModelRoot, NetUid, RegistrationId, Uid};
use laurel_validator::{
    evidence::{receipts_root, Subject},
    explain,
    explain::bundle::{Bundle, BundleError},
    rate::Policy,
    statistic::Deviation,
    store::{Identity, Kept, Store, StoreError},
    work::Findings,
    Evidence, Fault, Judgement, Rating, Score, Verdict,
};

const NETUID: NetUid = NetUid(1);

fn subject(uid: u16) -> Subject {
    Subject {
        netuid: NETUID,
        uid: Uid(uid),
        registration: RegistrationId(u64::from(uid) + 40),
        hotkey: [9; 32],
        model: ModelRoot([7; 32]),
    }
}

fn record(store: &Store, uid: u16, epoch: u64, judgement: Judgement, summary: &str) {
    let subject = subject(uid);
    let before = store.record_of(subject.registration).unwrap();
    let moment = (EpochIndex(epoch), 100 + epoch as u32);
    let (evidence, after) = Evidence::new(&subject, moment, judgement.into(), &before, Policy::default());
    let kept = Kept {
        summary,
        answer: Some(b"{}"),
    };
    store.record(&evidence, &after, &kept).unwrap();
}

fn correct(reason: &str, speed: u32) -> Judgement {
    let findings = Findings {
        reason: reason.into(),
        correctness: Score::ONE,
        deviation: Deviation::default(),
    };
    Judgement::correct(findings, Score(speed))
}

const IDENTITY: Identity = Identity {
    genesis: [1; 32],
    netuid: NETUID,
    hotkey: [2; 32],
};

fn down() -> Judgement {
    Judgement::fault(Fault::new(Verdict::Down, "connection refused"))
}

#[test]
fn an_explanation_shows_task_sub_scores_verdict_and_reason_of_the_last_epochs() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &IDENTITY).unwrap();
    record(&store, 3, 6, correct("too old to be shown", 1_000_000), "an old task");
    record(
        &store,
        3,
        7,
        correct("all 20 tokens are the canonical ones", 750_000),
        "20 tokens",
    );
    let wrong = Fault::new(Verdict::WrongContent, "token 4 is 17, had to be 99 (off by 2.300)");
    record(&store, 3, 8, Judgement::fault(wrong), "32 tokens at temperature 0.8");
    record(&store, 4, 8, correct("somebody else", 1_000_000), "another task");

    // The validator still has the store open.
    let explanation = explain(NETUID, Uid(3), folder.path(), 2).unwrap();
    assert_eq!(explanation.receipts.len(), 2);
    let text = explanation.to_string();
    let rating = format!(
        "rating 0.8750 → 0.0000, on probation for {} correct answers",
        Policy::default().probation()
    );
    let expected = [
        "subnet 1, uid 3: 2 tasks",
        "epoch 7, registration 43",
        "correct: all 20 tokens are the canonical ones",
        "score 0.7500 = correctness 1.0000 × speed 0.7500",
        "epoch 8, registration 43",
        "block 108: 32 tokens at temperature 0.8",
        "wrong_content: token 4 is 17, had to be 99 (off by 2.300)",
        "score 0.0000 = correctness 0.0000 × speed 0.0000",
        rating.as_str(),
    ];
    for line in expected {
        assert!(text.contains(line), "missing: {line}\nin:\n{text}");
    }
    for line in ["too old", "somebody else"] {
        assert!(!text.contains(line), "{line}\nin:\n{text}");
    }
}

#[test]
fn a_folder_without_a_store_says_what_to_give_instead() {
    let folder = tempfile::tempdir().unwrap();
    let error = explain(NETUID, Uid(3), folder.path(), 2).unwrap_err();
    assert!(matches!(error, StoreError::Missing(_)));
    assert!(error.to_string().contains("--data"), "{error}");
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "asking must not create anything"
    );
}

#[test]
fn every_receipt_is_under_the_root_and_consistent_and_a_changed_one_is_neither() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &IDENTITY).unwrap();
    for uid in 1..6 {
        record(&store, uid, 8, down(), "a task");
    }
    let leaves = store.leaves(EpochIndex(8)).unwrap();
    let root = receipts_root(&leaves);
    let mut evidence = explain(NETUID, Uid(3), folder.path(), 1).unwrap().receipts[0]
        .evidence
        .clone();
    let proof = merkle_proof(&leaves, 2).unwrap();
    assert!(proof.holds(&root, &evidence.encode()));
    assert!(evidence.is_consistent(&IDENTITY.genesis));
    evidence.after = Rating {
        value: Score(999),
        ..evidence.after
    };
    assert!(!proof.holds(&root, &evidence.encode()));
    assert!(!evidence.is_consistent(&IDENTITY.genesis));
}

#[test]
fn a_bundle_has_all_receipts_of_an_epoch_and_the_answers_of_one_uid_and_survives_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), &IDENTITY).unwrap();
    // As every validator does before it asks anybody.
    store.task_key().unwrap();
    for (uid, epoch) in [(3, 6), (3, 7), (4, 8), (3, 8), (4, 9)] {
        record(&store, uid, epoch, down(), "a task");
    }
    let bundle = Bundle::export(NETUID, Uid(3), folder.path(), 2).unwrap();
    assert_eq!(
        (bundle.genesis, bundle.validator, bundle.uid),
        ([1; 32], [2; 32], Uid(3))
    );
    let epochs: Vec<u64> = bundle.epochs.iter().map(|commitment| commitment.epoch.0).collect();
    assert_eq!(epochs, [7, 8]);
    let last = &bundle.epochs[1];
    assert_eq!(last.root(), receipts_root(&store.leaves(EpochIndex(8)).unwrap()));
    let answers: Vec<Option<&[u8]>> = last.leaves.iter().map(|leaf| leaf.answer.as_deref()).collect();
    assert_eq!(
        answers,
        [None, Some(b"{}".as_slice())],
        "of others there is the receipt alone"
    );

    let file = folder.path().join("bundle");
    bundle.write(&file).unwrap();
    assert_eq!(Bundle::read(&file).unwrap(), bundle);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.push(0);
    std::fs::write(&file, &bytes).unwrap();
    assert!(matches!(Bundle::read(&file), Err(BundleError::NotABundle(_))));
    assert!(matches!(
        Bundle::export(NETUID, Uid(9), folder.path(), 2),
        Err(BundleError::NoReceipts(Uid(9)))
    ));
}
