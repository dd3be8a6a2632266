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
        // At least 415_941_000 ps.
        Weight::from_parts(541_648_000, 166686)
            .saturating_add(T::DbWeight::get().reads(257_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `n` is 0 to 256.
    fn payout(n: u32, ) -> Weight {
        // At least 9_124_000 ps.
        Weight::from_parts(12_849_000, 6954)
            // Standard error 282_584.
            .saturating_add(Weight::from_parts(86_348_600, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(n.into()))
    }
    fn remove_subnet() -> Weight {
        // At least 87_030_000 ps.
        Weight::from_parts(143_875_000, 6148)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
}
