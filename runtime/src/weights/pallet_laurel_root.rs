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
        // At least 576_029_000 ps.
        Weight::from_parts(655_558_000, 169145)
            .saturating_add(T::DbWeight::get().reads(135_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn register_seat_consenting() -> Weight {
        // At least 136_614_000 ps.
        Weight::from_parts(155_142_000, 3540)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn leave_seat() -> Weight {
        // At least 48_162_000 ps.
        Weight::from_parts(62_173_000, 3540)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `w` is 1 to 64.
    fn set_root_weights(w: u32, ) -> Weight {
        // At least 47_591_000 ps.
        Weight::from_parts(71_828_192, 3540)
            // Standard error 6_867.
            .saturating_add(Weight::from_parts(52_971, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn split_not_due() -> Weight {
        // At least 3_545_000 ps.
        Weight::from_parts(3_836_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    /// `s` is 0 to 64.
    /// `n` is 0 to 64.
    fn recompute_split(s: u32, n: u32, ) -> Weight {
        // At least 364_985_000 ps.
        Weight::from_parts(382_491_000, 3522)
            // Standard error 205_723.
            .saturating_add(Weight::from_parts(9_853_297, 0).saturating_mul(s.into()))
            // Standard error 205_723.
            .saturating_add(Weight::from_parts(4_839_452, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(Weight::from_parts(0, 2589).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(0, 2781).saturating_mul(s.into()))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 21_452_000 ps.
        Weight::from_parts(31_757_000, 6054)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn remove_subnet() -> Weight {
        // At least 618_082_000 ps.
        Weight::from_parts(704_831_000, 181755)
            .saturating_add(T::DbWeight::get().reads(130_u64))
            .saturating_add(T::DbWeight::get().writes(130_u64))
    }
}
