//! Dispatch weights of `frame_system`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 20 steps, 20 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `frame_system`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> frame_system::WeightInfo for WeightInfo<T> {
    /// `b` is 0 to 4194304.
    fn remark(b: u32, ) -> Weight {
        // At least 1_453_000 ps.
        Weight::from_parts(27_329_624, 0)
            // Standard error 0.
            .saturating_add(Weight::from_parts(212, 0).saturating_mul(b.into()))
    }
    /// `b` is 0 to 4194304.
    fn remark_with_event(b: u32, ) -> Weight {
        // At least 3_866_000 ps.
        Weight::from_parts(20_213_417, 0)
            // Standard error 2.
            .saturating_add(Weight::from_parts(1_954, 0).saturating_mul(b.into()))
    }
    fn set_heap_pages() -> Weight {
        // At least 2_784_000 ps.
        Weight::from_parts(3_876_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn set_code() -> Weight {
        // At least 99_369_355_000 ps.
        Weight::from_parts(107_323_594_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `i` is 0 to 1000.
    fn set_storage(i: u32, ) -> Weight {
        // At least 1_462_000 ps.
        Weight::from_parts(1_533_000, 0)
            // Standard error 1_597.
            .saturating_add(Weight::from_parts(731_400, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
    }
    /// `i` is 0 to 1000.
    fn kill_storage(i: u32, ) -> Weight {
        // At least 1_463_000 ps.
        Weight::from_parts(1_512_000, 0)
            // Standard error 805.
            .saturating_add(Weight::from_parts(504_809, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
    }
    /// `p` is 0 to 1000.
    fn kill_prefix(p: u32, ) -> Weight {
        // At least 2_864_000 ps.
        Weight::from_parts(2_984_000, 39)
            // Standard error 1_878.
            .saturating_add(Weight::from_parts(1_026_407, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 70).saturating_mul(p.into()))
    }
    fn authorize_upgrade() -> Weight {
        // At least 21_812_000 ps.
        Weight::from_parts(29_895_000, 0)
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn apply_authorized_upgrade() -> Weight {
        // At least 108_915_210_000 ps.
        Weight::from_parts(114_199_115_000, 1518)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
}
