//! Products of a few rows with a panel: the inner loops, one for each format.
//!
//! The order of a sum is part of the result. Floats: one input after the other, each a fused multiply-add. Integers: the
//! products of 32 inputs are added exactly; the sum becomes a float, is multiplied by the product of the scales of weights
//! and activations in a fused multiply-add, block after block. Neither depends on how many rows a tile has.
use super::blocks::{GROUP, Q4K_HEAD, Q4K_PART, Q6K_HEAD, Q6K_PART, SCALES};
use super::matrix::{Format, LANES, PANEL};
use super::rows::{Block, RowPointers};
use super::simd::Simd;
use std::ops::Range;

/// Sums of `R` rows by the two vectors of a panel.
pub(super) type Sums<F, const R: usize> = [[F; 2]; R];

/// A format's inner loop.
pub(super) trait Tile {
    /// Rows that fill the registers of a processor with 32 wide vectors, and of one with fewer.
    const ROWS: (usize, usize);

    /// Inputs of a unit of the format.
    const STEP: usize;

    /// Goes on with the sums of rows `row..row + R`, over the inputs of a range that begins and ends at multiples of
    /// [`Tile::STEP`], or ends with the last input.
    ///
    /// # Safety
    /// As [`Simd`] demands; the panel is whole, and `rows` has rows up to `row + R` in the numbers that the format is multiplied with.
    unsafe fn sums<S: Simd, const R: usize>(
        sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R>;
}

/// [`Format::F32`].
pub(super) struct F32;
/// [`Format::F16`].
pub(super) struct F16;
/// [`Format::Bf16`].
pub(super) struct Bf16;
/// [`Format::Q8_0`].
pub(super) struct Q8;
/// [`Format::Q5_0`].
pub(super) struct Q5;
/// [`Format::Q4_0`].
pub(super) struct Q4;
/// [`Format::Q4K`].
pub(super) struct Q4K;
/// [`Format::Q6K`].
pub(super) struct Q6K;

impl Tile for F32 {
    const ROWS: (usize, usize) = (12, 2);
    const STEP: usize = Format::F32.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        floats::<S, R, false>(sums, panel, rows, row, inputs)
    }
}

impl Tile for F16 {
    const ROWS: (usize, usize) = (12, 2);
    const STEP: usize = Format::F16.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        floats::<S, R, true>(sums, panel, rows, row, inputs)
    }
}

// Here and below loops stand where closures would do: what is not `inline(always)` may be compiled without the
// instructions of `S`.
#[inline(always)]
unsafe fn floats<S: Simd, const R: usize, const HALF: bool>(
    mut sums: Sums<S::F, R>,
    panel: *const u8,
    rows: &RowPointers,
    row: usize,
    inputs: Range<usize>,
) -> Sums<S::F, R> {
    let a = rows.float.add(row * rows.input);
    for k in inputs {
        let w = if HALF {
            let at = panel.add(k * 2 * PANEL);
            ask_ahead::<S, R>(at);
            [S::load_f16(at.cast()), S::load_f16(at.cast::<u16>().add(LANES))]
        } else {
            let at = panel.add(k * 4 * PANEL);
            ask_ahead::<S, R>(at);
            ask_ahead::<S, R>(at.wrapping_add(64));
            [S::load(at.cast()), S::load(at.cast::<f32>().add(LANES))]
        };
        for r in 0..R {
            let x = S::splat(*a.add(r * rows.input + k));
            sums[r] = [S::fma(w[0], x, sums[r][0]), S::fma(w[1], x, sums[r][1])];
        }
    }
    sums
}

impl Tile for Bf16 {
    const ROWS: (usize, usize) = (12, 2);
    const STEP: usize = Format::Bf16.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        mut sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        let pairs = rows.input.div_ceil(2);
        let a = rows.bf16.add(row * pairs * 2).cast::<i32>();
        for k in inputs.start / 2..inputs.end.div_ceil(2) {
            let at = panel.add(k * 4 * PANEL);
            ask_ahead::<S, R>(at);
            ask_ahead::<S, R>(at.wrapping_add(64));
            let w = [S::load_words(at), S::load_words(at.add(64))];
            for r in 0..R {
                let x = S::splat_word(a.add(r * pairs + k));
                sums[r] = [S::bf16_dot(sums[r][0], w[0], x), S::bf16_dot(sums[r][1], w[1], x)];
            }
        }
        sums
    }
}

/// Where a tile's activations of 8 bits begin, and how far its rows are apart.
struct Codes {
    codes: *const i8,
    blocks: *const Block,
    input: usize,
}

impl Codes {
    #[inline(always)]
    unsafe fn new(rows: &RowPointers, row: usize) -> Self {
        Self {
            codes: rows.codes.add(row * rows.input),
            blocks: rows.blocks.add(row * (rows.input / 32)),
            input: rows.input,
        }
    }

    #[inline(always)]
    unsafe fn block(&self, row: usize, block: usize) -> &Block {
        &*self.blocks.add(row * (self.input / 32) + block)
    }

    /// The four codes of a group, for all lanes.
    #[inline(always)]
    unsafe fn group<S: Simd>(&self, row: usize, block: usize, group: usize) -> S::B {
        S::splat_bytes(self.codes.add(row * self.input + block * 32 + group * 4))
    }

    /// Adds the products of a group to the exact sums.
    #[inline(always)]
    unsafe fn dot<S: Simd, const R: usize>(
        &self,
        exact: &mut [[S::I; 2]; R],
        w: [S::B; 2],
        block: usize,
        group: usize,
    ) {
        for r in 0..R {
            let x = self.group::<S>(r, block, group);
            exact[r] = [S::dot(exact[r][0], w[0], x), S::dot(exact[r][1], w[1], x)];
        }
    }

    /// Adds the scaled exact sums of a block.
    #[inline(always)]
    unsafe fn scale<S: Simd, const R: usize>(
        &self,
        sums: &mut Sums<S::F, R>,
        exact: [[S::I; 2]; R],
        scales: [S::F; 2],
        block: usize,
    ) {
        for r in 0..R {
            let scale = S::splat(self.block(r, block).scale);
            for p in 0..2 {
                sums[r][p] = S::fma(S::to_float(exact[r][p]), S::mul(scales[p], scale), sums[r][p]);
            }
        }
    }
}

/// Bytes from what is read to what is asked for. Memory is read in order, so this only bridges where a processor's own foresight ends.
const AHEAD: usize = 2048;

/// Asks for a cache line ahead of `at`, if there are so few rows that weights are waited for.
#[inline(always)]
unsafe fn ask_ahead<S: Simd, const R: usize>(at: *const u8) {
    if R <= 4 {
        S::prefetch(at.wrapping_add(AHEAD));
    }
}

#[inline(always)]
unsafe fn load_scales<S: Simd, const R: usize>(at: *const u8) -> [S::F; 2] {
    ask_ahead::<S, R>(at);
    [S::load_f16(at.cast()), S::load_f16(at.cast::<u16>().add(LANES))]
}

#[inline(always)]
unsafe fn load_codes<S: Simd, const R: usize>(at: *const u8) -> [S::B; 2] {
    ask_ahead::<S, R>(at);
    ask_ahead::<S, R>(at.wrapping_add(64));
    [S::load_bytes(at), S::load_bytes(at.add(64))]
}

#[inline(always)]
unsafe fn zero_words<S: Simd, const R: usize>() -> [[S::I; 2]; R] {
    [[S::splat_word(&0); 2]; R]
}

/// Products of 32 inputs' codes of 4 bits, which begin at `codes`.
#[inline(always)]
unsafe fn nibbles<S: Simd, const R: usize>(exact: &mut [[S::I; 2]; R], a: &Codes, codes: *const u8, block: usize) {
    for group in 0..4 {
        let w = load_codes::<S, R>(codes.add(group * GROUP));
        a.dot::<S, R>(exact, [S::low(w[0]), S::low(w[1])], block, group);
        a.dot::<S, R>(exact, [S::high(w[0]), S::high(w[1])], block, group + 4);
    }
}

impl Tile for Q8 {
    const ROWS: (usize, usize) = (6, 1);
    const STEP: usize = Format::Q8_0.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        mut sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        let a = Codes::new(rows, row);
        for block in inputs.start / 32..inputs.end / 32 {
            let unit = panel.add(block * Format::Q8_0.unit().1);
            let mut exact = zero_words::<S, R>();
            for r in 0..R {
                exact[r] = [S::start_offset(&a.block(r, block).offset); 2];
            }
            for group in 0..8 {
                let w = load_codes::<S, R>(unit.add(SCALES + group * GROUP));
                for r in 0..R {
                    let x = a.group::<S>(r, block, group);
                    exact[r] = [S::dot_offset(exact[r][0], w[0], x), S::dot_offset(exact[r][1], w[1], x)];
                }
            }
            a.scale::<S, R>(&mut sums, exact, load_scales::<S, R>(unit), block);
        }
        sums
    }
}

impl Tile for Q5 {
    const ROWS: (usize, usize) = (6, 1);
    const STEP: usize = Format::Q5_0.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        mut sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        let a = Codes::new(rows, row);
        for block in inputs.start / 32..inputs.end / 32 {
            let unit = panel.add(block * Format::Q5_0.unit().1);
            let mut exact = zero_words::<S, R>();
            for r in 0..R {
                // Codes stand for 16 less.
                exact[r] = [S::shift_right::<3>(S::splat_word(&a.block(r, block).offset)); 2];
            }
            let codes = unit.add(SCALES);
            let bits = load_codes::<S, R>(codes.add(4 * GROUP));
            macro_rules! groups {
                ($low:literal, $high:literal) => {
                    let w = load_codes::<S, R>(codes.add($low * GROUP));
                    let low = [
                        S::or(S::low(w[0]), S::bit::<$low>(bits[0])),
                        S::or(S::low(w[1]), S::bit::<$low>(bits[1])),
                    ];
                    a.dot::<S, R>(&mut exact, low, block, $low);
                    let high = [
                        S::or(S::high(w[0]), S::bit::<$high>(bits[0])),
                        S::or(S::high(w[1]), S::bit::<$high>(bits[1])),
                    ];
                    a.dot::<S, R>(&mut exact, high, block, $high);
                };
            }
            groups!(0, 4);
            groups!(1, 5);
            groups!(2, 6);
            groups!(3, 7);
            a.scale::<S, R>(&mut sums, exact, load_scales::<S, R>(unit), block);
        }
        sums
    }
}

impl Tile for Q4 {
    const ROWS: (usize, usize) = (6, 1);
    const STEP: usize = Format::Q4_0.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        mut sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        let a = Codes::new(rows, row);
        for block in inputs.start / 32..inputs.end / 32 {
            let unit = panel.add(block * Format::Q4_0.unit().1);
            let mut exact = zero_words::<S, R>();
            for r in 0..R {
                // Codes stand for 8 less.
                exact[r] = [S::shift_right::<4>(S::splat_word(&a.block(r, block).offset)); 2];
            }
            nibbles::<S, R>(&mut exact, &a, unit.add(SCALES), block);
            a.scale::<S, R>(&mut sums, exact, load_scales::<S, R>(unit), block);
        }
        sums
    }
}

impl Tile for Q4K {
    const ROWS: (usize, usize) = (6, 1);
    const STEP: usize = Format::Q4K.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        mut sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        let a = Codes::new(rows, row);
        for big in inputs.start / 256..inputs.end / 256 {
            let unit = panel.add(big * Format::Q4K.unit().1);
            let scale = load_scales::<S, R>(unit);
            let offset = load_scales::<S, R>(unit.add(SCALES));
            for part in 0..8 {
                let block = big * 8 + part;
                let factors = unit.add(Q4K_HEAD + part * Q4K_PART);
                ask_ahead::<S, R>(factors);
                let mut exact = zero_words::<S, R>();
                nibbles::<S, R>(&mut exact, &a, factors.add(2 * PANEL), block);
                let mut scales = [S::splat(0.0); 2];
                for p in 0..2 {
                    let factors = factors.add(p * PANEL);
                    scales[p] = S::mul(scale[p], S::to_float(S::load_u8(factors)));
                    let offset = S::mul(offset[p], S::to_float(S::load_u8(factors.add(LANES))));
                    let offset = S::sub(S::splat(0.0), offset);
                    for r in 0..R {
                        sums[r][p] = S::fma(offset, S::splat(a.block(r, block).sum), sums[r][p]);
                    }
                }
                a.scale::<S, R>(&mut sums, exact, scales, block);
            }
        }
        sums
    }
}

/// Codes of 6 bits of the four groups of half `HIGH` of a block; each has its own factor for 16 inputs.
#[inline(always)]
unsafe fn sixes<S: Simd, const R: usize, const HIGH: bool>(
    exact: &mut [[S::I; 2]; R],
    a: &Codes,
    codes: *const u8,
    block: usize,
) {
    let pairs = load_codes::<S, R>(codes.add(if HIGH { 5 } else { 4 } * GROUP));
    macro_rules! group {
        ($group:literal) => {
            let w = load_codes::<S, R>(codes.add($group * GROUP));
            let low = if HIGH {
                [S::high(w[0]), S::high(w[1])]
            } else {
                [S::low(w[0]), S::low(w[1])]
            };
            let w = [
                S::or(low[0], S::bit_pair::<$group>(pairs[0])),
                S::or(low[1], S::bit_pair::<$group>(pairs[1])),
            ];
            a.dot::<S, R>(exact, w, block, $group + if HIGH { 4 } else { 0 });
        };
    }
    group!(0);
    group!(1);
    group!(2);
    group!(3);
}

impl Tile for Q6K {
    const ROWS: (usize, usize) = (4, 1);
    const STEP: usize = Format::Q6K.unit().0;

    #[inline(always)]
    unsafe fn sums<S: Simd, const R: usize>(
        mut sums: Sums<S::F, R>,
        panel: *const u8,
        rows: &RowPointers,
        row: usize,
        inputs: Range<usize>,
    ) -> Sums<S::F, R> {
        let a = Codes::new(rows, row);
        for big in inputs.start / 256..inputs.end / 256 {
            let unit = panel.add(big * Format::Q6K.unit().1);
            let scale = load_scales::<S, R>(unit);
            for part in 0..8 {
                let block = big * 8 + part;
                let factors = unit.add(Q6K_HEAD + part * Q6K_PART);
                ask_ahead::<S, R>(factors);
                let (mut first, mut second) = (zero_words::<S, R>(), zero_words::<S, R>());
                for r in 0..R {
                    // Codes stand for 32 less.
                    let of_first = S::splat_word(&a.block(r, block).first_offset);
                    let of_second = S::sub_words(S::splat_word(&a.block(r, block).offset), of_first);
                    first[r] = [S::shift_right::<2>(of_first); 2];
                    second[r] = [S::shift_right::<2>(of_second); 2];
                }
                let codes = factors.add(2 * PANEL);
                sixes::<S, R, false>(&mut first, &a, codes, block);
                sixes::<S, R, true>(&mut second, &a, codes, block);
                for p in 0..2 {
                    let factors = factors.add(p * PANEL);
                    let (of_first, of_second) = (S::load_i8(factors), S::load_i8(factors.add(LANES)));
                    for r in 0..R {
                        let high = S::mul_words(second[r][p], of_second);
                        first[r][p] = S::add_words(S::mul_words(first[r][p], of_first), high);
                    }
                }
                a.scale::<S, R>(&mut sums, first, scale, block);
            }
        }
        sums
    }
}
