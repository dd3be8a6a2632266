//! Projections, with what stands before and after them in a model, as one operation.
use super::math::Activation;
use super::matrix::{Format, Matrix, Panels, LANES, PANEL};
use super::rows::{Norm, Prepare, RowPointers, Rows, Wanted};
use super::simd::{Kernel, Simd};
use super::tiles::{Bf16, Sums, Tile, F16, F32, Q4, Q4K, Q5, Q6K, Q8};
use super::{isa, pool, Isa};
use candle_core::backend::BackendStorage;
use candle_core::{bail, CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};
use std::cell::RefCell;
use std::sync::Arc;

/// What is done to the outputs of a projection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// Nothing.
    #[default]
    Plain,
    /// Each goes through a function.
    Activation(Activation),
    /// The matrix is of [`Matrix::pack_gated`]: answers `activation(gate) * up`, half as wide.
    Gated(Activation),
}

/// A projection: `finish(norm(x) · weightsᵀ + bias)`.
pub struct Linear {
    /// Done to each row first.
    pub norm: Option<Norm>,
    /// The weights.
    pub weights: Arc<Matrix>,
    /// One for each row of the weights.
    pub bias: Option<Vec<f32>>,
    /// Done to the result.
    pub finish: Finish,
}

/// `[.., input]` times the weights: `[.., out]`, f32.
///
/// # Errors
/// If the input is not f32, contiguous and as wide as the matrix.
pub fn linear(input: &Tensor, weights: &Arc<Matrix>) -> Result<Tensor> {
    Linear::new(weights.clone()).forward(input)
}

impl Linear {
    /// Only the product.
    pub fn new(weights: Arc<Matrix>) -> Self {
        Self {
            norm: None,
            weights,
            bias: None,
            finish: Finish::Plain,
        }
    }

    /// Width of the result.
    pub fn width(&self) -> usize {
        match self.finish {
            Finish::Gated(_) => self.weights.out() / 2,
            _ => self.weights.out(),
        }
    }

    /// `[.., input]` to `[.., width]`, f32. A row's result does not depend on other rows, nor on the number of threads.
    ///
    /// # Errors
    /// If the input is not f32, contiguous and as wide as the matrix, or norm, bias and matrix do not fit each other.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        input.apply_op1_no_bwd(self)
    }

    /// As [`Self::forward`], and adds `residual`, which has the shape of the result.
    ///
    /// # Errors
    /// As [`Self::forward`].
    pub fn forward_add(&self, input: &Tensor, residual: &Tensor) -> Result<Tensor> {
        input.apply_op2_no_bwd(residual, self)
    }

    fn problem(&self) -> Option<&'static str> {
        let (out, input) = (self.weights.out(), self.weights.input());
        let parts = &self.weights.parts;
        let gated_badly = || match self.finish {
            Finish::Gated(_) => parts.len() != 1 || !parts[0].gated,
            _ => parts.iter().any(|part| part.gated),
        };
        if self.norm.as_ref().is_some_and(|norm| norm.width() != Some(input)) {
            return Some("the norm is not as wide as the input");
        }
        if self.bias.as_ref().is_some_and(|bias| bias.len() != out) {
            return Some("there is not one bias for each output");
        }
        gated_badly().then_some("gate and up are laid out together if and only if they are used so")
    }

    /// As [`Self::forward_add`] or without a residual [`Self::forward`], for rows one after the other; `out` is overwritten.
    ///
    /// # Errors
    /// As [`Self::forward`].
    pub fn apply(&self, input: &[f32], residual: Option<&[f32]>, out: &mut Vec<f32>) -> Result<()> {
        if let Some(problem) = self.problem() {
            bail!("projection: {problem}");
        }
        let width = self.weights.input();
        if !input.len().is_multiple_of(width) {
            bail!("projection: {} values for rows of {width}", input.len());
        }
        let rows = input.len() / width;
        let len = rows * self.width();
        if residual.is_some_and(|residual| residual.len() != len) {
            bail!("projection: the residual has not the shape of the result");
        }
        out.clear();
        out.reserve(len);
        SCRATCH.with_borrow_mut(|scratch| {
            let (isa, wanted) = (isa(), self.wanted());
            scratch.resize(rows, width, wanted);
            let rows_at = self.prepare(isa, input, scratch, wanted);
            let product = Product {
                linear: self,
                rows,
                at: rows_at,
                residual,
                out: Out(out.as_mut_ptr()),
            };
            product.run(isa);
        });
        // SAFETY: `Product::run` has written each of `rows * width` values.
        unsafe { out.set_len(len) };
        Ok(())
    }

    fn compute(&self, input: &[f32], residual: Option<&[f32]>, shape: &Shape) -> Result<(CpuStorage, Shape)> {
        let mut dims = shape.dims().to_vec();
        match dims.last_mut() {
            Some(last) if *last == self.weights.input() => *last = self.width(),
            _ => bail!(
                "projection: input of shape {shape:?} for rows of {}",
                self.weights.input()
            ),
        }
        let mut out = Vec::new();
        self.apply(input, residual, &mut out)?;
        Ok((CpuStorage::F32(out), Shape::from(dims)))
    }

    fn wanted(&self) -> Wanted {
        let any = |f: fn(Format) -> bool| self.weights.parts.iter().any(|part| f(part.format));
        Wanted {
            // The normalised row is made here, whatever is then made of it.
            float: self.norm.is_some(),
            bf16: any(|format| format == Format::Bf16),
            integer: any(Format::is_integer),
        }
    }

    /// Normalises and converts the rows, and says where they are.
    fn prepare(&self, isa: Isa, input: &[f32], scratch: &mut Rows, wanted: Wanted) -> RowPointers {
        let width = self.weights.input();
        let even = width.next_multiple_of(2);
        let rows = input.len() / width;
        let at = Scratch {
            float: scratch.float.as_mut_ptr(),
            bf16: scratch.bf16.as_mut_ptr(),
            codes: scratch.codes.as_mut_ptr(),
            blocks: scratch.blocks.as_mut_ptr(),
        };
        if wanted.float || wanted.bf16 || wanted.integer {
            let piece = (1 << 14) / width + 1;
            pool::parallel(rows.div_ceil(piece), |index| {
                for row in index * piece..rows.min((index + 1) * piece) {
                    let at = &at;
                    // SAFETY: `Rows::resize` made room for all rows in what is wanted, and each is visited once.
                    let prepare = unsafe {
                        let slice = std::slice::from_raw_parts_mut::<f32>;
                        Prepare {
                            row: &input[row * width..(row + 1) * width],
                            norm: self.norm.as_ref(),
                            float: slice(
                                at.float.add(if wanted.float { row * width } else { 0 }),
                                if wanted.float { width } else { 0 },
                            ),
                            bf16: wanted
                                .bf16
                                .then(|| std::slice::from_raw_parts_mut(at.bf16.add(row * even), even)),
                            integer: wanted.integer.then(|| {
                                let codes = std::slice::from_raw_parts_mut(at.codes.add(row * width), width);
                                let blocks = at.blocks.add(row * (width / 32));
                                (codes, std::slice::from_raw_parts_mut(blocks, width / 32))
                            }),
                        }
                    };
                    isa.run(prepare);
                }
            });
        }
        RowPointers {
            input: width,
            float: if wanted.float { at.float } else { input.as_ptr() },
            bf16: at.bf16,
            codes: at.codes,
            blocks: at.blocks,
        }
    }
}

thread_local! {
    /// Taken by one product at a time: a product computes no other.
    static SCRATCH: RefCell<Rows> = RefCell::default();
}

struct Scratch {
    float: *mut f32,
    bf16: *mut u16,
    codes: *mut i8,
    blocks: *mut super::rows::Block,
}

// SAFETY: threads write to disjoint rows.
unsafe impl Sync for Scratch {}

/// Where results go.
#[derive(Clone, Copy)]
struct Out(*mut f32);

// SAFETY: threads write to disjoint columns.
unsafe impl Send for Out {}
// SAFETY: as above.
unsafe impl Sync for Out {}

/// Activations of a block of rows and the weights of a tile should stay in a core's cache: half a MiB of the former.
const ROW_BLOCK_BYTES: usize = 1 << 19;

/// A product of prepared rows and a matrix.
struct Product<'a> {
    linear: &'a Linear,
    rows: usize,
    at: RowPointers,
    residual: Option<&'a [f32]>,
    out: Out,
}

/// A panel, and where its results go.
struct Place<'a> {
    part: &'a Panels,
    panel: *const u8,
    /// First outputs of its two vectors in the whole matrix.
    columns: [usize; 2],
    /// How many of the 16 are there.
    width: [usize; 2],
}

impl Product<'_> {
    fn run(&self, isa: Isa) {
        let bytes = self.at.input
            * if self.linear.weights.parts[0].format.is_integer() {
                2
            } else {
                4
            };
        let row_block = (ROW_BLOCK_BYTES / bytes).clamp(24, 512) / 12 * 12;
        let panels: usize = self.linear.weights.parts.iter().map(Panels::count).sum();
        // Small pieces even out; no smaller than what takes some microseconds.
        let tiles = pool::threads() * 8;
        let piece = panels.div_ceil(tiles).max(1);
        let pieces = panels.div_ceil(piece);
        let blocks = self.rows.div_ceil(row_block);
        pool::parallel(blocks * pieces, |index| {
            let (block, first) = (index / pieces, index % pieces * piece);
            let rows = block * row_block..self.rows.min((block + 1) * row_block);
            for panel in first..panels.min(first + piece) {
                let place = self.place(panel);
                let (product, rows) = (self, rows.clone());
                match place.part.format {
                    Format::F32 => isa.run(Tiles::<F32>::new(product, &place, rows)),
                    Format::F16 => isa.run(Tiles::<F16>::new(product, &place, rows)),
                    Format::Bf16 => isa.run(Tiles::<Bf16>::new(product, &place, rows)),
                    Format::Q8_0 => isa.run(Tiles::<Q8>::new(product, &place, rows)),
                    Format::Q5_0 => isa.run(Tiles::<Q5>::new(product, &place, rows)),
                    Format::Q4_0 => isa.run(Tiles::<Q4>::new(product, &place, rows)),
                    Format::Q4K => isa.run(Tiles::<Q4K>::new(product, &place, rows)),
                    Format::Q6K => isa.run(Tiles::<Q6K>::new(product, &place, rows)),
                }
            }
        });
    }

    fn place(&self, mut index: usize) -> Place<'_> {
        let mut column = 0;
        for part in &self.linear.weights.parts {
            if index < part.count() {
                let (columns, ends) = if part.gated {
                    let first = index * LANES;
                    ([first, part.out + first], [part.out, 2 * part.out])
                } else {
                    let first = index * PANEL;
                    ([first, (first + LANES).min(part.out)], [part.out; 2])
                };
                return Place {
                    part,
                    panel: part.panel(index).as_ptr(),
                    columns: columns.map(|first| column + first),
                    width: [0, 1].map(|p| (ends[p] - columns[p]).min(LANES)),
                };
            }
            index -= part.count();
            column += part.out;
        }
        unreachable!("pieces end with the last part");
    }
}

/// The products of some rows with a panel.
struct Tiles<'a, T> {
    product: &'a Product<'a>,
    place: &'a Place<'a>,
    rows: std::ops::Range<usize>,
    tile: std::marker::PhantomData<T>,
}

impl<'a, T> Tiles<'a, T> {
    fn new(product: &'a Product<'a>, place: &'a Place<'a>, rows: std::ops::Range<usize>) -> Self {
        Self {
            product,
            place,
            rows,
            tile: std::marker::PhantomData,
        }
    }
}

/// Weights of a panel that stay in the fastest cache while rows pass.
const CHUNK_BYTES: usize = 48 << 10;

impl<T: Tile> Kernel for Tiles<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let input = self.product.at.input;
        let most = if S::WIDE { T::ROWS.0 } else { T::ROWS.1 };
        // With few rows every weight is read once or twice and there is nothing to keep.
        let chunk = if self.rows.len() <= 2 * most {
            input
        } else {
            let chunks = self.place.part.stride().div_ceil(CHUNK_BYTES);
            input.div_ceil(chunks).next_multiple_of(T::STEP)
        };
        let mut unfinished = vec![0.0f32; if chunk < input { self.rows.len() * 2 * LANES } else { 0 }];
        for start in (0..input).step_by(chunk) {
            let inputs = start..input.min(start + chunk);
            let mut row = self.rows.start;
            macro_rules! tile {
                ($rows:literal) => {{
                    let kept = unfinished
                        .as_mut_ptr()
                        .wrapping_add((row - self.rows.start) * 2 * LANES);
                    let mut sums = [[S::splat(0.0); 2]; $rows];
                    if start > 0 {
                        for r in 0..$rows {
                            sums[r] = [S::load(kept.add(r * 32)), S::load(kept.add(r * 32 + 16))];
                        }
                    }
                    let sums = T::sums::<S, $rows>(sums, self.place.panel, &self.product.at, row, inputs.clone());
                    if inputs.end < input {
                        for r in 0..$rows {
                            S::store(kept.add(r * 32), sums[r][0]);
                            S::store(kept.add(r * 32 + 16), sums[r][1]);
                        }
                    } else {
                        self.finish::<S, $rows>(row, sums);
                    }
                    row += $rows;
                }};
            }
            while row < self.rows.end {
                match (self.rows.end - row).min(most) {
                    12.. => tile!(12),
                    // Two of four rather than one of six and a rest.
                    6.. if self.rows.end - row != 8 => tile!(6),
                    4.. => tile!(4),
                    2.. => tile!(2),
                    _ => tile!(1),
                }
            }
        }
    }
}

impl<T> Tiles<'_, T> {
    #[inline(always)]
    unsafe fn finish<S: Simd, const R: usize>(&self, row: usize, mut sums: Sums<S::F, R>) {
        let (place, linear) = (self.place, self.product.linear);
        if let Some(bias) = &linear.bias {
            for p in 0..2 {
                let bias = load_part::<S>(bias.as_ptr().add(place.columns[p]), place.width[p]);
                for r in 0..R {
                    sums[r][p] = S::add(sums[r][p], bias);
                }
            }
        }
        for r in 0..R {
            match linear.finish {
                Finish::Gated(activation) => {
                    let x = S::mul(activation.apply::<S>(sums[r][0]), sums[r][1]);
                    self.put::<S>(row + r, 0, x);
                }
                Finish::Plain => {
                    self.put::<S>(row + r, 0, sums[r][0]);
                    self.put::<S>(row + r, 1, sums[r][1]);
                }
                Finish::Activation(activation) => {
                    self.put::<S>(row + r, 0, activation.apply::<S>(sums[r][0]));
                    self.put::<S>(row + r, 1, activation.apply::<S>(sums[r][1]));
                }
            }
        }
    }

    /// Adds the residual and writes 16 results, or as many as the panel has.
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, row: usize, p: usize, mut x: S::F) {
        let width = self.place.width[p];
        let at = row * self.product.linear.width() + self.place.columns[p];
        if let Some(residual) = self.product.residual {
            x = S::add(x, load_part::<S>(residual.as_ptr().add(at), width));
        }
        let to = self.product.out.0.add(at);
        if width == LANES {
            S::store(to, x);
        } else {
            let mut all = [0.0f32; LANES];
            S::store(all.as_mut_ptr(), x);
            std::ptr::copy_nonoverlapping(all.as_ptr(), to, width);
        }
    }
}

/// The first `width` of 16 floats; the others are 0.
#[inline(always)]
unsafe fn load_part<S: Simd>(from: *const f32, width: usize) -> S::F {
    if width == LANES {
        return S::load(from);
    }
    let mut all = [0.0f32; LANES];
    std::ptr::copy_nonoverlapping(from, all.as_mut_ptr(), width);
    S::load(all.as_ptr())
}

/// The values of a tensor that an operation reads.
pub(super) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!(
            "kernels read contiguous f32 tensors, not {:?} of {layout:?}",
            storage.dtype()
        ),
    }
}

impl CustomOp1 for Linear {
    fn name(&self) -> &'static str {
        "projection"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        self.compute(values(storage, layout)?, None, layout.shape())
    }
}

impl CustomOp2 for Linear {
    fn name(&self) -> &'static str {
        "projection-add"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        self.compute(values(s1, l1)?, Some(values(s2, l2)?), l1.shape())
    }
}
