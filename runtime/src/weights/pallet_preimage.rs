//! Dispatch weights of `pallet_preimage`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_preimage`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_preimage::WeightInfo for WeightInfo<T> {
    /// `s` is 0 to 4194304.
    fn note_preimage(s: u32, ) -> Weight {
        // At least 46_700_000 ps.
        Weight::from_parts(48_322_000, 3584)
            // Standard error 29.
            .saturating_add(Weight::from_parts(2_955, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `s` is 0 to 4194304.
    fn note_requested_preimage(s: u32, ) -> Weight {
        // At least 12_238_000 ps.
        Weight::from_parts(12_699_000, 3548)
            // Standard error 29.
            .saturating_add(Weight::from_parts(2_971, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `s` is 0 to 4194304.
    fn note_no_deposit_preimage(s: u32, ) -> Weight {
        // At least 12_288_000 ps.
        Weight::from_parts(12_589_000, 3548)
            // Standard error 31.
            .saturating_add(Weight::from_parts(3_032, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn unnote_preimage() -> Weight {
        // At least 93_760_000 ps.
        Weight::from_parts(102_543_000, 3584)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn unnote_no_deposit_preimage() -> Weight {
        // At least 48_132_000 ps.
        Weight::from_parts(58_667_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn request_preimage() -> Weight {
        // At least 42_243_000 ps.
        Weight::from_parts(55_673_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn request_no_deposit_preimage() -> Weight {
        // At least 32_549_000 ps.
        Weight::from_parts(40_641_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn request_unnoted_preimage() -> Weight {
        // At least 30_366_000 ps.
        Weight::from_parts(44_436_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn request_requested_preimage() -> Weight {
        // At least 10_996_000 ps.
        Weight::from_parts(14_321_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn unrequest_preimage() -> Weight {
        // At least 44_226_000 ps.
        Weight::from_parts(50_915_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn unrequest_unnoted_preimage() -> Weight {
        // At least 12_709_000 ps.
        Weight::from_parts(15_022_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn unrequest_multi_referenced_preimage() -> Weight {
        // At least 12_288_000 ps.
        Weight::from_parts(16_795_000, 3548)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `n` is 1 to 1024.
    fn ensure_updated(n: u32, ) -> Weight {
        // At least 53_049_000 ps.
        Weight::from_parts(54_711_000, 990)
            // Standard error 258_941.
            .saturating_add(Weight::from_parts(71_843_878, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2594).saturating_mul(n.into()))
    }
}
