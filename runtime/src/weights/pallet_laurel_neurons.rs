//! Dispatch weights of `pallet_laurel_neurons`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_neurons`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_neurons::WeightInfo for WeightInfo<T> {
    fn burned_register_append() -> Weight {
        // At least 307_529_000 ps.
        Weight::from_parts(344_033_000, 18847)
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().writes(13_u64))
    }
    /// `n` is 4 to 256.
    fn burned_register_evict(n: u32, ) -> Weight {
        // At least 293_378_000 ps.
        Weight::from_parts(218_476_475, 20125)
            // Standard error 43_215.
            .saturating_add(Weight::from_parts(13_433_201, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(22_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(17_u64))
            .saturating_add(Weight::from_parts(0, 2550).saturating_mul(n.into()))
    }
    fn pow_register_append() -> Weight {
        // At least 293_628_000 ps.
        Weight::from_parts(319_377_000, 18847)
            .saturating_add(T::DbWeight::get().reads(15_u64))
            .saturating_add(T::DbWeight::get().writes(13_u64))
    }
    /// `n` is 4 to 256.
    fn pow_register_evict(n: u32, ) -> Weight {
        // At least 297_304_000 ps.
        Weight::from_parts(187_751_530, 20125)
            // Standard error 426_330.
            .saturating_add(Weight::from_parts(17_219_370, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(23_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(17_u64))
            .saturating_add(Weight::from_parts(0, 2550).saturating_mul(n.into()))
    }
    fn authorize_pow_register() -> Weight {
        // At least 84_316_000 ps.
        Weight::from_parts(143_104_000, 6028)
            .saturating_add(T::DbWeight::get().reads(7_u64))
    }
    fn publish_axon() -> Weight {
        // At least 22_854_000 ps.
        Weight::from_parts(34_081_000, 4060)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn withdraw_axon() -> Weight {
        // At least 11_958_000 ps.
        Weight::from_parts(18_347_000, 3546)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn protect_neuron() -> Weight {
        // At least 24_246_000 ps.
        Weight::from_parts(38_527_000, 3540)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 794_095_000 ps.
        Weight::from_parts(922_737_000, 168300)
            .saturating_add(T::DbWeight::get().reads(194_u64))
            .saturating_add(T::DbWeight::get().writes(256_u64))
    }
    /// `n` is 0 to 256.
    fn remove_neurons(n: u32, ) -> Weight {
        // At least 9_374_000 ps.
        Weight::from_parts(10_936_000, 3529)
            // Standard error 103_147.
            .saturating_add(Weight::from_parts(13_205_323, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2539).saturating_mul(n.into()))
    }
}
