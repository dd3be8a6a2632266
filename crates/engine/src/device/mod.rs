//! Models on a graphics processor, by candle's operations on its tensors.
//!
//! The same descriptions and the same loading as for the kernels; only the operations differ ([`Candle`]). Weights, keys and
//! values stay on the device. A step sends tokens and places of positions to it and waits for nothing until its logits are
//! fetched. The same operations run on the processor as [`DeviceName::Reference`], which is how they are tested where there
//! is no such device.
mod attention;
mod batch;
mod weights;

use crate::executor::Executor;
use crate::kernels::{Attention, Finish, Format, KvFormat, Norm, RopeStyle, Span, KV_BLOCK};
use crate::EngineError;
use candle_core::{DType, Device, Result, Tensor};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub(crate) use attention::{KvPages, OnDevice, Tables};
pub(crate) use batch::{Batch, Padded};
pub(crate) use weights::{Projection, RowNorm, Weights};

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceName {
    /// This processor, by the kernels that are written for it.
    #[default]
    Cpu,
    /// An NVIDIA graphics processor, by its number; a program with the feature `cuda`.
    Cuda(usize),
    /// An Apple graphics processor; a program with the feature `metal`.
    Metal,
    /// This processor, by the operations that graphics processors run: slow, to compare with.
    Reference,
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Metal => f.write_str("metal"),
            Self::Reference => f.write_str("reference"),
        }
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let unknown = || format!("{text:?} is no device: give cpu, cuda:N (N from 0), metal or reference");
        Ok(match text {
            "cpu" => Self::Cpu,
            "cuda" => Self::Cuda(0),
            "metal" => Self::Metal,
            "reference" => Self::Reference,
            other => {
                let number = other.strip_prefix("cuda:").ok_or_else(unknown)?;
                Self::Cuda(number.parse().map_err(|_| unknown())?)
            }
        })
    }
}

impl DeviceName {
    /// The device's operations; none if the kernels compute.
    ///
    /// # Errors
    /// [`EngineError::Device`] if the program was not built for the device, or it is not there.
    pub(crate) fn open(self) -> std::result::Result<Option<Candle>, EngineError> {
        let (feature, compiled) = match self {
            Self::Cpu => return Ok(None),
            Self::Reference => return Ok(Some(Candle { device: Device::Cpu })),
            Self::Cuda(_) => ("cuda", cfg!(feature = "cuda")),
            Self::Metal => ("metal", cfg!(feature = "metal")),
        };
        if !compiled {
            return Err(EngineError::Device {
                device: self,
                reason: format!("this program was built without {feature}"),
                remedy: format!("build it with --features {feature} (docs/gpu.md), or give --device cpu"),
            });
        }
        let opened = match self {
            Self::Cuda(number) => Device::new_cuda(number),
            _ => Device::new_metal(0),
        };
        match opened {
            Ok(device) => Ok(Some(Candle { device })),
            Err(error) => Err(EngineError::Device {
                device: self,
                reason: crate::error::one_line(&error.to_string()),
                remedy: "look whether the driver sees it (docs/gpu.md), or give --device cpu".into(),
            }),
        }
    }
}

/// Candle's operations on a device.
pub(crate) struct Candle {
    pub(crate) device: Device,
}

impl Candle {
    fn floats(&self, values: Vec<f32>) -> Result<Tensor> {
        let count = values.len();
        Tensor::from_vec(values, count, &self.device)
    }

    /// Places of texts of these lengths beside each other.
    pub(crate) fn pad(&self, lengths: &[usize]) -> Result<Padded> {
        Padded::new(self, lengths)
    }

    fn numbers(&self, values: Vec<u32>) -> Result<Tensor> {
        let count = values.len();
        Tensor::from_vec(values, count, &self.device)
    }
}

impl Executor for Candle {
    type Matrix = Weights;
    type Norm = RowNorm;
    type Linear = Projection;
    type Rope = Tables;
    type Attention = OnDevice;
    type Slab = KvPages;
    type Batch<'a> = Batch;

    fn matrix(&self, format: Format, bytes: &[u8], out: usize, input: usize) -> Result<Weights> {
        Weights::new(&self.device, format, bytes, (out, input))
    }

    fn stack(&self, matrices: Vec<Weights>) -> Result<Weights> {
        Weights::stack(matrices)
    }

    fn bytes(matrix: &Weights) -> usize {
        matrix.bytes()
    }

    fn rows(&self, matrix: &Weights, rows: &[u32]) -> Result<Tensor> {
        matrix.rows(&self.numbers(rows.to_vec())?)
    }

    fn norm(&self, norm: Norm) -> Result<RowNorm> {
        Ok(match norm {
            Norm::Rms { weight, epsilon } => RowNorm {
                weight: self.floats(weight)?,
                bias: None,
                epsilon,
            },
            Norm::Layer { weight, bias, epsilon } => RowNorm {
                weight: self.floats(weight)?,
                bias: Some(self.floats(bias)?),
                epsilon,
            },
        })
    }

    fn linear(
        &self,
        norm: Option<RowNorm>,
        weights: Arc<Weights>,
        bias: Option<Vec<f32>>,
        finish: Finish,
    ) -> Result<Projection> {
        Ok(Projection {
            norm,
            weights,
            bias: bias.map(|bias| self.floats(bias)).transpose()?,
            finish,
        })
    }

    fn rope(&self, (cos, sin): (Vec<f32>, Vec<f32>), pairs: usize, style: RopeStyle) -> Result<Tables> {
        let table = |values: Vec<f32>| self.floats(values)?.reshape(((), pairs));
        Ok(Tables {
            cos: table(cos)?,
            sin: table(sin)?,
            style,
        })
    }

    fn attention(&self, mut attention: Attention, rope: Option<Tables>) -> Result<OnDevice> {
        let query_norm = attention.query_norm.take();
        let key_norm = attention.key_norm.take();
        Ok(OnDevice {
            shape: attention,
            rope,
            query_norm: query_norm.map(|norm| self.norm(norm)).transpose()?,
            key_norm: key_norm.map(|norm| self.norm(norm)).transpose()?,
        })
    }

    fn slab(&self, blocks: usize, kv_heads: usize, width: usize, format: KvFormat) -> Result<KvPages> {
        KvPages::new(&self.device, blocks, kv_heads * width, dtype(format))
    }

    fn block_bytes(kv_heads: usize, width: usize, format: KvFormat) -> usize {
        2 * KV_BLOCK * kv_heads * width * dtype(format).size_in_bytes()
    }

    fn batch<'a>(&self, spans: Vec<Span<'a>>, slab: &KvPages, windows: &[Option<usize>]) -> Result<Batch> {
        Batch::new(self, &spans, slab, windows)
    }

    fn forward(&self, linear: &Projection, input: &Tensor) -> Result<Tensor> {
        linear.forward(input)
    }

    fn forward_add(&self, linear: &Projection, input: &Tensor, residual: &Tensor) -> Result<Tensor> {
        linear.forward(input)? + residual
    }

    fn normalise(&self, norm: &RowNorm, input: &Tensor) -> Result<Tensor> {
        norm.forward(input)
    }

    fn attend(&self, attention: &OnDevice, qkv: &Tensor, slab: &KvPages, batch: &Batch) -> Result<Tensor> {
        attention.forward(qkv, slab, batch)
    }

    fn fetch(&self, values: &Tensor, cap: Option<f32>) -> Result<Vec<f32>> {
        let values = match cap {
            Some(cap) => ((values / f64::from(cap))?.tanh()? * f64::from(cap))?,
            None => values.clone(),
        };
        values.flatten_all()?.to_vec1()
    }
}

fn dtype(format: KvFormat) -> DType {
    match format {
        KvFormat::F32 => DType::F32,
        KvFormat::F16 => DType::F16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_names_that_are_read_back() {
        for device in [
            DeviceName::Cpu,
            DeviceName::Cuda(0),
            DeviceName::Cuda(3),
            DeviceName::Metal,
            DeviceName::Reference,
        ] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        assert_eq!("cuda".parse(), Ok(DeviceName::Cuda(0)));
        for odd in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "metal:1", "CPU"] {
            let error = odd.parse::<DeviceName>().unwrap_err();
            assert!(error.contains("cuda:N"), "{error}");
        }
    }

    #[test]
    fn a_device_that_is_not_compiled_in_is_refused_with_what_to_do() {
        for (device, feature, compiled) in [
            (DeviceName::Cuda(0), "cuda", cfg!(feature = "cuda")),
            (DeviceName::Metal, "metal", cfg!(feature = "metal")),
        ] {
            if compiled {
                continue;
            }
            let error = device.open().err().expect("refused").to_string();
            assert!(error.contains(&device.to_string()), "{error}");
            assert!(error.contains(&format!("--features {feature}")), "{error}");
        }
        assert!(DeviceName::Cpu.open().unwrap().is_none());
        assert!(DeviceName::Reference.open().unwrap().is_some());
    }
}
