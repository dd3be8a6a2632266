//! Training learns, can be interrupted, and makes a model that the engine computes the same way.
use candle_core::{DType, Device, Tensor};
use laurel_engine::decoder::{Cache, Decoder, Segment};
use laurel_engine::{ModelDir, TextEngine, TextOptions, TextTokenizer};
use laurel_models::train::{
    train, vocabulary::train_tokenizer, LlamaConfig, Network, Schedule, TokenCorpus, TrainConfig,
};
use std::path::Path;

/// Grouped-query attention, an output layer of its own: nothing that the shipped model happens not to use is left out.
fn config(vocab_size: usize, tie: bool) -> LlamaConfig {
    serde_json::from_value(serde_json::json!({
        "vocab_size": vocab_size, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 32,
        "rms_norm_eps": 1e-5, "tie_word_embeddings": tie, "eos_token_id": 0,
    }))
    .unwrap()
}

fn write_model(network: &Network, config: &LlamaConfig, folder: &Path) {
    std::fs::write(folder.join("config.json"), serde_json::to_vec(config).unwrap()).unwrap();
    candle_core::safetensors::save(&network.weights(DType::F32).unwrap(), folder.join("model.safetensors")).unwrap();
}

#[test]
fn the_engine_computes_what_the_training_graph_computes() {
    for tie in [true, false] {
        let config = config(50, tie);
        let network = Network::new(&config, 5).unwrap();
        let folder = tempfile::tempdir().unwrap();
        write_model(&network, &config, folder.path());
        let model = Decoder::load(&ModelDir::open(folder.path()).unwrap(), 32).unwrap();
        let ids: Vec<u32> = (0..20).map(|index| index * 7 % 50).collect();
        let batch = Tensor::from_slice(&ids, (1, 20), &Device::Cpu).unwrap();
        let expected: Vec<f32> = network
            .logits(&batch)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap();
        let cache = model.new_cache(1).unwrap();
        // All at once, token by token, and in two uneven parts.
        let cuts = [vec![0, 20], (0..=20).collect(), vec![0, 7, 20]];
        for cuts in cuts {
            let logits: Vec<f32> = cuts
                .windows(2)
                .flat_map(|cut| logits(&model, &cache, &ids[cut[0]..cut[1]], cut[0]))
                .collect();
            assert_eq!(logits.len(), expected.len());
            for (got, expected) in logits.iter().zip(&expected) {
                assert!((got - expected).abs() < 1e-5, "{got} is not {expected}");
            }
        }
    }
}

fn logits(model: &Decoder, cache: &Cache, tokens: &[u32], start: usize) -> Vec<f32> {
    let segment = Segment {
        tokens,
        start,
        blocks: &[0],
        wanted: 0,
    };
    let states = model.read(cache, &[segment]).unwrap().unwrap();
    model.logits(&states).unwrap()
}

const PROSE: &str = "The cat sat on the mat and looked at the moon.\nThe dog sat on the log and barked at the cat.\n\n\
                     The moon looked at the cat and the dog, and said nothing.\n";

struct Corpus {
    folder: tempfile::TempDir,
    tokenizer: TextTokenizer,
    tokens: TokenCorpus,
}

fn corpus() -> Corpus {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("train.txt");
    std::fs::write(&text, [PROSE; 12].join("\n")).unwrap();
    train_tokenizer(&text, 300, &folder.path().join("tokenizer.json")).unwrap();
    std::fs::write(folder.path().join("generation_config.json"), "{\"eos_token_id\": 0}").unwrap();
    let tokenizer = TextTokenizer::read(&ModelDir::open(folder.path()).unwrap()).unwrap();
    let tokens = TokenCorpus::read(&text, &tokenizer).unwrap();
    Corpus {
        folder,
        tokenizer,
        tokens,
    }
}

/// Sixty steps with a checkpoint every forty.
fn sixty_steps(corpus: &Corpus, checkpoint: &str) -> TrainConfig {
    TrainConfig {
        batch: 4,
        window: 16,
        schedule: Schedule {
            peak: 1e-2,
            warmup: 5,
            steps: 60,
        },
        seed: 3,
        evaluate_every: 40,
        evaluation_batches: 1,
        checkpoint: corpus.folder.path().join(checkpoint),
        time_limit: None,
    }
}

fn run(corpus: &Corpus, network: &Network, checkpoint: &str) -> f64 {
    let config = sixty_steps(corpus, checkpoint);
    train(network, &corpus.tokens, &corpus.tokens, &config, |_| ())
        .unwrap()
        .validation_loss
}

#[test]
fn training_learns_and_its_model_speaks() {
    let corpus = corpus();
    let config = config(corpus.tokenizer.vocab_size(), true);
    let network = Network::new(&config, 1).unwrap();
    let loss = run(&corpus, &network, "checkpoint");
    let untrained = (corpus.tokenizer.vocab_size() as f64).ln();
    assert!(loss < untrained / 3.0, "{loss} nats after training, {untrained} before");
    write_model(&network, &config, corpus.folder.path());
    let engine = TextEngine::load(corpus.folder.path(), TextOptions::default()).unwrap();
    assert_eq!(engine.context(), 32);
}

#[test]
fn an_interrupted_run_ends_as_an_uninterrupted_one() {
    let corpus = corpus();
    let config = config(corpus.tokenizer.vocab_size(), true);
    let whole = run(&corpus, &Network::new(&config, 1).unwrap(), "whole");
    // The checkpoint of step 40 stands for the moment at which the first process died.
    keep_checkpoint(&corpus, &config, &corpus.folder.path().join("saved"));
    let other_start = Network::new(&config, 99).unwrap();
    let resumed = run(&corpus, &other_start, "saved");
    assert!((whole - resumed).abs() < 1e-4, "{resumed} is not {whole}");
}

fn keep_checkpoint(corpus: &Corpus, config: &LlamaConfig, saved: &Path) {
    let run = sixty_steps(corpus, "parts");
    let network = Network::new(config, 1).unwrap();
    let mut copied = false;
    train(&network, &corpus.tokens, &corpus.tokens, &run, |progress| {
        if progress.validation_loss.is_some() && !copied {
            copied = true;
            std::fs::create_dir(saved).unwrap();
            for entry in std::fs::read_dir(&run.checkpoint).unwrap() {
                let entry = entry.unwrap();
                std::fs::copy(entry.path(), saved.join(entry.file_name())).unwrap();
            }
        }
    })
    .unwrap();
    assert!(copied);
}
