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
