//! Dispatch weights of `pallet_laurel_staking`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_staking`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_staking::WeightInfo for WeightInfo<T> {
    fn add_stake() -> Weight {
        // At least 66_198_000 ps.
        Weight::from_parts(97_195_000, 3577)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn remove_stake() -> Weight {
        // At least 71_958_000 ps.
        Weight::from_parts(83_635_000, 3577)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn remove_all_stake() -> Weight {
        // At least 76_604_000 ps.
        Weight::from_parts(80_951_000, 3577)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn set_take() -> Weight {
        // At least 15_793_000 ps.
        Weight::from_parts(17_366_000, 3540)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn move_stake() -> Weight {
        // At least 47_551_000 ps.
        Weight::from_parts(68_432_000, 6164)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn transfer_stake() -> Weight {
        // At least 41_852_000 ps.
        Weight::from_parts(50_986_000, 6052)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn clear_nomination() -> Weight {
        // At least 81_251_000 ps.
        Weight::from_parts(128_722_000, 6148)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn set_settings() -> Weight {
        // At least 3_635_000 ps.
        Weight::from_parts(7_421_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn swap_hotkey() -> Weight {
        // At least 16_324_000 ps.
        Weight::from_parts(24_436_000, 6090)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 12_880_000 ps.
        Weight::from_parts(20_631_000, 6052)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
