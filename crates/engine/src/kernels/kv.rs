//! Keys and values of one layer, in blocks of [`KV_BLOCK`] positions.
use super::memory::Numbers;
use super::simd::Simd;
use candle_core::{bail, Result};
use half::f16;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Positions in a block.
pub const KV_BLOCK: usize = 32;

/// How keys and values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KvFormat {
    /// As they are computed.
    F32,
    /// Rounded to half precision: half the memory.
    F16,
}

/// Memory for the keys and values of one layer, taken once. Who owns which block is the caller's affair.
///
/// In a block, for each head: keys as `[width][32 positions]`, then values as `[32 positions][width]`, where rows of values
/// are filled up to a multiple of 16.
pub struct KvSlab {
    pub(super) kv_heads: usize,
    pub(super) width: usize,
    blocks: usize,
    memory: Mutex<Memory>,
}

pub(super) enum Memory {
    F32(Numbers<f32>),
    F16(Numbers<u16>),
}

impl KvSlab {
    /// Room for `blocks` blocks of `kv_heads` heads that are `width` wide.
    ///
    /// # Errors
    /// If one of them is 0 or there cannot be so much memory.
    pub fn new(blocks: usize, kv_heads: usize, width: usize, format: KvFormat) -> Result<Self> {
        let len = Self::head_len(width)
            .checked_mul(kv_heads)
            .and_then(|len| len.checked_mul(blocks));
        let Some(len) = len.filter(|len| *len > 0 && *len <= isize::MAX as usize / 4) else {
            bail!("a cache of {blocks} blocks of {kv_heads} heads of {width} cannot be");
        };
        let memory = match format {
            KvFormat::F32 => Memory::F32(Numbers::new(len)?),
            KvFormat::F16 => Memory::F16(Numbers::new(len)?),
        };
        Ok(Self {
            kv_heads,
            width,
            blocks,
            memory: Mutex::new(memory),
        })
    }

    /// Blocks.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Bytes of one block of a layer.
    pub fn block_bytes(kv_heads: usize, width: usize, format: KvFormat) -> usize {
        let element = match format {
            KvFormat::F32 => 4,
            KvFormat::F16 => 2,
        };
        Self::head_len(width) * kv_heads * element
    }

    /// Copies a block, for a sequence that goes on from a prefix which others keep.
    ///
    /// # Errors
    /// If there is no such block.
    pub fn copy_block(&self, from: u32, to: u32) -> Result<()> {
        if from.max(to) as usize >= self.blocks {
            bail!("block {} of a cache of {}", from.max(to), self.blocks);
        }
        let len = Self::head_len(self.width) * self.kv_heads;
        let (from, to) = (from as usize * len, to as usize * len);
        match &mut *self.lock() {
            Memory::F32(memory) => memory.copy_within(from..from + len, to),
            Memory::F16(memory) => memory.copy_within(from..from + len, to),
        }
        Ok(())
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Memory> {
        // What a panic left half written is no more than keys of a step that failed.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Elements of one head in a block.
    pub(super) fn head_len(width: usize) -> usize {
        (width + width.next_multiple_of(16)) * KV_BLOCK
    }
}

/// A number in a cache. Any bits are one.
pub(super) trait Element: Copy + Default + Send + Sync {
    /// Rounds to the nearest.
    fn from_f32(x: f32) -> Self;
    /// Loads 16.
    ///
    /// # Safety
    /// As [`Simd::load`].
    unsafe fn load<S: Simd>(from: *const Self) -> S::F;
}

impl Element for f32 {
    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        x
    }
    #[inline(always)]
    unsafe fn load<S: Simd>(from: *const Self) -> S::F {
        S::load(from)
    }
}

impl Element for u16 {
    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        f16::from_f32(x).to_bits()
    }
    #[inline(always)]
    unsafe fn load<S: Simd>(from: *const Self) -> S::F {
        S::load_f16(from)
    }
}
