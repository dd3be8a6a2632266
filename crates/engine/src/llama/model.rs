//! The forward pass.
use super::{KvCache, LlamaConfig};
use crate::{EngineError, ModelDir};
use candle_core::{DType, Device, Result, Tensor, D};
use candle_nn::ops::{rms_norm, softmax_last_dim};
use candle_nn::rotary_emb::rope;

/// A model in memory, in f32. It does not change, so sequences can share it.
pub struct Llama {
    config: LlamaConfig,
    context: usize,
    embedding: Tensor,
    layers: Vec<Layer>,
    norm: Tensor,
    head: Tensor,
    cos: Tensor,
    sin: Tensor,
    device: Device,
}

struct Layer {
    attention_norm: Tensor,
    /// Query, key and value projections, one below the other: one product instead of three.
    qkv: Tensor,
    output: Tensor,
    feed_forward_norm: Tensor,
    /// Gate and up projections, one below the other.
    gate_up: Tensor,
    down: Tensor,
}

impl Llama {
    /// Loads a folder's weights for sequences of at most `context` tokens.
    pub fn load(dir: &ModelDir, config: LlamaConfig, context: usize) -> std::result::Result<Self, EngineError> {
        let device = Device::Cpu;
        let mut weights = dir.weights(DType::F32, &device)?;
        let mut taken = Vec::new();
        for (name, shape) in config.tensor_shapes() {
            taken.push(weights.take(&name, &shape)?);
        }
        Self::assemble(config, context, taken, device).map_err(EngineError::from)
    }

    /// `tensors` are in the order of [`LlamaConfig::tensor_shapes`].
    fn assemble(config: LlamaConfig, context: usize, tensors: Vec<Tensor>, device: Device) -> Result<Self> {
        let mut tensors = tensors.into_iter();
        let mut next = || match tensors.next() {
            Some(tensor) => Ok(tensor),
            None => candle_core::bail!("the configuration names more tensors than were loaded"),
        };
        let embedding = next()?;
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for _ in 0..config.num_hidden_layers {
            layers.push(Layer {
                attention_norm: next()?,
                qkv: Tensor::cat(&[next()?, next()?, next()?], 0)?,
                output: next()?,
                feed_forward_norm: next()?,
                gate_up: Tensor::cat(&[next()?, next()?], 0)?,
                down: next()?,
            });
        }
        let norm = next()?;
        let head = if config.tie_word_embeddings {
            embedding.clone()
        } else {
            next()?
        };
        let (cos, sin) = config.rotary_tables(context, &device)?;
        Ok(Self {
            config,
            context,
            embedding,
            layers,
            norm,
            head,
            cos,
            sin,
            device,
        })
    }

    /// The model's shape.
    pub fn config(&self) -> &LlamaConfig {
        &self.config
    }

    /// Longest sequence, in tokens.
    pub fn context(&self) -> usize {
        self.context
    }

    /// An empty cache that fits this model.
    pub fn new_cache(&self) -> Result<KvCache> {
        KvCache::new(&self.config, self.context, &self.device)
    }

    /// Reads `ids` after what the cache has seen, in one pass; answers the logits after each of them from the index
    /// `logits_from` on, as rows of `vocab_size`.
    pub fn forward(&self, ids: &[u32], cache: &mut KvCache, logits_from: usize) -> Result<Vec<Vec<f32>>> {
        let tokens = ids.len();
        if tokens == 0 || logits_from >= tokens || cache.len() + tokens > self.context.min(cache.context()) {
            candle_core::bail!(
                "{tokens} tokens after {} do not fit a context of {}",
                cache.len(),
                self.context
            );
        }
        let ids = Tensor::from_slice(ids, tokens, &self.device)?;
        let mut hidden = self.embedding.index_select(&ids, 0)?;
        let mask = if tokens > 1 {
            Some(self.causal_mask(tokens, cache.len())?)
        } else {
            None
        };
        for (index, layer) in self.layers.iter().enumerate() {
            let normed = rms_norm(&hidden, &layer.attention_norm, self.epsilon())?;
            hidden = (hidden + self.attention(layer, &normed, (index, &mut *cache), mask.as_ref())?)?;
            let normed = rms_norm(&hidden, &layer.feed_forward_norm, self.epsilon())?;
            hidden = (hidden + self.feed_forward(layer, &normed)?)?;
        }
        cache.advance(tokens);
        let hidden = hidden.narrow(0, logits_from, tokens - logits_from)?.contiguous()?;
        rms_norm(&hidden, &self.norm, self.epsilon())?
            .matmul(&self.head.t()?)?
            .to_vec2()
    }

    fn epsilon(&self) -> f32 {
        self.config.rms_norm_eps as f32
    }

    fn feed_forward(&self, layer: &Layer, input: &Tensor) -> Result<Tensor> {
        let both = input.matmul(&layer.gate_up.t()?)?;
        let wide = self.config.intermediate_size;
        let gate = both.narrow(D::Minus1, 0, wide)?.silu()?;
        (gate * both.narrow(D::Minus1, wide, wide)?)?.matmul(&layer.down.t()?)
    }

    /// Query heads that share a key head are stacked along the sequence, so that keys and values are not repeated.
    fn attention(
        &self,
        layer: &Layer,
        input: &Tensor,
        (index, cache): (usize, &mut KvCache),
        mask: Option<&Tensor>,
    ) -> Result<Tensor> {
        let (heads, kv_heads, width) = self.config.heads();
        let (tokens, start) = (input.dim(0)?, cache.len());
        let qkv = input.matmul(&layer.qkv.t()?)?;
        let split = |first: usize, count: usize| -> Result<Tensor> {
            qkv.narrow(D::Minus1, first * width, count * width)?
                .reshape((tokens, count, width))?
                .transpose(0, 1)?
                .contiguous()
        };
        let cos = self.cos.narrow(0, start, tokens)?;
        let sin = self.sin.narrow(0, start, tokens)?;
        let rotate = |tensor: Tensor| rope(&tensor.unsqueeze(0)?, &cos, &sin)?.squeeze(0);
        let query = rotate(split(0, heads)?)?.reshape((kv_heads, heads / kv_heads * tokens, width))?;
        let keys = rotate(split(heads, kv_heads)?)?;
        let values = split(heads + kv_heads, kv_heads)?;
        let (keys, values) = cache.extend(index, &keys, &values)?;
        let scores = (query.matmul(&keys.t()?)? * (1.0 / (width as f64).sqrt()))?;
        let scores = match mask {
            Some(mask) => scores.broadcast_add(mask)?,
            None => scores,
        };
        softmax_last_dim(&scores)?
            .matmul(&values)?
            .reshape((heads, tokens, width))?
            .transpose(0, 1)?
            .reshape((tokens, heads * width))?
            .matmul(&layer.output.t()?)
    }

    /// 0 where a token may look, minus infinity where it may not; `[query heads a key head * tokens, start + tokens]`.
    fn causal_mask(&self, tokens: usize, start: usize) -> Result<Tensor> {
        let (heads, kv_heads, _) = self.config.heads();
        let (rows, columns) = (heads / kv_heads * tokens, start + tokens);
        let mut mask = vec![0f32; rows * columns];
        for (row, mask) in mask.chunks_mut(columns).enumerate() {
            mask[start + row % tokens + 1..].fill(f32::NEG_INFINITY);
        }
        Tensor::from_vec(mask, (rows, columns), &self.device)
    }
}
