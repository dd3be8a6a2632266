//! What computes a model's operations: this crate's kernels on the processor, or candle's operations on a device.
//!
//! Models are written once, in these operations. Tensors between them are f32 and lie where the executor computes.
use crate::kernels::{self, Attention, Finish, Format, KvFormat, KvSlab, Matrix, Norm, Rope, RopeStyle, Span};
use candle_core::{bail, Device, Result, Tensor};
use std::sync::Arc;

/// Operations of models. What is loaded is described as the kernels take it.
pub(crate) trait Executor {
    /// Weights of a projection, or an embedding.
    type Matrix;
    /// A norm of rows.
    type Norm;
    /// A projection with what stands before and after it.
    type Linear;
    /// Tables of a rotary embedding.
    type Rope: Clone;
    /// A layer's attention.
    type Attention;
    /// Keys and values of a layer, in blocks of 32 positions.
    type Slab;
    /// What the layers of a step share.
    type Batch<'a>;

    /// Takes a tensor `[out, input]` as a file has it.
    fn matrix(&self, format: Format, bytes: &[u8], out: usize, input: usize) -> Result<Self::Matrix>;
    /// Takes two tensors `[out, input]` of one format, gate and up, for [`Finish::Gated`].
    fn gated(&self, format: Format, gate: &[u8], up: &[u8], out: usize, input: usize) -> Result<Self::Matrix> {
        let take = |bytes| self.matrix(format, bytes, out, input);
        self.stack(vec![take(gate)?, take(up)?])
    }
    /// Puts matrices one below the other.
    fn stack(&self, matrices: Vec<Self::Matrix>) -> Result<Self::Matrix>;
    /// Memory that weights take, in bytes.
    fn bytes(matrix: &Self::Matrix) -> usize;
    /// Rows of a matrix, `[rows, input]`. Each must be there.
    fn rows(&self, matrix: &Self::Matrix, rows: &[u32]) -> Result<Tensor>;
    /// Takes a norm.
    fn norm(&self, norm: Norm) -> Result<Self::Norm>;
    /// A projection `finish(norm(x) · weightsᵀ + bias)`.
    fn linear(
        &self,
        norm: Option<Self::Norm>,
        weights: Arc<Self::Matrix>,
        bias: Option<Vec<f32>>,
        finish: Finish,
    ) -> Result<Self::Linear>;
    /// Tables `[positions, pairs]` of cosines and sines.
    fn rope(&self, tables: (Vec<f32>, Vec<f32>), pairs: usize, style: RopeStyle) -> Result<Self::Rope>;
    /// A layer's attention; `attention` has no rotary embedding of its own.
    fn attention(&self, attention: Attention, rope: Option<Self::Rope>) -> Result<Self::Attention>;
    /// Room for the keys and values of `blocks` blocks of a layer.
    fn slab(&self, blocks: usize, kv_heads: usize, width: usize, format: KvFormat) -> Result<Self::Slab>;
    /// Bytes of a block of a layer.
    fn block_bytes(kv_heads: usize, width: usize, format: KvFormat) -> usize;
    /// Prepares a step over spans of different sequences, for layers with these windows.
    fn batch<'a>(&self, spans: Vec<Span<'a>>, slab: &Self::Slab, windows: &[Option<usize>]) -> Result<Self::Batch<'a>>;

    /// `[rows, input]` to `[rows, width]`.
    fn forward(&self, linear: &Self::Linear, input: &Tensor) -> Result<Tensor>;
    /// As [`Self::forward`], and adds `residual`.
    fn forward_add(&self, linear: &Self::Linear, input: &Tensor, residual: &Tensor) -> Result<Tensor>;
    /// Norms rows.
    fn normalise(&self, norm: &Self::Norm, input: &Tensor) -> Result<Tensor>;
    /// Writes keys and values of rows `[rows, queries, keys and values]` and answers what each row attends to.
    fn attend(
        &self,
        attention: &Self::Attention,
        qkv: &Tensor,
        slab: &Self::Slab,
        batch: &Self::Batch<'_>,
    ) -> Result<Tensor>;
    /// Brings values to the host, row after row; bends each to `cap * tanh(value / cap)` first.
    fn fetch(&self, values: &Tensor, cap: Option<f32>) -> Result<Vec<f32>>;
}

/// The kernels.
pub(crate) struct Processor;

impl Executor for Processor {
    type Matrix = Matrix;
    type Norm = Norm;
    type Linear = kernels::Linear;
    type Rope = Arc<Rope>;
    type Attention = Attention;
    type Slab = KvSlab;
    type Batch<'a> = Vec<Span<'a>>;

    fn matrix(&self, format: Format, bytes: &[u8], out: usize, input: usize) -> Result<Matrix> {
        Matrix::pack(format, bytes, out, input)
    }

    fn gated(&self, format: Format, gate: &[u8], up: &[u8], out: usize, input: usize) -> Result<Matrix> {
        Matrix::pack_gated(format, gate, up, out, input)
    }

    fn stack(&self, matrices: Vec<Matrix>) -> Result<Matrix> {
        Matrix::stack(matrices)
    }

    fn bytes(matrix: &Matrix) -> usize {
        matrix.bytes()
    }

    fn rows(&self, matrix: &Matrix, rows: &[u32]) -> Result<Tensor> {
        let width = matrix.input();
        let mut values = vec![0f32; rows.len() * width];
        for (row, into) in rows.iter().zip(values.chunks_exact_mut(width)) {
            if *row as usize >= matrix.out() {
                bail!("row {row} of a matrix of {}", matrix.out());
            }
            matrix.row(*row as usize, into);
        }
        Tensor::from_vec(values, (rows.len(), width), &Device::Cpu)
    }

    fn norm(&self, norm: Norm) -> Result<Norm> {
        Ok(norm)
    }

    fn linear(
        &self,
        norm: Option<Norm>,
        weights: Arc<Matrix>,
        bias: Option<Vec<f32>>,
        finish: Finish,
    ) -> Result<kernels::Linear> {
        Ok(kernels::Linear {
            norm,
            weights,
            bias,
            finish,
        })
    }

    fn rope(&self, (cos, sin): (Vec<f32>, Vec<f32>), pairs: usize, style: RopeStyle) -> Result<Arc<Rope>> {
        Ok(Arc::new(Rope::new(cos, sin, pairs, style)?))
    }

    fn attention(&self, attention: Attention, rope: Option<Arc<Rope>>) -> Result<Attention> {
        Ok(Attention { rope, ..attention })
    }

    fn slab(&self, blocks: usize, kv_heads: usize, width: usize, format: KvFormat) -> Result<KvSlab> {
        KvSlab::new(blocks, kv_heads, width, format)
    }

    fn block_bytes(kv_heads: usize, width: usize, format: KvFormat) -> usize {
        KvSlab::block_bytes(kv_heads, width, format)
    }

    fn batch<'a>(&self, spans: Vec<Span<'a>>, _: &KvSlab, _: &[Option<usize>]) -> Result<Vec<Span<'a>>> {
        Ok(spans)
    }

    fn forward(&self, linear: &kernels::Linear, input: &Tensor) -> Result<Tensor> {
        linear.forward(input)
    }

    fn forward_add(&self, linear: &kernels::Linear, input: &Tensor, residual: &Tensor) -> Result<Tensor> {
        linear.forward_add(input, residual)
    }

    fn normalise(&self, norm: &Norm, input: &Tensor) -> Result<Tensor> {
        kernels::normalise(input, norm)
    }

    fn attend(&self, attention: &Attention, qkv: &Tensor, slab: &KvSlab, batch: &Vec<Span<'_>>) -> Result<Tensor> {
        attention.forward(qkv, slab, batch)
    }

    fn fetch(&self, values: &Tensor, cap: Option<f32>) -> Result<Vec<f32>> {
        let mut values: Vec<f32> = values.flatten_all()?.to_vec1()?;
        if let Some(cap) = cap {
            values.iter_mut().for_each(|value| *value = cap * (*value / cap).tanh());
        }
        Ok(values)
    }
}
