//! BERT and its kin: the forward pass of a bidirectional encoder.
use crate::checkpoint::Checkpoint;
use crate::decoder::activation;
use crate::device::Candle;
use crate::executor::{Executor, Processor};
use crate::kernels::{normalise_rows, Activation, Attention, Finish, Norm};
use crate::{EngineError, ModelDir};
use candle_core::{bail, Device, Result, Tensor};
use serde::Deserialize;
use std::sync::Arc;

/// Values of `model_type` that run.
pub(super) const MODEL_TYPES: [&str; 3] = ["bert", "roberta", "xlm-roberta"];

/// Widest heads.
const MAX_HEAD_WIDTH: usize = 256;

/// The parts of `config.json` that are used.
#[derive(Clone, Deserialize)]
pub(super) struct BertConfig {
    model_type: Option<String>,
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: String,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    layer_norm_eps: f32,
    #[serde(default)]
    pad_token_id: usize,
    position_embedding_type: Option<String>,
}

impl BertConfig {
    pub(super) fn read(dir: &ModelDir) -> std::result::Result<Self, EngineError> {
        #[derive(Deserialize)]
        struct Named {
            model_type: Option<String>,
        }
        let path = dir.path("config.json");
        let named: Named = dir.json("config.json")?;
        let model_type = named.model_type.unwrap_or_default();
        if !MODEL_TYPES.contains(&model_type.as_str()) {
            let reason = format!(
                "model_type is {model_type:?}, expected one of {}",
                MODEL_TYPES.join(", ")
            );
            return Err(EngineError::unsupported(&path, reason));
        }
        let config: Self = dir.json("config.json")?;
        match config.problem() {
            None => Ok(config),
            Some(reason) => Err(EngineError::unsupported(&path, reason)),
        }
    }

    fn problem(&self) -> Option<String> {
        let sizes = [
            ("vocab_size", self.vocab_size, 1 << 20),
            ("hidden_size", self.hidden_size, 1 << 16),
            ("num_hidden_layers", self.num_hidden_layers, 1024),
            ("num_attention_heads", self.num_attention_heads, 1024),
            ("intermediate_size", self.intermediate_size, 1 << 18),
            ("max_position_embeddings", self.max_position_embeddings, 1 << 20),
            ("type_vocab_size", self.type_vocab_size, 1 << 10),
        ];
        if let Some((name, size, limit)) = sizes.iter().find(|(_, size, limit)| *size == 0 || size > limit) {
            return Some(format!("{name} is {size}, expected 1 to {limit}"));
        }
        if !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Some("hidden_size is not a multiple of num_attention_heads".into());
        }
        let width = self.hidden_size / self.num_attention_heads;
        if width > MAX_HEAD_WIDTH {
            return Some(format!("heads are {width} wide, expected up to {MAX_HEAD_WIDTH}"));
        }
        if self.positions() < 3 {
            return Some("it reads fewer than 3 tokens".into());
        }
        if self
            .position_embedding_type
            .as_deref()
            .is_some_and(|kind| kind != "absolute")
        {
            return Some("position_embedding_type is not absolute".into());
        }
        if !(self.layer_norm_eps > 0.0 && self.layer_norm_eps < 1.0) {
            return Some("layer_norm_eps is out of range".into());
        }
        activation(&self.hidden_act)
            .is_none()
            .then(|| format!("activation {} is not supported", self.hidden_act))
    }

    /// Row of the first token's position: RoBERTa's kin count on from the padding's.
    fn first_position(&self) -> usize {
        match self.model_type.as_deref() {
            Some("roberta" | "xlm-roberta") => self.pad_token_id.saturating_add(1),
            _ => 0,
        }
    }

    /// Longest text, in tokens.
    pub(super) fn positions(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }
}

/// A model in memory.
pub(super) struct Bert<E: Executor> {
    executor: E,
    width: usize,
    vocabulary: usize,
    words: E::Matrix,
    /// Position and type of each place of a text, `[positions, width]`.
    places: Vec<f32>,
    norm: E::Norm,
    attention: E::Attention,
    layers: Vec<Layer<E>>,
}

struct Layer<E: Executor> {
    qkv: E::Linear,
    output: E::Linear,
    norm: E::Norm,
    up: E::Linear,
    down: E::Linear,
    last_norm: E::Norm,
}

impl<E: Executor> Bert<E> {
    pub(super) fn load(executor: E, dir: &ModelDir, config: &BertConfig) -> std::result::Result<Self, EngineError> {
        let checkpoint = Checkpoint::open(dir)?;
        // Checkpoints of a model with a head have the encoder under a name.
        let prefixes = ["", "bert.", "roberta."];
        let word = "embeddings.word_embeddings.weight";
        let found = prefixes
            .into_iter()
            .find(|prefix| checkpoint.find(&format!("{prefix}{word}")).is_some());
        let loader = Loader {
            executor: &executor,
            checkpoint: &checkpoint,
            prefix: found.unwrap_or(""),
            config,
        };
        let width = config.hidden_size;
        let words = loader.matrix("embeddings.word_embeddings", config.vocab_size, width)?;
        let rows = |name: &str, count: usize| {
            checkpoint.floats(
                &format!("{}embeddings.{name}_embeddings.weight", loader.prefix),
                &[count, width],
            )
        };
        let kind = rows("token_type", config.type_vocab_size)?;
        let mut places = rows("position", config.max_position_embeddings)?.split_off(config.first_position() * width);
        for place in places.chunks_exact_mut(width) {
            place.iter_mut().zip(&kind).for_each(|(value, kind)| *value += kind);
        }
        let heads = config.num_attention_heads;
        let attention = Attention {
            heads,
            kv_heads: heads,
            width: width / heads,
            scale: 1.0 / ((width / heads) as f32).sqrt(),
            window: None,
            soft_cap: None,
            rope: None,
            query_norm: None,
            key_norm: None,
        };
        Ok(Self {
            width,
            vocabulary: config.vocab_size,
            words,
            places,
            norm: loader.norm("embeddings.LayerNorm")?,
            attention: executor.attention(attention, None)?,
            layers: (0..config.num_hidden_layers)
                .map(|layer| loader.layer(layer))
                .collect::<std::result::Result<_, _>>()?,
            executor,
        })
    }

    /// Width of a state.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    fn check(&self, texts: &[&[u32]]) -> Result<()> {
        let positions = self.places.len() / self.width;
        if let Some(odd) = texts.iter().find(|text| text.is_empty() || text.len() > positions) {
            bail!("a text of {} tokens, the model reads 1 to {positions}", odd.len());
        }
        let mut ids = texts.iter().flat_map(|text| text.iter());
        match ids.find(|id| **id as usize >= self.vocabulary) {
            Some(id) => bail!("token {id} is not in the vocabulary"),
            None => Ok(()),
        }
    }
}

impl Bert<Processor> {
    /// Computes the states of the tokens of several texts, a row of [`Self::width`] each, one text after the other, into
    /// `rows.states`. A text's states do not depend on the others.
    pub(super) fn forward(&self, texts: &[&[u32]], rows: &mut Rows) -> Result<()> {
        self.embed(texts, &mut rows.states)?;
        normalise_rows(&mut rows.states, &self.norm)?;
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        for layer in &self.layers {
            layer.qkv.apply(&rows.states, None, &mut rows.wide)?;
            self.attention.apply_whole(&rows.wide, &lengths, &mut rows.mixed)?;
            layer.output.apply(&rows.mixed, Some(&rows.states), &mut rows.next)?;
            normalise_rows(&mut rows.next, &layer.norm)?;
            layer.up.apply(&rows.next, None, &mut rows.wide)?;
            layer.down.apply(&rows.wide, Some(&rows.next), &mut rows.states)?;
            normalise_rows(&mut rows.states, &layer.last_norm)?;
        }
        Ok(())
    }

    fn embed(&self, texts: &[&[u32]], states: &mut Vec<f32>) -> Result<()> {
        self.check(texts)?;
        states.clear();
        states.resize(texts.iter().map(|text| text.len()).sum::<usize>() * self.width, 0.0);
        let ids = texts
            .iter()
            .flat_map(|text| text.iter().zip(self.places.chunks_exact(self.width)));
        for ((id, place), state) in ids.zip(states.chunks_exact_mut(self.width)) {
            self.words.row(*id as usize, state);
            state.iter_mut().zip(place).for_each(|(value, place)| *value += place);
        }
        Ok(())
    }
}

impl Bert<Candle> {
    /// The states of the tokens of several texts, a row of [`Self::width`] each, one text after the other. Rows of all texts
    /// go through the device together and come to the host at the end.
    pub(super) fn forward_together(&self, texts: &[&[u32]]) -> Result<Vec<f32>> {
        self.check(texts)?;
        let on = &self.executor;
        let ids: Vec<u32> = texts.iter().flat_map(|text| text.iter().copied()).collect();
        let places = texts.iter().flat_map(|text| &self.places[..text.len() * self.width]);
        let places = Tensor::from_vec(
            places.copied().collect::<Vec<f32>>(),
            (ids.len(), self.width),
            &Device::Cpu,
        )?;
        let texts = on.pad(&texts.iter().map(|text| text.len()).collect::<Vec<_>>())?;
        let states = (on.rows(&self.words, &ids)? + places.to_device(&on.device)?)?;
        let mut states = on.normalise(&self.norm, &states)?;
        for layer in &self.layers {
            let qkv = on.forward(&layer.qkv, &states)?;
            let mixed = self.attention.forward_whole(&qkv, &texts)?;
            let next = on.normalise(&layer.norm, &on.forward_add(&layer.output, &mixed, &states)?)?;
            let wide = on.forward(&layer.up, &next)?;
            states = on.normalise(&layer.last_norm, &on.forward_add(&layer.down, &wide, &next)?)?;
        }
        on.fetch(&states, None)
    }
}

/// Rows of a forward pass on its way, in memory that is kept for the next.
#[derive(Default)]
pub(super) struct Rows {
    /// The result.
    pub(super) states: Vec<f32>,
    next: Vec<f32>,
    mixed: Vec<f32>,
    wide: Vec<f32>,
}

struct Loader<'a, E> {
    executor: &'a E,
    checkpoint: &'a Checkpoint,
    prefix: &'a str,
    config: &'a BertConfig,
}

impl<E: Executor> Loader<'_, E> {
    fn matrix(&self, name: &str, out: usize, input: usize) -> std::result::Result<E::Matrix, EngineError> {
        let (format, bytes) = self
            .checkpoint
            .read(&format!("{}{name}.weight", self.prefix), &[out, input])?;
        Ok(self.executor.matrix(format, &bytes, out, input)?)
    }

    fn floats(&self, name: &str, count: usize) -> std::result::Result<Vec<f32>, EngineError> {
        self.checkpoint.floats(&format!("{}{name}", self.prefix), &[count])
    }

    fn norm(&self, name: &str) -> std::result::Result<E::Norm, EngineError> {
        let width = self.config.hidden_size;
        Ok(self.executor.norm(Norm::Layer {
            weight: self.floats(&format!("{name}.weight"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
            epsilon: self.config.layer_norm_eps,
        })?)
    }

    fn linear(
        &self,
        names: &[String],
        (out, input): (usize, usize),
        finish: Finish,
    ) -> std::result::Result<E::Linear, EngineError> {
        let (mut matrices, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            bias.extend(self.floats(&format!("{name}.bias"), out)?);
            matrices.push(self.matrix(name, out, input)?);
        }
        let weights = Arc::new(self.executor.stack(matrices)?);
        Ok(self.executor.linear(None, weights, Some(bias), finish)?)
    }

    fn layer(&self, layer: usize) -> std::result::Result<Layer<E>, EngineError> {
        let (width, wide) = (self.config.hidden_size, self.config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let qkv = ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        let activation = Finish::Activation(activation(&self.config.hidden_act).unwrap_or(Activation::Gelu));
        Ok(Layer {
            qkv: self.linear(&qkv, (width, width), Finish::Plain)?,
            output: self.linear(&[name("attention.output.dense")], (width, width), Finish::Plain)?,
            norm: self.norm(&name("attention.output.LayerNorm"))?,
            up: self.linear(&[name("intermediate.dense")], (wide, width), activation)?,
            down: self.linear(&[name("output.dense")], (width, wide), Finish::Plain)?,
            last_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }
}
