//! Copies of a model with coarser weights: what a miner would serve who saves on hardware and claims the whole model.
use crate::train::SplitMix64;
use crate::{manifest, ModelError};
use candle_core::{DType, Device, Tensor};
use laurel_engine::ModelDir;
use std::collections::HashMap;
use std::path::Path;

/// How much is lost.
#[derive(Clone, Copy, Debug)]
pub struct Degradation {
    /// Bits of a weight, 2 to 8.
    pub bits: u32,
    /// Seed of the rounding.
    pub seed: u64,
}

/// Writes to `to`, which must not exist, a copy of the model `from` whose weight matrices have `bits` bits: each row is scaled
/// by its largest weight and rounded up or down at random in proportion to the distance.
pub fn degrade(from: &Path, to: &Path, degradation: Degradation) -> Result<(), ModelError> {
    let invalid = |path: &Path, reason: &str| ModelError::Invalid {
        path: path.into(),
        reason: reason.into(),
    };
    if !(2..=8).contains(&degradation.bits) {
        return Err(invalid(from, "bits must be 2 to 8"));
    }
    if to.exists() {
        return Err(invalid(to, "it is there already; delete it or name another folder"));
    }
    // Refuses what is not a model before anything is written.
    let files = manifest(from)?.files;
    let dir = ModelDir::open(from)?;
    if dir.gguf_file()?.is_some() {
        return Err(invalid(
            from,
            "a GGUF file is not degraded; name a folder of safetensors",
        ));
    }
    let fresh = crate::beside(to, "part");
    let write_error = |source| ModelError::Write {
        path: to.into(),
        source,
    };
    crate::remove_if_there(&fresh).map_err(write_error)?;
    std::fs::create_dir_all(&fresh).map_err(write_error)?;
    for file in files {
        let copy = fresh.join(&file.name);
        // A name may begin with a folder.
        copy.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .map_err(write_error)?;
        std::fs::copy(dir.path(&file.name), copy).map_err(write_error)?;
    }
    let mut random = SplitMix64::new(degradation.seed);
    let mut tensors = HashMap::new();
    for path in dir.weight_files()? {
        let loaded = candle_core::safetensors::load_buffer(&dir.weight_bytes(&path)?, &Device::Cpu)?;
        let mut loaded: Vec<_> = loaded.into_iter().collect();
        // By name, so that one seed gives one copy.
        loaded.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, tensor) in loaded {
            let coarse = if tensor.dtype().is_float() && tensor.rank() == 2 {
                coarse(&tensor, degradation.bits, &mut random)?
            } else {
                tensor
            };
            tensors.insert(name, coarse);
        }
    }
    candle_core::safetensors::save(&tensors, fresh.join("model.safetensors"))?;
    std::fs::rename(&fresh, to).map_err(write_error)
}

fn coarse(tensor: &Tensor, bits: u32, random: &mut SplitMix64) -> candle_core::Result<Tensor> {
    let levels = ((1 << (bits - 1)) - 1) as f32;
    let mut rows: Vec<Vec<f32>> = tensor.to_dtype(DType::F32)?.to_vec2()?;
    for row in &mut rows {
        let step = row.iter().fold(0f32, |largest, weight| largest.max(weight.abs())) / levels;
        if step > 0.0 {
            for weight in row {
                *weight = (*weight / step + random.unit() as f32).floor().clamp(-levels, levels) * step;
            }
        }
    }
    Tensor::new(rows, &Device::Cpu)?.to_dtype(tensor.dtype())
}
