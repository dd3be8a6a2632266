//! From tokens to vectors.
use super::bert::{Bert, BertConfig, Rows};
use crate::device::Candle;
use crate::executor::Processor;
use crate::kernels::{side_by_side, threads};
use crate::{DeviceName, EngineError, ModelDir};
use serde::Deserialize;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

/// Tokens that go through the layers together: enough to use each weight often, few enough to stay in a core's cache.
const GROUP_TOKENS: usize = 256;

/// A model in memory, without tokenizer and queue.
pub struct Encoder {
    model: Model,
    pooling: Pooling,
}

enum Model {
    Processor(Bert<Processor>),
    Device(Bert<Candle>),
}

impl Encoder {
    /// Loads the model of a folder, for this processor's kernels.
    ///
    /// # Errors
    /// If a file is missing, broken or of a model that is not run; by name.
    pub fn load(dir: &ModelDir) -> Result<Self, EngineError> {
        Self::load_on(DeviceName::Cpu, dir)
    }

    /// As [`Self::load`], for a device.
    ///
    /// # Errors
    /// As [`Self::load`], and if the device cannot be used or has too little memory.
    pub fn load_on(device: DeviceName, dir: &ModelDir) -> Result<Self, EngineError> {
        let config = BertConfig::read(dir)?;
        Ok(Self {
            model: match device.open()? {
                None => Model::Processor(Bert::load(Processor, dir, &config)?),
                Some(candle) => {
                    let model = Bert::load(candle, dir, &config);
                    Model::Device(model.map_err(|error| error.on_device(device, "its weights"))?)
                }
            },
            pooling: Pooling::read(dir)?,
        })
    }

    /// The vectors, each of length 1, of texts given as token ids. A text's vector does not depend on the others.
    ///
    /// # Errors
    /// If a text is empty or longer than the model reads, a token is not in the vocabulary, or a vector is not finite.
    pub fn embed(&self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>, candle_core::Error> {
        let model = match &self.model {
            Model::Processor(model) => model,
            Model::Device(model) => return self.pool(texts, &model.forward_together(texts)?, model.width()),
        };
        let groups = groups(texts, threads());
        let vectors: Vec<OnceLock<_>> = groups.iter().map(|_| OnceLock::new()).collect();
        let embed = |group: usize| {
            let _ = vectors[group].set(self.embed_group(model, &texts[groups[group].clone()]));
        };
        if groups.len() >= threads() {
            // Each thread takes texts through all layers: none waits for another, and rows stay in the core's cache.
            side_by_side(groups.len(), embed);
        } else {
            (0..groups.len()).for_each(embed);
        }
        let mut all = Vec::with_capacity(texts.len());
        for group in vectors.into_iter().filter_map(OnceLock::into_inner) {
            all.extend(group?);
        }
        Ok(all)
    }

    fn embed_group(&self, model: &Bert<Processor>, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>, candle_core::Error> {
        thread_local! {
            static ROWS: RefCell<Rows> = RefCell::default();
        }
        ROWS.with_borrow_mut(|rows| {
            model.forward(texts, rows)?;
            self.pool(texts, &rows.states, model.width())
        })
    }

    /// The vectors of texts whose states follow one another.
    fn pool(&self, texts: &[&[u32]], mut states: &[f32], width: usize) -> Result<Vec<Vec<f32>>, candle_core::Error> {
        let vector = |text: &&[u32]| {
            let (own, others) = states.split_at(text.len() * width);
            states = others;
            normalised(self.pooling.pool(own, width))
        };
        texts.iter().map(vector).collect()
    }
}

/// Texts that go through the model together, as ranges of about as many tokens; more than one a thread if there are
/// enough.
fn groups(texts: &[&[u32]], threads: usize) -> Vec<Range<usize>> {
    let tokens: usize = texts.iter().map(|text| text.len()).sum();
    let count = tokens.div_ceil(GROUP_TOKENS).next_multiple_of(threads);
    let most = tokens.div_ceil(count.max(1));
    let mut groups = Vec::new();
    let (mut begin, mut held) = (0, 0);
    for (index, text) in texts.iter().enumerate() {
        if held > 0 && held + text.len() > most {
            groups.push(begin..index);
            (begin, held) = (index, 0);
        }
        held += text.len();
    }
    if begin < texts.len() {
        groups.push(begin..texts.len());
    }
    groups
}

/// How a text's states become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    /// The mean of all of them.
    Mean,
    /// The first of them.
    First,
}

impl Pooling {
    /// As the folder's modules say; the mean if they say nothing.
    fn read(dir: &ModelDir) -> Result<Self, EngineError> {
        #[derive(Deserialize)]
        struct Module {
            r#type: String,
        }
        let modules: Vec<Module> = dir.optional_json("modules.json")?.unwrap_or_default();
        let known = ["Transformer", "Pooling", "Normalize"];
        let ends_known = |module: &&Module| !known.iter().any(|known| module.r#type.ends_with(known));
        if let Some(odd) = modules.iter().find(ends_known) {
            let reason = format!("module {} is not supported, only {}", odd.r#type, known.join(", "));
            return Err(EngineError::unsupported(&dir.path("modules.json"), reason));
        }
        const FILE: &str = "1_Pooling/config.json";
        let config: serde_json::Map<String, serde_json::Value> = dir.optional_json(FILE)?.unwrap_or_default();
        let modes: Vec<&str> = config
            .iter()
            .filter(|(_, chosen)| **chosen == serde_json::Value::Bool(true))
            .filter_map(|(name, _)| name.strip_prefix("pooling_mode_"))
            .collect();
        match modes.as_slice() {
            [] | ["mean_tokens"] => Ok(Self::Mean),
            ["cls_token"] => Ok(Self::First),
            other => {
                let reason = format!(
                    "pooling by {} is not supported, only mean_tokens or cls_token",
                    other.join(" and ")
                );
                Err(EngineError::unsupported(&dir.path(FILE), reason))
            }
        }
    }

    /// One vector of a text's states, which are `width` wide.
    fn pool(self, states: &[f32], width: usize) -> Vec<f32> {
        match self {
            Self::First => states[..width].to_vec(),
            Self::Mean => {
                let mut mean = vec![0.0f32; width];
                for state in states.chunks_exact(width) {
                    mean.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
                }
                let count = (states.len() / width) as f32;
                mean.iter_mut().for_each(|sum| *sum /= count);
                mean
            }
        }
    }
}

fn normalised(mut vector: Vec<f32>) -> Result<Vec<f32>, candle_core::Error> {
    let length = vector
        .iter()
        .map(|value| f64::from(*value) * f64::from(*value))
        .sum::<f64>()
        .sqrt();
    if !length.is_finite() {
        candle_core::bail!("the model answered a vector that is not finite");
    }
    vector
        .iter_mut()
        .for_each(|value| *value = (f64::from(*value) / length.max(1e-12)) as f32);
    Ok(vector)
}
