//! From a checkpoint's tensors to a model in memory.
//!
//! The largest tensors come first, while there is the most room for a copy on its way.
use super::architecture::{Architecture, Family, NormKind};
use super::names::{Inner, Naming, Outer};
use super::{Decoder, FeedForward, Layer};
use crate::checkpoint::{Checkpoint, StoredType};
use crate::kernels::{Attention, Finish, Format, KvFormat, Linear, Matrix, Norm, Rope, RopeStyle};
use crate::{EngineError, ModelDir};
use std::sync::Arc;

impl Decoder {
    /// Loads the model of a folder for sequences of at most `context` tokens.
    pub fn load(dir: &ModelDir, context: usize) -> Result<Self, EngineError> {
        let checkpoint = Checkpoint::open(dir)?;
        let mut architecture = Architecture::of(dir, &checkpoint)?;
        architecture.context = architecture.context.min(context);
        Self::assemble(&checkpoint, architecture)
    }

    /// Takes the tensors that the description names.
    pub(crate) fn assemble(checkpoint: &Checkpoint, architecture: Architecture) -> Result<Self, EngineError> {
        let naming = match checkpoint.metadata() {
            None => Naming::Safetensors,
            Some(_) => Naming::Gguf,
        };
        let loader = Loader {
            checkpoint,
            architecture: &architecture,
            naming,
        };
        loader.refuse_contradictions()?;
        let (vocabulary, hidden) = (architecture.vocab_size, architecture.hidden_size);
        let embedding = Arc::new(loader.matrix(loader.outer(Outer::Embedding), vocabulary, hidden)?);
        let head = loader.head(&embedding)?;
        let ropes = loader.ropes()?;
        let layers: Vec<Layer> = (0..architecture.layers.len())
            .map(|layer| loader.layer(layer, &ropes))
            .collect::<Result<_, _>>()?;
        let embedding_name = loader.outer(Outer::Embedding);
        // Half precision keeps what rounded weights say; only a model in full precision shows a difference.
        let exact = matches!(
            loader.stored(&embedding_name),
            Some(StoredType::Weights(Format::F32) | StoredType::F64)
        );
        Ok(Self {
            embedding,
            layers,
            head,
            cache_format: if exact { KvFormat::F32 } else { KvFormat::F16 },
            architecture,
        })
    }
}

struct Loader<'a> {
    checkpoint: &'a Checkpoint,
    architecture: &'a Architecture,
    naming: Naming,
}

impl Loader<'_> {
    fn outer(&self, part: Outer) -> String {
        self.naming.outer(self.architecture.family, part).to_owned()
    }

    fn inner(&self, part: Inner, layer: usize) -> String {
        self.naming.inner(self.architecture.family, part, layer)
    }

    fn has(&self, name: &str) -> bool {
        self.checkpoint.find(name).is_some()
    }

    /// How the weights of a part are stored.
    fn stored(&self, name: &str) -> Option<StoredType> {
        self.checkpoint
            .find(&format!("{name}.weight"))
            .map(|tensor| tensor.stored)
    }

    /// A bias that the description does not know would be left out silently, and the model answer nonsense.
    fn refuse_contradictions(&self) -> Result<(), EngineError> {
        let biased = self.architecture.is_parallel();
        let odd = [
            (Inner::Query, self.architecture.qkv_bias),
            (Inner::AttentionOutput, biased),
            (Inner::Up, biased),
            (Inner::Down, biased),
        ];
        let extra = odd.into_iter().find_map(|(part, expected)| {
            let name = format!("{}.bias", self.inner(part, 0));
            (!expected && self.has(&name)).then_some(name)
        });
        match extra {
            Some(name) => {
                let reason = format!("it has {name}, which models of this family have not");
                Err(EngineError::unsupported(self.checkpoint.path(), reason))
            }
            None => Ok(()),
        }
    }

    fn bytes(&self, name: &str, out: usize, input: usize) -> Result<(Format, Vec<u8>), EngineError> {
        self.checkpoint.read(&format!("{name}.weight"), &[out, input])
    }

    fn matrix(&self, name: String, out: usize, input: usize) -> Result<Matrix, EngineError> {
        let (format, bytes) = self.bytes(&name, out, input)?;
        Ok(Matrix::pack(format, &bytes, out, input)?)
    }

    fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>, EngineError> {
        self.checkpoint.floats(name, &[count])
    }

    fn norm(&self, name: &str, width: usize) -> Result<Norm, EngineError> {
        let mut weight = self.floats(&format!("{name}.weight"), width)?;
        let epsilon = self.architecture.epsilon;
        Ok(match self.architecture.norm {
            NormKind::Layer => Norm::Layer {
                weight,
                bias: self.floats(&format!("{name}.bias"), width)?,
                epsilon,
            },
            kind => {
                if kind == NormKind::RmsPlusOne {
                    weight.iter_mut().for_each(|weight| *weight += 1.0);
                }
                Norm::Rms { weight, epsilon }
            }
        })
    }

    fn inner_norm(&self, part: Inner, layer: usize) -> Result<Norm, EngineError> {
        self.norm(&self.inner(part, layer), self.architecture.hidden_size)
    }

    fn post_norm(&self, part: Inner, layer: usize) -> Result<Option<Norm>, EngineError> {
        let wanted = self.architecture.has_post_norms();
        wanted.then(|| self.inner_norm(part, layer)).transpose()
    }

    fn bias(&self, wanted: bool, name: &str, count: usize) -> Result<Option<Vec<f32>>, EngineError> {
        wanted.then(|| self.floats(&format!("{name}.bias"), count)).transpose()
    }

    fn head(&self, embedding: &Arc<Matrix>) -> Result<Linear, EngineError> {
        let Architecture {
            vocab_size,
            hidden_size,
            tied,
            ..
        } = *self.architecture;
        let name = self.outer(Outer::Head);
        let bias = self.bias(self.architecture.is_parallel(), &name, vocab_size)?;
        let weights = if tied {
            embedding.clone()
        } else {
            Arc::new(self.matrix(name, vocab_size, hidden_size)?)
        };
        Ok(Linear {
            norm: Some(self.norm(&self.outer(Outer::Norm), hidden_size)?),
            weights,
            bias,
            finish: Finish::Plain,
        })
    }

    fn ropes(&self) -> Result<Vec<Arc<Rope>>, EngineError> {
        // Files of this kind of model and format have the two numbers of a pair side by side.
        let style = match (self.naming, self.architecture.family) {
            (Naming::Gguf, Family::Llama) => RopeStyle::Interleaved,
            _ => RopeStyle::HalfSplit,
        };
        let made = self.architecture.ropes.iter().map(|rope| {
            let (cos, sin) = rope.tables(self.architecture.context);
            Ok(Arc::new(Rope::new(cos, sin, rope.frequencies.len(), style)?))
        });
        made.collect()
    }

    fn layer(&self, layer: usize, ropes: &[Arc<Rope>]) -> Result<Layer, EngineError> {
        let Architecture {
            hidden_size: hidden,
            intermediate_size: wide,
            heads,
            kv_heads,
            head_width,
            attention_scale,
            attention_cap,
            ..
        } = *self.architecture;
        let kind = self.architecture.layers[layer];
        let head_norm = |part: Inner| {
            let wanted = self.architecture.head_norms;
            let norm = || self.norm(&self.inner(part, layer), head_width);
            wanted.then(norm).transpose()
        };
        let attention = Attention {
            heads,
            kv_heads,
            width: head_width,
            scale: attention_scale,
            window: kind.window,
            soft_cap: attention_cap,
            rope: Some(ropes[kind.rope].clone()),
            query_norm: head_norm(Inner::QueryNorm)?,
            key_norm: head_norm(Inner::KeyNorm)?,
        };
        let plain = |part: Inner, out: usize, input: usize| -> Result<Linear, EngineError> {
            let name = self.inner(part, layer);
            let bias = self.bias(self.architecture.is_parallel(), &name, out)?;
            let weights = Arc::new(self.matrix(name, out, input)?);
            Ok(Linear {
                bias,
                ..Linear::new(weights)
            })
        };
        Ok(Layer {
            qkv: self.qkv(layer)?,
            attention,
            attention_output: plain(Inner::AttentionOutput, hidden, heads * head_width)?,
            attention_post_norm: self.post_norm(Inner::AttentionPostNorm, layer)?,
            feed_forward: self.feed_forward(layer)?,
            down: plain(Inner::Down, hidden, wide)?,
            feed_forward_post_norm: self.post_norm(Inner::FeedForwardPostNorm, layer)?,
        })
    }

    /// Query, key and value, one below the other: one product instead of three. Some checkpoints have them so.
    fn qkv(&self, layer: usize) -> Result<Linear, EngineError> {
        let (query, kv) = (self.architecture.query_width(), self.architecture.kv_width());
        let (hidden, biased) = (self.architecture.hidden_size, self.architecture.qkv_bias);
        let whole = self.inner(Inner::QueryKeyValue, layer);
        let (weights, bias) = if self.has(&format!("{whole}.weight")) {
            let bias = self.bias(biased, &whole, query + 2 * kv)?;
            (self.matrix(whole, query + 2 * kv, hidden)?, bias)
        } else {
            let (mut matrices, mut biases) = (Vec::new(), Vec::new());
            for (part, out) in [(Inner::Query, query), (Inner::Key, kv), (Inner::Value, kv)] {
                let name = self.inner(part, layer);
                biases.extend(self.bias(biased, &name, out)?.into_iter().flatten());
                matrices.push(self.matrix(name, out, hidden)?);
            }
            (Matrix::stack(matrices)?, biased.then_some(biases))
        };
        Ok(Linear {
            norm: Some(self.inner_norm(Inner::AttentionNorm, layer)?),
            weights: Arc::new(weights),
            bias,
            finish: Finish::Plain,
        })
    }

    fn feed_forward(&self, layer: usize) -> Result<FeedForward, EngineError> {
        let (hidden, wide) = (self.architecture.hidden_size, self.architecture.intermediate_size);
        let activation = self.architecture.activation;
        let linear = |weights: Matrix, norm: Inner, bias, finish| -> Result<Linear, EngineError> {
            Ok(Linear {
                norm: Some(self.inner_norm(norm, layer)?),
                weights: Arc::new(weights),
                bias,
                finish,
            })
        };
        if self.architecture.is_parallel() {
            let name = self.inner(Inner::Up, layer);
            let bias = self.bias(true, &name, wide)?;
            let finish = Finish::Activation(activation);
            let up = linear(self.matrix(name, wide, hidden)?, Inner::AttentionNorm, bias, finish)?;
            return Ok(FeedForward::Whole(up));
        }
        let norm = Inner::FeedForwardNorm;
        let finish = Finish::Gated(activation);
        if self.architecture.family == Family::Phi3 {
            let (format, both) = self.bytes(&self.inner(Inner::GateUp, layer), 2 * wide, hidden)?;
            let (gate, up) = both.split_at(both.len() / 2);
            let both = Matrix::pack_gated(format, gate, up, wide, hidden)?;
            return Ok(FeedForward::Whole(linear(both, norm, None, finish)?));
        }
        let (gate, up) = (self.inner(Inner::Gate, layer), self.inner(Inner::Up, layer));
        if self.stored(&gate) == self.stored(&up) {
            let (format, gate) = self.bytes(&gate, wide, hidden)?;
            let (_, up) = self.bytes(&up, wide, hidden)?;
            let both = Matrix::pack_gated(format, &gate, &up, wide, hidden)?;
            return Ok(FeedForward::Whole(linear(both, norm, None, finish)?));
        }
        let (gate, up) = (self.matrix(gate, wide, hidden)?, self.matrix(up, wide, hidden)?);
        Ok(FeedForward::Apart {
            gate: linear(gate, norm, None, Finish::Activation(activation))?,
            up: linear(up, norm, None, Finish::Plain)?,
        })
    }
}
