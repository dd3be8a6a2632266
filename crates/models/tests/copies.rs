//! Copies of a model in another form are the same model, as far as the form allows.
use laurel_engine::{CallerId, SamplerKey, SamplingParams, TextEngine, TextEvent, TextOptions, TextRequest};
use laurel_models::train::{tune, Tuning};
use laurel_models::{convert, manifest, shorten, WeightType};
use std::path::{Path, PathBuf};

fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/tiny")
}

fn engine(dir: &Path) -> TextEngine {
    TextEngine::load(dir, TextOptions::default()).unwrap()
}

/// By how many nats the copy's greedy tokens are behind the model's own, at most.
fn distance(copy: &Path) -> f32 {
    let (copy, model) = (engine(copy), engine(&tiny()));
    let request = TextRequest {
        prompt: copy.tokenizer().encode("It was a truth that nobody doubted,").unwrap(),
        max_tokens: 24,
        stop: Vec::new(),
        sampling: SamplingParams::GREEDY,
        key: SamplerKey([0; 32]),
        caller: CallerId::default(),
        proof: false,
    };
    let mut events = copy.submit(request.clone()).unwrap();
    let completion = loop {
        match events.blocking_recv().unwrap() {
            TextEvent::Done { completion, .. } => break completion,
            TextEvent::Failed(error) => panic!("{error}"),
            TextEvent::Token { .. } => (),
        }
    };
    let report = model
        .check(&request.prompt, &completion, &request.sampling, &request.key, None)
        .unwrap();
    report.tokens.iter().map(|check| check.margin).fold(0.0, f32::max)
}

#[test]
fn a_copy_with_weights_of_another_type_speaks_as_the_model_does() {
    let folder = tempfile::tempdir().unwrap();
    for (weights, most) in [
        (WeightType::F32, 0.02),
        (WeightType::Bf16, 0.2),
        (WeightType::Q8_0, 0.2),
        (WeightType::Q4_0, 2.0),
        (WeightType::Q8_0AsF32, 0.2),
    ] {
        let copy = folder.path().join(format!("{weights:?}"));
        convert(&tiny(), &copy, weights).unwrap();
        let distance = distance(&copy);
        assert!(distance < most, "{weights:?} is {distance} nats away");
        assert_ne!(manifest(&copy).unwrap().root, manifest(&tiny()).unwrap().root);
        assert!(convert(&tiny(), &copy, weights).is_err(), "what is there stays");
    }
}

#[test]
fn a_shorter_copy_has_the_layers_that_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("shorter");
    for layers in [0, 5, 6] {
        assert!(shorten(&tiny(), &copy, layers).is_err(), "{layers} of 5 layers");
        assert!(!copy.exists());
    }
    shorten(&tiny(), &copy, 3).unwrap();
    assert_eq!((engine(&tiny()).layers(), engine(&copy).layers()), (5, 3));
}

#[test]
fn a_model_trained_further_is_another_one_that_knows_the_text_better() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.txt");
    std::fs::write(
        &text,
        "The miller sold nine green umbrellas to the bishop.\n".repeat(60),
    )
    .unwrap();
    let tuned = |name: &str, steps| {
        let tuning = Tuning {
            steps,
            batch: 2,
            window: 16,
            peak: 1e-3,
            seed: 1,
        };
        tune(&tiny(), &folder.path().join(name), &text, &tuning)
            .unwrap()
            .validation_loss
    };
    let (before, after) = (tuned("same", 0), tuned("tuned", 12));
    assert!(
        after < before - 0.5,
        "{after} nats a token after training, {before} before"
    );
    let (same, tuned) = (folder.path().join("same"), folder.path().join("tuned"));
    assert!(distance(&same) < 0.02);
    assert_ne!(manifest(&tuned).unwrap().root, manifest(&same).unwrap().root);
}
