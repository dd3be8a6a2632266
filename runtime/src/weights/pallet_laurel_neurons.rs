//! Dispatch weights of `pallet_laurel_neurons`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_neurons`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_neurons::WeightInfo for WeightInfo<T> {
    fn burned_register_append() -> Weight {
        // At least 430_042_000 ps.
        Weight::from_parts(472_995_000, 21929)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(13_u64))
    }
    /// `n` is 4 to 4096.
    fn burned_register_evict(n: u32, ) -> Weight {
        // At least 308_100_000 ps.
        Weight::from_parts(400_788_712, 265886)
            // Standard error 7_349.
            .saturating_add(Weight::from_parts(178_725, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(29_u64))
            .saturating_add(T::DbWeight::get().writes(17_u64))
            .saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
    }
    fn pow_register_append() -> Weight {
        // At least 422_811_000 ps.
        Weight::from_parts(473_677_000, 21929)
            .saturating_add(T::DbWeight::get().reads(17_u64))
            .saturating_add(T::DbWeight::get().writes(13_u64))
    }
    /// `n` is 4 to 4096.
    fn pow_register_evict(n: u32, ) -> Weight {
        // At least 328_880_000 ps.
        Weight::from_parts(434_274_139, 265886)
            // Standard error 7_250.
            .saturating_add(Weight::from_parts(147_646, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(30_u64))
            .saturating_add(T::DbWeight::get().writes(17_u64))
            .saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
    }
    fn authorize_pow_register() -> Weight {
        // At least 72_117_000 ps.
        Weight::from_parts(86_039_000, 6028)
            .saturating_add(T::DbWeight::get().reads(7_u64))
    }
    fn publish_axon() -> Weight {
        // At least 22_444_000 ps.
        Weight::from_parts(24_436_000, 4060)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn withdraw_axon() -> Weight {
        // At least 13_410_000 ps.
        Weight::from_parts(14_572_000, 3546)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn protect_neuron() -> Weight {
        // At least 23_355_000 ps.
        Weight::from_parts(25_198_000, 3620)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 751_852_000 ps.
        Weight::from_parts(823_839_000, 168300)
            .saturating_add(T::DbWeight::get().reads(194_u64))
            .saturating_add(T::DbWeight::get().writes(256_u64))
    }
    /// `n` is 0 to 4096.
    fn remove_neurons(n: u32, ) -> Weight {
        // At least 7_531_000 ps.
        Weight::from_parts(7_772_000, 3529)
            // Standard error 118_009.
            .saturating_add(Weight::from_parts(10_373_005, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2539).saturating_mul(n.into()))
    }
}
