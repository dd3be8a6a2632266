//! Dispatch weights of `pallet_membership`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_membership`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_membership::WeightInfo for WeightInfo<T> {
    /// `m` is 1 to 14.
    fn add_member(m: u32, ) -> Weight {
        // At least 9_153_000 ps.
        Weight::from_parts(9_937_994, 1966)
            // Standard error 405.
            .saturating_add(Weight::from_parts(14_679, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `m` is 2 to 15.
    fn remove_member(m: u32, ) -> Weight {
        // At least 10_636_000 ps.
        Weight::from_parts(11_674_385, 1966)
            // Standard error 404.
            .saturating_add(Weight::from_parts(21_501, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `m` is 2 to 15.
    fn swap_member(m: u32, ) -> Weight {
        // At least 10_676_000 ps.
        Weight::from_parts(11_610_062, 1966)
            // Standard error 437.
            .saturating_add(Weight::from_parts(18_692, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `m` is 1 to 15.
    fn reset_members(m: u32, ) -> Weight {
        // At least 10_926_000 ps.
        Weight::from_parts(11_834_747, 1966)
            // Standard error 1_031.
            .saturating_add(Weight::from_parts(168_108, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `m` is 1 to 15.
    fn change_key(m: u32, ) -> Weight {
        // At least 11_176_000 ps.
        Weight::from_parts(12_304_359, 1966)
            // Standard error 500.
            .saturating_add(Weight::from_parts(23_522, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `m` is 1 to 15.
    fn set_prime(m: u32, ) -> Weight {
        // At least 4_547_000 ps.
        Weight::from_parts(4_985_996, 1966)
            // Standard error 121.
            .saturating_add(Weight::from_parts(6_141, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    fn clear_prime() -> Weight {
        // At least 1_582_000 ps.
        Weight::from_parts(1_772_000, 0)
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
}
