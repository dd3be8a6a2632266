//! A copy of a text model with coarser weights: what a miner that saves on its hardware might run in secret.
use crate::{manifest, ModelError};
use candle_core::{DType, Device, Tensor};
use laurel_engine::ModelDir;
use std::{collections::HashMap, fs, path::Path};

/// Writes the model in `source` to `destination` with each row of each weight matrix rounded to `2^bits` levels.
///
/// # Errors
/// When the source cannot be read, the destination exists or cannot be written. Nothing half-written stays.
pub fn degrade(source: &Path, destination: &Path, bits: u32) -> Result<(), ModelError> {
    // Names a model that is not one before anything is written.
    manifest(source)?;
    if destination.exists() {
        let reason = "it exists already: name a new folder".into();
        return Err(ModelError::Invalid { path: destination.into(), reason });
    }
    let part = destination.with_extension("part");
    let write = |path: &Path| {
        let path = path.to_owned();
        move |source| ModelError::Write { path, source }
    };
    fs::create_dir_all(&part).map_err(write(&part))?;
    let dir = ModelDir::open(source)?;
    let (_, weights) = dir.weights(DType::F32, &Device::Cpu)?.into_parts();
    let mut coarse = HashMap::new();
    for (name, tensor) in weights {
        let tensor = if tensor.rank() == 2 { round_rows(&tensor, bits)? } else { tensor };
        coarse.insert(name, tensor.to_dtype(DType::F16)?);
    }
    candle_core::safetensors::save(&coarse, part.join("model.safetensors"))?;
    for entry in fs::read_dir(source).map_err(|error| ModelError::Read { path: source.into(), source: error })? {
        let path = entry.map_err(|error| ModelError::Read { path: source.into(), source: error })?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            if let Some(name) = path.file_name() {
                fs::copy(&path, part.join(name)).map_err(write(&part.join(name)))?;
            }
        }
    }
    fs::rename(&part, destination).map_err(write(destination))
}

/// Each row to the nearest of `2^bits - 1` levels that lie evenly about zero up to the row's largest value.
fn round_rows(tensor: &Tensor, bits: u32) -> Result<Tensor, ModelError> {
    let levels = f64::from((1u32 << (bits.clamp(2, 8) - 1)) - 1);
    let largest = tensor.abs()?.max_keepdim(1)?.clamp(1e-12f32, f32::INFINITY)?;
    let scaled = (tensor.broadcast_div(&largest)? * levels)?.round()?;
    Ok((scaled / levels)?.broadcast_mul(&largest)?)
}
