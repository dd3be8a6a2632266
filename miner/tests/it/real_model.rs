//! The honest text backend, with a real engine on a small model of random weights.
use crate::support::{args, refusal, Miner};
use futures::StreamExt;
use laurel_engine::{DeviceName, SamplerKey, SamplingParams, TextEngine, TextOptions};
use laurel_miner::{identify, load, Backend, EngineOptions};
use laurel_protocol::openai::CompletionResponse;
use laurel_types::ModelKind;
use safetensors::{tensor::TensorView, Dtype};
use serde_json::{json, Value};
use std::{collections::BTreeMap, path::Path};

const VOCAB: usize = 40;
const WIDTH: usize = 32;
const CONTEXT: usize = 16_384;

/// A Llama of two layers that has learnt nothing. No token ends a text, so answers are as long as asked for.
pub fn write_model(folder: &Path) {
    let config = json!({
        "model_type": "llama", "vocab_size": VOCAB, "hidden_size": WIDTH, "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": CONTEXT, "rms_norm_eps": 1e-5,
        "tie_word_embeddings": true,
    });
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let vocab: BTreeMap<String, usize> = (0..VOCAB).map(|id| (format!("w{id}"), id)).collect();
    let tokenizer = json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "w0"},
    });
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();

    let mut shapes = vec![("model.embed_tokens.weight".to_owned(), vec![VOCAB, WIDTH])];
    shapes.push(("model.norm.weight".into(), vec![WIDTH]));
    for layer in 0..2 {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        shapes.extend(["q", "k", "v", "o"].map(|x| (name(&format!("self_attn.{x}_proj")), vec![WIDTH, WIDTH])));
        shapes.extend(["gate", "up"].map(|x| (name(&format!("mlp.{x}_proj")), vec![2 * WIDTH, WIDTH])));
        shapes.push((name("mlp.down_proj"), vec![WIDTH, 2 * WIDTH]));
        shapes.extend(["input_layernorm", "post_attention_layernorm"].map(|x| (name(x), vec![WIDTH])));
    }
    let mut state = 1u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u32 << 23) as f32 - 1.0) * 0.5
    };
    let data: Vec<(String, Vec<usize>, Vec<u8>)> = shapes
        .into_iter()
        .map(|(name, shape)| {
            let bytes = (0..shape.iter().product())
                .flat_map(|_| random().to_le_bytes())
                .collect();
            (name, shape, bytes)
        })
        .collect();
    let views = data.iter().map(|(name, shape, bytes)| {
        (
            name.as_str(),
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    let file = safetensors::serialize(views, None).unwrap();
    std::fs::write(folder.join("model.safetensors"), file).unwrap();
}

pub async fn honest(folder: &Path, queue: usize) -> Backend {
    honest_within(folder, queue, CONTEXT).await
}

async fn honest_within(folder: &Path, queue: usize, context: usize) -> Backend {
    let options = EngineOptions {
        queue,
        threads: Some(1),
        context,
        // One at a time, so that what waits is known.
        batch: 1,
        device: DeviceName::Cpu,
        cache_bytes: None,
    };
    load(folder, ModelKind::Text, options).await.unwrap()
}

#[tokio::test]
async fn a_device_that_cannot_be_used_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let model = identify(folder.path()).await.unwrap();
    // Whether the program was built for such devices or not, there is no hundredth.
    let options = EngineOptions::new(&args(&["--device", "cuda:99"]), &model);
    let loaded = load(folder.path(), ModelKind::Text, options).await;
    let said = loaded.expect_err("refused").to_string();
    assert!(said.contains("cuda:99") && said.contains("docs/gpu.md"), "{said}");
}

#[tokio::test]
async fn an_honest_answer_is_what_the_canonical_sampler_picks_for_this_request() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let model = identify(folder.path()).await.unwrap();
    assert_eq!(model.kind, ModelKind::Text);
    let miner = Miner::start(honest(folder.path(), 4).await).await;
    let body = r#"{"prompt":"w3 w1 w4","max_tokens":24,"temperature":0.8,"top_k":30,"top_p":0.95}"#;
    let (envelope, response) = miner.ask("/v1/completions", body).await;
    assert_eq!(response.status(), 200);
    let answer: CompletionResponse = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    let tokens = answer.laurel.unwrap();
    assert_eq!(
        (tokens.token_ids.len(), tokens.prompt_token_ids.as_deref()),
        (24, Some([3, 1, 4].as_slice()))
    );

    let verifier = TextEngine::load(folder.path(), TextOptions::default()).unwrap();
    let sampling = SamplingParams {
        temperature_milli: 800,
        top_k: 30,
        top_p_milli: 950,
    };
    let key = SamplerKey(envelope.sampler_key());
    let checks = verifier
        .check_async(&[3, 1, 4], &tokens.token_ids, &sampling, &key, None)
        .await
        .unwrap()
        .tokens;
    assert!(checks.iter().all(|check| check.claimed == check.expected), "{checks:?}");
    // Under another key other tokens had to come: the check above says something.
    let checks = verifier
        .check_async(&[3, 1, 4], &tokens.token_ids, &sampling, &SamplerKey([0; 32]), None)
        .await
        .unwrap()
        .tokens;
    assert!(checks.iter().any(|check| check.claimed != check.expected));
    miner.stop().await;
}

#[tokio::test]
async fn what_the_model_cannot_take_is_the_callers_fault() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let miner = Miner::start(honest(folder.path(), 4).await).await;
    let long = format!(r#"{{"prompt":"{}"}}"#, "w1 ".repeat(3_000));
    for body in [
        r#"{"prompt":[40]}"#.to_owned(),
        format!(r#"{{"prompt":"w1","max_tokens":{CONTEXT}}}"#),
        long.replace(r#""}"#, &format!(r#"","max_tokens":{}}}"#, CONTEXT - 10)),
    ] {
        let (_, response) = miner.ask("/v1/completions", &body).await;
        assert_eq!(refusal(response).await, (400, "invalid_input".into()), "{body:.60}");
    }
    miner.stop().await;
}

#[tokio::test]
async fn a_prompt_beyond_the_context_is_refused_in_every_form_and_the_next_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let miner = Miner::start(honest_within(folder.path(), 4, 64).await).await;
    let (words, ids) = ("w1 ".repeat(64), vec!["1"; 64].join(","));
    for body in [
        format!(r#"{{"prompt":"{words}","max_tokens":1}}"#),
        format!(r#"{{"prompt":[{ids}],"max_tokens":1}}"#),
        format!(r#"{{"prompt":[{ids}],"max_tokens":1,"stream":true}}"#),
        r#"{"prompt":"w1","max_tokens":64}"#.to_owned(),
    ] {
        let (_, response) = miner.ask("/v1/completions", &body).await;
        assert_eq!(refusal(response).await, (400, "invalid_input".into()), "{body:.60}");
        let (_, response) = miner.ask("/v1/completions", r#"{"prompt":"w1","max_tokens":63}"#).await;
        assert_eq!(response.status(), 200);
    }
    let chat = format!(r#"{{"messages":[{{"role":"user","content":"{words}"}}]}}"#);
    let (_, response) = miner.ask("/v1/chat/completions", &chat).await;
    assert_eq!(refusal(response).await, (400, "invalid_input".into()));
    miner.stop().await;
}

#[tokio::test]
async fn a_busy_engine_queues_then_refuses_and_is_free_again_when_its_callers_go() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let miner = Miner::start(honest(folder.path(), 1).await).await;
    let body = format!(r#"{{"prompt":"w1","max_tokens":{},"stream":true}}"#, CONTEXT - 1);
    // In work:
    let (_, first) = miner.ask("/v1/completions", &body).await;
    let mut first = first.bytes_stream();
    first.next().await.unwrap().unwrap();
    // Waiting:
    let (_, second) = miner.ask("/v1/completions", &body).await;
    let health: Value = serde_json::from_slice(&miner.get("/health").await.bytes().await.unwrap()).unwrap();
    assert_eq!(health["queued"], 1);
    // Too many:
    let (_, third) = miner.ask("/v1/completions", &body).await;
    assert_eq!(third.headers()["retry-after"], "1");
    assert_eq!(refusal(third).await, (429, "overloaded".into()));

    drop((first, second));
    let short = r#"{"prompt":"w1","max_tokens":2}"#;
    let answered = async {
        while miner.ask("/v1/completions", short).await.1.status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    answered.await;
    assert_eq!(miner.counted("/v1/completions", "cancelled"), 2);
    miner.stop().await;
}
