//! Projections and norms on a device.
use crate::kernels::{Activation, Finish, Format};
use candle_core::quantized::{GgmlDType, QMatMul, QStorage, QTensor};
use candle_core::{bail, DType, Device, Module, Result, Tensor};
use candle_nn::ops;
use std::borrow::Cow;
use std::sync::Arc;

/// Weights of a projection, of one tensor or of several one below the other, as their files store them.
pub(crate) struct Weights {
    parts: Vec<Part>,
}

/// Weights of one kind.
enum Part {
    /// Floats `[out, input]`. Products are of such floats; candle's sums of them are f32.
    Floats(Tensor),
    /// GGUF's blocks, with their size in bytes.
    Blocks(QMatMul, usize),
}

impl Weights {
    /// From the bytes of a tensor `[out, input]` as a file has them.
    pub(crate) fn new(device: &Device, format: Format, bytes: &[u8], (out, input): (usize, usize)) -> Result<Self> {
        let expected = format.row_bytes(input).and_then(|row| row.checked_mul(out));
        if expected != Some(bytes.len()) {
            bail!(
                "{} bytes are not {out} rows of {input} weights in {format:?}",
                bytes.len()
            );
        }
        let floats = |dtype| Tensor::from_raw_buffer(bytes, dtype, &[out, input], device).map(Part::Floats);
        let blocks = |dtype| {
            let storage = QStorage::from_data(Cow::Borrowed(bytes), device, dtype)?;
            let blocks = QMatMul::from_qtensor(QTensor::new(storage, (out, input))?)?;
            Ok(Part::Blocks(blocks, bytes.len()))
        };
        let part = match format {
            Format::F32 => floats(DType::F32),
            Format::F16 => floats(DType::F16),
            Format::Bf16 => floats(DType::BF16),
            Format::Q8_0 => blocks(GgmlDType::Q8_0),
            Format::Q5_0 => blocks(GgmlDType::Q5_0),
            Format::Q4_0 => blocks(GgmlDType::Q4_0),
            Format::Q4K => blocks(GgmlDType::Q4K),
            Format::Q6K => blocks(GgmlDType::Q6K),
        }?;
        Ok(Self { parts: vec![part] })
    }

    /// One below the other. Floats of one type become one tensor: one product instead of several.
    pub(crate) fn stack(matrices: Vec<Self>) -> Result<Self> {
        let parts: Vec<Part> = matrices.into_iter().flat_map(|matrix| matrix.parts).collect();
        let floats: Vec<&Tensor> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Floats(weights) => Some(weights),
                Part::Blocks(..) => None,
            })
            .collect();
        let alike = floats.windows(2).all(|two| two[0].dtype() == two[1].dtype());
        if alike && floats.len() == parts.len() && !floats.is_empty() {
            let whole = Part::Floats(Tensor::cat(&floats, 0)?);
            return Ok(Self { parts: vec![whole] });
        }
        Ok(Self { parts })
    }

    /// Memory that they take.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = |part: &Part| match part {
            Part::Floats(weights) => weights.elem_count() * weights.dtype().size_in_bytes(),
            Part::Blocks(_, bytes) => *bytes,
        };
        self.parts.iter().map(bytes).sum()
    }

    /// Rows of one tensor, `[rows, input]`, f32.
    pub(crate) fn rows(&self, rows: &Tensor) -> Result<Tensor> {
        let rows = match self.parts.as_slice() {
            [Part::Floats(weights)] => weights.index_select(rows, 0),
            [Part::Blocks(weights, _)] => weights.embedding(rows),
            _ => bail!("rows are read of one tensor"),
        };
        rows?.to_dtype(DType::F32)
    }

    /// Products with each part, `[rows, its out]`, f32.
    fn products(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let product = |part: &Part| match part {
            Part::Floats(weights) => input
                .to_dtype(weights.dtype())?
                .matmul(&weights.t()?)?
                .to_dtype(DType::F32),
            Part::Blocks(weights, _) => weights.forward(input),
        };
        self.parts.iter().map(product).collect()
    }
}

/// A norm of rows: by the root of the mean square, or with a bias by mean and deviation.
pub(crate) struct RowNorm {
    pub(crate) weight: Tensor,
    pub(crate) bias: Option<Tensor>,
    pub(crate) epsilon: f32,
}

impl RowNorm {
    /// Norms the last dimension.
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        match &self.bias {
            None => ops::rms_norm(input, &self.weight, self.epsilon),
            Some(bias) => ops::layer_norm(input, &self.weight, bias, self.epsilon),
        }
    }
}

/// `finish(norm(x) · weightsᵀ + bias)`.
pub(crate) struct Projection {
    pub(crate) norm: Option<RowNorm>,
    pub(crate) weights: Arc<Weights>,
    pub(crate) bias: Option<Tensor>,
    pub(crate) finish: Finish,
}

impl Projection {
    /// `[rows, input]` to `[rows, width]`, f32.
    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let products = match &self.norm {
            Some(norm) => self.weights.products(&norm.forward(input)?)?,
            None => self.weights.products(input)?,
        };
        if let (Finish::Gated(activation), [gate, up], None) = (self.finish, products.as_slice(), &self.bias) {
            return activated(gate, activation)? * up;
        }
        let mut product = match products.as_slice() {
            [one] => one.clone(),
            several => Tensor::cat(several, 1)?,
        };
        if let Some(bias) = &self.bias {
            product = product.broadcast_add(bias)?;
        }
        match self.finish {
            Finish::Plain => Ok(product),
            Finish::Activation(activation) => activated(&product, activation),
            Finish::Gated(activation) => {
                let half = product.dim(1)? / 2;
                activated(&product.narrow(1, 0, half)?, activation)? * product.narrow(1, half, half)?
            }
        }
    }
}

fn activated(values: &Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Silu => values.silu(),
        Activation::Gelu => values.gelu_erf(),
        Activation::GeluTanh => values.gelu(),
    }
}
