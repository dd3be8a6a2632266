//! Decoder-only language models: every family by one forward pass, told by an [`Architecture`] what to do.
mod architecture;
mod config_json;
mod forward;
mod gguf_metadata;
mod load;
mod names;
mod rope;

use crate::checkpoint::Checkpoint;
use crate::kernels::{Attention, KvFormat, KvSlab, Linear, Matrix, Norm};
use crate::{EngineError, ModelDir};
use std::sync::Arc;

pub(crate) use architecture::activation;
pub use architecture::{Architecture, Family, LayerKind, NormKind};
pub use config_json::runs;
pub use forward::Segment;
pub use rope::{Rope, Stretch};

impl Architecture {
    /// Reads and checks what a folder's `config.json`, or a GGUF file, says about its model; no weights are read.
    ///
    /// # Errors
    /// [`EngineError::Unsupported`] with the reason if this engine cannot run such a model.
    pub fn read(dir: &ModelDir) -> Result<Self, EngineError> {
        match dir.gguf_file()? {
            None => config_json::read(dir),
            Some(_) => Self::of(dir, &Checkpoint::open(dir)?),
        }
    }

    /// As [`Self::read`], of a model whose files are open.
    pub(crate) fn of(dir: &ModelDir, checkpoint: &Checkpoint) -> Result<Self, EngineError> {
        match checkpoint.metadata() {
            None => config_json::read(dir),
            Some(metadata) => gguf_metadata::read(checkpoint, metadata),
        }
    }
}

/// A model in memory. It does not change, so sequences can share it.
pub struct Decoder {
    architecture: Architecture,
    embedding: Arc<Matrix>,
    layers: Vec<Layer>,
    /// The last norm and the output layer.
    head: Linear,
    cache_format: KvFormat,
}

/// Norms that stand before a projection are part of it.
struct Layer {
    qkv: Linear,
    attention: Attention,
    attention_output: Linear,
    attention_post_norm: Option<Norm>,
    feed_forward: FeedForward,
    down: Linear,
    feed_forward_post_norm: Option<Norm>,
}

enum FeedForward {
    /// One product; gate and up, or only up.
    Whole(Linear),
    /// Gate and up of different formats.
    Apart { gate: Linear, up: Linear },
}

/// Keys and values of all sequences, in blocks that are taken once.
pub struct Cache {
    layers: Vec<KvSlab>,
}

impl Decoder {
    /// The model's description.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Memory that the weights take, in bytes.
    pub fn weight_bytes(&self) -> usize {
        let of_layer = |layer: &Layer| {
            let feed_forward = match &layer.feed_forward {
                FeedForward::Whole(linear) => linear.weights.bytes(),
                FeedForward::Apart { gate, up } => gate.weights.bytes() + up.weights.bytes(),
            };
            feed_forward
                + [&layer.qkv, &layer.attention_output, &layer.down]
                    .map(|l| l.weights.bytes())
                    .iter()
                    .sum::<usize>()
        };
        let head = if Arc::ptr_eq(&self.embedding, &self.head.weights) {
            0
        } else {
            self.head.weights.bytes()
        };
        self.embedding.bytes() + head + self.layers.iter().map(of_layer).sum::<usize>()
    }

    /// Bytes of a block of the cache in all layers.
    pub fn block_bytes(&self) -> usize {
        let Architecture {
            kv_heads, head_width, ..
        } = self.architecture;
        KvSlab::block_bytes(kv_heads, head_width, self.cache_format) * self.layers.len()
    }

    /// A cache of so many blocks.
    pub fn new_cache(&self, blocks: usize) -> Result<Cache, EngineError> {
        let Architecture {
            kv_heads, head_width, ..
        } = self.architecture;
        let slab = |_: &Layer| KvSlab::new(blocks, kv_heads, head_width, self.cache_format);
        let layers = self.layers.iter().map(slab).collect::<Result<_, _>>()?;
        Ok(Cache { layers })
    }
}
