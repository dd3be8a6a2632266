//! Dispatch weights of `pallet_laurel_children`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
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
        // At least 42_974_000 ps.
        Weight::from_parts(64_256_990, 4379)
            // Standard error 68_824.
            .saturating_add(Weight::from_parts(20_959_989, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(c.into())))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 2550).saturating_mul(c.into()))
    }
    fn accept_parent() -> Weight {
        // At least 37_286_000 ps.
        Weight::from_parts(59_950_000, 3631)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn revoke_link() -> Weight {
        // At least 120_840_000 ps.
        Weight::from_parts(134_000_000, 24273)
            .saturating_add(T::DbWeight::get().reads(19_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    fn set_child_take() -> Weight {
        // At least 92_117_000 ps.
        Weight::from_parts(142_913_000, 24273)
            .saturating_add(T::DbWeight::get().reads(16_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `s` is 0 to 16.
    fn link_due(s: u32, ) -> Weight {
        // At least 4_757_000 ps.
        Weight::from_parts(5_851_638, 3491)
            // Standard error 2_126_906.
            .saturating_add(Weight::from_parts(383_698_793, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((35_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((13_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 41392).saturating_mul(s.into()))
    }
    /// `p` is 0 to 8.
    fn read_stake(p: u32, ) -> Weight {
        // At least 10_195_000 ps.
        Weight::from_parts(15_534_466, 4379)
            // Standard error 19_266.
            .saturating_add(Weight::from_parts(5_305_811, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2587).saturating_mul(p.into()))
    }
    /// `p` is 0 to 8.
    fn divide(p: u32, ) -> Weight {
        // Estimated from what paying a family took: not measured yet.
        Weight::from_parts(77_896_825, 4379)
            // Standard error 76_646.
            .saturating_add(Weight::from_parts(34_468_686, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(Weight::from_parts(0, 2587).saturating_mul(p.into()))
    }
    /// `p` is 0 to 8.
    fn on_neuron_replaced(p: u32, ) -> Weight {
        // At least 7_902_000 ps.
        Weight::from_parts(18_929_915, 4379)
            // Standard error 35_609.
            .saturating_add(Weight::from_parts(21_209_691, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(p.into()))
    }
    /// `i` is 0 to 512.
    fn remove_links(i: u32, ) -> Weight {
        // At least 10_816_000 ps.
        Weight::from_parts(11_246_000, 4379)
            // Standard error 11_402.
            .saturating_add(Weight::from_parts(2_896_645, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(i.into()))
    }
    /// `s` is 1 to 64.
    fn swap_links(s: u32, ) -> Weight {
        // At least 72_157_000 ps.
        Weight::from_parts(73_570_000, 1615)
            // Standard error 166_177.
            .saturating_add(Weight::from_parts(64_777_806, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().reads((15_u64).saturating_mul(s.into())))
            .saturating_add(T::DbWeight::get().writes((18_u64).saturating_mul(s.into())))
            .saturating_add(Weight::from_parts(0, 47446).saturating_mul(s.into()))
    }
}
