//! Weights of a projection, laid out for the kernels.
//!
//! Thirty-two outputs make a panel, in which what an input needs of all of them lies together, scales before codes: a vector
//! holds one lane an output, and a kernel reads memory from its first byte to its last. The layout is the same for every
//! processor.
use super::blocks::{self, Row};
use super::memory::Piece;
use candle_core::{bail, Result};
use half::{bf16, f16};

/// Outputs in a vector.
pub(super) const LANES: usize = 16;
/// Outputs in a panel: two vectors, so that a row alone has two sums at a time.
pub(super) const PANEL: usize = 2 * LANES;

/// How weights are stored, in a safetensors file (the first three) or in GGUF blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// IEEE single.
    F32,
    /// IEEE half.
    F16,
    /// The upper half of a single.
    Bf16,
    /// 32 signed bytes with a scale.
    Q8_0,
    /// 32 values of 5 bits with a scale.
    Q5_0,
    /// 32 values of 4 bits with a scale.
    Q4_0,
    /// 256 values of 4 bits; each 32 have a scale and an offset of 6 bits.
    Q4K,
    /// 256 values of 6 bits; each 16 have a scale of 8 bits.
    Q6K,
}

impl Format {
    /// Weights of a block, and its bytes, as files have them.
    pub const fn block(self) -> (usize, usize) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::Bf16 => (1, 2),
            Self::Q8_0 => (32, 34),
            Self::Q5_0 => (32, 22),
            Self::Q4_0 => (32, 18),
            Self::Q4K => (256, 144),
            Self::Q6K => (256, 210),
        }
    }

    /// Bytes of a row of `input` weights, or nothing if such a row cannot be.
    pub fn row_bytes(self, input: usize) -> Option<usize> {
        let (weights, bytes) = self.block();
        let blocks = input.is_multiple_of(weights).then_some(input / weights)?;
        blocks.checked_mul(bytes)
    }

    /// Whether products with such weights are of integers: activations are then rounded to 8 bits, 32 to a scale.
    pub const fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F16 | Self::Bf16)
    }

    /// What a panel is a sequence of: so many inputs take so many bytes, a multiple of 64.
    pub(super) const fn unit(self) -> (usize, usize) {
        match self {
            Self::F32 => (1, 4 * PANEL),
            Self::F16 => (1, 2 * PANEL),
            Self::Bf16 => (2, 4 * PANEL),
            Self::Q8_0 => (32, 34 * PANEL),
            Self::Q5_0 => (32, 22 * PANEL),
            Self::Q4_0 => (32, 18 * PANEL),
            Self::Q4K => (256, blocks::Q4K_HEAD + 8 * blocks::Q4K_PART),
            Self::Q6K => (256, blocks::Q6K_HEAD + 8 * blocks::Q6K_PART),
        }
    }

    /// Bytes of a panel for rows of `input` weights.
    const fn panel_bytes(self, input: usize) -> usize {
        let (inputs, bytes) = self.unit();
        input.div_ceil(inputs) * bytes
    }
}

/// Weights of one tensor, or of two whose outputs are used together.
pub(super) struct Panels {
    pub(super) format: Format,
    /// Outputs of each tensor.
    pub(super) out: usize,
    pub(super) input: usize,
    /// Whether there are two, gate and up: one has the first vector of every panel, one the second.
    pub(super) gated: bool,
    memory: Piece,
}

impl Panels {
    /// Of one or two tensors.
    fn pack(format: Format, tensors: &[&[u8]], out: usize, input: usize) -> Result<Self> {
        let Some(row_bytes) = format.row_bytes(input).filter(|bytes| *bytes > 0) else {
            bail!("a row of {input} weights cannot be stored as {format:?}");
        };
        let len = out.checked_mul(row_bytes).filter(|len| *len > 0);
        if let Some(odd) = tensors.iter().find(|bytes| Some(bytes.len()) != len) {
            bail!(
                "{} bytes are not {out} rows of {input} weights in {format:?}",
                odd.len()
            );
        }
        let lanes = PANEL / tensors.len();
        let stride = format.panel_bytes(input);
        let mut memory = Piece::new(out.div_ceil(lanes) * stride)?;
        for (index, panel) in memory.bytes_mut().chunks_exact_mut(stride).enumerate() {
            for (tensor, bytes) in tensors.iter().enumerate() {
                let rows = bytes.chunks_exact(row_bytes).skip(index * lanes).take(lanes);
                for (row, lane) in rows.zip(tensor * lanes..) {
                    Row { format, input, lane }.write(row, panel);
                }
            }
        }
        Ok(Self {
            format,
            out,
            input,
            gated: tensors.len() == 2,
            memory,
        })
    }

    fn rows(&self) -> usize {
        if self.gated {
            2 * self.out
        } else {
            self.out
        }
    }

    /// Bytes of a panel.
    pub(super) fn stride(&self) -> usize {
        self.format.panel_bytes(self.input)
    }

    /// Panels, the last of which may not be full.
    pub(super) fn count(&self) -> usize {
        self.out.div_ceil(if self.gated { LANES } else { PANEL })
    }

    /// The bytes of a panel.
    pub(super) fn panel(&self, index: usize) -> &[u8] {
        let bytes = self.stride();
        &self.memory.bytes()[index * bytes..(index + 1) * bytes]
    }

    fn row(&self, index: usize, into: &mut [f32]) {
        let (panel, lane) = if self.gated {
            let (tensor, index) = (index / self.out, index % self.out);
            (index / LANES, tensor * LANES + index % LANES)
        } else {
            (index / PANEL, index % PANEL)
        };
        let row = Row {
            format: self.format,
            input: self.input,
            lane,
        };
        row.read(self.panel(panel), into);
    }
}

/// Weights of a projection from `input` to `out` values, of one tensor or of several one below the other.
pub struct Matrix {
    pub(super) parts: Vec<Panels>,
}

impl Matrix {
    /// Lays out the bytes of a tensor `[out, input]` as a file has them: row after row, little-endian.
    ///
    /// # Errors
    /// If the bytes are not of that many weights.
    pub fn pack(format: Format, bytes: &[u8], out: usize, input: usize) -> Result<Self> {
        Ok(Self {
            parts: vec![Panels::pack(format, &[bytes], out, input)?],
        })
    }

    /// Lays out two tensors `[out, input]`, gate and up, for [`Finish::Gated`](super::Finish::Gated). Rows are those of the gate, then those of up.
    ///
    /// # Errors
    /// If the bytes of one are not of that many weights.
    pub fn pack_gated(format: Format, gate: &[u8], up: &[u8], out: usize, input: usize) -> Result<Self> {
        Ok(Self {
            parts: vec![Panels::pack(format, &[gate, up], out, input)?],
        })
    }

    /// Rounds `[out, input]` weights to a float format and lays them out.
    ///
    /// # Errors
    /// If there are not that many, or the format is not [`Format::F32`], [`Format::F16`] or [`Format::Bf16`].
    pub fn from_f32(format: Format, weights: &[f32], out: usize, input: usize) -> Result<Self> {
        let bytes: Vec<u8> = match format {
            Format::F32 => weights.iter().flat_map(|weight| weight.to_le_bytes()).collect(),
            Format::F16 => weights.iter().flat_map(|w| f16::from_f32(*w).to_le_bytes()).collect(),
            Format::Bf16 => weights.iter().flat_map(|w| bf16::from_f32(*w).to_le_bytes()).collect(),
            _ => bail!("weights are not rounded to {format:?}"),
        };
        Self::pack(format, &bytes, out, input)
    }

    /// Puts matrices one below the other: query, key and value. They may have several formats.
    ///
    /// # Errors
    /// If there is none, or they read different numbers of inputs.
    pub fn stack(matrices: impl IntoIterator<Item = Self>) -> Result<Self> {
        let parts: Vec<Panels> = matrices.into_iter().flat_map(|matrix| matrix.parts).collect();
        match parts.first() {
            Some(first) if parts.iter().all(|part| part.input == first.input) => Ok(Self { parts }),
            _ => bail!("matrices to be stacked read different numbers of inputs, or there are none"),
        }
    }

    /// Rows.
    pub fn out(&self) -> usize {
        self.parts.iter().map(Panels::rows).sum()
    }

    /// Columns.
    pub fn input(&self) -> usize {
        self.parts[0].input
    }

    /// Memory that the weights take.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.memory.bytes().len()).sum()
    }

    /// One row in full precision: the embedding of a token in a tied matrix.
    ///
    /// # Panics
    /// If there is no such row, or `into` has not [`Self::input`] places.
    pub fn row(&self, mut index: usize, into: &mut [f32]) {
        assert_eq!(into.len(), self.input(), "a row has {} weights", self.input());
        for part in &self.parts {
            if index < part.rows() {
                return part.row(index, into);
            }
            index -= part.rows();
        }
        panic!("row {index} is beyond the last");
    }
}
