//! Dispatch weights of `pallet_laurel_keys`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_keys`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_keys::WeightInfo for WeightInfo<T> {
    fn swap_hotkey() -> Weight {
        // At least 133_699_000 ps.
        Weight::from_parts(149_393_000, 6090)
            .saturating_add(T::DbWeight::get().reads(15_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn announce_coldkey_swap() -> Weight {
        // At least 49_644_000 ps.
        Weight::from_parts(52_648_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn cancel_coldkey_swap() -> Weight {
        // At least 35_973_000 ps.
        Weight::from_parts(38_096_000, 3584)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 118_347_000 ps.
        Weight::from_parts(128_632_000, 10300)
            .saturating_add(T::DbWeight::get().reads(13_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn clear_expired_swap() -> Weight {
        // At least 39_569_000 ps.
        Weight::from_parts(54_351_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
