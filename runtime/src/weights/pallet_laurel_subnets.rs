//! Dispatch weights of `pallet_laurel_subnets`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_subnets`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_subnets::WeightInfo for WeightInfo<T> {
    fn create_subnet() -> Weight {
        // At least 383_632_000 ps.
        Weight::from_parts(412_996_000, 162846)
            .saturating_add(T::DbWeight::get().reads(104_u64))
            .saturating_add(T::DbWeight::get().writes(49_u64))
    }
    fn set_hyperparameter() -> Weight {
        // At least 26_940_000 ps.
        Weight::from_parts(28_944_000, 3579)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `m` is 1 to 8.
    fn set_models(m: u32, ) -> Weight {
        // At least 25_498_000 ps.
        Weight::from_parts(29_159_532, 4060)
            // Standard error 13_745.
            .saturating_add(Weight::from_parts(74_965, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn announce_dissolution() -> Weight {
        // At least 14_492_000 ps.
        Weight::from_parts(15_904_000, 3519)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn cancel_dissolution() -> Weight {
        // At least 11_477_000 ps.
        Weight::from_parts(12_409_000, 3519)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn offer_subnet() -> Weight {
        // At least 8_984_000 ps.
        Weight::from_parts(9_705_000, 3519)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn accept_subnet() -> Weight {
        // At least 92_809_000 ps.
        Weight::from_parts(98_116_000, 6178)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    /// `b` is 1 to 2112.
    fn set_subnet_identity(_b: u32, ) -> Weight {
        // At least 17_606_000 ps.
        Weight::from_parts(57_259_112, 5607)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn clear_subnet_identity() -> Weight {
        // At least 46_699_000 ps.
        Weight::from_parts(50_215_000, 5607)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `b` is 1 to 2112.
    fn set_identity(_b: u32, ) -> Weight {
        // At least 13_991_000 ps.
        Weight::from_parts(51_033_614, 5645)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn clear_identity() -> Weight {
        // At least 39_529_000 ps.
        Weight::from_parts(42_133_000, 5645)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn set_settings() -> Weight {
        // At least 4_026_000 ps.
        Weight::from_parts(4_457_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_poll() -> Weight {
        // At least 4_327_000 ps.
        Weight::from_parts(4_727_000, 1871)
            .saturating_add(T::DbWeight::get().reads(2_u64))
    }
    fn end_subnet() -> Weight {
        // At least 138_407_000 ps.
        Weight::from_parts(148_962_000, 70962)
            .saturating_add(T::DbWeight::get().reads(37_u64))
            .saturating_add(T::DbWeight::get().writes(41_u64))
    }
    fn removal_step() -> Weight {
        // At least 5_578_000 ps.
        Weight::from_parts(6_039_000, 1615)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_coldkey_swapped() -> Weight {
        // At least 652_754_000 ps.
        Weight::from_parts(709_879_000, 162846)
            .saturating_add(T::DbWeight::get().reads(135_u64))
            .saturating_add(T::DbWeight::get().writes(134_u64))
    }
}
