//! Dispatch weights of `pallet_laurel_rewards`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
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
        // At least 29_214_000 ps.
        Weight::from_parts(25_761_538, 6148)
            // Standard error 43_014.
            .saturating_add(Weight::from_parts(44_295_537, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 2589).saturating_mul(s.into()))
    }
    fn on_poll() -> Weight {
        // Estimated: not measured yet.
        Weight::from_parts(30_000_000, 6954)
            .saturating_add(T::DbWeight::get().reads(8_u64))
    }
    /// `n` is 0 to 4096.
    fn draw_bill(n: u32, ) -> Weight {
        // Estimated: not measured yet.
        Weight::from_parts(150_000_000, 6954)
            .saturating_add(Weight::from_parts(2_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().writes(9_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul((n / 64).into())))
    }
    /// `n` is 1 to 64.
    fn pay(n: u32, ) -> Weight {
        // Estimated: not measured yet.
        Weight::from_parts(90_000_000, 6954)
            .saturating_add(Weight::from_parts(25_000_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(n.into()))
    }
    fn remove_subnet() -> Weight {
        // At least 87_030_000 ps.
        Weight::from_parts(143_875_000, 6148)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(102_u64))
    }
    fn swap_hotkey() -> Weight {
        // Estimated: not measured yet.
        Weight::from_parts(4_000_000_000, 6148)
            .saturating_add(T::DbWeight::get().reads(97_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
}
