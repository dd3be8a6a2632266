//! A miner in front of a real llama.cpp server. scripts/upstream-llama.sh starts the server and runs these.
use crate::support::{Miner, MODEL};
use futures::{future::join_all, StreamExt};
use laurel_engine::{Completeness, SamplerKey, SamplingParams, TextEngine, TextOptions};
use laurel_miner::{connect, identify, UpstreamOptions};
use laurel_protocol::{openai::CompletionResponse, output_hash_text, SignedReceipt, RECEIPT_HEADER};
use serde_json::{json, Value};
use std::{path::PathBuf, time::Duration};

/// Where the server is, which must serve models/tiny. Without it the tests say that they did nothing.
const SERVER: &str = "LAUREL_UPSTREAM_LLAMA";
const PATH: &str = "/v1/completions";
const TOKENS: u32 = 32;
/// By how much a validator lets the logits of an honest miner differ.
const MAX_MARGIN: f32 = 0.02;
const PROMPTS: [&str; 8] = [
    "The evening was fine, and Anne walked",
    "It is a truth universally acknowledged",
    "\"You are very kind,\" said Elizabeth;",
    "Mr. Darcy",
    "She had been in town for three weeks, and",
    "Nobody could have supposed that the letter",
    "  Two spaces, then a word",
    "1811",
];

fn tiny() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models/tiny")
}

async fn miner() -> Option<Miner> {
    let Ok(url) = std::env::var(SERVER) else {
        eprintln!("skipped: {SERVER} is not set, scripts/upstream-llama.sh starts a server and sets it");
        return None;
    };
    let options = UpstreamOptions {
        url,
        model: Some("tiny".into()),
        key_file: None,
        first_token: Duration::from_secs(60),
        next_token: Duration::from_secs(60),
        watch: Duration::from_secs(1),
        requests: 8,
    };
    let model = identify(&tiny()).await.unwrap();
    Some(Miner::start(connect(&model, options).await.unwrap()).await)
}

fn body(prompt: &str, stream: bool) -> String {
    json!({"prompt": prompt, "max_tokens": TOKENS, "temperature": 0, "stream": stream}).to_string()
}

#[tokio::test]
async fn a_real_llama_cpp_server_answers_through_a_miner_and_the_answers_pass_the_check() {
    let Some(miner) = miner().await else { return };
    let verifier = TextEngine::load(&tiny(), TextOptions::default()).unwrap();
    let greedy = SamplingParams {
        temperature_milli: 0,
        top_k: 0,
        top_p_milli: 1000,
    };
    let answers = join_all(PROMPTS.map(|prompt| {
        let miner = &miner;
        async move { (prompt, miner.ask(PATH, &body(prompt, false)).await) }
    }));
    let (mut tokens, mut other) = (0, 0);
    for (prompt, (envelope, response)) in answers.await {
        assert_eq!(response.status(), 200, "{prompt}");
        let receipt = SignedReceipt::from_text(response.headers()[RECEIPT_HEADER].to_str().unwrap()).unwrap();
        let answer: CompletionResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        let said = answer.laurel.unwrap();
        let (read, written) = (said.prompt_token_ids.unwrap(), said.token_ids);
        receipt
            .check(&envelope, MODEL, output_hash_text(&written), None)
            .unwrap();
        assert_eq!(read, verifier.tokenizer().encode(prompt).unwrap());
        let (end, text) = verifier.read_completion(&written, TOKENS as usize, &[]).unwrap();
        assert!(matches!(end, Completeness::Whole(_)), "{prompt}: {end:?}");
        assert_eq!(text, answer.choices[0].text);
        let key = SamplerKey(envelope.sampler_key());
        let report = verifier
            .check_async(&read, &written, &greedy, &key, None)
            .await
            .unwrap();
        let checks = report.tokens;
        tokens += checks.len();
        other += checks.iter().filter(|check| check.claimed != check.expected).count();
        let worst = checks.iter().map(|check| check.margin).fold(0.0, f32::max);
        assert!(worst <= MAX_MARGIN, "{prompt}: {worst}");
    }
    println!(
        "{tokens} tokens of {} answers, {other} of them not the engine's own but within the margin",
        PROMPTS.len()
    );
    assert_eq!(miner.counted(PATH, "ok"), PROMPTS.len() as u64);
    miner.stop().await;
}

#[tokio::test]
async fn a_real_llama_cpp_server_streams_and_is_let_go_when_the_client_leaves() {
    let Some(miner) = miner().await else { return };
    let (_, response) = miner.ask(PATH, &body(PROMPTS[0], true)).await;
    let mut pieces = response.bytes_stream();
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    let chat = json!({"messages": [{"role": "user", "content": PROMPTS[1]}], "max_tokens": 8, "temperature": 0, "stream": true});
    let (_, response) = miner.ask("/v1/chat/completions", &chat.to_string()).await;
    let text = response.text().await.unwrap();
    assert!(text.contains("[DONE]") && text.contains("laurel-receipt"), "{text}");
    assert_eq!(miner.counted(PATH, "cancelled"), 1);
    let health: Value = serde_json::from_slice(&miner.get("/health").await.bytes().await.unwrap()).unwrap();
    assert_eq!(health["status"], "ok");
    miner.stop().await;
}
