//! Dispatch weights of `pallet_laurel_keys`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_keys`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_keys::WeightInfo for WeightInfo<T> {
    fn swap_hotkey() -> Weight {
        // At least 153_039_000 ps.
        Weight::from_parts(280_989_000, 6090)
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn announce_coldkey_swap() -> Weight {
        // At least 49_654_000 ps.
        Weight::from_parts(60_641_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn cancel_coldkey_swap() -> Weight {
        // At least 35_242_000 ps.
        Weight::from_parts(45_738_000, 3584)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 121_191_000 ps.
        Weight::from_parts(167_791_000, 10300)
            .saturating_add(T::DbWeight::get().reads(13_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn clear_expired_swap() -> Weight {
        // At least 38_968_000 ps.
        Weight::from_parts(53_089_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
