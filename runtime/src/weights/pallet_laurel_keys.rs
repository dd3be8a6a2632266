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
        // At least 140_019_000 ps.
        Weight::from_parts(241_601_000, 6250)
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn announce_coldkey_swap() -> Weight {
        // At least 50_205_000 ps.
        Weight::from_parts(64_035_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn cancel_coldkey_swap() -> Weight {
        // At least 36_064_000 ps.
        Weight::from_parts(41_382_000, 3584)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 118_546_000 ps.
        Weight::from_parts(129_393_000, 10300)
            .saturating_add(T::DbWeight::get().reads(13_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn clear_expired_swap() -> Weight {
        // At least 38_958_000 ps.
        Weight::from_parts(57_115_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
