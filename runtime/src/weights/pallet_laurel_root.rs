//! Dispatch weights of `pallet_laurel_root`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_root`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_root::WeightInfo for WeightInfo<T> {
    fn register_seat_replacing() -> Weight {
        // At least 624_903_000 ps.
        Weight::from_parts(689_919_000, 169145)
            .saturating_add(T::DbWeight::get().reads(135_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn register_seat_consenting() -> Weight {
        // At least 143_194_000 ps.
        Weight::from_parts(169_183_000, 3540)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    fn leave_seat() -> Weight {
        // At least 56_965_000 ps.
        Weight::from_parts(79_408_000, 3540)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `w` is 1 to 64.
    fn set_root_weights(w: u32, ) -> Weight {
        // At least 94_030_000 ps.
        Weight::from_parts(134_089_922, 3540)
            // Standard error 8_085.
            .saturating_add(Weight::from_parts(1_496, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn split_not_due() -> Weight {
        // At least 3_606_000 ps.
        Weight::from_parts(4_938_000, 1489)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
    /// `s` is 0 to 64.
    /// `n` is 0 to 64.
    fn recompute_split(s: u32, n: u32, ) -> Weight {
        // At least 405_294_000 ps.
        Weight::from_parts(418_344_000, 3522)
            // Standard error 216_257.
            .saturating_add(Weight::from_parts(10_028_405, 0).saturating_mul(s.into()))
            // Standard error 216_257.
            .saturating_add(Weight::from_parts(4_940_195, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(Weight::from_parts(0, 2589).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(0, 2781).saturating_mul(s.into()))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 34_982_000 ps.
        Weight::from_parts(41_803_000, 6054)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    fn remove_subnet() -> Weight {
        // At least 477_763_000 ps.
        Weight::from_parts(522_269_000, 181755)
            .saturating_add(T::DbWeight::get().reads(66_u64))
            .saturating_add(T::DbWeight::get().writes(66_u64))
    }
}
