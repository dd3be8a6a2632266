//! Work of a subnet's own: what its author's judge says is what counts.
use crate::support::{miner_key, recipient, GENESIS, NETUID};
use laurel_protocol::{
    output_hash_custom, specification_root, CustomWork, Envelope, Hotkey, Receipt, Target, Work as Done, CUSTOM_PATH,
};
use laurel_types::{EpochIndex, ModelKind, RegistrationId, Uid};
use laurel_validator::{
    checking::{Asked, Checker, Finding},
    evidence::{Evidence, Origin, Subject},
    pace::Pace,
    rand::{Rng, RngCore},
    rate::Policy,
    rating::Record,
    store::{Identity, Kept, Store},
    work::{Answer, CustomKind, Judge, Scored, Task, Work, Works},
    Judgement, Score, Verdict,
};
use std::sync::Arc;
use subxt_signer::sr25519::dev;

/// Divides numbers: the larger the divisor, the better.
struct Dividing;

impl CustomWork for Dividing {
    const SPECIFICATION: &'static str = "Find a large divisor.";
    type Task = u32;
    type Answer = u32;
}

impl Judge for Dividing {
    fn task(&self, random: &mut dyn RngCore) -> u32 {
        random.random_range(1_000..1_000_000)
    }

    fn score(&self, task: &u32, answer: &u32) -> Result<Scored, String> {
        if *answer == 0 || !task.is_multiple_of(*answer) {
            return Err(format!("{answer} does not divide {task}"));
        }
        Ok(Scored {
            score: Score::ratio((*answer).into(), (*task).into()),
            reason: format!("{answer} divides {task}"),
        })
    }
}

fn work() -> CustomKind<Dividing> {
    CustomKind::new(Dividing, [7; 32])
}

fn task(number: u32) -> Task {
    let root = hex::encode(specification_root(Dividing::SPECIFICATION).0);
    let body = format!(r#"{{"task": {number}, "model": "{root}"}}"#);
    work().request(CUSTOM_PATH, body.as_bytes()).unwrap()
}

/// An answer with a receipt over `signed`.
fn answer(task: &Task, body: &str, signed: &str) -> Answer {
    let target = Target {
        method: "POST",
        path: task.path,
    };
    let envelope = Envelope::new(&recipient(), target, &task.body, Hotkey::of(&dev::alice()), 10_000);
    let done = Done {
        model: work().model(),
        output_hash: output_hash_custom(signed.as_bytes()),
        proof_hash: None,
        prompt_tokens: task.body.len() as u32,
        completion_tokens: signed.len() as u32,
        received_ms: 1,
        completed_ms: 2,
    };
    Answer {
        receipt: Some(Receipt::new(&envelope, &done).sign(&miner_key()).to_text()),
        envelope,
        body: body.into(),
        is_streamed: false,
        first_ms: 5,
        latency_ms: 5,
        deadline_ms: 8_000,
    }
}

/// What a glance and a check say: the score, or the verdict.
async fn judge(task: &Task, answer: &Answer) -> Result<Score, Verdict> {
    let work = work();
    work.glance(task, answer)
        .await
        .unwrap()
        .map_err(|fault| fault.verdict)?;
    let found = work.check(task, answer).await.unwrap();
    found
        .map(|findings| findings.correctness)
        .map_err(|fault| fault.verdict)
}

#[tokio::test]
async fn an_answer_is_worth_what_the_author_says_and_one_that_cannot_be_is_proof_of_cheating() {
    let task = task(1_000);
    for (body, expected) in [
        ("500", Ok(Score(500_000))),
        ("1", Ok(Score(1_000))),
        ("3", Err(Verdict::WrongContent)),
        ("-1", Err(Verdict::Malformed)),
        ("\"500\"", Err(Verdict::Malformed)),
        ("", Err(Verdict::Malformed)),
    ] {
        assert_eq!(judge(&task, &answer(&task, body, body)).await, expected, "{body}");
    }
    assert_eq!(
        judge(&task, &answer(&task, "500", "250")).await,
        Err(Verdict::Mismatched)
    );
    let mut unsigned = answer(&task, "500", "500");
    unsigned.receipt = None;
    assert_eq!(judge(&task, &unsigned).await, Err(Verdict::Unsigned));
}

#[tokio::test]
async fn a_reason_quotes_no_answer_that_cannot_be_read() {
    let task = task(1_000);
    let body = r#"{"a user's secret": 1}"#;
    let fault = work()
        .glance(&task, &answer(&task, body, body))
        .await
        .unwrap()
        .unwrap_err();
    assert!(!fault.reason.contains("secret"), "{}", fault.reason);
}

#[test]
fn tasks_follow_from_the_secret_and_are_never_the_same() {
    let of = |key: u8| -> Vec<Vec<u8>> {
        let work = CustomKind::new(Dividing, [key; 32]);
        (0..20).map(|number| work.task(number).unwrap().body).collect()
    };
    assert_eq!(of(1), of(1));
    let mut all = [of(1), of(2)].concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 40);
}

#[test]
fn a_request_has_one_spelling_and_other_paths_are_none_of_its() {
    let task = task(1_000);
    assert_eq!((task.path, task.is_streamed), (CUSTOM_PATH, false));
    let again = work().request(CUSTOM_PATH, &task.body).unwrap();
    assert_eq!(again.body, task.body);
    let refused = |path: &str, body: &[u8]| work().request(path, body).unwrap_err().code();
    assert_eq!(refused("/v1/completions", &task.body), "wrong_kind");
    assert_eq!(refused(CUSTOM_PATH, br#"{"task":1}"#), "malformed_body");
    assert_eq!(work().kind(), ModelKind::Custom);
}

/// A store whose miner has been clean for so long that hardly any of its answers is checked.
fn trusted(folder: &std::path::Path, subject: &Subject) -> Arc<Store> {
    let identity = Identity {
        genesis: GENESIS,
        netuid: NETUID,
        hotkey: Hotkey::of(&dev::alice()).0,
    };
    let store = Arc::new(Store::open(folder, &identity).unwrap());
    let mut record = Record::default();
    record.rating.rate = Policy::default().floor();
    let judgement = Judgement::unchecked(Score::ONE);
    let (evidence, after) = Evidence::new(
        subject,
        (EpochIndex(8), 1),
        judgement.into(),
        &record,
        Policy::default(),
    );
    let kept = Kept {
        summary: "",
        answer: None,
    };
    store.record(&evidence, &after, &kept).unwrap();
    store
}

#[tokio::test]
async fn every_answer_is_scored_and_the_receipt_of_a_part_holds() {
    let folder = tempfile::tempdir().unwrap();
    let subject = Subject {
        netuid: NETUID,
        uid: Uid(5),
        registration: RegistrationId(41),
        hotkey: Hotkey::of(&miner_key()).0,
        model: work().model(),
    };
    let store = trusted(folder.path(), &subject);
    let works = Works::new(vec![Arc::new(work())]);
    let checker = Checker::new(works, store.clone(), Policy::default()).unwrap();
    for number in 1..=20 {
        let task = task(number * 1_000);
        let body = (number * 250).to_string();
        let asked = Asked {
            subject,
            origin: Origin::Task,
            answer: Ok(answer(&task, &body, &body)),
            task,
        };
        let outcome = checker.judge(asked, EpochIndex(8)).await;
        assert!(
            matches!(outcome.finding, Ok(Finding::Right(_))),
            "{:?}",
            outcome.finding
        );
        let dossier = outcome.file(&Pace::default()).unwrap();
        let record = store.record_of(subject.registration).unwrap();
        let (evidence, _) = Evidence::new(&subject, (EpochIndex(8), 1), dossier.case, &record, checker.policy());
        assert_eq!(
            (evidence.verdict, evidence.correctness),
            (Verdict::Correct, Score(250_000))
        );
        assert_eq!(evidence.score, Score(250_000).times(evidence.speed));
        assert!(
            evidence.is_consistent(&GENESIS),
            "{:?}",
            evidence.contradiction(&GENESIS)
        );
        let better = Evidence {
            correctness: Score::ONE,
            ..evidence
        };
        assert!(!better.is_consistent(&GENESIS), "a part cannot be written up");
    }
}
