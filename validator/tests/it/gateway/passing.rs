//! What a user gets of what a miner answers.
use super::{chat, Bench, CHAT};
use crate::support::{embedding_work, serve, text_work, Conduct, MODEL};
use axum::http::StatusCode;
use laurel_protocol::{AnswerReceipt, ErrorBody, ANSWER_RECEIPT_HEADER};
use laurel_types::Uid;
use laurel_validator::{evidence::Origin, explain::answer::find_receipt, Verdict};
use serde_json::{json, Value};

#[tokio::test]
async fn a_user_gets_a_whole_answer_as_the_miner_sent_it_and_the_validator_gets_it_to_judge() {
    for (work, path, body) in [
        (text_work(), CHAT, chat(false)),
        (text_work(), "/v1/completions", json!({ "prompt": "once" })),
        (
            embedding_work(),
            "/v1/embeddings",
            json!({ "input": "once", "model": hex::encode(MODEL.0) }),
        ),
    ] {
        let mut bench = Bench::new(work.clone(), &[serve(Conduct::Honest).await]);
        let response = bench.post(path, &body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
        let receipt = response.headers()[ANSWER_RECEIPT_HEADER].to_str().unwrap().to_owned();
        let receipt = AnswerReceipt::from_text(&receipt).unwrap();
        let got = response.bytes().await.unwrap();
        let asked = bench.asked().await;
        let answer = asked.answer.unwrap();
        assert_eq!((asked.origin, asked.subject.uid), (Origin::User, Uid(0)));
        assert_eq!(&answer.body[..], &got[..]);
        assert_eq!(receipt.envelope, answer.envelope);
        assert_eq!(Some(receipt.signed.to_text()), answer.receipt);
        work.glance(&asked.task, &answer).await.unwrap().unwrap();
        work.check(&asked.task, &answer).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_streamed_answer_comes_through_to_its_end_byte_for_byte_and_is_judged_too() {
    let work = text_work();
    let mut bench = Bench::new(work.clone(), &[serve(Conduct::Honest).await]);
    let response = bench.post(CHAT, &chat(true)).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let got = response.text().await.unwrap();
    let asked = bench.asked().await;
    let answer = asked.answer.unwrap();
    let (sent, got_text) = (String::from_utf8(answer.body.clone()).unwrap(), &got);
    let until_done = |stream: &str| stream.split_once("data: [DONE]").unwrap().0.to_owned();
    assert_eq!(until_done(got_text), until_done(&sent));
    let receipt = find_receipt(&got).unwrap();
    assert_eq!(receipt.envelope, answer.envelope);
    assert!(answer.is_streamed && answer.first_ms <= answer.latency_ms);
    work.glance(&asked.task, &answer).await.unwrap().unwrap();
    // What a client of the API reads: JSON after `data: `, to `[DONE]`.
    let data: Vec<&str> = got.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let done = data.iter().position(|data| *data == "[DONE]").unwrap();
    let chunks: Vec<Value> = data[..done]
        .iter()
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let text: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text.len(), 12);
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn a_stream_that_breaks_ends_in_an_error_event_and_the_miner_is_judged_for_it() {
    for (conduct, verdict) in [
        (Conduct::Dies, Verdict::Down),
        (Conduct::Stalls, Verdict::Late),
        (Conduct::NotText, Verdict::Malformed),
    ] {
        let mut bench = Bench::new(text_work(), &[serve(conduct).await, serve(Conduct::Honest).await]);
        let got = bench.post(CHAT, &chat(true)).await.text().await.unwrap();
        let last = got.trim_end().lines().last().unwrap().strip_prefix("data: ").unwrap();
        let error: ErrorBody = serde_json::from_str(last).unwrap();
        assert_eq!(error.error.code, "broke_off", "{conduct:?}");
        assert!(!got.contains("[DONE]"));
        assert_eq!(bench.asked().await.answer.unwrap_err().verdict, verdict);
    }
}

#[tokio::test]
async fn a_stream_of_which_the_end_is_wrong_ends_in_an_error_instead_of_done() {
    for conduct in [
        Conduct::Truncates,
        Conduct::Unsigned,
        Conduct::Mismatched,
        Conduct::CountsTooMuch,
    ] {
        let mut bench = Bench::new(text_work(), &[serve(conduct).await]);
        let got = bench.post(CHAT, &chat(true)).await.text().await.unwrap();
        let last = got.trim_end().lines().last().unwrap().strip_prefix("data: ").unwrap();
        let error: ErrorBody = serde_json::from_str(last).unwrap();
        assert_eq!(error.error.code, "does_not_hold", "{conduct:?}");
        assert!(!got.contains("[DONE]") && find_receipt(&got).is_err());
        assert!(bench.asked().await.answer.is_ok(), "it is judged by what it sent");
    }
}

#[tokio::test]
async fn whoever_asks_for_it_has_the_receipt_in_a_chunk_that_clients_read() {
    let bench = Bench::new(text_work(), &[serve(Conduct::Honest).await]);
    for (path, object) in [(CHAT, "chat.completion.chunk"), ("/v1/completions", "text_completion")] {
        let mut body = chat(true);
        body["prompt"] = json!("once");
        body["stream_options"] = json!({ "include_receipt": true, "include_usage": true });
        let got = bench.post(path, &body).await.text().await.unwrap();
        let mut chunks = got.lines().filter_map(|line| line.strip_prefix("data: {"));
        let last: Value = serde_json::from_str(&format!("{{{}", chunks.next_back().unwrap())).unwrap();
        assert_eq!((&last["object"], &last["choices"]), (&json!(object), &json!([])));
        let receipt = AnswerReceipt::from_text(last["laurel_receipt"].as_str().unwrap()).unwrap();
        assert_eq!(receipt, find_receipt(&got).unwrap());
        let id = last["id"].as_str().unwrap();
        assert!(id.ends_with(&hex::encode(receipt.envelope.request_hash())), "{id}");
    }
}
