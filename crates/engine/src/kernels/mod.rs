//! The arithmetic of models on processors, as operations of candle: projections, norms, attention.
//!
//! Weights are a [`Matrix`], laid out once at load. A decoding step is few operations: [`Linear`] normalises, multiplies,
//! and adds or gates; [`Attention`] rotates, writes into a [`KvSlab`] and attends. Every result is a function of its own
//! row alone, to the bit: the order of every sum is fixed (`tiles.rs`, `attention.rs`), whatever else is in the batch, however
//! a prompt is cut, on however many threads ([`with_threads`]).
//!
//! Inner loops are written once, over sixteen lanes (`simd.rs`), and compiled for every instruction set in [`Isa`]; which is used is
//! found out at run time. Results of all sets are equal to the bit but for products in bf16, where a processor's own
//! instruction may round otherwise. Only this module has `unsafe` code: loads and stores of vectors, whose bounds are those
//! of the [`Matrix`] and of the tensors that the safe functions around them have checked.
#![allow(unsafe_code)]
// One index names the same row or panel in several arrays, and iterators would be closures, which may not be compiled with
// the instructions that a kernel is for.
#![allow(clippy::needless_range_loop)]

mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod blocks;
mod kv;
mod linear;
mod math;
mod matrix;
mod memory;
#[cfg(target_arch = "aarch64")]
mod neon;
mod norm;
mod pool;
mod portable;
mod rope;
mod rows;
mod simd;
mod softmax;
mod tiles;

pub use attention::{Attention, Span};
pub use kv::{KvFormat, KvSlab, KV_BLOCK};
pub use linear::{linear, Finish, Linear};
pub use math::Activation;
pub use matrix::{Format, Matrix};
pub use norm::{activate, normalise, normalise_rows};
pub use pool::{threads, with_threads};
pub use rope::{Rope, RopeStyle};
pub use rows::Norm;

use simd::{Kernel, Simd};
use std::cell::Cell;
use std::sync::OnceLock;

/// An instruction set that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// What the target has at least.
    Portable,
    /// AVX2 with FMA and F16C.
    Avx2,
    /// AVX-512 (F, BW, DQ, VL) with its integer dot product (VNNI).
    Avx512,
    /// The same with its dot product in bf16.
    Avx512Bf16,
    /// What every 64-bit ARM has. Compiled for it, but not yet run on one.
    Neon,
}

thread_local! {
    static FORCED: Cell<Option<Isa>> = const { Cell::new(None) };
}

impl Isa {
    /// What this processor has, the slowest first.
    pub fn available() -> Vec<Self> {
        let mut available = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            use std::is_x86_feature_detected as has;
            let avx2 = has!("avx2") && has!("fma") && has!("f16c");
            let avx512 = has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
            if avx2 {
                available.push(Self::Avx2);
            }
            if avx2 && avx512 && has!("avx512vnni") {
                available.push(Self::Avx512);
                if has!("avx512bf16") {
                    available.push(Self::Avx512Bf16);
                }
            }
        }
        #[cfg(target_arch = "aarch64")]
        available.push(Self::Neon);
        available
    }

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: kernels are run with an `Isa` of `isa()` only, which `available` saw that the processor has.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => avx2::Avx2::run(kernel),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512 => avx512::Avx512::<false>::run(kernel),
                #[cfg(target_arch = "x86_64")]
                Self::Avx512Bf16 => avx512::Avx512::<true>::run(kernel),
                #[cfg(target_arch = "aarch64")]
                Self::Neon => neon::Neon::run(kernel),
                _ => portable::Portable::run(kernel),
            }
        }
    }
}

/// Runs `work` with kernels of one instruction set, for comparisons.
///
/// # Panics
/// If the processor has it not.
pub fn with_isa<R>(isa: Isa, work: impl FnOnce() -> R) -> R {
    assert!(Isa::available().contains(&isa), "this processor has no {isa:?}");
    let before = FORCED.replace(Some(isa));
    let _restore = pool::OnDrop(|| FORCED.set(before));
    work()
}

/// Calls `work` once for each of `0..pieces`, on several threads; kernels called in it compute alone.
///
/// # Panics
/// If a call panics, with its payload.
pub fn side_by_side(pieces: usize, work: impl Fn(usize) + Sync) {
    let isa = isa();
    pool::parallel(pieces, |piece| with_isa(isa, || work(piece)));
}

/// The instruction set that kernels called from here use: the fastest that there is, unless another is forced.
pub fn isa() -> Isa {
    static BEST: OnceLock<Isa> = OnceLock::new();
    FORCED
        .get()
        .unwrap_or_else(|| *BEST.get_or_init(|| *Isa::available().last().unwrap_or(&Isa::Portable)))
}
