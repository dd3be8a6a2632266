//! Dispatch weights of `pallet_laurel_root`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_root`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_root::WeightInfo for WeightInfo<T> {
    fn register_seat_replacing() -> Weight {
        // At least 612_224_000 ps.
        Weight::from_parts(710_981_000, 171940)
            .saturating_add(T::DbWeight::get().reads(134_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn register_seat_consenting() -> Weight {
        // At least 141_221_000 ps.
        Weight::from_parts(165_477_000, 3620)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn leave_seat() -> Weight {
        // At least 49_794_000 ps.
        Weight::from_parts(73_159_000, 3620)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `w` is 1 to 64.
    fn set_root_weights(_w: u32, ) -> Weight {
        // At least 63_615_000 ps.
        Weight::from_parts(87_944_712, 3620)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn split_not_due() -> Weight {
        // At least 3_545_000 ps.
        Weight::from_parts(3_845_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    /// `s` is 0 to 64.
    /// `n` is 0 to 64.
    fn recompute_split(s: u32, n: u32, ) -> Weight {
        // At least 368_620_000 ps.
        Weight::from_parts(387_698_000, 3522)
            // Standard error 215_097.
            .saturating_add(Weight::from_parts(9_895_091, 0).saturating_mul(s.into()))
            // Standard error 215_097.
            .saturating_add(Weight::from_parts(5_071_020, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(Weight::from_parts(0, 2589).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(0, 2781).saturating_mul(s.into()))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 24_757_000 ps.
        Weight::from_parts(35_092_000, 6054)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn remove_subnet() -> Weight {
        // At least 606_184_000 ps.
        Weight::from_parts(702_879_000, 181755)
            .saturating_add(T::DbWeight::get().reads(130_u64))
            .saturating_add(T::DbWeight::get().writes(130_u64))
    }
}
