//! Dispatch weights of `pallet_safe_mode`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_safe_mode`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_safe_mode::WeightInfo for WeightInfo<T> {
    fn on_initialize_noop() -> Weight {
        // At least 1_803_000 ps.
        Weight::from_parts(2_013_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn on_initialize_exit() -> Weight {
        // At least 4_978_000 ps.
        Weight::from_parts(5_398_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn enter() -> Weight {
        // At least 0_000 ps.
        Weight::from_parts(0, 0)
    }
    fn force_enter() -> Weight {
        // At least 5_138_000 ps.
        Weight::from_parts(5_598_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn extend() -> Weight {
        // At least 0_000 ps.
        Weight::from_parts(0, 0)
    }
    fn force_extend() -> Weight {
        // At least 6_079_000 ps.
        Weight::from_parts(6_860_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn force_exit() -> Weight {
        // At least 5_969_000 ps.
        Weight::from_parts(6_469_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn release_deposit() -> Weight {
        // At least 0_000 ps.
        Weight::from_parts(0, 0)
    }
    fn force_release_deposit() -> Weight {
        // At least 35_453_000 ps.
        Weight::from_parts(37_456_000, 3584)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn force_slash_deposit() -> Weight {
        // At least 26_509_000 ps.
        Weight::from_parts(27_972_000, 3584)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
}
