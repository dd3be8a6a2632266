//! What each kind of miner is judged to be, over real HTTP.
use crate::support::{embedding_work, judge, nobody, serve, text_work, Conduct};
use laurel_validator::{work::Work, Rating, Score, Verdict};
use std::{collections::HashSet, sync::Arc};

const CASES: [(Conduct, Verdict); 11] = [
    (Conduct::Late, Verdict::Late),
    (Conduct::Unsigned, Verdict::Unsigned),
    (Conduct::SignedByAnother, Verdict::Unsigned),
    (Conduct::Mismatched, Verdict::Mismatched),
    (Conduct::WrongModel, Verdict::WrongModel),
    (Conduct::Wrong, Verdict::WrongContent),
    (Conduct::Copies, Verdict::WrongContent),
    (Conduct::Truncates, Verdict::Truncated),
    (Conduct::Busy, Verdict::Busy),
    (Conduct::Refuses, Verdict::Refused),
    (Conduct::Garbage, Verdict::Malformed),
];

fn both() -> [(&'static str, Arc<dyn Work>); 2] {
    [("embedding", embedding_work()), ("text", text_work())]
}

#[tokio::test]
async fn an_honest_miner_is_judged_correct_and_fast() {
    for (kind, work) in both() {
        let address = serve(Conduct::Honest).await;
        for index in 0..5 {
            let judgement = judge(&*work, address, index * work.stride()).await;
            assert_eq!(judgement.verdict, Verdict::Correct, "{kind}: {}", judgement.reason);
            assert_eq!(judgement.correctness, Score::ONE);
            assert_eq!(judgement.score, judgement.correctness.times(judgement.speed));
        }
    }
}

#[tokio::test]
async fn every_failure_has_its_verdict_and_a_reason_and_lowers_the_rating() {
    let trusted = (0..10).fold(Rating::default(), |rating, _| {
        rating.after(Verdict::Correct, Score::ONE)
    });
    for (kind, work) in both() {
        for (conduct, expected) in CASES {
            let judgement = judge(&*work, serve(conduct).await, 0).await;
            assert_eq!(judgement.verdict, expected, "{kind} {conduct:?}: {}", judgement.reason);
            assert_eq!(judgement.score, Score::ZERO);
            assert!(!judgement.reason.is_empty(), "{kind} {conduct:?}");
            let after = trusted.after(judgement.verdict, judgement.score);
            assert!(after.value < trusted.value, "{kind} {conduct:?}");
            if expected.is_proof_of_cheating() {
                assert_eq!(after.value, Score::ZERO, "{kind} {conduct:?}");
            }
        }
        let judgement = judge(&*work, nobody().await, 0).await;
        assert_eq!(judgement.verdict, Verdict::Down, "{kind}: {}", judgement.reason);
    }
}

#[tokio::test]
async fn no_task_comes_twice() {
    for (_, work) in both() {
        let tasks: Vec<_> = (0..200).map(|n| work.task(n * work.stride()).unwrap()).collect();
        let different: HashSet<&[u8]> = tasks.iter().map(|task| task.body.as_slice()).collect();
        assert_eq!(different.len(), tasks.len());
    }
}
