//! Activation proofs: zero deviation for the same build however it batches, and plain deviation for every other model.
mod python;

use candle_core::quantized::{gguf_file, GgmlDType, QTensor};
use candle_core::{safetensors, DType, Device, Tensor};
use laurel_engine::activations::WINDOW_TOKENS;
use laurel_engine::{
    ActivationProof, CallerId, CheckReport, EngineError, SamplerKey, SamplingParams, TextEngine, TextEvent,
    TextOptions, TextRequest, WindowDeviation,
};
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/tiny")
}

fn load(folder: &Path, options: TextOptions) -> TextEngine {
    TextEngine::load(folder, options).unwrap()
}

fn requests(engine: &TextEngine) -> Vec<TextRequest> {
    let texts = [
        "Mr. Darcy walked",
        "\"My dear,\" said she, \"there is nothing",
        "The carriage stopped",
    ];
    [(1, 0), (31, 800), (32, 0), (33, 1000), (70, 600), (96, 1000)]
        .into_iter()
        .zip(0u8..)
        .map(|((max_tokens, temperature_milli), index)| TextRequest {
            prompt: engine.tokenizer().encode(texts[usize::from(index) % 3]).unwrap(),
            max_tokens,
            stop: Vec::new(),
            sampling: SamplingParams {
                temperature_milli,
                ..Default::default()
            },
            key: SamplerKey([index; 32]),
            caller: CallerId::default(),
            proof: true,
        })
        .collect()
}

/// The answers to requests that are in work together.
fn answers(engine: &TextEngine, requests: &[TextRequest]) -> Vec<(Vec<u32>, Option<ActivationProof>)> {
    let submitted: Vec<_> = requests
        .iter()
        .map(|request| engine.submit(request.clone()).unwrap())
        .collect();
    let answer = |mut events: tokio::sync::mpsc::UnboundedReceiver<TextEvent>| loop {
        match events.blocking_recv().expect("a request ends with Done or Failed") {
            TextEvent::Token { .. } => (),
            TextEvent::Done { completion, proof, .. } => break (completion, proof),
            TextEvent::Failed(error) => panic!("{error}"),
        }
    };
    submitted.into_iter().map(answer).collect()
}

fn check(
    engine: &TextEngine,
    request: &TextRequest,
    completion: &[u32],
    proof: &ActivationProof,
) -> Result<CheckReport, EngineError> {
    engine.check(
        &request.prompt,
        completion,
        &request.sampling,
        &request.key,
        Some(proof),
    )
}

/// How a window deviates from itself.
fn none(values: u32) -> WindowDeviation {
    WindowDeviation {
        values,
        ..Default::default()
    }
}

#[test]
fn the_same_build_makes_and_finds_the_same_proof_whatever_its_threads_batch_and_chunks() {
    let paces = [(1, 1, 256, true), (2, 8, 5, true), (1, 8, 64, false), (2, 3, 1, true)];
    let engines: Vec<TextEngine> = paces
        .into_iter()
        .map(|(threads, batch, prefill, reuse_prefixes)| {
            let options = TextOptions {
                threads: Some(threads),
                batch,
                prefill,
                reuse_prefixes,
                ..Default::default()
            };
            load(&model(), options)
        })
        .collect();
    let requests = requests(&engines[0]);
    let expected = answers(&engines[0], &requests);
    for engine in &engines {
        // The second time, prompts are read from the cache where it is kept.
        for _ in 0..2 {
            assert_eq!(answers(engine, &requests), expected);
        }
        for (request, (completion, proof)) in requests.iter().zip(&expected) {
            let proof = proof.as_ref().unwrap();
            let report = check(engine, request, completion, proof).unwrap();
            assert_eq!(report.tokens.len(), completion.len());
            let windows = completion.len().div_ceil(WINDOW_TOKENS);
            assert_eq!(report.windows, vec![none(128); windows]);
            let bytes = proof.to_bytes();
            assert_eq!(bytes.len(), 258 * windows);
            assert_eq!(engine.read_proof(&bytes, completion.len()).unwrap(), *proof);
        }
    }
}

#[test]
fn a_proof_does_not_change_the_answer_and_none_is_made_unasked() {
    let engine = load(&model(), TextOptions::default());
    let mut requests = requests(&engine);
    let with = answers(&engine, &requests);
    requests.iter_mut().for_each(|request| request.proof = false);
    let without = answers(&engine, &requests);
    for ((request, with), without) in requests.iter().zip(with).zip(without) {
        assert_eq!((with.0.as_slice(), None), (without.0.as_slice(), without.1));
        let report = engine
            .check(&request.prompt, &with.0, &request.sampling, &request.key, None)
            .unwrap();
        assert_eq!(report.windows, []);
    }
}

#[test]
fn coarser_weights_fewer_layers_and_a_model_trained_further_show_in_every_window() {
    let engine = load(&model(), TextOptions::default());
    let request = TextRequest {
        max_tokens: 96,
        ..requests(&engine).remove(5)
    };
    type Copy = fn(&Path);
    let cases: [(&str, Copy); 3] = [
        ("q8_0", write_q8_0),
        ("four of five layers", write_shorter),
        ("trained further", write_tuned),
    ];
    for (name, write) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path());
        let path = folder.path().join("model.gguf");
        let cheat = load(
            if path.exists() { &path } else { folder.path() },
            TextOptions::default(),
        );
        let (completion, proof) = answers(&cheat, std::slice::from_ref(&request)).remove(0);
        let proof = proof.unwrap();
        assert_eq!(
            check(&cheat, &request, &completion, &proof).unwrap().windows,
            vec![none(128); 3]
        );
        let found = check(&engine, &request, &completion, &proof).unwrap().windows;
        println!("{name}: {found:?}");
        assert_eq!(found.len(), 3);
        for window in found {
            // At least one value in four is not what it had to be.
            assert!(
                window.exponents + window.mantissa_sum.min(128) > 32,
                "{name}: {window:?}"
            );
        }
    }
}

#[test]
fn a_proof_of_another_answer_or_of_no_answer_is_told_apart_or_refused() {
    let engine = load(&model(), TextOptions::default());
    let requests = requests(&engine);
    let all = answers(&engine, &requests);
    let proof = |index: usize| all[index].1.as_ref().unwrap();
    // 33 tokens with the proof of 70, 32 and 1.
    for other in [4, 2, 0] {
        let error = check(&engine, &requests[3], &all[3].0, proof(other)).unwrap_err();
        assert!(
            error.is_bad_request() && error.to_string().contains("windows"),
            "{error}"
        );
    }
    // 31 tokens with the proof of 32: as many windows, other states.
    let report = check(&engine, &requests[1], &all[1].0, proof(2)).unwrap();
    assert!(report.windows[0].exponents > 64, "{report:?}");
    let other_size = ActivationProof::of(&vec![vec![1.0; 100]; 33]).unwrap();
    let error = check(&engine, &requests[3], &all[3].0, &other_size).unwrap_err();
    assert!(
        error.is_bad_request() && error.to_string().contains("coefficients"),
        "{error}"
    );
}

#[test]
fn one_changed_coefficient_or_modulus_spoils_nearly_all_values_of_its_window() {
    let states: Vec<Vec<f32>> = (0..64).map(|token| state(token, 200)).collect();
    let bytes = ActivationProof::of(&states).unwrap().to_bytes();
    for at in [2, 60, 256] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = ActivationProof::from_bytes(&changed, 64, 200).unwrap();
        let windows = changed.deviations(&states).unwrap();
        assert!(
            windows[0].exponents + windows[0].mantissa_sum.min(128) > 120,
            "{windows:?}"
        );
        assert_eq!(windows[1], none(128));
    }
}

#[test]
fn bytes_that_no_honest_proof_has_are_refused_with_the_reason() {
    let (tokens, width) = (40, 200);
    let states: Vec<Vec<f32>> = (0..tokens).map(|token| state(token, width)).collect();
    let bytes = ActivationProof::of(&states).unwrap().to_bytes();
    let refusal = |bytes: &[u8], tokens: usize, width: usize| {
        let error = ActivationProof::from_bytes(bytes, tokens, width).expect_err("refused");
        assert!(error.is_bad_request() && !error.to_string().contains('\n'), "{error}");
        error.to_string()
    };
    for length in [0, 1, 257, 258, 515] {
        assert!(refusal(&bytes[..length], tokens, width).contains("516"));
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    refusal(&longer, tokens, width);
    refusal(&bytes, 32, width);
    refusal(&bytes, 65, width);
    let with = |at: usize, number: u16| {
        let mut changed = bytes.clone();
        changed[at..at + 2].copy_from_slice(&number.to_le_bytes());
        changed
    };
    for (at, number, word) in [
        (2, 65_521, "coefficient"),
        (514, 65_535, "coefficient"),
        (0, 65_522, "modulus"),
        (258, 65_520, "modulus"),
        (0, 0, "modulus"),
    ] {
        assert!(refusal(&with(at, number), tokens, width).contains(word));
    }
    // Windows of more values than the field has elements may have another modulus, but no small one.
    let wide: Vec<Vec<f32>> = (0..32).map(|token| state(token, 4096)).collect();
    let mut bytes = ActivationProof::of(&wide).unwrap().to_bytes();
    bytes[..2].copy_from_slice(&65_000u16.to_le_bytes());
    ActivationProof::from_bytes(&bytes, 32, 4096).unwrap();
    bytes[..2].copy_from_slice(&4096u16.to_le_bytes());
    assert!(refusal(&bytes, 32, 4096).contains("modulus"));
}

#[test]
fn states_that_are_no_numbers_have_no_proof() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        let error = ActivationProof::of(&[vec![1.0, value]]).unwrap_err();
        assert!(matches!(error, EngineError::Compute(_)), "{error}");
    }
    let largest = vec![vec![1.0, 3.38e38]];
    let windows = ActivationProof::of(&largest).unwrap().deviations(&largest).unwrap();
    assert_eq!(windows, [none(2)]);
}

#[test]
fn deviations_are_counted_in_signs_exponents_and_mantissas() {
    let claimed = ActivationProof::of(&[vec![1.0, 2.0, -3.0, 5.0, 1.5]]).unwrap();
    // In units of the last place: 1, 0, another sign, another exponent, 3.
    let own = [vec![1.0 + 1.0 / 128.0, 2.0, 3.0, 2.5, 1.5 + 3.0 / 128.0]];
    let found = claimed.deviations(&own).unwrap();
    assert_eq!(
        found,
        [WindowDeviation {
            values: 5,
            exponents: 2,
            mantissa_sum: 4,
            mantissa_median_milli: 1000,
        }]
    );
    let even = claimed
        .deviations(&[vec![1.0, 2.0 + 3.0 / 64.0, 3.0, 2.5, 1.0]])
        .unwrap();
    // 0, 3 and 64.
    assert_eq!((even[0].mantissa_sum, even[0].mantissa_median_milli), (67, 3000));
    let two = claimed
        .deviations(&[vec![1.0, 2.0 + 3.0 / 64.0, 3.0, 2.5, 9.0]])
        .unwrap();
    assert_eq!((two[0].mantissa_sum, two[0].mantissa_median_milli), (3, 1500));
    let nothing = claimed.deviations(&[vec![9.0; 5]]).unwrap();
    assert_eq!((nothing[0].exponents, nothing[0].mantissa_median_milli), (5, 0));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads states from standard input as JSON and prints the proof.
const DRIVER: &str = "
import json, sys
print(json.dumps([proof(states).hex() for states in json.load(sys.stdin)]))
";

/// States whose values tie when rounded, and differ in sign; exact as decimals.
fn state(token: usize, width: usize) -> Vec<f32> {
    let value = |index: usize| ((index * 7919) % 65_521) as f32 / 8.0 - 4095.0;
    (token * width..(token + 1) * width).map(value).collect()
}

#[test]
fn the_specification_s_program_and_vector_are_those_of_the_engine() {
    let (page, program) = python::specification("protocol.md");
    let vector = vec![vec![1.0, -2.5, 0.3], vec![0.001, 3.1406, -0.0]];
    // Windows of fewer values than are committed to, of many equal ones, and of more values than the field has elements.
    let mut cases = vec![vector, vec![vec![0.0; 70]; 33]];
    for (tokens, width) in [(40, 100), (1, 7), (32, 4096)] {
        cases.push((0..tokens).map(|token| state(token, width)).collect());
    }
    let ours: Vec<String> = cases
        .iter()
        .map(|states| hex(&ActivationProof::of(states).unwrap().to_bytes()))
        .collect();
    assert!(page.contains(&ours[0]), "the page's vector is not {}", ours[0]);
    let modulus = u16::from_str_radix(&(ours[4][2..4].to_owned() + &ours[4][..2]), 16).unwrap();
    assert!(
        modulus < 65_521,
        "the last case shows what happens with indices that collide"
    );
    let input = serde_json::to_vec(&cases).unwrap();
    let written = python::run_program(&format!("{program}\n{DRIVER}"), &input);
    let theirs: Vec<String> = serde_json::from_slice(&written).unwrap();
    assert_eq!(theirs, ours);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_proof_is_read_back_and_fits_its_own_states(
        tokens in 1usize..70,
        width in prop::sample::select(vec![1usize, 3, 64, 200]),
        seed in any::<u32>(),
    ) {
        let mut number = seed;
        let mut value = move || {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 8) as f32 / 1000.0 - 8000.0
        };
        let states: Vec<Vec<f32>> = (0..tokens).map(|_| (0..width).map(|_| value()).collect()).collect();
        let proof = ActivationProof::of(&states).unwrap();
        let bytes = proof.to_bytes();
        prop_assert_eq!(bytes.len(), ActivationProof::byte_length(tokens, width));
        prop_assert_eq!(&ActivationProof::from_bytes(&bytes, tokens, width).unwrap(), &proof);
        for (window, found) in proof.deviations(&states).unwrap().into_iter().enumerate() {
            let values = (tokens - window * WINDOW_TOKENS).min(WINDOW_TOKENS) * width;
            prop_assert_eq!(found, none(values.min(128) as u32));
        }
    }

    #[test]
    fn garbage_is_refused_or_is_read_as_what_it_says(bytes in prop::collection::vec(any::<u8>(), 258), tokens in 0usize..70) {
        if let Ok(proof) = ActivationProof::from_bytes(&bytes, tokens, 8192) {
            prop_assert_eq!(proof.to_bytes(), bytes);
            proof.deviations(&vec![vec![1.0; 8192]; tokens]).unwrap();
        }
    }
}

fn tensors() -> HashMap<String, Tensor> {
    let tensors = safetensors::load(model().join("model.safetensors"), &Device::Cpu).unwrap();
    let floats = tensors
        .into_iter()
        .map(|(name, tensor)| (name, tensor.to_dtype(DType::F32).unwrap()));
    floats.collect()
}

fn copy_of_tiny(folder: &Path, edit: impl Fn(&str, Tensor) -> Tensor, layers: u32) {
    let config = std::fs::read_to_string(model().join("config.json")).unwrap();
    let config = config.replace("\"num_hidden_layers\": 5", &format!("\"num_hidden_layers\": {layers}"));
    std::fs::write(folder.join("config.json"), config).unwrap();
    std::fs::copy(model().join("tokenizer.json"), folder.join("tokenizer.json")).unwrap();
    let kept = tensors()
        .into_iter()
        .filter(|(name, _)| !(layers..5).any(|layer| name.contains(&format!("layers.{layer}."))))
        .map(|(name, tensor)| {
            let edited = edit(&name, tensor);
            (name, edited)
        });
    safetensors::save(&kept.collect(), folder.join("model.safetensors")).unwrap();
}

fn write_shorter(folder: &Path) {
    copy_of_tiny(folder, |_, tensor| tensor, 4);
}

/// Every weight a little larger or smaller, by up to 2 %.
fn write_tuned(folder: &Path) {
    let edit = |_: &str, tensor: Tensor| {
        let count = tensor.elem_count();
        let factors = (0..count).map(|index| 0.98 + ((index * 7919) % 401) as f32 / 10_000.0);
        let factors = Tensor::from_vec(factors.collect(), tensor.shape(), &Device::Cpu).unwrap();
        (tensor * factors).unwrap()
    };
    copy_of_tiny(folder, edit, 5);
}

/// As a GGUF file whose matrices are q8_0.
fn write_q8_0(folder: &Path) {
    std::fs::copy(model().join("tokenizer.json"), folder.join("tokenizer.json")).unwrap();
    let quantised = tensors().into_iter().map(|(name, tensor)| {
        let heads = [("q_proj", 6), ("k_proj", 3)];
        let tensor = match heads.iter().find(|(part, _)| name.contains(part)) {
            Some((_, heads)) => side_by_side(&tensor, *heads),
            None => tensor,
        };
        let kind = if tensor.rank() == 2 {
            GgmlDType::Q8_0
        } else {
            GgmlDType::F32
        };
        (gguf_name(&name), QTensor::quantize(&tensor, kind).unwrap())
    });
    let quantised: Vec<(String, QTensor)> = quantised.collect();
    let number = |number: u32| gguf_file::Value::U32(number);
    let metadata = [
        ("general.architecture", gguf_file::Value::String("llama".into())),
        ("llama.context_length", number(256)),
        ("llama.embedding_length", number(192)),
        ("llama.block_count", number(5)),
        ("llama.feed_forward_length", number(512)),
        ("llama.attention.head_count", number(6)),
        ("llama.attention.head_count_kv", number(3)),
        ("llama.rope.dimension_count", number(32)),
        ("llama.rope.freq_base", gguf_file::Value::F32(10_000.0)),
        (
            "llama.attention.layer_norm_rms_epsilon",
            gguf_file::Value::F32(0.000_01),
        ),
        ("tokenizer.ggml.eos_token_id", number(0)),
    ];
    let metadata: Vec<(&str, &gguf_file::Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<(&str, &QTensor)> = quantised.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut file = std::fs::File::create(folder.join("model.gguf")).unwrap();
    gguf_file::write(&mut file, &metadata, &tensors).unwrap();
}

/// The name that a tensor has in a GGUF file.
fn gguf_name(name: &str) -> String {
    let parts = [
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("model.layers", "blk"),
        ("input_layernorm", "attn_norm"),
        ("post_attention_layernorm", "ffn_norm"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
    ];
    parts
        .iter()
        .fold(name.to_owned(), |name, (from, to)| name.replace(from, to))
}

/// Rows of a head as GGUF files of Llama have them: the first of the first half, the first of the second, and so on.
fn side_by_side(tensor: &Tensor, heads: usize) -> Tensor {
    let (rows, columns) = tensor.dims2().unwrap();
    let halves = tensor.reshape((heads, 2, rows / heads / 2, columns)).unwrap();
    let mixed = halves.transpose(1, 2).unwrap().contiguous().unwrap();
    mixed.reshape((rows, columns)).unwrap()
}
