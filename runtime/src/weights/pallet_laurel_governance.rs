//! Dispatch weights of `pallet_laurel_governance`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_governance`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_governance::WeightInfo for WeightInfo<T> {
    fn open() -> Weight {
        // At least 958_730_000 ps.
        Weight::from_parts(1_150_277_000, 178974)
            .saturating_add(T::DbWeight::get().reads(265_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn vote() -> Weight {
        // At least 39_419_000 ps.
        Weight::from_parts(68_853_000, 6302)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn close() -> Weight {
        // At least 59_659_000 ps.
        Weight::from_parts(113_319_000, 13928)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn cancel() -> Weight {
        // At least 64_046_000 ps.
        Weight::from_parts(98_728_000, 13928)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
}
