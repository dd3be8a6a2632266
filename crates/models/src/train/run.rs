//! The training loop: steps, evaluation, checkpoints.
use super::{AdamW, AdamWParams, Network, Schedule, TokenCorpus};
use crate::{beside, remove_if_there, ModelError};
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How to train.
#[derive(Clone, Debug)]
pub struct TrainConfig {
    /// Windows in a step.
    pub batch: usize,
    /// Tokens in a window.
    pub window: usize,
    /// Learning rate over the run; also says how many steps there are.
    pub schedule: Schedule,
    /// Seed of initial weights and of the order of windows.
    pub seed: u64,
    /// Steps between evaluations and checkpoints.
    pub evaluate_every: u64,
    /// Batches of the validation text used by an evaluation within the run; the last one uses the whole text.
    pub evaluation_batches: usize,
    /// Where the run keeps what it needs to go on; taken up if it is there.
    pub checkpoint: PathBuf,
    /// Stop after the step that passes this time, as if the run were at its end.
    pub time_limit: Option<Duration>,
}

/// One line of the training log.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Steps done.
    pub step: u64,
    /// Mean cross-entropy over the last steps, nats a token.
    pub training_loss: f64,
    /// Mean cross-entropy on held-out text, if it was just measured.
    pub validation_loss: Option<f64>,
    /// Tokens seen each second since the run began.
    pub tokens_per_second: f64,
    /// Norm of the last gradient before clipping.
    pub gradient_norm: f64,
}

/// The result of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainReport {
    /// Number of weights.
    pub parameters: usize,
    /// Steps done.
    pub steps: u64,
    /// Tokens seen, repeats counted.
    pub tokens: u64,
    /// Mean cross-entropy of the last hundred steps, nats a token.
    pub training_loss: f64,
    /// Mean cross-entropy on the whole held-out text, nats a token.
    pub validation_loss: f64,
    /// The same in bits a byte of text, which does not depend on the tokenizer.
    pub validation_bits_per_byte: f64,
    /// Seconds spent training, over all parts of a continued run.
    pub seconds: f64,
}

#[derive(Default, Serialize, Deserialize)]
struct State {
    step: u64,
    seconds: f64,
    recent: Vec<f64>,
}

/// Steps whose mean is reported as training loss.
const RECENT: usize = 100;

/// Trains `network` on `train`, measures on `valid`, and tells `report` how it goes.
pub fn train(
    network: &Network,
    train: &TokenCorpus,
    valid: &TokenCorpus,
    config: &TrainConfig,
    mut report: impl FnMut(Progress),
) -> Result<TrainReport, ModelError> {
    for (corpus, name) in [(train, "training"), (valid, "validation")] {
        if corpus.len() <= config.window * config.batch {
            let reason = format!("the {name} text has {} tokens, less than one batch", corpus.len());
            return Err(ModelError::Invalid {
                path: config.checkpoint.clone(),
                reason,
            });
        }
    }
    let mut optimiser = AdamW::new(AdamWParams::default());
    let mut state = resume(network, &mut optimiser, &config.checkpoint)?;
    let began = Instant::now();
    let (first_step, seconds_before) = (state.step, state.seconds);
    let tokens_per_step = (config.batch * config.window) as u64;
    let shape = (config.batch, config.window);
    while state.step < config.schedule.steps {
        let batch = train.random_batch(config.seed, state.step, shape)?;
        let loss = network.loss(&batch.inputs, &batch.targets)?;
        let gradients = loss.backward()?;
        let gradient_norm = optimiser.update(network.vars(), &gradients, config.schedule.at(state.step))?;
        state.recent.push(f64::from(loss.to_scalar::<f32>()?));
        state.recent.drain(..state.recent.len().saturating_sub(RECENT));
        state.step += 1;
        state.seconds = seconds_before + began.elapsed().as_secs_f64();
        let out_of_time = config.time_limit.is_some_and(|limit| began.elapsed() >= limit);
        let evaluate = state.step.is_multiple_of(config.evaluate_every) && state.step < config.schedule.steps;
        let validation_loss = if evaluate {
            Some(mean_loss(network, valid, shape, config.evaluation_batches)?)
        } else {
            None
        };
        if evaluate || out_of_time {
            save(network, &optimiser, &state, &config.checkpoint)?;
        }
        if evaluate || state.step.is_multiple_of(10) {
            report(Progress {
                step: state.step,
                training_loss: mean(&state.recent),
                validation_loss,
                tokens_per_second: ((state.step - first_step) * tokens_per_step) as f64 / began.elapsed().as_secs_f64(),
                gradient_norm,
            });
        }
        if out_of_time {
            break;
        }
    }
    save(network, &optimiser, &state, &config.checkpoint)?;
    let validation_loss = mean_loss(network, valid, shape, usize::MAX)?;
    Ok(TrainReport {
        parameters: network.parameters(),
        steps: state.step,
        tokens: state.step * tokens_per_step,
        training_loss: mean(&state.recent),
        validation_loss,
        validation_bits_per_byte: validation_loss / std::f64::consts::LN_2 / valid.bytes_per_token(),
        seconds: state.seconds,
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn mean_loss(network: &Network, corpus: &TokenCorpus, shape: (usize, usize), limit: usize) -> Result<f64, ModelError> {
    let mut losses = Vec::new();
    for batch in corpus.sequential_batches(shape, limit) {
        let batch = batch?;
        losses.push(f64::from(
            network.loss(&batch.inputs, &batch.targets)?.to_scalar::<f32>()?,
        ));
    }
    Ok(mean(&losses))
}

/// A checkpoint is one folder, replaced as a whole: a run that is killed while saving continues from the one before.
fn save(network: &Network, optimiser: &AdamW, state: &State, checkpoint: &Path) -> Result<(), ModelError> {
    let write_error = |source| ModelError::Write {
        path: checkpoint.into(),
        source,
    };
    let fresh = beside(checkpoint, "part");
    let old = beside(checkpoint, "old");
    remove_if_there(&fresh).map_err(write_error)?;
    std::fs::create_dir_all(&fresh).map_err(write_error)?;
    candle_core::safetensors::save(&network.weights(DType::F32)?, fresh.join("weights.safetensors"))?;
    candle_core::safetensors::save(&optimiser.state()?, fresh.join("optimiser.safetensors"))?;
    let json = serde_json::to_vec(state).map_err(|error| write_error(error.into()))?;
    std::fs::write(fresh.join("state.json"), json).map_err(write_error)?;
    remove_if_there(&old).map_err(write_error)?;
    if checkpoint.exists() {
        std::fs::rename(checkpoint, &old).map_err(write_error)?;
    }
    std::fs::rename(&fresh, checkpoint).map_err(write_error)?;
    remove_if_there(&old).map_err(write_error)
}

fn resume(network: &Network, optimiser: &mut AdamW, checkpoint: &Path) -> Result<State, ModelError> {
    let old = beside(checkpoint, "old");
    let folder = if checkpoint.exists() { checkpoint } else { &old };
    if !folder.exists() {
        return Ok(State::default());
    }
    let load = |name: &str| -> Result<HashMap<String, Tensor>, ModelError> {
        Ok(candle_core::safetensors::load(folder.join(name), &Device::Cpu)?)
    };
    let path = folder.join("state.json");
    let text = std::fs::read(&path).map_err(|source| ModelError::Read {
        path: path.clone(),
        source,
    })?;
    let state: State = serde_json::from_slice(&text).map_err(|error| ModelError::Invalid {
        path,
        reason: error.to_string(),
    })?;
    network.set_weights(&load("weights.safetensors")?)?;
    optimiser.restore(state.step, &load("optimiser.safetensors")?)?;
    Ok(state)
}
