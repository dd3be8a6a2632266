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
        // At least 1_093_742_000 ps.
        Weight::from_parts(1_205_379_000, 178974)
            .saturating_add(T::DbWeight::get().reads(329_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn vote() -> Weight {
        // At least 33_590_000 ps.
        Weight::from_parts(42_463_000, 6302)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn close() -> Weight {
        // At least 68_403_000 ps.
        Weight::from_parts(79_699_000, 13928)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn cancel() -> Weight {
        // At least 52_608_000 ps.
        Weight::from_parts(66_299_000, 13928)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
}
