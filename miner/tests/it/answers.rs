//! What a permitted caller gets: answers, receipts, streams; and what happens when it goes away or there are too many.
use crate::support::{refusal, EndlessText, FixedEmbedding, Miner, OneAtATime, ScriptedText, MODEL};
use futures::StreamExt;
use laurel_protocol::{
    openai::{ChatChunk, ChatResponse, CompletionResponse, EmbeddingResponse, FinishReason},
    output_hash_embeddings, output_hash_text, Nonce, SignedReceipt, NONCE_HEADER, RECEIPT_HEADER, SIGNATURE_HEADER,
};

fn receipt(response: &reqwest::Response) -> SignedReceipt {
    SignedReceipt::from_text(response.headers()[RECEIPT_HEADER].to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn embeddings_come_with_a_receipt_of_exactly_these_vectors() {
    let miner = Miner::start(FixedEmbedding::default().into()).await;
    for format in ["float", "base64"] {
        let body = format!(r#"{{"input":["ab","c"],"encoding_format":"{format}","model":"tiny"}}"#);
        let (envelope, response) = miner.ask("/v1/embeddings", &body).await;
        assert_eq!(response.status(), 200);
        let receipt = receipt(&response);
        let answer: EmbeddingResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        let vectors: Vec<Vec<f32>> = answer
            .data
            .into_iter()
            .map(|data| data.embedding.decode().unwrap())
            .collect();
        assert_eq!(vectors, [[2.0 / 3.0, 0.0], [1.0 / 3.0, 1.0]]);
        let receipt = receipt
            .check(&envelope, MODEL, output_hash_embeddings(&vectors), None)
            .unwrap();
        assert_eq!((receipt.prompt_tokens, receipt.completion_tokens), (4, 0));
        assert_eq!(answer.usage.total_tokens, 4);
    }
    assert_eq!(miner.counted("/v1/embeddings", "ok"), 2);
    assert_eq!(miner.value("laurel_miner_tokens_total{direction=\"prompt\"} "), 8);
    miner.stop().await;
}

#[tokio::test]
async fn a_completion_comes_whole_with_its_tokens_and_receipt() {
    let miner = Miner::start(ScriptedText::default().into()).await;
    let (envelope, response) = miner
        .ask("/v1/completions", r#"{"prompt":"Tell me","max_tokens":5}"#)
        .await;
    assert_eq!(response.status(), 200);
    let receipt = receipt(&response);
    let answer: CompletionResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(answer.choices[0].text, "Once upon");
    assert_eq!(answer.choices[0].finish_reason, Some(FinishReason::Stop));
    let tokens = answer.laurel.unwrap();
    assert_eq!(
        (tokens.token_ids.as_slice(), tokens.prompt_token_ids),
        ([11, 12, 2].as_slice(), Some(vec![1, 7]))
    );
    receipt
        .check(&envelope, MODEL, output_hash_text(&tokens.token_ids), None)
        .unwrap();
    assert_eq!(answer.usage.unwrap().completion_tokens, 3);
    miner.stop().await;
}

#[tokio::test]
async fn a_chat_comes_whole() {
    let miner = Miner::start(ScriptedText::default().into()).await;
    let (_, response) = miner
        .ask(
            "/v1/chat/completions",
            r#"{"messages":[{"role":"user","content":"Hi"}]}"#,
        )
        .await;
    let answer: ChatResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(answer.choices[0].message.content.to_text(), "Once upon");
    assert_eq!(miner.counted("/v1/chat/completions", "ok"), 1);
    miner.stop().await;
}

/// The events of a stream: name and data.
fn events(text: &str) -> Vec<(&str, &str)> {
    let events = text.split("\n\n").filter(|event| !event.is_empty());
    events
        .map(|event| {
            let find = |name| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("");
            (find("event: "), find("data: "))
        })
        .collect()
}

#[tokio::test]
async fn a_streamed_chat_is_chunks_then_usage_then_done_then_the_receipt() {
    let miner = Miner::start(ScriptedText::default().into()).await;
    let body = r#"{"messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}"#;
    let (envelope, response) = miner.ask("/v1/chat/completions", body).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let events = events(&text);
    let (chunks, end) = events.split_at(5);
    let chunks: Vec<ChatChunk> = chunks
        .iter()
        .map(|(_, data)| serde_json::from_str(data).unwrap())
        .collect();

    assert_eq!(chunks[0].choices[0].delta.role.as_deref(), Some("assistant"));
    assert_eq!(chunks[0].laurel.as_ref().unwrap().prompt_token_ids, Some(vec![1, 7]));
    let content: String = chunks
        .iter()
        .flat_map(|c| &c.choices)
        .filter_map(|c| c.delta.content.clone())
        .collect();
    assert_eq!(content, "Once upon");
    let ids: Vec<u32> = chunks
        .iter()
        .filter_map(|c| c.laurel.clone())
        .flat_map(|l| l.token_ids)
        .collect();
    assert_eq!(ids, [11, 12, 2]);
    assert_eq!(chunks[3].choices[0].finish_reason, Some(FinishReason::Stop));
    assert!(chunks[4].choices.is_empty());
    assert_eq!(chunks[4].usage.unwrap().total_tokens, 5);

    assert_eq!(end[0], ("", "[DONE]"));
    assert_eq!((end[1].0, end.len()), ("laurel-receipt", 2));
    SignedReceipt::from_text(end[1].1)
        .unwrap()
        .check(&envelope, MODEL, output_hash_text(&ids), None)
        .unwrap();
    assert_eq!(miner.counted("/v1/chat/completions", "ok"), 1);
    miner.stop().await;
}

#[tokio::test]
async fn a_stream_whose_client_goes_away_stops_computing() {
    let text = EndlessText::new();
    let miner = Miner::start(text.clone().into()).await;
    let (_, response) = miner
        .ask("/v1/completions", r#"{"prompt":"a","max_tokens":9,"stream":true}"#)
        .await;
    let mut pieces = response.bytes_stream();
    pieces.next().await.unwrap().unwrap();
    text.until(1).await;
    drop(pieces);
    text.until(0).await;
    assert_eq!(miner.counted("/v1/completions", "cancelled"), 1);
    miner.stop().await;
}

#[tokio::test]
async fn a_request_whose_client_goes_away_stops_computing() {
    let text = EndlessText::new();
    let miner = Miner::start(text.clone().into()).await;
    let asking = miner.ask("/v1/completions", r#"{"prompt":"a","max_tokens":9}"#);
    tokio::select! {
        _ = asking => panic!("an endless text came to its end"),
        () = text.until(1) => {}
    }
    text.until(0).await;
    assert_eq!(miner.counted("/v1/completions", "cancelled"), 1);
    assert_eq!(miner.value("laurel_miner_requests_in_work "), 0);
    miner.stop().await;
}

#[tokio::test]
async fn a_full_queue_is_429_with_retry_after() {
    let model = OneAtATime::new();
    let miner = Miner::start(model.clone().into()).await;
    let first = miner.ask("/v1/embeddings", r#"{"input":"a"}"#);
    let second = async {
        model.is_busy().await;
        let (_, response) = miner.ask("/v1/embeddings", r#"{"input":"b"}"#).await;
        model.go.add_permits(1);
        response
    };
    let ((_, first), second) = tokio::join!(first, second);
    assert_eq!(first.status(), 200);
    assert_eq!(second.headers()["retry-after"], "1");
    assert_eq!(refusal(second).await, (429, "overloaded".into()));
    assert_eq!(miner.counted("/v1/embeddings", "overloaded"), 1);
    miner.stop().await;
}

#[tokio::test]
async fn a_health_answer_is_signed_for_whoever_sends_a_nonce() {
    let miner = Miner::start(ScriptedText::default().into()).await;
    let recipient = miner.recipient();
    let health = |nonces: &[String]| {
        let url = format!("http://{}/health", miner.address);
        let ask = |request: reqwest::RequestBuilder, nonce: &String| request.header(NONCE_HEADER, nonce);
        nonces.iter().fold(miner.client.get(url), ask).send()
    };
    let plain = health(&[]).await.unwrap();
    assert!(plain.status() == 200 && !plain.headers().contains_key(SIGNATURE_HEADER));
    let nonce = Nonce::random();
    let signed = health(&[nonce.to_text()]).await.unwrap();
    assert_eq!(signed.headers()["content-type"], "application/json");
    let signature = signed.headers()[SIGNATURE_HEADER].to_str().unwrap().to_owned();
    let body = signed.bytes().await.unwrap();
    assert!(recipient.is_present(nonce, &body, &signature));
    let said: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(said["hotkey"], recipient.hotkey.to_string());
    for nonces in [&["short".to_owned()][..], &[nonce.to_text(), nonce.to_text()]] {
        assert_eq!(
            refusal(health(nonces).await.unwrap()).await,
            (400, "malformed_envelope".into())
        );
    }
    miner.stop().await;
}

#[tokio::test]
async fn stopping_lets_requests_in_work_end_and_takes_no_more() {
    let model = OneAtATime::new();
    let miner = Miner::start(model.clone().into()).await;
    let asking = miner.ask("/v1/embeddings", r#"{"input":"a"}"#);
    let stopping = async {
        model.is_busy().await;
        miner.stop.cancel();
        model.go.add_permits(1);
    };
    let ((_, response), ()) = tokio::join!(asking, stopping);
    assert_eq!(response.status(), 200);
    let Miner {
        app, client, address, ..
    } = miner;
    app.await.unwrap().unwrap();
    let refused = client.get(format!("http://{address}/health")).send().await;
    assert!(refused.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_request_that_does_not_end_cannot_hold_up_the_stop() {
    let text = EndlessText::new();
    let miner = Miner::start_with(text.clone().into(), &["--drain=0"]).await;
    let (_, response) = miner.ask("/v1/completions", r#"{"prompt":"a","stream":true}"#).await;
    text.until(1).await;
    miner.stop().await;
    drop(response);
}
