//! Weights of a projection, laid out for the kernels.
//!
//! Sixteen outputs make a panel, in which the weights of an input lie beside each other, so that a vector holds one lane
//! an output. Panels follow one another, so a kernel reads memory in order. The layout is the same for every processor.
use super::blocks::{self, Row};
use super::memory::Piece;
use candle_core::{bail, Result};
use half::{bf16, f16};

/// Outputs in a panel.
pub(super) const LANES: usize = 16;

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
    /// 32 values of 5 bits with a scale. Held as [`Format::Q8_0`], which has the same values.
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
        input.is_multiple_of(weights).then_some(input / weights * bytes)
    }

    /// Whether products with such weights are of integers: activations are then rounded to 8 bits, 32 to a scale.
    pub const fn is_integer(self) -> bool {
        !matches!(self, Self::F32 | Self::F16 | Self::Bf16)
    }

    /// Bytes of the scales that a panel begins with, and of the codes that follow, for rows of `input` weights.
    pub(super) const fn panel_bytes(self, input: usize) -> (usize, usize) {
        let blocks = input / 32;
        match self {
            Self::F32 => (0, input * 64),
            Self::F16 => (0, (input * 32).next_multiple_of(64)),
            Self::Bf16 => (0, input.div_ceil(2) * 64),
            Self::Q8_0 | Self::Q5_0 => ((blocks * 32).next_multiple_of(64), blocks * 512),
            Self::Q4_0 => ((blocks * 32).next_multiple_of(64), blocks * 256),
            Self::Q4K => (input / 256 * blocks::Q4K_SCALES, blocks * 256),
            Self::Q6K => (input / 256 * blocks::Q6K_SCALES, blocks * 384),
        }
    }
}

/// Weights of one tensor.
pub(super) struct Panels {
    pub(super) format: Format,
    pub(super) out: usize,
    pub(super) input: usize,
    memory: Piece,
}

impl Panels {
    fn pack(format: Format, bytes: &[u8], out: usize, input: usize) -> Result<Self> {
        let Some(row_bytes) = format.row_bytes(input).filter(|bytes| *bytes > 0) else {
            bail!("a row of {input} weights cannot be stored as {format:?}");
        };
        if out == 0 || out.checked_mul(row_bytes) != Some(bytes.len()) {
            bail!(
                "{} bytes are not {out} rows of {input} weights in {format:?}",
                bytes.len()
            );
        }
        let (scales, codes) = format.panel_bytes(input);
        let stride = scales + codes;
        let mut memory = Piece::new(out.div_ceil(LANES) * stride)?;
        let panels = memory.bytes_mut().chunks_exact_mut(stride);
        for (panel, rows) in panels.zip(bytes.chunks(LANES * row_bytes)) {
            for (lane, row) in rows.chunks_exact(row_bytes).enumerate() {
                Row { format, input, lane }.write(row, panel);
            }
        }
        Ok(Self {
            // The packer widens the codes, after which nothing tells the two apart.
            format: if format == Format::Q5_0 { Format::Q8_0 } else { format },
            out,
            input,
            memory,
        })
    }

    /// From one panel to the next, in bytes.
    pub(super) fn stride(&self) -> usize {
        let (scales, codes) = self.format.panel_bytes(self.input);
        scales + codes
    }

    /// Panels, the last of which may have less than 16 outputs.
    pub(super) fn count(&self) -> usize {
        self.out.div_ceil(LANES)
    }

    /// The [`Format::panel_bytes`] bytes of a panel.
    pub(super) fn panel(&self, index: usize) -> &[u8] {
        let bytes = self.stride();
        &self.memory.bytes()[index * bytes..(index + 1) * bytes]
    }

    fn row(&self, index: usize, into: &mut [f32]) {
        let row = Row {
            format: self.format,
            input: self.input,
            lane: index % LANES,
        };
        row.read(self.panel(index / LANES), into);
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
            parts: vec![Panels::pack(format, bytes, out, input)?],
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

    /// Puts matrices one below the other: query, key and value, or gate and up. They may have several formats.
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
        self.parts.iter().map(|part| part.out).sum()
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
            if index < part.out {
                return part.row(index, into);
            }
            index -= part.out;
        }
        panic!("row {index} is beyond the last");
    }
}
