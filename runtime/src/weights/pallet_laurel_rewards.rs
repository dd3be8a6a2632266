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
        // At least 25_599_000 ps.
        Weight::from_parts(24_987_518, 6148)
            // Standard error 34_319.
            .saturating_add(Weight::from_parts(40_713_715, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 2589).saturating_mul(s.into()))
    }
    fn on_poll() -> Weight {
        // At least 22_754_000 ps.
        Weight::from_parts(24_417_000, 4050)
            .saturating_add(T::DbWeight::get().reads(9_u64))
    }
    /// `n` is 0 to 4096.
    fn draw_bill(n: u32, ) -> Weight {
        // At least 17_476_000 ps.
        Weight::from_parts(29_903_930, 5257)
            // Standard error 312.
            .saturating_add(Weight::from_parts(98_345, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    /// `n` is 1 to 256.
    fn pay(n: u32, ) -> Weight {
        // At least 46_920_000 ps.
        Weight::from_parts(21_182_710, 18583)
            // Standard error 17_529.
            .saturating_add(Weight::from_parts(5_484_306, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2630).saturating_mul(n.into()))
    }
    fn remove_subnet() -> Weight {
        // At least 98_957_000 ps.
        Weight::from_parts(115_542_000, 6148)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(30_u64))
    }
    fn swap_hotkey() -> Weight {
        // At least 377_404_000 ps.
        Weight::from_parts(395_961_000, 423222)
            .saturating_add(T::DbWeight::get().reads(25_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
}
