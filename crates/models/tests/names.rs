//! A model's root covers everything that decides its answers, and nothing else.
use laurel_models::{degrade, manifest, Degradation, ModelError};
use laurel_types::ModelKind;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/tiny")
}

fn copy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(tiny()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

#[test]
fn a_copy_has_the_same_root_whatever_lies_beside_it() {
    let copy = copy();
    std::fs::write(copy.path().join("README.md"), "notes").unwrap();
    let (ours, theirs) = (manifest(&tiny()).unwrap(), manifest(copy.path()).unwrap());
    assert_eq!(ours, theirs);
    assert_eq!(ours.kind, ModelKind::Text);
    assert_eq!(ours.context, 256);
    assert!(ours.parameters > 1_000_000);
}

#[test]
fn every_file_that_the_engine_reads_counts() {
    let root = manifest(&tiny()).unwrap().root;
    for name in [
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ] {
        let copy = copy();
        let path = copy.path().join(name);
        let mut text = std::fs::read(&path).unwrap();
        text.push(b' ');
        std::fs::write(path, text).unwrap();
        assert_ne!(manifest(copy.path()).unwrap().root, root, "{name}");
    }
}

#[test]
fn one_bit_of_one_weight_counts() {
    let root = manifest(&tiny()).unwrap().root;
    let copy = copy();
    let path = copy.path().join("model.safetensors");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(path, bytes).unwrap();
    assert_ne!(manifest(copy.path()).unwrap().root, root);
}

#[test]
fn how_tensors_are_spread_over_files_does_not_count() {
    let copy = copy();
    let path = copy.path().join("model.safetensors");
    let tensors = candle_core::safetensors::load(&path, &candle_core::Device::Cpu).unwrap();
    std::fs::remove_file(path).unwrap();
    let mut shards = [std::collections::HashMap::new(), std::collections::HashMap::new()];
    let mut map = serde_json::Map::new();
    for (index, (name, tensor)) in tensors.into_iter().enumerate() {
        map.insert(name.clone(), format!("part-{}.safetensors", index % 2).into());
        shards[index % 2].insert(name, tensor);
    }
    for (index, shard) in shards.iter().enumerate() {
        candle_core::safetensors::save(shard, copy.path().join(format!("part-{index}.safetensors"))).unwrap();
    }
    let index = serde_json::json!({ "weight_map": map });
    std::fs::write(copy.path().join("model.safetensors.index.json"), index.to_string()).unwrap();
    assert_eq!(manifest(copy.path()).unwrap(), manifest(&tiny()).unwrap());
}

#[test]
fn a_degraded_copy_is_another_model_and_one_seed_gives_one_copy() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, seed| {
        let to = folder.path().join(name);
        degrade(&tiny(), &to, Degradation { bits: 3, seed }).unwrap();
        manifest(&to).unwrap()
    };
    let (first, again, other) = (made("first", 1), made("again", 1), made("other", 2));
    let original = manifest(&tiny()).unwrap();
    assert_eq!(first.root, again.root);
    assert_ne!(first.root, other.root);
    assert_ne!(first.root, original.root);
    assert_eq!(first.files, original.files);
    assert_eq!(first.parameters, original.parameters);
}

#[test]
fn degrading_refuses_a_folder_that_is_there_and_leaves_nothing_of_a_bad_source() {
    let folder = tempfile::tempdir().unwrap();
    let degradation = Degradation { bits: 3, seed: 1 };
    assert!(matches!(
        degrade(&tiny(), folder.path(), degradation),
        Err(ModelError::Invalid { .. })
    ));
    let to = folder.path().join("to");
    assert!(degrade(&folder.path().join("nothing"), &to, degradation).is_err());
    assert!(degrade(&tiny(), &to, Degradation { bits: 1, seed: 1 }).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_damaged_folder_is_named_in_one_line() {
    let copy = copy();
    let path = copy.path().join("model.safetensors");
    let bytes = std::fs::read(&path).unwrap();
    for spoiled in [&bytes[..bytes.len() / 2], &bytes[..4], b"not tensors at all"] {
        std::fs::write(&path, spoiled).unwrap();
        let error = manifest(copy.path()).unwrap_err().to_string();
        assert!(error.contains("model.safetensors") && !error.contains('\n'), "{error}");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(manifest(copy.path())
        .unwrap_err()
        .to_string()
        .contains("model.safetensors is missing"));
    std::fs::write(copy.path().join("config.json"), "{\"model_type\": \"gpt2\"}").unwrap();
    assert!(manifest(copy.path()).unwrap_err().to_string().contains("gpt2"));
}

/// `laurel-model manifest ARGUMENTS`: whether it succeeded, and what it said.
fn manifest_command(arguments: &[&str]) -> (bool, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_laurel-model"))
        .arg("manifest")
        .args(arguments)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn a_folder_is_checked_against_a_root_and_a_manifest_says_what_differs() {
    let whole = tiny();
    let whole = whole.to_str().unwrap();
    let folder = copy();
    let place = folder.path().to_str().unwrap();
    let (_, root) = manifest_command(&[whole]);
    let (_, json) = manifest_command(&[whole, "--json"]);
    let kept = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(kept.path(), &json).unwrap();
    let kept = kept.path().to_str().unwrap();
    for expected in [root.trim(), root.trim().trim_start_matches("0x"), kept] {
        let (same, said) = manifest_command(&[place, "--check", expected]);
        assert!(same && said.contains("as expected"), "{said}");
    }
    let weights = folder.path().join("model.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(weights, bytes).unwrap();
    std::fs::write(folder.path().join("generation_config.json"), "{}").unwrap();
    std::fs::write(folder.path().join("chat_template.jinja"), "x").unwrap();
    let (same, said) = manifest_command(&[place, "--check", root.trim()]);
    assert!(
        !same && said.contains("another model") && said.contains("--check says what differs"),
        "{said}"
    );
    let (same, said) = manifest_command(&[place, "--check", kept]);
    assert!(!same, "{said}");
    for line in [
        "file generation_config.json differs",
        "file chat_template.jinja is not in the manifest",
        "differs in 1 of 1 chunks, first in the bytes from 0",
        "3 differences",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let altered = json.replacen("\"context\": 256", "\"context\": 255", 1);
    assert_ne!(altered, json);
    std::fs::write(kept, altered).unwrap();
    let (same, said) = manifest_command(&[place, "--check", kept]);
    assert!(!same && said.contains("it was altered"), "{said}");
    let (same, said) = manifest_command(&[place, "--check", "0x12"]);
    assert!(!same && said.contains("0x12"), "{said}");
}

/// A GGUF file with nothing but a header: what it says of itself and, as text, of its tokens.
fn gguf(tokenizer: &str, token: &str) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    let text = |file: &mut Vec<u8>, text: &str| {
        file.extend((text.len() as u64).to_le_bytes());
        file.extend(text.as_bytes());
    };
    let sizes = [
        "context_length",
        "embedding_length",
        "block_count",
        "feed_forward_length",
        "attention.head_count",
    ];
    file.extend(3u32.to_le_bytes());
    file.extend(1u64.to_le_bytes());
    file.extend((sizes.len() as u64 + 4).to_le_bytes());
    for (key, value) in [
        ("general.architecture", "llama"),
        ("tokenizer.ggml.model", tokenizer),
        ("a token", token),
    ] {
        text(&mut file, key);
        file.extend(8u32.to_le_bytes());
        text(&mut file, value);
    }
    for size in sizes {
        text(&mut file, &format!("llama.{size}"));
        file.extend(4u32.to_le_bytes());
        file.extend(if size.ends_with("count") { 1u32 } else { 32 }.to_le_bytes());
    }
    text(&mut file, "llama.attention.layer_norm_rms_epsilon");
    file.extend(6u32.to_le_bytes());
    file.extend(1e-5f32.to_le_bytes());
    text(&mut file, "token_embd.weight");
    file.extend(2u32.to_le_bytes());
    file.extend([32u64, 4].map(u64::to_le_bytes).concat());
    file.extend(0u32.to_le_bytes());
    file.extend(0u64.to_le_bytes());
    file.resize(file.len().next_multiple_of(32) + 4 * 32 * 4, 0);
    file
}

#[test]
fn a_gguf_file_alone_has_a_root_that_covers_its_own_tokenizer() {
    let folder = tempfile::tempdir().unwrap();
    let named = |tokenizer: &str, token: &str| {
        std::fs::write(folder.path().join("model.gguf"), gguf(tokenizer, token)).unwrap();
        manifest(folder.path())
    };
    let (first, other) = (named("gpt2", "a").unwrap(), named("gpt2", "b").unwrap());
    assert_ne!(first.root, other.root);
    assert_ne!(first.accepted().tokenizer, other.accepted().tokenizer);
    let missing = named("none", "a").unwrap_err().to_string();
    assert!(missing.contains("tokenizer.json is missing"), "{missing}");
    // One beside the file is what is read, and so what counts.
    std::fs::copy(tiny().join("tokenizer.json"), folder.path().join("tokenizer.json")).unwrap();
    let beside = named("gpt2", "a").unwrap();
    assert_ne!(beside.root, first.root);
    assert_eq!(
        beside.accepted().tokenizer,
        manifest(&tiny()).unwrap().accepted().tokenizer
    );
}
