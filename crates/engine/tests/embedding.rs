//! The real all-MiniLM-L6-v2 behaves as published, and as another implementation computes it.
//!
//! `scripts/setup.sh --ci` fetches the model and the other implementation.
mod device;
mod python;

use laurel_engine::{DeviceName, EmbeddingEngine, EmbeddingOptions};
use std::path::PathBuf;

fn model() -> PathBuf {
    let dir = python::cache().join("models/all-MiniLM-L6-v2");
    assert!(dir.is_dir(), "{} is missing: run scripts/setup.sh", dir.display());
    dir
}

async fn embed(texts: &[&str]) -> Vec<Vec<f32>> {
    embed_on(device::device(), texts).await
}

async fn embed_on(device: DeviceName, texts: &[&str]) -> Vec<Vec<f32>> {
    let options = EmbeddingOptions {
        device,
        ..Default::default()
    };
    let engine = EmbeddingEngine::load(&model(), options).unwrap();
    engine
        .embed(texts.iter().map(|text| text.to_string()).collect())
        .await
        .unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

const SENTENCES: [&str; 12] = [
    "A man is eating food.",
    "A man is eating a piece of bread.",
    "The girl is carrying a baby.",
    "A man is riding a horse.",
    "A woman is playing violin.",
    "Two men pushed carts through the woods.",
    "A cheetah is running behind its prey.",
    "How do I reset my password?",
    "Steps to recover access to an account",
    "Ünïcode, naïve café — 東京タワー",
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a \
     wife. However little known the feelings or views of such a man may be on his first entering a neighbourhood, this \
     truth is so well fixed in the minds of the surrounding families, that he is considered the rightful property of \
     some one or other of their daughters.",
    "x",
];

#[tokio::test]
async fn sentences_that_mean_the_same_are_nearer_than_others() {
    let vectors = embed(&SENTENCES).await;
    let nearest = |query: usize| {
        (0..SENTENCES.len())
            .filter(|&other| other != query)
            .max_by(|&a, &b| cosine(&vectors[query], &vectors[a]).total_cmp(&cosine(&vectors[query], &vectors[b])))
            .unwrap()
    };
    assert_eq!(nearest(0), 1, "eating food is nearest to eating bread");
    assert_eq!(
        nearest(7),
        8,
        "resetting a password is nearest to recovering an account"
    );
    assert!(
        cosine(&vectors[0], &vectors[6]) < 0.3,
        "a man who eats has little to do with a cheetah"
    );
}

#[tokio::test]
async fn a_vector_does_not_depend_on_what_else_is_in_the_batch() {
    let together = embed(&SENTENCES).await;
    for (sentence, vector) in SENTENCES.iter().zip(&together) {
        let alone = embed(&[sentence]).await.remove(0);
        assert!(cosine(&alone, vector) > 0.999_999, "{sentence}");
        let length: f64 = vector.iter().map(|x| f64::from(*x).powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-5, "{sentence}: length² is {length}");
    }
}

#[tokio::test]
async fn the_operations_of_devices_compute_the_vectors_of_the_kernels() {
    let (ours, others) = (
        embed_on(DeviceName::Cpu, &SENTENCES).await,
        embed_on(device::other_device(), &SENTENCES).await,
    );
    for ((sentence, ours), others) in SENTENCES.iter().zip(&ours).zip(&others) {
        let cosine = cosine(ours, others);
        assert!(cosine > 0.999_99, "{sentence}: cosine {cosine}");
    }
}

#[tokio::test]
async fn another_implementation_computes_the_same_vectors() {
    let theirs = python::reference_vectors(&model(), &SENTENCES);
    let ours = embed(&SENTENCES).await;
    assert_eq!(theirs.len(), ours.len());
    for ((sentence, ours), theirs) in SENTENCES.iter().zip(&ours).zip(&theirs) {
        let cosine = cosine(ours, theirs);
        assert!(cosine >= 0.999, "{sentence}: cosine {cosine}");
    }
}

#[test]
fn a_damaged_or_missing_model_is_named_in_one_line() {
    let real = model();
    let broken = tempfile::tempdir().unwrap();
    let load = || {
        let error = EmbeddingEngine::load(broken.path(), EmbeddingOptions::default())
            .err()
            .expect("refused");
        error.to_string()
    };
    let says = |text: &str, file: &str| {
        assert!(text.contains(file) && !text.contains('\n'), "{text}");
    };
    says(&load(), "config.json");
    for file in ["config.json", "tokenizer.json"] {
        std::fs::copy(real.join(file), broken.path().join(file)).unwrap();
    }
    says(&load(), "model.safetensors");
    let weights = std::fs::read(real.join("model.safetensors")).unwrap();
    std::fs::write(broken.path().join("model.safetensors"), &weights[..weights.len() / 2]).unwrap();
    says(&load(), "model.safetensors");
}
