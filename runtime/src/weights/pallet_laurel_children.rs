//! Dispatch weights of `pallet_laurel_children`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_children`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_children::WeightInfo for WeightInfo<T> {
    /// `c` is 0 to 5.
    fn set_children(c: u32, ) -> Weight {
        // At least 34_502_000 ps.
        Weight::from_parts(45_634_990, 4379)
            // Standard error 154_160.
            .saturating_add(Weight::from_parts(17_120_367, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(c.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 2630).saturating_mul(c.into()))
    }
    fn accept_parent() -> Weight {
        // At least 36_634_000 ps.
        Weight::from_parts(47_851_000, 3631)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn revoke_link() -> Weight {
        // At least 166_198_000 ps.
        Weight::from_parts(196_974_000, 45700)
            .saturating_add(T::DbWeight::get().reads(25_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn set_child_take() -> Weight {
        // At least 96_544_000 ps.
        Weight::from_parts(115_162_000, 24660)
            .saturating_add(T::DbWeight::get().reads(15_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 0 to 16.
    fn link_due(s: u32, ) -> Weight {
        // At least 3_966_000 ps.
        Weight::from_parts(4_016_000, 3515)
            // Standard error 276_598_599.
            .saturating_add(Weight::from_parts(4_352_105_826, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((107_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes((13_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 234070).saturating_mul(s.into()))
    }
    /// `p` is 0 to 8.
    fn read_stake(p: u32, ) -> Weight {
        // At least 9_915_000 ps.
        Weight::from_parts(12_842_923, 4379)
            // Standard error 10_089.
            .saturating_add(Weight::from_parts(4_699_708, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2630).saturating_mul(p.into()))
    }
    /// `p` is 0 to 8.
    fn divide(p: u32, ) -> Weight {
        // At least 8_122_000 ps.
        Weight::from_parts(22_345_448, 4379)
            // Standard error 91_222.
            .saturating_add(Weight::from_parts(12_136_747, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2630).saturating_mul(p.into()))
    }
    /// `p` is 0 to 8.
    fn on_neuron_replaced(p: u32, ) -> Weight {
        // At least 28_122_000 ps.
        Weight::from_parts(29_487_866, 4379)
            // Standard error 591_155.
            .saturating_add(Weight::from_parts(81_960_682, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((10_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 23670).saturating_mul(p.into()))
    }
    /// `i` is 0 to 512.
    fn remove_links(i: u32, ) -> Weight {
        // At least 10_836_000 ps.
        Weight::from_parts(11_417_000, 4379)
            // Standard error 18_078.
            .saturating_add(Weight::from_parts(3_274_170, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(i.into()))
    }
    /// `s` is 1 to 64.
    fn swap_links(s: u32, ) -> Weight {
        // At least 112_618_000 ps.
        Weight::from_parts(112_869_000, 1615)
            // Standard error 9_867_271.
            .saturating_add(Weight::from_parts(166_970_958, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads((17_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes((18_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 50835).saturating_mul(s.into()))
    }
}
