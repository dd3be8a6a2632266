//! Training of a model that is there, on another text.
use super::{train, LlamaConfig, Network, Schedule, TokenCorpus, TrainConfig, TrainReport};
use crate::copies::{copy, read_tensors, save};
use crate::{beside, remove_if_there, ModelError};
use candle_core::DType;
use laurel_engine::{ModelDir, TextTokenizer};
use std::path::Path;

/// Batches of the text that are not trained on, but measured on.
const HELD_OUT: usize = 4;

/// How to train a model further.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// Steps.
    pub steps: u64,
    /// Windows in a step.
    pub batch: usize,
    /// Tokens in a window.
    pub window: usize,
    /// Highest learning rate.
    pub peak: f64,
    /// Seed of the order of windows.
    pub seed: u64,
}

/// Writes to `to`, which must not exist, the Llama model `from` trained further on a text ([`TokenCorpus::read`]); its weights are singles.
///
/// # Errors
/// If `from` is no folder of a Llama model in safetensors, or the text is shorter than a few batches.
pub fn tune(from: &Path, to: &Path, text: &Path, tuning: &Tuning) -> Result<TrainReport, ModelError> {
    let dir = ModelDir::open(from)?;
    let config: LlamaConfig = dir.json("config.json")?;
    let network = Network::new(&config, tuning.seed)?;
    network.set_weights(&read_tensors(&dir)?.into_iter().collect())?;
    let corpus = TokenCorpus::read(text, &TextTokenizer::read(&dir)?)?;
    let (training, held_out) = corpus.hold_out((HELD_OUT + 1) * tuning.batch * tuning.window);
    let checkpoint = beside(to, "checkpoint");
    let forget = || {
        remove_if_there(&checkpoint).map_err(|source| ModelError::Write {
            path: checkpoint.clone(),
            source,
        })
    };
    // That of another run, with other settings, is of no use here.
    forget()?;
    let run = TrainConfig {
        batch: tuning.batch,
        window: tuning.window,
        schedule: Schedule {
            peak: tuning.peak,
            warmup: (tuning.steps / 20).max(1),
            steps: tuning.steps,
        },
        seed: tuning.seed,
        evaluate_every: u64::MAX,
        evaluation_batches: HELD_OUT,
        checkpoint: checkpoint.clone(),
        time_limit: None,
    };
    let report = train(&network, &training, &held_out, &run, |_| ())?;
    copy(from, to, |_, folder| {
        save(network.weights(DType::F32)?.into_iter().collect(), folder)
    })?;
    forget()?;
    Ok(report)
}
