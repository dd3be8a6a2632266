use super::*;
use crate::{
    rating::tests::{correct, fault},
    Fault,
};
use laurel_protocol::{Recipient, Target, Work};
use subxt_signer::sr25519::dev;

const GENESIS: Hash = [5; 32];
const MODEL: ModelRoot = ModelRoot([7; 32]);

/// A rating as the first release encoded it.
#[derive(Clone, Copy, Encode)]
pub(crate) struct FirstRating {
    pub value: Score,
    pub tasks: u32,
    pub probation: u32,
}

/// A leaf as the first release wrote it, field for field: of a miner that was fine and has this rating.
pub(crate) fn first_leaf(epoch: u64, uid: u16, rating: FirstRating) -> Vec<u8> {
    let subject = (
        1u8,
        NetUid(2),
        EpochIndex(epoch),
        7u32,
        Uid(uid),
        RegistrationId(u64::from(uid) + 100),
    );
    let asked = (
        [uid as u8; 32],
        MODEL,
        ("/v1/completions", b"{}".to_vec()),
        Some([3u8; 32]),
    );
    let answered = (Some([4u8; 32]), Some("00ff"), 10u64, 8_000u64, Verdict::Correct, "fine");
    let scores = (Score::ONE, Score::ONE, Score::ONE, rating, rating);
    (subject, asked, answered, scores).encode()
}

fn subject() -> Subject {
    Subject {
        netuid: NetUid(3),
        uid: Uid(5),
        registration: RegistrationId(105),
        hotkey: Hotkey::of(&dev::bob()).0,
        model: MODEL,
    }
}

/// A signed answer of 30 tokens that was to be checked, or not.
fn case(origin: Origin, is_check: bool) -> Case {
    let recipient = Recipient {
        genesis: GENESIS,
        netuid: NetUid(3),
        hotkey: Hotkey::of(&dev::bob()),
    };
    let (path, body) = ("/v1/completions", br#"{"prompt":"It was a secret","max_tokens":30}"#);
    let target = Target { method: "POST", path };
    let envelope = Envelope::new(&recipient, target, body, Hotkey::of(&dev::alice()), 99_000);
    let work = Work {
        model: MODEL,
        output_hash: [1; 32],
        proof_hash: Some([2; 32]),
        prompt_tokens: 12,
        completion_tokens: 30,
        received_ms: 1,
        completed_ms: 2,
    };
    let answer = Answer {
        receipt: Some(Receipt::new(&envelope, &work).sign(&dev::bob()).to_text()),
        envelope: envelope.clone(),
        body: b"an answer with a secret".to_vec(),
        is_streamed: true,
        first_ms: 900,
        latency_ms: 4_000,
        deadline_ms: 8_000,
    };
    let amount = Amount {
        prompt_tokens: 12,
        completion_tokens: 30,
    };
    let medians = Medians {
        first_us: Some(400_000),
        token_us: Some(90_000),
    };
    let answered = Answered::new(&answer, amount);
    let speed = speed(&answered.timing, &medians);
    let judgement = if is_check {
        let deviation = Deviation {
            tokens: 30,
            ..Default::default()
        };
        let findings = Findings {
            reason: "the secret is right".into(),
            correctness: Score::ONE,
            deviation,
        };
        Judgement::correct(findings, speed)
    } else {
        Judgement::unchecked(speed)
    };
    let mut case = Case {
        origin,
        task: (path.into(), body.to_vec()),
        wants_proof: true,
        sent: Some(Sent::new(&envelope, body)),
        answered: Some(answered),
        draw: Some(Draw {
            epoch: EpochIndex(8),
            lot: if is_check { Score(5) } else { Score(900_000) },
            rate: Score(500_000),
        }),
        medians,
        judgement,
    };
    if origin == Origin::User {
        case.forget_words();
    }
    case
}

fn evidence(case: Case, record: &Record) -> (Evidence, Record) {
    Evidence::new(&subject(), (EpochIndex(8), 100), case, record, Policy::default())
}

#[test]
fn every_kind_of_record_follows_from_itself_and_is_read_as_it_was_written() {
    let mut record = Record::default();
    let mut cases = Vec::new();
    for origin in [Origin::Task, Origin::User] {
        cases.extend([case(origin, true), case(origin, false)]);
        for verdict in Verdict::ALL {
            if !matches!(verdict, Verdict::Correct | Verdict::Unchecked) {
                let draw = (verdict == Verdict::WrongContent)
                    .then(|| case(origin, true).draw)
                    .flatten();
                cases.push(Case {
                    judgement: fault(verdict),
                    draw,
                    ..case(origin, true)
                });
            }
        }
    }
    cases.push(fault(Verdict::NoAxon).into());
    for case in cases {
        let (evidence, after) = evidence(case, &record);
        assert_eq!(evidence.contradiction(&GENESIS), None, "{evidence:?}");
        assert_eq!(Evidence::read(&evidence.encode()), Ok(evidence.clone()));
        if let Some(window) = evidence.window_after() {
            assert_eq!(window, after.window);
        }
        record = after;
    }
}

#[test]
fn whatever_is_changed_no_longer_follows() {
    let honest = evidence(case(Origin::Task, true), &Record::default()).0;
    type Change = (&'static str, fn(&mut Evidence));
    let changes: [Change; 15] = [
        ("netuid", |e| e.netuid = NetUid(4)),
        ("hotkey", |e| e.hotkey[0] ^= 1),
        ("model", |e| e.model.0[0] ^= 1),
        ("path", |e| e.task.0.push('s')),
        ("body", |e| e.task.1.push(b' ')),
        ("nonce", |e| e.sent.as_mut().unwrap().nonce[0] ^= 1),
        ("receipt", |e| e.answered.as_mut().unwrap().receipt = None),
        ("latency", |e| e.answered.as_mut().unwrap().timing.latency_ms += 9_000),
        ("medians", |e| e.medians.first_us = Some(1)),
        ("draw", |e| e.draw.as_mut().unwrap().lot = Score(500_000)),
        ("no draw", |e| e.draw = None),
        ("deviation", |e| e.deviation = None),
        ("verdict", |e| e.verdict = Verdict::Unchecked),
        ("score", |e| e.score = Score(1)),
        ("rating", |e| e.after.value = Score(999)),
    ];
    for (what, change) in changes {
        let mut changed = honest.clone();
        change(&mut changed);
        assert!(!changed.is_consistent(&GENESIS), "{what}");
    }
    assert!(!honest.is_consistent(&[6; 32]), "of another chain");
}

#[test]
fn an_answer_that_is_one_too_many_is_wrong_and_the_record_says_why() {
    let too_far = Deviation {
        tokens: 30,
        different: u32::MAX,
        margins_micro: u32::MAX,
        accidents: u32::MAX,
        values: 1,
        exponents: 1,
        mantissas: u32::MAX,
    };
    let mut case = case(Origin::Task, true);
    case.judgement.deviation = Some(too_far);
    let (evidence, after) = evidence(case, &Record::default());
    assert_eq!(evidence.verdict, Verdict::WrongContent);
    assert_eq!(evidence.score, Score::ZERO);
    assert!(!evidence.reason.is_empty());
    assert_eq!(after.window, Window::default(), "what was proof once is not again");
    assert_eq!(evidence.contradiction(&GENESIS), None);
}

#[test]
fn of_a_users_request_no_word_is_kept() {
    for is_check in [true, false] {
        let (evidence, _) = evidence(case(Origin::User, is_check), &Record::default());
        let bytes = evidence.encode();
        assert!(!bytes.windows(6).any(|word| word == b"secret"), "{evidence:?}");
    }
    let mut quoting = case(Origin::User, true);
    quoting.judgement = Judgement::fault(Fault::new(Verdict::Refused, "HTTP 400: your secret is too long"));
    quoting.draw = None;
    quoting.forget_words();
    let (evidence, _) = evidence(quoting, &Record::default());
    assert!(
        !evidence.encode().windows(6).any(|word| word == b"secret"),
        "{evidence:?}"
    );
}

#[test]
fn a_record_stays_small() {
    let bytes = |case| evidence(case, &Record::default()).0.encode().len();
    let unchecked = bytes(case(Origin::User, false));
    let checked = bytes(case(Origin::User, true));
    // A full window adds 28 bytes for each answer in it.
    assert!(unchecked <= 700 && checked <= 800, "{unchecked} and {checked} bytes");
}

#[test]
fn a_leaf_of_the_first_release_is_read_and_one_of_a_later_release_is_not() {
    let rating = FirstRating {
        value: Score(900_000),
        tasks: 7,
        probation: 2,
    };
    let leaf = first_leaf(6, 5, rating);
    let first = Evidence::read(&leaf).unwrap();
    assert_eq!((first.version, first.uid, first.verdict), (1, Uid(5), Verdict::Correct));
    assert_eq!(
        (first.after.value, first.after.tasks, first.after.probation),
        (Score(900_000), 7, 2)
    );
    assert_eq!(first.answered.unwrap().timing.latency_ms, 10);
    let mut later = evidence(correct().into(), &Record::default()).0.encode();
    later[0] = EVIDENCE_VERSION + 1;
    assert!(Evidence::read(&later).is_err());
    assert!(Evidence::read(&leaf[..leaf.len() - 1]).is_err());
    assert!(Evidence::read(&[]).is_err());
}
