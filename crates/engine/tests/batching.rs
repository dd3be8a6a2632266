//! Many requests at once: each is answered as if it were alone, none is held up for good, and memory is bounded.
mod device;

use laurel_engine::{
    CallerId, DeviceName, EngineError, FinishReason, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions,
    TextRequest,
};
use std::path::{Path, PathBuf};

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/tiny")
}

fn engine(options: TextOptions) -> TextEngine {
    engine_on(device::device(), options)
}

fn engine_on(device: DeviceName, options: TextOptions) -> TextEngine {
    TextEngine::load(&model(), TextOptions { device, ..options }).unwrap()
}

const OPENING: &str =
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of \
                       a wife. However little known the feelings or views of such a man may be on his first entering a \
                       neighbourhood, this truth is so well fixed in the minds of the surrounding families,";

/// Eight requests: some begin alike, lengths and temperatures differ.
fn requests(engine: &TextEngine) -> Vec<TextRequest> {
    (0..8u8)
        .map(|index| {
            let text = match index % 4 {
                0 => OPENING.to_owned(),
                1 => format!("{OPENING} and number {index}"),
                2 => "Mr. Darcy walked".to_owned(),
                _ => OPENING[usize::from(index) * 9..].to_owned(),
            };
            TextRequest {
                prompt: engine.tokenizer().encode(&text).unwrap(),
                max_tokens: 20 + 7 * usize::from(index),
                stop: Vec::new(),
                sampling: SamplingParams {
                    temperature_milli: 400 * u32::from(index % 3),
                    ..Default::default()
                },
                key: SamplerKey([index; 32]),
                caller: CallerId([index % 2; 32]),
                proof: false,
            }
        })
        .collect()
}

type Events = tokio::sync::mpsc::UnboundedReceiver<TextEvent>;

fn finish(mut events: Events) -> Result<Vec<u32>, EngineError> {
    loop {
        match events.blocking_recv().expect("a request ends with Done or Failed") {
            TextEvent::Token { .. } => (),
            TextEvent::Done { completion, .. } => return Ok(completion),
            TextEvent::Failed(error) => return Err(error),
        }
    }
}

#[test]
fn eight_requests_at_once_on_a_device_are_those_of_the_kernels_up_to_rounding_and_the_other_way_round() {
    let device = device::other_device();
    let options = || TextOptions {
        prefill: 40,
        threads: Some(1),
        ..Default::default()
    };
    let (kernels, other) = (engine_on(DeviceName::Cpu, options()), engine_on(device, options()));
    let requests = requests(&kernels);
    let mut largest = 0f32;
    for (writer, reader) in [(&other, &kernels), (&kernels, &other), (&other, &other)] {
        let events: Vec<Events> = requests
            .iter()
            .map(|request| writer.submit(request.clone()).unwrap())
            .collect();
        for (request, events) in requests.iter().zip(events) {
            let answer = finish(events).unwrap();
            let checks = reader
                .check(&request.prompt, &answer, &request.sampling, &request.key, None)
                .unwrap()
                .tokens;
            assert_eq!(checks.len(), answer.len());
            largest = checks.iter().map(|check| check.margin).fold(largest, f32::max);
        }
    }
    println!("largest margin between the kernels and {device}: {largest}");
    assert!(largest <= device::margin(device), "{largest}");
    // Weights of another model are further off, so the bound says something.
    let request = &requests[2];
    let foreign = [40u32, 50, 60];
    let checks = other
        .check(&request.prompt, &foreign, &request.sampling, &request.key, None)
        .unwrap()
        .tokens;
    assert!(checks.iter().any(|check| check.margin > 0.5), "{checks:?}");
}

#[test]
fn eight_requests_at_once_are_answered_and_checked_as_each_alone_to_the_bit() {
    // Only the kernels promise it; on devices products depend on how many rows there are.
    let engine = |options: TextOptions| engine_on(DeviceName::Cpu, options);
    let alone = engine(TextOptions {
        batch: 1,
        reuse_prefixes: false,
        prefill: 1024,
        threads: Some(1),
        ..Default::default()
    });
    let requests = requests(&alone);
    let expected: Vec<Vec<u32>> = requests
        .iter()
        .map(|request| finish(alone.submit(request.clone()).unwrap()).unwrap())
        .collect();
    for (reuse_prefixes, prefill, threads) in [
        (false, 256, 2),
        (true, 256, 1),
        (true, 7, 2),
        (false, 1, 1),
        (true, 33, 2),
    ] {
        let together = engine(TextOptions {
            reuse_prefixes,
            prefill,
            threads: Some(threads),
            ..Default::default()
        });
        // Twice, so that with reuse the second round reads what the first has left.
        for _ in 0..2 {
            let events: Vec<Events> = requests
                .iter()
                .map(|request| together.submit(request.clone()).unwrap())
                .collect();
            let answers: Vec<Vec<u32>> = events.into_iter().map(|events| finish(events).unwrap()).collect();
            assert_eq!(answers, expected, "reuse {reuse_prefixes}, {prefill} tokens a step");
        }
        for (request, answer) in requests.iter().zip(&expected) {
            let checks = together
                .check(&request.prompt, answer, &request.sampling, &request.key, None)
                .unwrap()
                .tokens;
            assert_eq!(checks.len(), answer.len());
            assert!(checks.iter().all(|check| check.margin == 0.0), "{checks:?}");
        }
    }
}

#[test]
fn requests_wait_for_room_in_a_small_cache_and_all_are_answered() {
    let probe = engine(TextOptions::default());
    let requests = requests(&probe);
    let (_, whole) = probe.memory();
    // Room for one text of the whole context and a little more.
    let blocks = probe.context().div_ceil(32) * 16;
    let cache_bytes = whole / blocks * (probe.context().div_ceil(32) + 3);
    let small = engine(TextOptions {
        cache_bytes: Some(cache_bytes),
        ..Default::default()
    });
    assert!(small.memory().1 <= cache_bytes);
    let events: Vec<Events> = requests
        .iter()
        .map(|request| small.submit(request.clone()).unwrap())
        .collect();
    for (events, request) in events.into_iter().zip(&requests) {
        let expected = finish(probe.submit(request.clone()).unwrap()).unwrap();
        assert_eq!(finish(events).unwrap(), expected);
    }
    let refused = TextOptions {
        cache_bytes: Some(whole / blocks),
        ..Default::default()
    };
    let error = TextEngine::load(&model(), refused)
        .err()
        .expect("one block is too small");
    assert!(matches!(error, EngineError::CacheTooSmall { .. }), "{error}");
}

#[test]
fn a_long_prompt_does_not_hold_up_an_answer_in_progress() {
    let engine = engine(TextOptions {
        prefill: 1,
        reuse_prefixes: false,
        ..Default::default()
    });
    let request = |prompt: Vec<u32>, max_tokens| TextRequest {
        prompt,
        max_tokens,
        stop: Vec::new(),
        sampling: SamplingParams::GREEDY,
        key: SamplerKey([1; 32]),
        caller: CallerId::default(),
        proof: false,
    };
    let mut short = engine.submit(request(vec![40], 60)).unwrap();
    assert!(matches!(short.blocking_recv(), Some(TextEvent::Token { .. })));
    // Of this prompt a token is read in each step, so it takes at least 200 steps; the short answer needs 60.
    let mut long = engine.submit(request(vec![50; 200], 2)).unwrap();
    let short = finish(short).unwrap();
    assert!(short.len() <= 60);
    assert!(
        long.try_recv().is_err(),
        "the short answer was whole before the long prompt was read"
    );
    assert_eq!(finish(long).unwrap().len(), 2);
}

#[test]
fn a_caller_with_many_requests_does_not_hold_up_another() {
    let engine = engine(TextOptions {
        batch: 2,
        ..Default::default()
    });
    let request = |caller: u8| TextRequest {
        prompt: vec![40, 50],
        max_tokens: 100,
        stop: Vec::new(),
        sampling: SamplingParams::GREEDY,
        key: SamplerKey([1; 32]),
        caller: CallerId([caller; 32]),
        proof: false,
    };
    let mut greedy: Vec<Events> = (0..8).map(|_| engine.submit(request(1)).unwrap()).collect();
    let modest = finish(engine.submit(request(2)).unwrap()).unwrap();
    assert!(!modest.is_empty());
    let last = greedy.pop().unwrap();
    let mut waiting = greedy.pop().unwrap();
    assert!(
        waiting.try_recv().is_err(),
        "seven requests of another caller did not go first"
    );
    finish(last).unwrap();
}

#[test]
fn a_departed_caller_leaves_its_blocks_at_once() {
    let probe = engine(TextOptions::default());
    let (_, whole) = probe.memory();
    let one = whole / 16;
    let engine = engine(TextOptions {
        cache_bytes: Some(one),
        ..Default::default()
    });
    let all = TextRequest {
        prompt: vec![40],
        max_tokens: engine.context() - 1,
        stop: Vec::new(),
        sampling: SamplingParams::default(),
        key: SamplerKey([1; 32]),
        caller: CallerId::default(),
        proof: false,
    };
    let mut first = engine.submit(all.clone()).unwrap();
    assert!(matches!(first.blocking_recv(), Some(TextEvent::Token { .. })));
    let second = engine.submit(all).unwrap();
    assert_eq!(engine.queue_depth(), 1, "there is no room for two");
    drop(first);
    let written = finish(second).unwrap().len() as u64;
    assert!(
        engine.generated_tokens() - written < 255,
        "the first was written to its end"
    );
}

#[test]
fn a_request_whose_numbers_overflow_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    write_overflowing_model(folder.path());
    let options = TextOptions {
        device: device::device(),
        ..Default::default()
    };
    let engine = TextEngine::load(folder.path(), options).unwrap();
    let request = |prompt: Vec<u32>| TextRequest {
        prompt,
        max_tokens: 40,
        stop: Vec::new(),
        sampling: SamplingParams::GREEDY,
        key: SamplerKey([1; 32]),
        caller: CallerId::default(),
        proof: false,
    };
    let good = [1u32, 2, 3].repeat(15);
    let expected = finish(engine.submit(request(good.clone())).unwrap()).unwrap();
    for _ in 0..3 {
        // Longer, so that blocks which a good one gets hold what is no number behind its end.
        let mut bad = [1u32, 2, 3].repeat(20);
        bad[50] = OVERFLOWING;
        let events: Vec<Events> = [bad.clone(), good.clone(), bad, good.clone()]
            .map(|prompt| engine.submit(request(prompt)).unwrap())
            .into();
        for (index, events) in events.into_iter().enumerate() {
            match finish(events) {
                Err(EngineError::Compute(_)) => assert_eq!(index % 2, 0),
                other => assert_eq!(other.unwrap(), expected, "request {index}"),
            }
        }
    }
}

/// Its embedding overflows when it is scaled.
const OVERFLOWING: u32 = 7;

/// A Gemma with random weights, one of whose embeddings is as large as a number can be.
fn write_overflowing_model(folder: &Path) {
    let config = serde_json::json!({
        "model_type": "gemma", "vocab_size": 16, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 128,
        "rms_norm_eps": 1e-6, "tie_word_embeddings": false, "hidden_act": "gelu",
    });
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let vocab: std::collections::BTreeMap<String, usize> = (0..16).map(|id| (format!("w{id}"), id)).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "w0"},
    });
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let mut shapes = vec![
        ("model.embed_tokens.weight".to_owned(), vec![16, 32]),
        ("lm_head.weight".into(), vec![16, 32]),
        ("model.norm.weight".into(), vec![32]),
    ];
    for layer in 0..2 {
        let mut push =
            |part: &str, shape: &[usize]| shapes.push((format!("model.layers.{layer}.{part}.weight"), shape.to_vec()));
        push("input_layernorm", &[32]);
        push("post_attention_layernorm", &[32]);
        push("self_attn.q_proj", &[32, 32]);
        push("self_attn.k_proj", &[16, 32]);
        push("self_attn.v_proj", &[16, 32]);
        push("self_attn.o_proj", &[32, 32]);
        push("mlp.gate_proj", &[32, 32]);
        push("mlp.up_proj", &[32, 32]);
        push("mlp.down_proj", &[32, 32]);
    }
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
    };
    let mut data = Vec::new();
    for (name, shape) in shapes {
        let mut values: Vec<f32> = (0..shape.iter().product()).map(|_| random()).collect();
        if name == "model.embed_tokens.weight" {
            values[OVERFLOWING as usize * 32..][..32].fill(f32::MAX);
        }
        if name == "lm_head.weight" {
            // Nobody writes it: another token always has a logit above zero.
            values[OVERFLOWING as usize * 32..][..32].fill(0.0);
        }
        data.push((
            name,
            shape,
            values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>(),
        ));
    }
    let views = data.iter().map(|(name, shape, bytes)| {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes);
        (name.as_str(), view.unwrap())
    });
    let file = safetensors::serialize(views, None).unwrap();
    std::fs::write(folder.join("model.safetensors"), file).unwrap();
}

#[test]
fn an_answer_ends_for_the_same_reason_however_many_run_beside_it() {
    let engine = engine(TextOptions::default());
    let mut requests = requests(&engine);
    for request in &mut requests {
        request.stop = vec![",".into()];
    }
    let ends = |events: Vec<Events>| -> Vec<(FinishReason, Vec<u32>)> {
        let end = |mut events: Events| loop {
            if let TextEvent::Done { finish, completion, .. } = events.blocking_recv().unwrap() {
                return (finish, completion);
            }
        };
        events.into_iter().map(end).collect()
    };
    let alone: Vec<_> = requests
        .iter()
        .flat_map(|request| ends(vec![engine.submit(request.clone()).unwrap()]))
        .collect();
    let together = ends(
        requests
            .iter()
            .map(|request| engine.submit(request.clone()).unwrap())
            .collect(),
    );
    assert_eq!(alone, together);
}
