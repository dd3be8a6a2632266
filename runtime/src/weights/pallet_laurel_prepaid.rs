//! Dispatch weights of `pallet_laurel_prepaid`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_prepaid`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_prepaid::WeightInfo for WeightInfo<T> {
    fn deposit() -> Weight {
        // At least 100_430_000 ps.
        Weight::from_parts(106_088_000, 3628)
            .saturating_add(T::DbWeight::get().reads(10_u64))
            .saturating_add(T::DbWeight::get().writes(9_u64))
    }
    fn withdraw() -> Weight {
        // At least 16_044_000 ps.
        Weight::from_parts(17_516_000, 3526)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn take_back() -> Weight {
        // At least 86_980_000 ps.
        Weight::from_parts(91_707_000, 3628)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    /// `n` is 1 to 256.
    fn draw(n: u32, ) -> Weight {
        // At least 67_510_000 ps.
        Weight::from_parts(68_873_000, 3628)
            // Standard error 141_107.
            .saturating_add(Weight::from_parts(58_149_458, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2614).saturating_mul(n.into()))
    }
    fn set_terms() -> Weight {
        // At least 3_205_000 ps.
        Weight::from_parts(3_545_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn swap_hotkey() -> Weight {
        // At least 11_297_000 ps.
        Weight::from_parts(12_058_000, 6052)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn swap_coldkey() -> Weight {
        // At least 87_872_000 ps.
        Weight::from_parts(92_338_000, 6218)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
}
