//! A miner in front of a server: what it passes on, and what becomes of it when the server does wrong.
use crate::{
    real_model::write_model,
    support::{refusal, Dialect, Manner, Miner, Upstream},
};
use futures::StreamExt;
use laurel_miner::{connect, identify, Backend, ModelIdentity, UpstreamOptions};
use laurel_protocol::{
    openai::{CompletionResponse, EmbeddingResponse, FinishReason},
    output_hash_text, SignedReceipt, RECEIPT_HEADER,
};
use laurel_types::{ModelKind, ModelRoot};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;

const PATH: &str = "/v1/completions";
const FIVE: &str = r#"{"prompt":"w3 w4","max_tokens":5,"temperature":0}"#;

/// A folder with a model whose token 39 ends a text.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    std::fs::write(folder.path().join("generation_config.json"), r#"{"eos_token_id":39}"#).unwrap();
    folder
}

async fn backend(folder: &TempDir, options: UpstreamOptions) -> anyhow::Result<Backend> {
    connect(&identify(folder.path()).await.unwrap(), options).await
}

async fn miner(server: &Upstream) -> (Miner, TempDir) {
    let folder = folder();
    let backend = backend(&folder, server.options()).await.unwrap();
    (Miner::start(backend).await, folder)
}

async fn answer(miner: &Miner, body: &str) -> (String, Vec<u32>, Option<FinishReason>) {
    let (envelope, response) = miner.ask(PATH, body).await;
    assert_eq!(response.status(), 200);
    let receipt = SignedReceipt::from_text(response.headers()[RECEIPT_HEADER].to_str().unwrap()).unwrap();
    let answer: CompletionResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let tokens = answer.laurel.unwrap();
    let ids = tokens.token_ids;
    let receipt = receipt
        .check(&envelope, crate::support::MODEL, output_hash_text(&ids), None)
        .unwrap();
    let read = tokens.prompt_token_ids.unwrap().len() as u32;
    assert_eq!(
        (receipt.prompt_tokens, receipt.completion_tokens),
        (read, ids.len() as u32)
    );
    let choice = answer.choices.into_iter().next().unwrap();
    (choice.text, ids, choice.finish_reason)
}

fn faults(miner: &Miner, code: &str) -> u64 {
    miner.value(&format!("laurel_miner_upstream_faults_total{{fault=\"{code}\"}} "))
}

async fn health(miner: &Miner) -> Value {
    serde_json::from_slice(&miner.get("/health").await.bytes().await.unwrap()).unwrap()
}

async fn until_health(miner: &Miner, status: &str) {
    while health(miner).await["status"] != status {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_server_gives_the_same_answer_with_the_ids_that_it_says_in_its_own_way() {
    for dialect in [
        Dialect::Vllm,
        Dialect::OlderVllm,
        Dialect::LlamaServer,
        Dialect::LlamaPython,
        Dialect::Tgi,
    ] {
        let server = Upstream::start(dialect);
        let (miner, _folder) = miner(&server).await;
        let expected = (
            "w5 w6 w7 w8 w9".to_owned(),
            vec![5, 6, 7, 8, 9],
            Some(FinishReason::Length),
        );
        assert_eq!(answer(&miner, FIVE).await, expected, "{dialect:?}");
        let by_ids = r#"{"prompt":[3,4],"max_tokens":5,"temperature":0}"#;
        assert_eq!(answer(&miner, by_ids).await, expected, "{dialect:?}");

        let stopped = r#"{"prompt":"w3 w4","max_tokens":5,"temperature":0,"stop":["w7"]}"#;
        let expected = ("w5 w6 ".to_owned(), vec![5, 6, 7], Some(FinishReason::Stop));
        assert_eq!(answer(&miner, stopped).await, expected, "{dialect:?}");

        let expected = ("w5".to_owned(), vec![5, 39], Some(FinishReason::Stop));
        server.behave(Manner::EndsText);
        if dialect != Dialect::LlamaPython {
            assert_eq!(answer(&miner, FIVE).await, expected, "{dialect:?}");
        }
        server.behave(Manner::EndsTextSilently);
        assert_eq!(answer(&miner, FIVE).await, expected, "{dialect:?}");
        assert_eq!(faults(&miner, "miscounted"), 0, "{dialect:?}");
        server.until_open(0).await;
        miner.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_takes_token_ids_is_sent_those_and_never_stop_strings() {
    let server = Upstream::start(Dialect::Vllm);
    let (miner, _folder) = miner(&server).await;
    server.asked.lock().unwrap().clear();
    let chat = r#"{"messages":[{"role":"user","content":"w3 w4"}],"max_tokens":2,"temperature":0,"stop":"w9"}"#;
    let (_, response) = miner.ask("/v1/chat/completions", chat).await;
    assert_eq!(response.status(), 200);
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(asked[0]["prompt"], serde_json::json!([3, 4]));
    assert_eq!(asked[0].get("stop"), None);
    miner.stop().await;
}

#[tokio::test]
async fn a_streamed_answer_has_a_chunk_a_token_and_its_receipt() {
    let server = Upstream::start(Dialect::LlamaServer);
    let (miner, _folder) = miner(&server).await;
    let (envelope, response) = miner.ask(PATH, &FIVE.replace('}', r#","stream":true}"#)).await;
    let text = response.text().await.unwrap();
    let events: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let chunks = &events[..events.len() - 2];
    let ids: Vec<u32> = chunks
        .iter()
        .flat_map(|chunk| {
            serde_json::from_str::<CompletionResponse>(chunk)
                .unwrap()
                .laurel
                .unwrap()
                .token_ids
        })
        .collect();
    assert_eq!((ids.as_slice(), chunks.len()), ([5, 6, 7, 8, 9].as_slice(), 6));
    let receipt = SignedReceipt::from_text(events[events.len() - 1]).unwrap();
    receipt
        .check(&envelope, crate::support::MODEL, output_hash_text(&ids), None)
        .unwrap();
    miner.stop().await;
}

#[tokio::test]
async fn other_temperatures_than_0_are_refused_and_the_server_is_not_asked() {
    let server = Upstream::start(Dialect::Vllm);
    let (miner, _folder) = miner(&server).await;
    server.asked.lock().unwrap().clear();
    for body in [
        FIVE.replace(r#""temperature":0"#, r#""temperature":0.5"#),
        FIVE.replace(r#","temperature":0"#, ""),
    ] {
        let (_, response) = miner.ask(PATH, &body).await;
        let error: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        assert_eq!(error["error"]["code"], "invalid_parameter");
        assert!(error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("temperature: it must be 0"));
    }
    for body in [
        r#"{"prompt":[40],"temperature":0}"#,
        r#"{"prompt":"w1","temperature":0,"max_tokens":16384}"#,
    ] {
        let (_, response) = miner.ask(PATH, body).await;
        assert_eq!(refusal(response).await, (400, "invalid_input".into()), "{body}");
    }
    assert!(server.asked.lock().unwrap().is_empty());
    miner.stop().await;
}

#[tokio::test]
async fn whatever_the_server_does_wrong_is_a_clear_error_and_the_next_request_is_answered() {
    let server = Upstream::start(Dialect::LlamaServer);
    let (miner, _folder) = miner(&server).await;
    for (manner, code, is_trouble) in [
        (Manner::NeverBegins, "stalled", true),
        (Manner::StallsAfterOne, "stalled", true),
        (Manner::DiesAfterOne, "broke_off", true),
        (Manner::ClosesAfterOne, "broke_off", true),
        (Manner::BrokenUtf8, "malformed", true),
        (Manner::BrokenJson, "malformed", true),
        (Manner::ReportsError, "malformed", true),
        (Manner::LongLine, "too_long", true),
        (Manner::TextWithoutIds, "no_tokens", true),
        (Manner::Fails, "refused", true),
        (Manner::StopsShort, "ended_early", false),
        (Manner::OtherText, "other_text", false),
        (Manner::OtherPrompt, "other_prompt", false),
    ] {
        let before = faults(&miner, code);
        server.behave(manner);
        let (_, response) = miner.ask(PATH, FIVE).await;
        let status = response.status();
        let body = response.text().await.unwrap();
        assert!(
            status == 503 && body.contains("model_unavailable"),
            "{manner:?}: {status} {body}"
        );
        assert!(
            !body.contains("secret") && !body.contains("127.0.0.1"),
            "{manner:?}: {body}"
        );
        assert_eq!(faults(&miner, code), before + 1, "{manner:?}");
        if is_trouble {
            let now = health(&miner).await;
            assert_eq!(
                (&now["status"], &now["trouble"]),
                (&"unhealthy".into(), &code.into()),
                "{manner:?}"
            );
        }
        // The same in a stream that has begun: an event, no end, no receipt.
        let (_, response) = miner.ask(PATH, &FIVE.replace('}', r#","stream":true}"#)).await;
        let body = response.text().await.unwrap();
        assert!(
            body.contains("model_unavailable") && !body.contains("[DONE]"),
            "{manner:?}: {body}"
        );

        server.behave(Manner::Honest);
        assert_eq!(answer(&miner, FIVE).await.1, [5, 6, 7, 8, 9], "{manner:?}");
        assert_eq!(health(&miner).await["status"], "ok", "{manner:?}");
    }
    server.until_open(0).await;
    miner.stop().await;
}

#[tokio::test]
async fn wrong_counts_are_counted_as_a_fault_and_the_receipt_has_what_came() {
    let server = Upstream::start(Dialect::Vllm);
    let (miner, _folder) = miner(&server).await;
    server.behave(Manner::Miscounts);
    // Checks the receipt too.
    assert_eq!(answer(&miner, FIVE).await.1, [5, 6, 7, 8, 9]);
    assert_eq!(
        faults(&miner, "miscounted"),
        2,
        "those of the prompt and of the completion"
    );
    miner.stop().await;
}

#[tokio::test]
async fn tokens_that_come_as_texts_are_refused_where_no_token_has_the_text() {
    let server = Upstream::start(Dialect::LlamaPython);
    let (miner, _folder) = miner(&server).await;
    server.behave(Manner::UnknownToken);
    let (_, response) = miner.ask(PATH, FIVE).await;
    assert_eq!(refusal(response).await, (503, "model_unavailable".into()));
    assert_eq!(faults(&miner, "ambiguous"), 1);
    server.behave(Manner::Honest);
    *server.reads_well.lock().unwrap() = false;
    let (_, response) = miner.ask(PATH, FIVE).await;
    assert_eq!(refusal(response).await, (400, "invalid_input".into()));
    miner.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_question_to_the_server() {
    let server = Upstream::start(Dialect::Vllm);
    let (miner, _folder) = miner(&server).await;
    server.until_open(0).await;
    server.behave(Manner::Endless);
    let body = r#"{"prompt":"w3","max_tokens":16000,"temperature":0,"stream":true}"#;
    let (_, streamed) = miner.ask(PATH, body).await;
    let mut streamed = streamed.bytes_stream();
    streamed.next().await.unwrap().unwrap();
    server.until_open(1).await;
    drop(streamed);
    server.until_open(0).await;

    server.behave(Manner::NeverBegins);
    tokio::select! {
        _ = miner.ask(PATH, FIVE) => panic!("it answered"),
        () = server.until_open(1) => {}
    }
    server.until_open(0).await;
    assert_eq!(miner.counted(PATH, "cancelled"), 2);
    assert_eq!(health(&miner).await["queued"], 0);
    miner.stop().await;
}

#[tokio::test]
async fn other_requests_go_on_while_one_gets_nothing_and_more_than_there_is_room_for_are_429() {
    let server = Upstream::start(Dialect::Vllm);
    let folder = folder();
    let options = UpstreamOptions {
        requests: 2,
        next_token: Duration::from_secs(5),
        ..server.options()
    };
    let miner = Miner::start(backend(&folder, options).await.unwrap()).await;
    server.until_open(0).await;
    server.behave(Manner::StallsAfterOne);
    let (_, stalled) = miner.ask(PATH, &FIVE.replace('}', r#","stream":true}"#)).await;
    server.until_open(1).await;
    server.behave(Manner::Honest);
    assert_eq!(answer(&miner, FIVE).await.1, [5, 6, 7, 8, 9]);

    server.behave(Manner::StallsAfterOne);
    let (_, second) = miner.ask(PATH, &FIVE.replace('}', r#","stream":true}"#)).await;
    let (_, third) = miner.ask(PATH, FIVE).await;
    assert_eq!(refusal(third).await, (429, "overloaded".into()));
    for stalled in [stalled, second] {
        assert!(stalled.text().await.unwrap().contains("it wrote nothing for too long"));
    }
    miner.stop().await;
}

#[tokio::test]
async fn a_server_that_goes_away_makes_the_miner_unhealthy_until_it_is_back() {
    let server = Upstream::start(Dialect::LlamaPython);
    let folder = folder();
    let options = UpstreamOptions {
        watch: Duration::from_millis(20),
        ..server.options()
    };
    let miner = Miner::start(backend(&folder, options).await.unwrap()).await;
    assert_eq!(health(&miner).await["status"], "ok");
    server.fall().await;
    // Nobody asks: the miner finds out by itself.
    until_health(&miner, "unhealthy").await;
    assert_eq!(miner.value("laurel_miner_upstream_up "), 0);
    let ready: Value = serde_json::from_slice(&miner.get("/ready").await.bytes().await.unwrap()).unwrap();
    assert!(ready["reasons"]
        .as_array()
        .unwrap()
        .contains(&"model: the model is not available".into()));
    let (_, response) = miner.ask(PATH, FIVE).await;
    assert_eq!(refusal(response).await, (503, "model_unavailable".into()));

    server.rise();
    until_health(&miner, "ok").await;
    assert_eq!(miner.value("laurel_miner_upstream_up "), 1);
    assert_eq!(answer(&miner, FIVE).await.1, [5, 6, 7, 8, 9]);
    miner.stop().await;
}

#[tokio::test]
async fn a_miner_does_not_start_before_a_server_that_cannot_serve_it_and_says_why() {
    let folder = folder();
    let server = Upstream::start(Dialect::TextOnly);
    let start = async |change: &dyn Fn(&mut UpstreamOptions)| {
        let mut options = server.options();
        change(&mut options);
        backend(&folder, options).await.unwrap_err().to_string()
    };
    let line = start(&|_| {}).await;
    assert!(
        line.contains("does not say which tokens") && line.contains("docs/miner-upstream.md"),
        "{line}"
    );
    let line = start(&|options| options.model = Some("other".into())).await;
    assert!(line.contains("named other") && line.contains("it has served"), "{line}");
    let line = start(&|options| options.url = "http://127.0.0.1:1".into()).await;
    assert!(
        line.contains("http://127.0.0.1:1") && line.contains("--upstream"),
        "{line}"
    );
    for url in ["https://127.0.0.1:1", "ws://a", "nonsense", "http://me:pass@a"] {
        let line = start(&|options| options.url = url.into()).await;
        assert!(line.contains("http://host:port"), "{line}");
    }
    let key = folder.path().join("key");
    std::fs::write(&key, "two words\n").unwrap();
    let line = start(&|options| options.key_file = Some(key.clone())).await;
    assert!(line.contains("key") && !line.contains("two words"), "{line}");
}

fn embedding_model(folder: &TempDir) -> ModelIdentity {
    ModelIdentity {
        root: ModelRoot([5; 32]),
        kind: ModelKind::Embedding,
        name: "tiny".into(),
        folder: folder.path().to_owned(),
        context: 16,
    }
}

#[tokio::test]
async fn embeddings_come_in_the_order_of_the_texts_and_damaged_ones_do_not_come() {
    let server: Arc<Upstream> = Upstream::start(Dialect::Vllm);
    let folder = folder();
    let backend = connect(&embedding_model(&folder), server.options()).await.unwrap();
    let miner = Miner::start(backend).await;
    let body = r#"{"input":["w1 w2","w3"]}"#;
    let (_, response) = miner.ask("/v1/embeddings", body).await;
    let answer: EmbeddingResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let vectors: Vec<Vec<f32>> = answer
        .data
        .into_iter()
        .map(|data| data.embedding.decode().unwrap())
        .collect();
    assert_eq!(vectors, [[5.0, 0.5], [2.0, 0.5]]);
    assert_eq!(answer.usage.total_tokens, 3, "as counted here, not the 9 of the server");
    assert_eq!(faults(&miner, "miscounted"), 1);
    for (manner, code) in [
        (Manner::StopsShort, "malformed"),
        (Manner::OtherText, "malformed"),
        (Manner::BrokenJson, "malformed"),
        (Manner::Fails, "refused"),
        (Manner::NeverBegins, "stalled"),
    ] {
        let before = faults(&miner, code);
        server.behave(manner);
        let (_, response) = miner.ask("/v1/embeddings", body).await;
        assert_eq!(refusal(response).await, (503, "model_unavailable".into()), "{manner:?}");
        assert_eq!(faults(&miner, code), before + 1, "{manner:?}");
        server.behave(Manner::Honest);
        let (_, response) = miner.ask("/v1/embeddings", body).await;
        assert_eq!(response.status(), 200, "{manner:?}");
    }
    miner.stop().await;
}
