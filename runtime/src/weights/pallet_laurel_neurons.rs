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
        // At least 434_970_000 ps.
        Weight::from_parts(473_717_000, 21929)
            .saturating_add(T::DbWeight::get().reads(17_u64))
            .saturating_add(T::DbWeight::get().writes(12_u64))
    }
    /// `n` is 4 to 4096.
    fn burned_register_evict(n: u32, ) -> Weight {
        // At least 280_608_000 ps.
        Weight::from_parts(374_186_028, 265886)
            // Standard error 6_598.
            .saturating_add(Weight::from_parts(184_836, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(30_u64))
            .saturating_add(T::DbWeight::get().writes(16_u64))
            .saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
    }
    fn pow_register_append() -> Weight {
        // At least 424_724_000 ps.
        Weight::from_parts(471_303_000, 21929)
            .saturating_add(T::DbWeight::get().reads(18_u64))
            .saturating_add(T::DbWeight::get().writes(12_u64))
    }
    /// `n` is 4 to 4096.
    fn pow_register_evict(n: u32, ) -> Weight {
        // At least 293_488_000 ps.
        Weight::from_parts(430_874_430, 265886)
            // Standard error 10_463.
            .saturating_add(Weight::from_parts(172_775, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(31_u64))
            .saturating_add(T::DbWeight::get().writes(16_u64))
            .saturating_add(Weight::from_parts(0, 80).saturating_mul(n.into()))
    }
    fn authorize_pow_register() -> Weight {
        // At least 80_871_000 ps.
        Weight::from_parts(89_053_000, 6028)
            .saturating_add(T::DbWeight::get().reads(7_u64))
    }
    fn publish_axon() -> Weight {
        // At least 23_355_000 ps.
        Weight::from_parts(25_408_000, 4060)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn withdraw_axon() -> Weight {
        // At least 13_871_000 ps.
        Weight::from_parts(15_103_000, 3546)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn protect_neuron() -> Weight {
        // At least 23_555_000 ps.
        Weight::from_parts(25_418_000, 3540)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 783_219_000 ps.
        Weight::from_parts(844_911_000, 168300)
            .saturating_add(T::DbWeight::get().reads(194_u64))
            .saturating_add(T::DbWeight::get().writes(256_u64))
    }
    /// `n` is 0 to 4096.
    fn remove_neurons(n: u32, ) -> Weight {
        // At least 7_772_000 ps.
        Weight::from_parts(263_377_844, 3529)
            // Standard error 243_434.
            .saturating_add(Weight::from_parts(9_515_995, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2539).saturating_mul(n.into()))
    }
}
