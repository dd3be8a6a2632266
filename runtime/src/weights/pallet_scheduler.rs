//! Dispatch weights of `pallet_scheduler`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_scheduler`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_scheduler::WeightInfo for WeightInfo<T> {
    fn service_agendas_base() -> Weight {
        // At least 4_326_000 ps.
        Weight::from_parts(4_717_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 0 to 50.
    fn service_agenda_base(s: u32, ) -> Weight {
        // At least 2_974_000 ps.
        Weight::from_parts(4_918_946, 13928)
            // Standard error 516.
            .saturating_add(Weight::from_parts(353_962, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn service_task_base() -> Weight {
        // At least 2_253_000 ps.
        Weight::from_parts(2_524_000, 0)
    }
    /// `s` is 128 to 4194304.
    fn service_task_fetched(s: u32, ) -> Weight {
        // At least 14_402_000 ps.
        Weight::from_parts(15_003_000, 3604)
            // Standard error 33.
            .saturating_add(Weight::from_parts(1_200, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(Weight::from_parts(0, 1).saturating_mul(s.into()))
    }
    fn service_task_named() -> Weight {
        // At least 3_194_000 ps.
        Weight::from_parts(3_536_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn service_task_periodic() -> Weight {
        // At least 2_233_000 ps.
        Weight::from_parts(2_494_000, 0)
    }
    fn execute_dispatch_signed() -> Weight {
        // At least 3_125_000 ps.
        Weight::from_parts(3_415_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn execute_dispatch_unsigned() -> Weight {
        // At least 1_562_000 ps.
        Weight::from_parts(1_762_000, 0)
    }
    /// `s` is 0 to 49.
    fn schedule(s: u32, ) -> Weight {
        // At least 7_721_000 ps.
        Weight::from_parts(11_392_039, 13928)
            // Standard error 2_389.
            .saturating_add(Weight::from_parts(469_841, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 1 to 50.
    fn cancel(s: u32, ) -> Weight {
        // At least 12_138_000 ps.
        Weight::from_parts(12_114_082, 13928)
            // Standard error 1_620.
            .saturating_add(Weight::from_parts(603_249, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `s` is 0 to 49.
    fn schedule_named(s: u32, ) -> Weight {
        // At least 10_655_000 ps.
        Weight::from_parts(13_356_517, 13928)
            // Standard error 1_180.
            .saturating_add(Weight::from_parts(445_362, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `s` is 1 to 50.
    fn cancel_named(s: u32, ) -> Weight {
        // At least 14_191_000 ps.
        Weight::from_parts(15_103_485, 13928)
            // Standard error 1_802.
            .saturating_add(Weight::from_parts(625_076, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `s` is 1 to 50.
    fn schedule_retry(s: u32, ) -> Weight {
        // At least 7_471_000 ps.
        Weight::from_parts(8_002_017, 13928)
            // Standard error 314.
            .saturating_add(Weight::from_parts(20_299, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn set_retry() -> Weight {
        // At least 20_791_000 ps.
        Weight::from_parts(23_115_000, 13928)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn set_retry_named() -> Weight {
        // At least 25_238_000 ps.
        Weight::from_parts(27_852_000, 13928)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn cancel_retry() -> Weight {
        // At least 19_980_000 ps.
        Weight::from_parts(21_963_000, 13928)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn cancel_retry_named() -> Weight {
        // At least 25_087_000 ps.
        Weight::from_parts(29_103_000, 13928)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
}
