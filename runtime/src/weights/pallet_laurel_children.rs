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
        // At least 34_120_000 ps.
        Weight::from_parts(42_618_183, 4379)
            // Standard error 39_584.
            .saturating_add(Weight::from_parts(15_607_847, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(c.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 2550).saturating_mul(c.into()))
    }
    fn accept_parent() -> Weight {
        // At least 37_636_000 ps.
        Weight::from_parts(40_991_000, 3631)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn revoke_link() -> Weight {
        // At least 161_742_000 ps.
        Weight::from_parts(171_376_000, 44969)
            .saturating_add(T::DbWeight::get().reads(26_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn set_child_take() -> Weight {
        // At least 91_567_000 ps.
        Weight::from_parts(97_535_000, 24273)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 0 to 16.
    fn link_due(s: u32, ) -> Weight {
        // At least 4_016_000 ps.
        Weight::from_parts(4_176_000, 3491)
            // Standard error 6_579_020.
            .saturating_add(Weight::from_parts(1_247_186_764, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((107_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((13_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 230243).saturating_mul(s.into()))
    }
    /// `p` is 0 to 8.
    fn read_stake(p: u32, ) -> Weight {
        // At least 10_206_000 ps.
        Weight::from_parts(12_733_358, 4379)
            // Standard error 6_395.
            .saturating_add(Weight::from_parts(4_165_695, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2587).saturating_mul(p.into()))
    }
    /// `p` is 0 to 8.
    fn divide(p: u32, ) -> Weight {
        // At least 7_912_000 ps.
        Weight::from_parts(18_013_432, 4379)
            // Standard error 34_021.
            .saturating_add(Weight::from_parts(9_583_376, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2587).saturating_mul(p.into()))
    }
    /// `p` is 0 to 8.
    fn on_neuron_replaced(p: u32, ) -> Weight {
        // At least 28_483_000 ps.
        Weight::from_parts(28_905_054, 4379)
            // Standard error 56_646.
            .saturating_add(Weight::from_parts(67_827_273, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().reads((10_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 23283).saturating_mul(p.into()))
    }
    /// `i` is 0 to 512.
    fn remove_links(i: u32, ) -> Weight {
        // At least 11_127_000 ps.
        Weight::from_parts(11_908_000, 4379)
            // Standard error 20_981.
            .saturating_add(Weight::from_parts(3_405_284, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(i.into()))
    }
    /// `s` is 1 to 64.
    fn swap_links(s: u32, ) -> Weight {
        // At least 111_917_000 ps.
        Weight::from_parts(117_456_000, 1615)
            // Standard error 2_389_127.
            .saturating_add(Weight::from_parts(135_963_062, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads((17_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes((18_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 50835).saturating_mul(s.into()))
    }
}
