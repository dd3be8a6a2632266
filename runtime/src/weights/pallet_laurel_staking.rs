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
        // At least 56_163_000 ps.
        Weight::from_parts(59_288_000, 3628)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn remove_stake() -> Weight {
        // At least 56_214_000 ps.
        Weight::from_parts(59_018_000, 3628)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn remove_all_stake() -> Weight {
        // At least 60_260_000 ps.
        Weight::from_parts(63_955_000, 3628)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn set_take() -> Weight {
        // At least 12_899_000 ps.
        Weight::from_parts(14_411_000, 3628)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn move_stake() -> Weight {
        // At least 33_040_000 ps.
        Weight::from_parts(35_183_000, 6266)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn transfer_stake() -> Weight {
        // At least 32_869_000 ps.
        Weight::from_parts(34_902_000, 6052)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(8_u64))
    }
    fn clear_nomination() -> Weight {
        // At least 61_461_000 ps.
        Weight::from_parts(64_406_000, 6148)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn set_settings() -> Weight {
        // At least 3_135_000 ps.
        Weight::from_parts(3_445_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn swap_hotkey() -> Weight {
        // At least 9_544_000 ps.
        Weight::from_parts(10_285_000, 6266)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 10_936_000 ps.
        Weight::from_parts(11_747_000, 6052)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
