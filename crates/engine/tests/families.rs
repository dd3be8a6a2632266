//! Every family computes what llama.cpp computes: logits to 0.0001 (0.003 with GELU; 0.001 on devices), and 64 greedy tokens,
//! from both kinds of files.
//!
//! `scripts/reference-decoders.py` made `tests/reference/`. The models' weights are made here as there, from the names of tensors.
mod device;

mod gguf_file;

use gguf_file::{float_bytes as bytes, Value as Said};
use laurel_engine::decoder::{Architecture, Cache, Decoder, Segment};
use laurel_engine::{DeviceName, ModelDir};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    family: String,
    config: Value,
    prompt: Vec<u32>,
    tokens: Vec<u32>,
    architecture: String,
    metadata: BTreeMap<String, Value>,
    extra: BTreeMap<String, Vec<f32>>,
    /// Name in safetensors, shape, name in GGUF, heads whose pairs lie side by side there.
    tensors: Vec<(String, Vec<usize>, String, usize)>,
    /// Logits behind the prompt.
    first: Vec<f32>,
    /// Logits behind the last token.
    last: Vec<f32>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    paths.iter().map(read).collect()
}

/// The script's weights.
fn values(name: &str, shape: &[usize]) -> Vec<f32> {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let unit = |index: u64| {
        let mut z = seed.wrapping_add((index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((z >> 40) as f32 - (1 << 23) as f32) / (1 << 23) as f32
    };
    let count = shape.iter().product::<usize>() as u64;
    let is_norm = name.contains("norm") && name.ends_with("weight");
    let scale = match shape {
        [_] => 0.25,
        _ => 2.0 / 2f32.powi(((shape[1] as f64).log2() / 2.0).round_ties_even() as i32),
    };
    (0..count)
        .map(|index| unit(index) * scale + f32::from(u8::from(is_norm && shape.len() == 1)))
        .collect()
}

fn write_safetensors(case: &Case, folder: &Path) {
    std::fs::write(folder.join("config.json"), case.config.to_string()).unwrap();
    let less_one = case.family.starts_with("gemma");
    let data: Vec<_> = case
        .tensors
        .iter()
        .map(|(name, shape, ..)| {
            let mut values = values(name, shape);
            if less_one && shape.len() == 1 {
                values.iter_mut().for_each(|value| *value -= 1.0);
            }
            (name, shape, bytes(&values))
        })
        .collect();
    // Two shards, as large models come.
    let mut index = BTreeMap::new();
    for (number, part) in data.chunks(data.len() / 2 + 1).enumerate() {
        let file = format!("model-{number}.safetensors");
        let views = part.iter().map(|(name, shape, bytes)| {
            let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, (*shape).clone(), bytes);
            (name.as_str(), view.unwrap())
        });
        std::fs::write(folder.join(&file), safetensors::serialize(views, None).unwrap()).unwrap();
        index.extend(part.iter().map(|(name, ..)| (name.as_str(), file.clone())));
    }
    let index = serde_json::json!({ "weight_map": index });
    std::fs::write(folder.join("model.safetensors.index.json"), index.to_string()).unwrap();
}

/// The GGUF file of a case; tensors of more than one dimension go through `encode`, which answers their type and bytes.
fn write_gguf(case: &Case, path: &Path, encode: impl Fn(&[f32]) -> (u32, Vec<u8>)) {
    let mut tensors = Vec::new();
    for (name, shape, other, heads) in &case.tensors {
        let mut values = values(name, shape);
        if *heads > 0 {
            values = side_by_side(&values, shape, *heads);
        }
        let (kind, bytes) = if shape.len() > 1 {
            encode(&values)
        } else {
            (0, bytes(&values))
        };
        tensors.push((other.clone(), shape.clone(), kind, bytes));
    }
    for (name, values) in &case.extra {
        tensors.push((name.clone(), vec![values.len()], 0, bytes(values)));
    }
    let mut said = vec![("general.architecture".to_owned(), Said::Text(case.architecture.clone()))];
    said.extend(case.metadata.iter().map(|(key, value)| {
        let value = match value.as_u64() {
            Some(number) => Said::Integer(number as u32),
            None => Said::Float(value.as_f64().unwrap() as f32),
        };
        (key.clone(), value)
    }));
    std::fs::write(path, gguf_file::write(&said, &tensors)).unwrap();
}

/// Rows of a head as GGUF files of Llama have them: the first of the first half, the first of the second, and so on.
fn side_by_side(values: &[f32], shape: &[usize], heads: usize) -> Vec<f32> {
    let (columns, width) = (shape[1], shape[0] / heads);
    let rows = (0..shape[0]).map(|row| row / width * width + row % width % 2 * (width / 2) + row % width / 2);
    rows.flat_map(|row| values[row * columns..(row + 1) * columns].to_vec())
        .collect()
}

struct Reader {
    model: Decoder,
    cache: Cache,
    blocks: Vec<u32>,
    seen: usize,
}

impl Reader {
    fn on(device: DeviceName, path: &Path) -> Self {
        let model = Decoder::load_on(device, &ModelDir::open(path).unwrap(), 256).unwrap();
        let blocks = model.architecture().context.div_ceil(32);
        Self {
            cache: model.new_cache(blocks).unwrap(),
            // In no order: a sequence's blocks lie anywhere.
            blocks: (0..blocks as u32).rev().collect(),
            model,
            seen: 0,
        }
    }

    fn read(&mut self, tokens: &[u32]) -> Vec<f32> {
        let segment = Segment {
            tokens,
            start: self.seen,
            blocks: &self.blocks,
            wanted: tokens.len() - 1,
        };
        self.seen += tokens.len();
        let states = self.model.read(&self.cache, &[segment]).unwrap().unwrap();
        self.model.logits(&states).unwrap()
    }

    /// Logits behind the prompt and behind the last token, and the greedy tokens.
    fn follow(mut self, case: &Case) -> (Vec<f32>, Vec<f32>, Vec<u32>) {
        // In two chunks that end within blocks.
        self.read(&case.prompt[..case.prompt.len() / 2 + 1]);
        let first = self.read(&case.prompt[case.prompt.len() / 2 + 1..]);
        let (mut last, mut tokens) = (first.clone(), Vec::new());
        for _ in 0..case.tokens.len() {
            let best = (0..last.len()).max_by(|a, b| last[*a].total_cmp(&last[*b])).unwrap() as u32;
            tokens.push(best);
            last = self.read(&[best]);
        }
        (first, last, tokens)
    }
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |a, b| if a > b { a } else { b })
}

#[test]
fn every_family_computes_what_another_implementation_computes() {
    compare(device::device());
}

#[test]
fn every_family_computes_the_same_by_the_operations_of_devices() {
    compare(device::other_device());
}

fn compare(device: DeviceName) {
    let cases = cases();
    assert!(cases.len() >= 10, "tests/reference lacks families");
    let mut odd = Vec::new();
    for case in &cases {
        let folder = tempfile::tempdir().unwrap();
        write_safetensors(case, folder.path());
        let gguf = folder.path().join("model.gguf");
        write_gguf(case, &gguf, |values| (0, bytes(values)));
        for (files, path) in [("safetensors", folder.path()), ("GGUF", gguf.as_path())] {
            let (first, last, tokens) = Reader::on(device, path).follow(case);
            let off = distance(&first, &case.first).max(distance(&last, &case.last));
            println!("{} from {files} on {device}: logits differ by {off}", case.family);
            // llama.cpp looks GELU up in a table of halves, so that its own numbers are off by more where that is used.
            let bound = match device {
                _ if case.config.to_string().contains("gelu") => 3e-3,
                DeviceName::Cpu => 1e-4,
                _ => 1e-3,
            };
            if off.is_nan() || off > bound || tokens != case.tokens {
                let same = tokens.iter().zip(&case.tokens).take_while(|(a, b)| a == b).count();
                odd.push(format!(
                    "{} from {files}: logits differ by {off}, the first {same} tokens are the same",
                    case.family
                ));
            }
        }
    }
    assert!(odd.is_empty(), "{odd:#?}");
}

/// Blocks of 32 with a scale and signed bytes.
fn q8_0(values: &[f32]) -> (u32, Vec<u8>) {
    let block = |values: &[f32]| {
        let largest = values.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        let scale = half::f16::from_f32(largest / 127.0);
        let mut block = scale.to_le_bytes().to_vec();
        block.extend(values.iter().map(|value| (value / scale.to_f32()).round() as i8 as u8));
        block
    };
    (8, values.chunks_exact(32).flat_map(block).collect())
}

/// Blocks of 32 with a scale and half bytes less 8.
fn q4_0(values: &[f32]) -> (u32, Vec<u8>) {
    let block = |values: &[f32]| {
        let largest = values
            .iter()
            .fold(0f32, |most, value| if value.abs() > most.abs() { *value } else { most });
        let scale = half::f16::from_f32(largest / -8.0);
        let code = |value: f32| ((value / scale.to_f32()).round() + 8.0).clamp(0.0, 15.0) as u8;
        let mut block = scale.to_le_bytes().to_vec();
        block.extend((0..16).map(|at| code(values[at]) | code(values[at + 16]) << 4));
        block
    };
    (2, values.chunks_exact(32).flat_map(block).collect())
}

#[test]
fn quantised_weights_answer_nearly_what_they_were_rounded_from() {
    let cases = cases();
    let case = cases.iter().find(|case| case.family == "qwen2").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    type Encode = fn(&[f32]) -> (u32, Vec<u8>);
    let f16: Encode = |values| {
        (
            1,
            values
                .iter()
                .flat_map(|value| half::f16::from_f32(*value).to_le_bytes())
                .collect(),
        )
    };
    let bf16: Encode = |values| {
        (
            30,
            values
                .iter()
                .flat_map(|value| half::bf16::from_f32(*value).to_le_bytes())
                .collect(),
        )
    };
    for (name, encode, limit) in [
        ("f16", f16, 0.02),
        ("bf16", bf16, 0.15),
        ("q8_0", q8_0, 0.15),
        ("q4_0", q4_0, 1.5),
    ] {
        write_gguf(case, &path, encode);
        for device in [device::device(), device::other_device()] {
            let off = distance(&Reader::on(device, &path).read(&case.prompt), &case.first);
            println!("{name} on {device}: logits differ by {off}");
            assert!(off > 0.0 && off < limit, "{name} on {device}: logits differ by {off}");
        }
    }
}

#[test]
fn a_model_that_does_not_run_is_refused_by_name() {
    let cases = cases();
    let case = cases.iter().find(|case| case.family == "llama").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let refusal = |changes: Value| {
        let mut config = case.config.clone();
        for (key, value) in changes.as_object().unwrap() {
            config[key] = value.clone();
        }
        std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        let error = Architecture::read(&ModelDir::open(folder.path()).unwrap())
            .expect_err("refused")
            .to_string();
        assert!(!error.contains('\n') && error.contains("config.json"), "{error}");
        error
    };
    let odd = [
        (serde_json::json!({"model_type": "mixtral"}), "mixtral"),
        (
            serde_json::json!({"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}),
            "yarn",
        ),
        (serde_json::json!({"attention_bias": true}), "biases"),
        (serde_json::json!({"hidden_act": "relu"}), "relu"),
        (serde_json::json!({"num_key_value_heads": 3}), "3 key heads"),
        (serde_json::json!({"num_attention_heads": 0}), "num_attention_heads"),
        (
            serde_json::json!({"num_hidden_layers": 1_000_000_000}),
            "num_hidden_layers",
        ),
        (serde_json::json!({"head_dim": 1_000_000_000}), "heads"),
        (
            serde_json::json!({"vocab_size": 18_446_744_073_709_551_615u64}),
            "vocabulary",
        ),
        (serde_json::json!({"rms_norm_eps": -1.0}), "epsilon"),
        (serde_json::json!({"rope_theta": 0.0}), "rotary"),
        (serde_json::json!({"quantization_config": {"bits": 4}}), "GGUF"),
        (
            serde_json::json!({"model_type": "phi3", "rope_scaling": {"type": "longrope", "short_factor": [1.0]},
                            "original_max_position_embeddings": 128}),
            "rotary",
        ),
    ];
    for (changes, word) in odd {
        let error = refusal(changes);
        assert!(error.contains(word), "{error} does not say {word}");
    }
}

#[test]
fn no_cut_or_changed_byte_of_a_header_brings_the_loader_down() {
    let cases = cases();
    let case = cases.iter().find(|case| case.family == "llama").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    write_gguf(case, &path, |values| (0, bytes(values)));
    let whole = std::fs::read(&path).unwrap();
    // Everything before the data, and some of it.
    let header = 3000.min(whole.len());
    let load = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        Decoder::load(&ModelDir::open(&path).unwrap(), 64).map(|_| ())
    };
    load(&whole).unwrap();
    for cut in (0..header).step_by(61).chain([whole.len() - 1]) {
        let error = load(&whole[..cut]).expect_err("cut short").to_string();
        assert!(error.contains("model.gguf") && !error.contains('\n'), "{error}");
    }
    for at in (0..header).step_by(13) {
        for byte in [0, 0x7f, 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            // Some changes say something else that can be; none may end in a panic or take memory that is not there.
            if let Err(error) = load(&changed) {
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
    let nan = whole.len() - 64;
    let mut spoiled = whole.clone();
    spoiled[nan..nan + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(load(&spoiled)
        .expect_err("not a number")
        .to_string()
        .contains("not finite"));
}
