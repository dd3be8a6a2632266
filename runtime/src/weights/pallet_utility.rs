//! Dispatch weights of `pallet_utility`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 20 steps, 20 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_utility`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_utility::WeightInfo for WeightInfo<T> {
    /// `c` is 0 to 1000.
    fn batch(c: u32, ) -> Weight {
        // At least 3_335_000 ps.
        Weight::from_parts(3_540_209, 1489)
            // Standard error 936.
            .saturating_add(Weight::from_parts(2_756_274, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn as_derivative() -> Weight {
        // At least 4_807_000 ps.
        Weight::from_parts(5_118_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    /// `c` is 0 to 1000.
    fn batch_all(c: u32, ) -> Weight {
        // At least 3_305_000 ps.
        Weight::from_parts(1_368_877, 1489)
            // Standard error 1_046.
            .saturating_add(Weight::from_parts(3_021_497, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn dispatch_as() -> Weight {
        // At least 4_667_000 ps.
        Weight::from_parts(5_028_000, 0)
    }
    /// `c` is 0 to 1000.
    fn force_batch(c: u32, ) -> Weight {
        // At least 3_264_000 ps.
        Weight::from_parts(267_957, 1489)
            // Standard error 1_195.
            .saturating_add(Weight::from_parts(2_761_188, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn dispatch_as_fallible() -> Weight {
        // At least 4_557_000 ps.
        Weight::from_parts(4_968_000, 0)
    }
    fn if_else() -> Weight {
        // At least 7_511_000 ps.
        Weight::from_parts(8_032_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
}
