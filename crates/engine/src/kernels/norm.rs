//! Norms and activations that stand alone.
use super::linear::values;
use super::math::Activation;
use super::rows::Norm;
use super::simd::{Kernel, Simd};
use super::{isa, pool};
use candle_core::{bail, CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// Normalises the rows of `[.., width]`, f32.
///
/// # Errors
/// If the input is not f32, contiguous and as wide as the norm.
pub fn normalise(input: &Tensor, norm: &Norm) -> Result<Tensor> {
    input.apply_op1_no_bwd(&Normalise(norm))
}

/// Puts every value through an activation, f32.
///
/// # Errors
/// If the input is not f32 and contiguous.
pub fn activate(input: &Tensor, activation: Activation) -> Result<Tensor> {
    input.apply_op1_no_bwd(&Activate(activation))
}

/// Normalises rows, one after the other, in place.
///
/// # Errors
/// If they are not as wide as the norm.
pub fn normalise_rows(rows: &mut [f32], norm: &Norm) -> Result<()> {
    let Some(width) = norm
        .width()
        .filter(|width| *width > 0 && rows.len().is_multiple_of(*width))
    else {
        bail!("a norm of {:?} values for {} values", norm.width(), rows.len());
    };
    let isa = isa();
    in_pieces(rows, width, |_, rows| isa.run(NormaliseAll { rows, width, norm }));
    Ok(())
}

struct NormaliseAll<'a> {
    rows: &'a mut [f32],
    width: usize,
    norm: &'a Norm,
}

impl Kernel for NormaliseAll<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        for row in self.rows.chunks_exact_mut(self.width) {
            self.norm.apply::<S>(row);
        }
    }
}

struct Normalise<'a>(&'a Norm);

impl CustomOp1 for Normalise<'_> {
    fn name(&self) -> &'static str {
        "normalise"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = values(storage, layout)?.to_vec();
        if layout.dims().last().copied() != self.0.width() {
            bail!("a norm of {:?} values for {:?}", self.0.width(), layout.shape());
        }
        normalise_rows(&mut out, self.0)?;
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

struct Activate(Activation);

impl CustomOp1 for Activate {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = values(storage, layout)?.to_vec();
        in_pieces(&mut out, 16, |_, values| {
            isa().run(ActivateAll {
                activation: self.0,
                values,
            })
        });
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

struct ActivateAll<'a> {
    activation: Activation,
    values: &'a mut [f32],
}

impl Kernel for ActivateAll<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let mut chunks = self.values.chunks_exact_mut(16);
        for chunk in &mut chunks {
            S::store(chunk.as_mut_ptr(), self.activation.apply::<S>(S::load(chunk.as_ptr())));
        }
        let rest = chunks.into_remainder();
        let mut last = [0.0f32; 16];
        last[..rest.len()].copy_from_slice(rest);
        S::store(last.as_mut_ptr(), self.activation.apply::<S>(S::load(last.as_ptr())));
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// Calls `work` with pieces of whole units of `out` and the index of their first value.
fn in_pieces(out: &mut [f32], unit: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    let piece = ((1 << 14) / unit + 1) * unit;
    let pieces: Vec<std::sync::Mutex<&mut [f32]>> = out.chunks_mut(piece).map(std::sync::Mutex::new).collect();
    pool::parallel(pieces.len(), |index| {
        let mut values = pieces[index].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(index * piece, &mut values);
    });
}
