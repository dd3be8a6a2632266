//! Dispatch weights of `pallet_laurel_subnets`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_subnets`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_subnets::WeightInfo for WeightInfo<T> {
    fn create_subnet() -> Weight {
        // At least 407_298_000 ps.
        Weight::from_parts(463_592_000, 162846)
            .saturating_add(T::DbWeight::get().reads(104_u64))
            .saturating_add(T::DbWeight::get().writes(50_u64))
    }
    fn set_hyperparameter() -> Weight {
        // At least 27_181_000 ps.
        Weight::from_parts(29_053_000, 3579)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `m` is 1 to 8.
    fn set_models(m: u32, ) -> Weight {
        // At least 25_929_000 ps.
        Weight::from_parts(27_811_458, 4060)
            // Standard error 4_075.
            .saturating_add(Weight::from_parts(49_136, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn announce_dissolution() -> Weight {
        // At least 19_609_000 ps.
        Weight::from_parts(21_972_000, 3519)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn cancel_dissolution() -> Weight {
        // At least 11_647_000 ps.
        Weight::from_parts(16_955_000, 3519)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn offer_subnet() -> Weight {
        // At least 9_073_000 ps.
        Weight::from_parts(9_805_000, 3519)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn accept_subnet() -> Weight {
        // At least 95_162_000 ps.
        Weight::from_parts(100_269_000, 6178)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    /// `b` is 1 to 2112.
    fn set_subnet_identity(_b: u32, ) -> Weight {
        // At least 17_917_000 ps.
        Weight::from_parts(57_702_267, 5607)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn clear_subnet_identity() -> Weight {
        // At least 47_401_000 ps.
        Weight::from_parts(50_696_000, 5607)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `b` is 1 to 2112.
    fn set_identity(_b: u32, ) -> Weight {
        // At least 14_672_000 ps.
        Weight::from_parts(52_342_799, 5645)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn clear_identity() -> Weight {
        // At least 40_540_000 ps.
        Weight::from_parts(42_954_000, 5645)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn set_settings() -> Weight {
        // At least 4_276_000 ps.
        Weight::from_parts(4_707_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_poll() -> Weight {
        // At least 4_547_000 ps.
        Weight::from_parts(4_957_000, 1871)
            .saturating_add(T::DbWeight::get().reads(2_u64))
    }
    fn end_subnet() -> Weight {
        // At least 158_326_000 ps.
        Weight::from_parts(180_099_000, 70962)
            .saturating_add(T::DbWeight::get().reads(37_u64))
            .saturating_add(T::DbWeight::get().writes(41_u64))
    }
    fn removal_step() -> Weight {
        // At least 5_659_000 ps.
        Weight::from_parts(6_109_000, 1615)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_coldkey_swapped() -> Weight {
        // At least 729_118_000 ps.
        Weight::from_parts(784_801_000, 162846)
            .saturating_add(T::DbWeight::get().reads(135_u64))
            .saturating_add(T::DbWeight::get().writes(134_u64))
    }
}
