//! Dispatch weights of `pallet_sudo`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 20 steps, 20 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_sudo`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_sudo::WeightInfo for WeightInfo<T> {
    fn set_key() -> Weight {
        // At least 6_840_000 ps.
        Weight::from_parts(7_331_000, 1517)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn sudo() -> Weight {
        // At least 7_281_000 ps.
        Weight::from_parts(7_892_000, 1517)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn sudo_as() -> Weight {
        // At least 7_431_000 ps.
        Weight::from_parts(7_992_000, 1517)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    fn remove_key() -> Weight {
        // At least 6_209_000 ps.
        Weight::from_parts(6_700_000, 1517)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn check_only_sudo_account() -> Weight {
        // At least 3_916_000 ps.
        Weight::from_parts(4_286_000, 1517)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
}
