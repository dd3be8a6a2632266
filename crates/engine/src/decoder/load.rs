//! From a checkpoint's tensors to a model in memory.
//!
//! The largest tensors come first, while there is the most room for a copy on its way.
use super::architecture::{Architecture, Family, NormKind};
use super::names::{Inner, Naming, Outer};
use super::{FeedForward, Layer, Model};
use crate::checkpoint::{Checkpoint, StoredType};
use crate::executor::Executor;
use crate::kernels::{Attention, Finish, Format, KvFormat, Norm, RopeStyle};
use crate::EngineError;
use std::cell::Cell;
use std::sync::Arc;

impl<E: Executor> Model<E> {
    /// Takes the tensors that the description names.
    pub(super) fn assemble(
        executor: E,
        checkpoint: &Checkpoint,
        architecture: Architecture,
    ) -> Result<Self, EngineError> {
        let naming = match checkpoint.metadata() {
            None => Naming::Safetensors,
            Some(_) => Naming::Gguf,
        };
        let loader = Loader {
            executor: &executor,
            checkpoint,
            architecture: &architecture,
            naming,
            taken: Cell::new(0),
        };
        loader.refuse_contradictions()?;
        let (vocabulary, hidden) = (architecture.vocab_size, architecture.hidden_size);
        let embedding = Arc::new(loader.matrix(loader.outer(Outer::Embedding), vocabulary, hidden)?);
        let head = loader.head(&embedding)?;
        let ropes = loader.ropes()?;
        let layers: Vec<Layer<E>> = (0..architecture.layers.len())
            .map(|layer| loader.layer(layer, &ropes))
            .collect::<Result<_, _>>()?;
        let embedding_name = loader.outer(Outer::Embedding);
        // Half precision keeps what rounded weights say; only a model in full precision shows a difference.
        let exact = matches!(
            loader.stored(&embedding_name),
            Some(StoredType::Weights(Format::F32) | StoredType::F64)
        );
        let weight_bytes = loader.taken.get();
        Ok(Self {
            embedding,
            layers,
            head,
            cache_format: if exact { KvFormat::F32 } else { KvFormat::F16 },
            weight_bytes,
            executor,
            architecture,
        })
    }
}

struct Loader<'a, E> {
    executor: &'a E,
    checkpoint: &'a Checkpoint,
    architecture: &'a Architecture,
    naming: Naming,
    /// Bytes of weights that were taken.
    taken: Cell<usize>,
}

impl<E: Executor> Loader<'_, E> {
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

    fn matrix(&self, name: String, out: usize, input: usize) -> Result<E::Matrix, EngineError> {
        let (format, bytes) = self.bytes(&name, out, input)?;
        Ok(self.count(self.executor.matrix(format, &bytes, out, input)?))
    }

    fn take_gated(
        &self,
        format: Format,
        gate: &[u8],
        up: &[u8],
        out: usize,
        input: usize,
    ) -> Result<E::Matrix, EngineError> {
        Ok(self.count(self.executor.gated(format, gate, up, out, input)?))
    }

    fn count(&self, matrix: E::Matrix) -> E::Matrix {
        self.taken.set(self.taken.get() + E::bytes(&matrix));
        matrix
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

    fn row_norm(&self, name: &str) -> Result<E::Norm, EngineError> {
        let norm = self.norm(name, self.architecture.hidden_size)?;
        Ok(self.executor.norm(norm)?)
    }

    fn inner_norm(&self, part: Inner, layer: usize) -> Result<E::Norm, EngineError> {
        self.row_norm(&self.inner(part, layer))
    }

    fn post_norm(&self, part: Inner, layer: usize) -> Result<Option<E::Norm>, EngineError> {
        let wanted = self.architecture.has_post_norms();
        wanted.then(|| self.inner_norm(part, layer)).transpose()
    }

    fn bias(&self, wanted: bool, name: &str, count: usize) -> Result<Option<Vec<f32>>, EngineError> {
        wanted.then(|| self.floats(&format!("{name}.bias"), count)).transpose()
    }

    fn head(&self, embedding: &Arc<E::Matrix>) -> Result<E::Linear, EngineError> {
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
        let norm = self.row_norm(&self.outer(Outer::Norm))?;
        Ok(self.executor.linear(Some(norm), weights, bias, Finish::Plain)?)
    }

    fn ropes(&self) -> Result<Vec<E::Rope>, EngineError> {
        // Files of this kind of model and format have the two numbers of a pair side by side.
        let style = match (self.naming, self.architecture.family) {
            (Naming::Gguf, Family::Llama) => RopeStyle::Interleaved,
            _ => RopeStyle::HalfSplit,
        };
        let made = self.architecture.ropes.iter().map(|rope| {
            let tables = rope.tables(self.architecture.context);
            Ok(self.executor.rope(tables, rope.frequencies.len(), style)?)
        });
        made.collect()
    }

    fn layer(&self, layer: usize, ropes: &[E::Rope]) -> Result<Layer<E>, EngineError> {
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
            rope: None,
            query_norm: head_norm(Inner::QueryNorm)?,
            key_norm: head_norm(Inner::KeyNorm)?,
        };
        let plain = |part: Inner, out: usize, input: usize| -> Result<E::Linear, EngineError> {
            let name = self.inner(part, layer);
            let bias = self.bias(self.architecture.is_parallel(), &name, out)?;
            let weights = Arc::new(self.matrix(name, out, input)?);
            Ok(self.executor.linear(None, weights, bias, Finish::Plain)?)
        };
        Ok(Layer {
            qkv: self.qkv(layer)?,
            attention: self.executor.attention(attention, Some(ropes[kind.rope].clone()))?,
            attention_output: plain(Inner::AttentionOutput, hidden, heads * head_width)?,
            attention_post_norm: self.post_norm(Inner::AttentionPostNorm, layer)?,
            feed_forward: self.feed_forward(layer)?,
            down: plain(Inner::Down, hidden, wide)?,
            feed_forward_post_norm: self.post_norm(Inner::FeedForwardPostNorm, layer)?,
        })
    }

    /// Query, key and value, one below the other: one product instead of three. Some checkpoints have them so.
    fn qkv(&self, layer: usize) -> Result<E::Linear, EngineError> {
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
            (self.executor.stack(matrices)?, biased.then_some(biases))
        };
        let norm = self.inner_norm(Inner::AttentionNorm, layer)?;
        Ok(self
            .executor
            .linear(Some(norm), Arc::new(weights), bias, Finish::Plain)?)
    }

    fn feed_forward(&self, layer: usize) -> Result<FeedForward<E>, EngineError> {
        let (hidden, wide) = (self.architecture.hidden_size, self.architecture.intermediate_size);
        let activation = self.architecture.activation;
        let linear = |weights: E::Matrix, norm: Inner, bias, finish| -> Result<E::Linear, EngineError> {
            let norm = self.inner_norm(norm, layer)?;
            Ok(self.executor.linear(Some(norm), Arc::new(weights), bias, finish)?)
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
            let both = self.take_gated(format, gate, up, wide, hidden)?;
            return Ok(FeedForward::Whole(linear(both, norm, None, finish)?));
        }
        let (gate, up) = (self.inner(Inner::Gate, layer), self.inner(Inner::Up, layer));
        if self.stored(&gate) == self.stored(&up) {
            let (format, gate) = self.bytes(&gate, wide, hidden)?;
            let (_, up) = self.bytes(&up, wide, hidden)?;
            let both = self.take_gated(format, &gate, &up, wide, hidden)?;
            return Ok(FeedForward::Whole(linear(both, norm, None, finish)?));
        }
        let (gate, up) = (self.matrix(gate, wide, hidden)?, self.matrix(up, wide, hidden)?);
        Ok(FeedForward::Apart {
            gate: linear(gate, norm, None, Finish::Activation(activation))?,
            up: linear(up, norm, None, Finish::Plain)?,
        })
    }
}
