//! Dispatch weights of `pallet_laurel_rewards`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_rewards`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_rewards::WeightInfo for WeightInfo<T> {
    /// `s` is 0 to 64.
    fn on_initialize(s: u32, ) -> Weight {
        // At least 29_644_000 ps.
        Weight::from_parts(35_019_076, 6148)
            // Standard error 43_681.
            .saturating_add(Weight::from_parts(43_165_028, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 2589).saturating_mul(s.into()))
    }
    fn on_poll() -> Weight {
        // At least 26_549_000 ps.
        Weight::from_parts(28_432_000, 4054)
            .saturating_add(T::DbWeight::get().reads(8_u64))
    }
    /// `n` is 0 to 4096.
    fn draw_bill(n: u32, ) -> Weight {
        // At least 20_070_000 ps.
        Weight::from_parts(38_371_722, 5257)
            // Standard error 379.
            .saturating_add(Weight::from_parts(113_719, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    /// `n` is 1 to 64.
    fn pay(n: u32, ) -> Weight {
        // At least 67_331_000 ps.
        Weight::from_parts(33_356_792, 7255)
            // Standard error 59_946.
            .saturating_add(Weight::from_parts(20_723_845, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2587).saturating_mul(n.into()))
    }
    fn remove_subnet() -> Weight {
        // At least 176_143_000 ps.
        Weight::from_parts(204_895_000, 6148)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(102_u64))
    }
    fn swap_hotkey() -> Weight {
        // At least 728_047_000 ps.
        Weight::from_parts(789_528_000, 602430)
            .saturating_add(T::DbWeight::get().reads(97_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
}
