//! Dispatch weights of `pallet_multisig`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 20 steps, 20 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_multisig`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_multisig::WeightInfo for WeightInfo<T> {
    /// `z` is 0 to 10000.
    fn as_multi_threshold_1(z: u32, ) -> Weight {
        // At least 32_328_000 ps.
        Weight::from_parts(37_032_290, 1489)
            // Standard error 12.
            .saturating_add(Weight::from_parts(6_199, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    /// `s` is 2 to 100.
    /// `z` is 0 to 10000.
    fn as_multi_create(s: u32, z: u32, ) -> Weight {
        // At least 47_171_000 ps.
        Weight::from_parts(24_461_441, 6803)
            // Standard error 1_364.
            .saturating_add(Weight::from_parts(269_833, 0).saturating_mul(s.into()))
            // Standard error 13.
            .saturating_add(Weight::from_parts(6_341, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 3 to 100.
    /// `z` is 0 to 10000.
    fn as_multi_approve(s: u32, z: u32, ) -> Weight {
        // At least 36_575_000 ps.
        Weight::from_parts(12_996_193, 6803)
            // Standard error 774.
            .saturating_add(Weight::from_parts(262_889, 0).saturating_mul(s.into()))
            // Standard error 7.
            .saturating_add(Weight::from_parts(6_472, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 2 to 100.
    /// `z` is 0 to 10000.
    fn as_multi_complete(s: u32, z: u32, ) -> Weight {
        // At least 64_546_000 ps.
        Weight::from_parts(27_503_449, 6803)
            // Standard error 7_359.
            .saturating_add(Weight::from_parts(555_308, 0).saturating_mul(s.into()))
            // Standard error 72.
            .saturating_add(Weight::from_parts(6_612, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `s` is 2 to 100.
    fn approve_as_multi_create(s: u32, ) -> Weight {
        // At least 21_642_000 ps.
        Weight::from_parts(22_245_482, 6803)
            // Standard error 374.
            .saturating_add(Weight::from_parts(252_399, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 2 to 100.
    fn approve_as_multi_approve(s: u32, ) -> Weight {
        // At least 11_747_000 ps.
        Weight::from_parts(11_918_478, 6803)
            // Standard error 289.
            .saturating_add(Weight::from_parts(245_486, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 2 to 100.
    fn cancel_as_multi(s: u32, ) -> Weight {
        // At least 21_452_000 ps.
        Weight::from_parts(22_344_032, 6803)
            // Standard error 1_142.
            .saturating_add(Weight::from_parts(282_075, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 2 to 100.
    fn poke_deposit(s: u32, ) -> Weight {
        // At least 21_012_000 ps.
        Weight::from_parts(25_935_595, 6803)
            // Standard error 4_167.
            .saturating_add(Weight::from_parts(319_721, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
}
