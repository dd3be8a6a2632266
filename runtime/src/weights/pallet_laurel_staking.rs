//! Dispatch weights of `pallet_laurel_staking`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_staking`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_staking::WeightInfo for WeightInfo<T> {
    fn add_stake() -> Weight {
        // At least 65_638_000 ps.
        Weight::from_parts(69_293_000, 3577)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn remove_stake() -> Weight {
        // At least 64_336_000 ps.
        Weight::from_parts(68_702_000, 3577)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn remove_all_stake() -> Weight {
        // At least 70_025_000 ps.
        Weight::from_parts(74_361_000, 3577)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn set_take() -> Weight {
        // At least 15_834_000 ps.
        Weight::from_parts(17_286_000, 3540)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn move_stake() -> Weight {
        // At least 48_112_000 ps.
        Weight::from_parts(51_717_000, 6164)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn transfer_stake() -> Weight {
        // At least 43_165_000 ps.
        Weight::from_parts(46_469_000, 6052)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn clear_nomination() -> Weight {
        // At least 77_215_000 ps.
        Weight::from_parts(81_432_000, 6148)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn set_settings() -> Weight {
        // At least 3_655_000 ps.
        Weight::from_parts(4_056_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn swap_hotkey() -> Weight {
        // At least 15_934_000 ps.
        Weight::from_parts(17_967_000, 6090)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 12_879_000 ps.
        Weight::from_parts(14_001_000, 6052)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
