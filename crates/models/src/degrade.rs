//! Copies of a model with coarser weights: what a miner would serve who saves on hardware and claims the whole model.
use crate::copies::{copy, save};
use crate::train::SplitMix64;
use crate::ModelError;
use candle_core::{DType, Device, Tensor};
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
    if !(2..=8).contains(&degradation.bits) {
        return Err(ModelError::Invalid {
            path: from.into(),
            reason: "bits must be 2 to 8".into(),
        });
    }
    copy(from, to, |mut tensors, folder| {
        let mut random = SplitMix64::new(degradation.seed);
        // In the order of their names, so that one seed gives one copy.
        for tensor in tensors.values_mut() {
            if tensor.dtype().is_float() && tensor.rank() == 2 {
                *tensor = coarse(tensor, degradation.bits, &mut random)?;
            }
        }
        save(tensors, folder)
    })
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
