//! Keys and values of the tokens read so far, in memory taken once.
use super::LlamaConfig;
use candle_core::{DType, Device, Result, Tensor};

/// The state of one sequence: for each layer, keys and values of shape `[kv heads, context, head width]`.
///
/// A new token is written in its place; nothing that is there is copied.
pub struct KvCache {
    layers: Vec<(Tensor, Tensor)>,
    context: usize,
    len: usize,
}

impl KvCache {
    /// Room for `context` tokens.
    pub fn new(config: &LlamaConfig, context: usize, device: &Device) -> Result<Self> {
        let (_, kv_heads, width) = config.heads();
        let room = || Tensor::zeros((kv_heads, context, width), DType::F32, device);
        let layers = (0..config.num_hidden_layers)
            .map(|_| Ok((room()?, room()?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            layers,
            context,
            len: 0,
        })
    }

    /// Tokens that it has seen.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has seen none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Tokens that it has room for.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Forgets everything; the memory is kept.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Writes keys and values (`[kv heads, tokens, width]`) of a layer behind those that are there, and answers all of them.
    pub(super) fn extend(&mut self, layer: usize, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        let tokens = keys.dim(1)?;
        let (all_keys, all_values) = &self.layers[layer];
        all_keys.slice_set(keys, 1, self.len)?;
        all_values.slice_set(values, 1, self.len)?;
        Ok((
            all_keys.narrow(1, 0, self.len + tokens)?,
            all_values.narrow(1, 0, self.len + tokens)?,
        ))
    }

    /// Counts tokens that every layer has written.
    pub(super) fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }
}
