//! One answer, checked with nothing but what its user has.
use super::{chat, Bench, CHAT};
use crate::support::{embedding_work, serve, text_work, Conduct};
use laurel_protocol::{AnswerReceipt, ANSWER_RECEIPT_HEADER};
use laurel_validator::{
    explain::answer::{examine, find_receipt, Finding, Got},
    work::{Work, Works},
};
use serde_json::{json, Value};
use std::sync::Arc;

/// What a user has.
struct Had {
    request: Value,
    answer: String,
    receipt: AnswerReceipt,
}

async fn ask(bench: &Bench, path: &str, request: &Value) -> Had {
    let response = bench.post(path, request).await;
    let header = response.headers().get(ANSWER_RECEIPT_HEADER).cloned();
    let answer = response.text().await.unwrap();
    let receipt = match &header {
        Some(header) => find_receipt(header.to_str().unwrap()),
        None => find_receipt(&answer),
    };
    Had {
        request: request.clone(),
        answer,
        receipt: receipt.unwrap(),
    }
}

/// The steps, and whether each holds.
async fn check(had: &Had, works: Vec<Arc<dyn Work>>) -> Vec<(&'static str, Option<bool>)> {
    let request = had.request.to_string();
    let got = Got {
        receipt: &had.receipt,
        request: request.as_bytes(),
        answer: had.answer.as_bytes(),
    };
    let steps = examine(got, &Works::new(works)).await;
    let holds = |finding: &Finding| match finding {
        Finding::Holds(_) => Some(true),
        Finding::Fails(_) => Some(false),
        Finding::Unknown(_) => None,
    };
    steps.iter().map(|step| (step.what, holds(&step.finding))).collect()
}

/// What is expected of signature, request, answer and model.
fn all(holds: [Option<bool>; 4]) -> Vec<(&'static str, Option<bool>)> {
    ["signature", "request", "answer", "model"]
        .into_iter()
        .zip(holds)
        .collect()
}

#[tokio::test]
async fn a_user_can_check_an_answer_alone_and_sees_what_was_altered() {
    const GOOD: Option<bool> = Some(true);
    const BAD: Option<bool> = Some(false);
    for (work, path, request, (field, other)) in [
        (text_work(), CHAT, chat(false), ("temperature", json!(0.3))),
        (text_work(), CHAT, chat(true), ("max_tokens", json!(11))),
        (
            text_work(),
            "/v1/completions",
            json!({ "prompt": "once", "stream": true }),
            ("prompt", json!("twice")),
        ),
        (
            embedding_work(),
            "/v1/embeddings",
            json!({ "input": ["once", "twice"] }),
            ("input", json!(["once", "thrice"])),
        ),
    ] {
        let bench = Bench::new(work.clone(), &[serve(Conduct::Honest).await]);
        let mut had = ask(&bench, path, &request).await;
        let works = || vec![work.clone()];
        assert_eq!(check(&had, works()).await, all([GOOD; 4]), "{path}");
        assert_eq!(check(&had, Vec::new()).await, all([GOOD, GOOD, GOOD, None]), "no model");

        had.request[field] = other;
        assert_eq!(check(&had, works()).await, all([GOOD, BAD, None, None])[..2]);
        had.request = request.clone();

        had.receipt.signed.signature[9] ^= 1;
        assert_eq!(check(&had, works()).await, all([BAD, BAD, None, None])[..2]);
        had.receipt.signed.signature[9] ^= 1;

        // Of embeddings every answer is the same.
        if path != "/v1/embeddings" {
            had.answer = ask(&bench, path, &request).await.answer;
            assert_eq!(check(&had, works()).await, all([GOOD, GOOD, BAD, BAD]));
        }
    }
}

#[tokio::test]
async fn an_answer_that_a_model_did_not_give_is_seen_by_whoever_has_the_model() {
    let body = json!({ "input": ["once", "twice"] });
    let bench = Bench::new(embedding_work(), &[serve(Conduct::Wrong).await]);
    let had = ask(&bench, "/v1/embeddings", &body).await;
    let checked = check(&had, vec![embedding_work()]).await;
    assert_eq!(checked, all([Some(true), Some(true), Some(true), Some(false)]));
}

#[tokio::test]
async fn the_chunks_that_a_client_kept_are_as_good_as_the_stream() {
    let bench = Bench::new(text_work(), &[serve(Conduct::Honest).await]);
    let mut had = ask(&bench, CHAT, &chat(true)).await;
    let data = had.answer.lines().filter_map(|line| line.strip_prefix("data: {"));
    let chunks: Vec<Value> = data
        .map(|rest| serde_json::from_str(&format!("{{{rest}")).unwrap())
        .collect();
    had.answer = json!(chunks).to_string();
    assert_eq!(check(&had, vec![text_work()]).await, all([Some(true); 4]));
}
