//! Decoder-only language models: every family by one forward pass, told by an [`Architecture`] what to do.
mod architecture;
mod config_json;
mod forward;
mod gguf_metadata;
mod load;
mod names;
mod rope;

use crate::checkpoint::Checkpoint;
use crate::device::{Candle, DeviceName, KvPages};
use crate::executor::{Executor, Processor};
use crate::kernels::{KvFormat, KvSlab};
use crate::{EngineError, ModelDir};
use candle_core::{bail, Result as CandleResult, Tensor};
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

/// A model in memory, of the processor or of a device. It does not change, so sequences can share it.
pub struct Decoder(Place);

enum Place {
    Processor(Model<Processor>),
    Device(Model<Candle>),
}

/// A model as an executor computes it.
struct Model<E: Executor> {
    executor: E,
    architecture: Architecture,
    embedding: Arc<E::Matrix>,
    layers: Vec<Layer<E>>,
    /// The last norm and the output layer.
    head: E::Linear,
    cache_format: KvFormat,
    weight_bytes: usize,
}

/// Norms that stand before a projection are part of it.
struct Layer<E: Executor> {
    qkv: E::Linear,
    attention: E::Attention,
    attention_output: E::Linear,
    attention_post_norm: Option<E::Norm>,
    feed_forward: FeedForward<E>,
    down: E::Linear,
    feed_forward_post_norm: Option<E::Norm>,
}

enum FeedForward<E: Executor> {
    /// One product; gate and up, or only up.
    Whole(E::Linear),
    /// Gate and up of different formats.
    Apart { gate: E::Linear, up: E::Linear },
}

/// Keys and values of all sequences, in blocks that are taken once, where the model is.
pub struct Cache(Slabs);

enum Slabs {
    Processor(Vec<KvSlab>),
    Device(Vec<KvPages>),
}

impl Decoder {
    /// Loads the model of a folder for sequences of at most `context` tokens, for this processor's kernels.
    ///
    /// # Errors
    /// If a file is missing, broken or of a model that is not run; by name.
    pub fn load(dir: &ModelDir, context: usize) -> Result<Self, EngineError> {
        Self::load_on(DeviceName::Cpu, dir, context)
    }

    /// As [`Self::load`], for a device.
    ///
    /// # Errors
    /// As [`Self::load`], and if the device cannot be used or has too little memory.
    pub fn load_on(device: DeviceName, dir: &ModelDir, context: usize) -> Result<Self, EngineError> {
        let checkpoint = Checkpoint::open(dir)?;
        let mut architecture = Architecture::of(dir, &checkpoint)?;
        architecture.context = architecture.context.min(context);
        Self::assemble(device, &checkpoint, architecture)
    }

    /// Takes the tensors that the description names.
    pub(crate) fn assemble(
        device: DeviceName,
        checkpoint: &Checkpoint,
        architecture: Architecture,
    ) -> Result<Self, EngineError> {
        Ok(Self(match device.open()? {
            None => Place::Processor(Model::assemble(Processor, checkpoint, architecture)?),
            Some(candle) => {
                let model = Model::assemble(candle, checkpoint, architecture);
                Place::Device(model.map_err(|error| error.on_device(device, "its weights"))?)
            }
        }))
    }

    /// The model's description.
    pub fn architecture(&self) -> &Architecture {
        match &self.0 {
            Place::Processor(model) => &model.architecture,
            Place::Device(model) => &model.architecture,
        }
    }

    /// Memory that the weights take, in bytes.
    pub fn weight_bytes(&self) -> usize {
        match &self.0 {
            Place::Processor(model) => model.weight_bytes,
            Place::Device(model) => model.weight_bytes,
        }
    }

    /// Bytes of a block of the cache in all layers.
    pub fn block_bytes(&self) -> usize {
        match &self.0 {
            Place::Processor(model) => model.block_bytes(),
            Place::Device(model) => model.block_bytes(),
        }
    }

    /// A cache of so many blocks.
    ///
    /// # Errors
    /// [`EngineError::Compute`] if there cannot be so much memory.
    pub fn new_cache(&self, blocks: usize) -> Result<Cache, EngineError> {
        Ok(Cache(match &self.0 {
            Place::Processor(model) => Slabs::Processor(model.slabs(blocks)?),
            Place::Device(model) => Slabs::Device(model.slabs(blocks)?),
        }))
    }

    /// Reads segments of different sequences in one pass. Answers the state behind each token that is wanted, `[tokens, hidden size]`,
    /// segment by segment, for [`Self::logits`]; nothing if none is wanted. States lie where the model is.
    ///
    /// A token's state depends on the tokens before it in its sequence and on nothing else; by the kernels to the last bit.
    ///
    /// # Errors
    /// If a token is not in the vocabulary, a position is beyond the context or the sequence's blocks, or the cache is of a model
    /// elsewhere.
    pub fn read(&self, cache: &Cache, segments: &[Segment]) -> CandleResult<Option<Tensor>> {
        match (&self.0, &cache.0) {
            (Place::Processor(model), Slabs::Processor(slabs)) => model.read(slabs, segments),
            (Place::Device(model), Slabs::Device(slabs)) => model.read(slabs, segments),
            _ => bail!("the cache is of a model elsewhere"),
        }
    }

    /// Logits `[rows, vocabulary]` of states `[rows, hidden size]`, on the host.
    ///
    /// # Errors
    /// If the states are of another width, or elsewhere.
    pub fn logits(&self, states: &Tensor) -> CandleResult<Vec<f32>> {
        match &self.0 {
            Place::Processor(model) => model.logits(states),
            Place::Device(model) => model.logits(states),
        }
    }
}
