//! Activations made ready for products: normalised, and in the numbers that the weights are multiplied with.
use super::math::ROUND;
use super::simd::{Kernel, Simd};

/// What is done to a row before its projection.
#[derive(Clone, Debug)]
pub enum Norm {
    /// Division by the root of the mean square; then each value times its weight.
    Rms {
        /// One for each value.
        weight: Vec<f32>,
        /// Added to the mean square.
        epsilon: f32,
    },
    /// The mean taken off, division by the standard deviation; then each value times its weight plus its bias.
    Layer {
        /// One for each value.
        weight: Vec<f32>,
        /// One for each value.
        bias: Vec<f32>,
        /// Added to the variance.
        epsilon: f32,
    },
}

impl Norm {
    /// Width of the rows that it is for, or nothing if its parts disagree.
    pub fn width(&self) -> Option<usize> {
        match self {
            Self::Rms { weight, .. } => Some(weight.len()),
            Self::Layer { weight, bias, .. } => (weight.len() == bias.len()).then_some(weight.len()),
        }
    }

    /// Normalises a row in place. Sums run in 16 lanes, which are added by halving.
    ///
    /// # Safety
    /// As [`Simd`] demands.
    #[inline(always)]
    pub(super) unsafe fn apply<S: Simd>(&self, row: &mut [f32]) {
        let width = row.len() as f32;
        match self {
            Self::Rms { weight, epsilon } => {
                let square = sum::<S, true>(row);
                let scale = 1.0 / (square / width + epsilon).sqrt();
                for (value, weight) in row.iter_mut().zip(weight) {
                    *value = *value * scale * weight;
                }
            }
            Self::Layer { weight, bias, epsilon } => {
                let mean = sum::<S, false>(row) / width;
                for value in row.iter_mut() {
                    *value -= mean;
                }
                let square = sum::<S, true>(row);
                let scale = 1.0 / (square / width + epsilon).sqrt();
                for ((value, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
                    *value = *value * scale * weight + bias;
                }
            }
        }
    }
}

/// The sum of all values or of their squares; a last vector that is not full is filled with zeros.
#[inline(always)]
unsafe fn sum<S: Simd, const SQUARES: bool>(row: &[f32]) -> f32 {
    let mut sum = S::splat(0.0);
    let mut chunks = row.chunks_exact(16);
    for chunk in &mut chunks {
        let x = S::load(chunk.as_ptr());
        sum = S::add(sum, if SQUARES { S::mul(x, x) } else { x });
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut last = [0.0; 16];
        last[..rest.len()].copy_from_slice(rest);
        let x = S::load(last.as_ptr());
        sum = S::add(sum, if SQUARES { S::mul(x, x) } else { x });
    }
    S::sum(sum)
}

/// What goes with 32 activations of 8 bits.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Block {
    /// Value of a unit.
    pub(super) scale: f32,
    /// -128 times the sum of the codes: what weights that are stored with 128 added must be corrected by.
    pub(super) offset: i32,
    /// The same of the first 16.
    pub(super) first_offset: i32,
    /// `scale` times the sum of the codes.
    pub(super) sum: f32,
}

/// Rows in all the numbers that the formats of a matrix ask for. Made anew for every product, in memory that is kept.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) input: usize,
    pub(super) float: Vec<f32>,
    pub(super) bf16: Vec<u16>,
    pub(super) codes: Vec<i8>,
    pub(super) blocks: Vec<Block>,
}

/// Which of [`Rows`] are filled.
#[derive(Clone, Copy, Default)]
pub(super) struct Wanted {
    pub(super) float: bool,
    pub(super) bf16: bool,
    pub(super) integer: bool,
}

impl Rows {
    /// Makes room; what is in it stays from earlier.
    pub(super) fn resize(&mut self, rows: usize, input: usize, wanted: Wanted) {
        fn fit<T: Clone + Default>(vector: &mut Vec<T>, len: usize) {
            if vector.len() < len {
                vector.resize(len, T::default());
            }
        }
        self.input = input;
        let len = rows * input;
        fit(&mut self.float, if wanted.float { len } else { 0 });
        // Pairs are read whole, so a row of an odd number has a zero behind it.
        fit(
            &mut self.bf16,
            if wanted.bf16 {
                rows * input.next_multiple_of(2)
            } else {
                0
            },
        );
        fit(&mut self.codes, if wanted.integer { len } else { 0 });
        fit(&mut self.blocks, if wanted.integer { len / 32 } else { 0 });
    }
}

/// Fills one row of [`Rows`].
pub(super) struct Prepare<'a> {
    pub(super) row: &'a [f32],
    pub(super) norm: Option<&'a Norm>,
    /// As long as the row if there is a norm; holds the normalised row afterwards.
    pub(super) float: &'a mut [f32],
    pub(super) bf16: Option<&'a mut [u16]>,
    pub(super) integer: Option<(&'a mut [i8], &'a mut [Block])>,
}

impl Kernel for Prepare<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let row: &[f32] = match self.norm {
            Some(norm) => {
                self.float.copy_from_slice(self.row);
                norm.apply::<S>(self.float);
                self.float
            }
            None => self.row,
        };
        if let Some(bf16s) = self.bf16 {
            for (value, x) in bf16s.iter_mut().zip(row) {
                *value = round_bf16(*x);
            }
            if row.len() % 2 == 1 {
                bf16s[row.len()] = 0;
            }
        }
        if let Some((codes, blocks)) = self.integer {
            let (rows, _) = row.as_chunks();
            let (codes, _) = codes.as_chunks_mut();
            for ((x, codes), block) in rows.iter().zip(codes).zip(blocks) {
                *block = quantise::<S>(x, codes);
            }
        }
    }
}

/// Nearest bf16, ties to even; not a number stays so.
#[inline(always)]
fn round_bf16(x: f32) -> u16 {
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
    let nan = bits & 0x7fff_ffff > 0x7f80_0000;
    (if nan { bits >> 16 | 0x40 } else { rounded }) as u16
}

/// Rounds 32 values to codes of -127 to 127. A value that is not finite makes the scale so, and with it every product.
///
/// # Safety
/// As [`Simd`] demands.
#[inline(always)]
unsafe fn quantise<S: Simd>(x: &[f32; 32], codes: &mut [i8; 32]) -> Block {
    let zero = S::splat(0.0);
    let x = [S::load(x.as_ptr()), S::load(x.as_ptr().add(16))];
    let sizes = [S::max(x[0], S::sub(zero, x[0])), S::max(x[1], S::sub(zero, x[1]))];
    let largest = S::largest(S::max(sizes[0], sizes[1]));
    // Below that the inverse would overflow; such a block is as good as zero.
    let inverse = S::splat(if largest > 1e-36 { 127.0 / largest } else { 0.0 });
    let mut sums = [0.0; 2];
    for half in 0..2 {
        let rounded = S::add(S::mul(x[half], inverse), S::splat(ROUND));
        S::store_low_bytes(codes.as_mut_ptr().add(half * 16), rounded);
        sums[half] = S::sum(S::sub(rounded, S::splat(ROUND)));
    }
    // Sums of codes are exact, or not a number if a value is not, which the largest may not show.
    let sum = sums[0] + sums[1];
    let scale = largest / 127.0 + sum * 0.0;
    Block {
        scale,
        offset: (sum * -128.0) as i32,
        first_offset: (sums[0] * -128.0) as i32,
        sum: scale * sum,
    }
}

/// `0..rows` rows of a [`Rows`], as kernels read them.
#[derive(Clone, Copy)]
pub(super) struct RowPointers {
    pub(super) input: usize,
    pub(super) float: *const f32,
    pub(super) bf16: *const u16,
    pub(super) codes: *const i8,
    pub(super) blocks: *const Block,
}

// SAFETY: they point to what is only read while they are in use (`super::linear`).
unsafe impl Sync for RowPointers {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::portable::Portable;
    use half::bf16;

    fn quantised(x: &[f32; 32]) -> ([i8; 32], Block) {
        let mut codes = [0; 32];
        // SAFETY: every processor has the portable instructions.
        let block = unsafe { quantise::<Portable>(x, &mut codes) };
        (codes, block)
    }

    #[test]
    fn codes_are_the_nearest_and_what_is_not_finite_shows_in_the_scale() {
        let x: [f32; 32] = std::array::from_fn(|i| (i as f32 - 11.0) * 0.37);
        let (codes, block) = quantised(&x);
        for (x, code) in x.iter().zip(codes) {
            assert!((x - f32::from(code) * block.scale).abs() <= block.scale * 0.5001);
        }
        let sum = |codes: &[i8]| codes.iter().map(|code| i32::from(*code)).sum::<i32>();
        assert_eq!(
            (block.offset, block.first_offset),
            (-128 * sum(&codes), -128 * sum(&codes[..16]))
        );
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [0, 7, 31] {
                let mut x = x;
                x[place] = odd;
                assert!(!quantised(&x).1.scale.is_finite());
            }
        }
        let (codes, block) = quantised(&[-0.0; 32]);
        assert_eq!((codes, block.scale, block.sum), ([0; 32], 0.0, 0.0));
    }

    #[test]
    fn bf16_rounds_to_the_nearest_as_half_does() {
        for x in [
            0.0,
            -0.0,
            1.0,
            1.003_906_3,
            1.011_718_8,
            3.3e38,
            -1e-40,
            f32::INFINITY,
            f32::MAX,
        ] {
            assert_eq!(round_bf16(x), bf16::from_f32(x).to_bits(), "{x}");
        }
        assert!(bf16::from_bits(round_bf16(f32::NAN)).is_nan());
    }
}
