//! Dispatch weights of `pallet_laurel_scoring`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_scoring`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_scoring::WeightInfo for WeightInfo<T> {
    fn commit_weights() -> Weight {
        // At least 112_247_000 ps.
        Weight::from_parts(146_488_000, 7966)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` is 16 to 4096.
    fn reveal_weights(n: u32, ) -> Weight {
        // At least 79_608_000 ps.
        Weight::from_parts(145_222_106, 265886)
            // Standard error 4_428.
            .saturating_add(Weight::from_parts(168_368, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` is 16 to 4096.
    fn set_weights(n: u32, ) -> Weight {
        // At least 62_603_000 ps.
        Weight::from_parts(138_294_857, 265886)
            // Standard error 5_942.
            .saturating_add(Weight::from_parts(147_182, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `b` is 2 to 64.
    fn batch(b: u32, ) -> Weight {
        // At least 41_662_000 ps.
        Weight::from_parts(39_165_546, 7966)
            // Standard error 3_327.
            .saturating_add(Weight::from_parts(3_801_469, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` is 1 to 256.
    fn take_stock(n: u32, ) -> Weight {
        // At least 51_567_000 ps.
        Weight::from_parts(56_412_763, 21929)
            // Standard error 18_171.
            .saturating_add(Weight::from_parts(4_232_155, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(Weight::from_parts(0, 2587).saturating_mul(n.into()))
    }
    /// `g` is 1 to 256.
    fn epoch_groups(g: u32, ) -> Weight {
        // At least 98_708_000 ps.
        Weight::from_parts(114_847_272, 2101151)
            // Standard error 197_068.
            .saturating_add(Weight::from_parts(15_169_485, 0).saturating_mul(g.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(g.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(Weight::from_parts(0, 264896).saturating_mul(g.into()))
    }
    /// `c` is 0 to 4096.
    fn epoch_cells(c: u32, ) -> Weight {
        // At least 973_082_000 ps.
        Weight::from_parts(1_387_504_614, 2101151)
            // Standard error 269_736.
            .saturating_add(Weight::from_parts(8_464_541, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(23_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(Weight::from_parts(0, 1028).saturating_mul(c.into()))
    }
    /// `c` is 1 to 256.
    fn expire_commits(c: u32, ) -> Weight {
        // At least 229_292_000 ps.
        Weight::from_parts(585_559_963, 2863229)
            // Standard error 139_981.
            .saturating_add(Weight::from_parts(1_764_066, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(28_u64))
            .saturating_add(T::DbWeight::get().writes(23_u64))
            .saturating_add(Weight::from_parts(0, 7635).saturating_mul(c.into()))
    }
    /// `n` is 16 to 4096.
    fn on_neuron_replaced(n: u32, ) -> Weight {
        // At least 54_141_000 ps.
        Weight::from_parts(161_229_921, 265886)
            // Standard error 12_663.
            .saturating_add(Weight::from_parts(147_806, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn on_neuron_registered() -> Weight {
        // At least 66_519_000 ps.
        Weight::from_parts(82_514_000, 21929)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 1_009_125_000 ps.
        Weight::from_parts(1_115_594_000, 1341086)
            .saturating_add(T::DbWeight::get().reads(193_u64))
            .saturating_add(T::DbWeight::get().writes(64_u64))
    }
    fn remove_page() -> Weight {
        // At least 61_492_000 ps.
        Weight::from_parts(69_604_000, 42868)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(33_u64))
    }
    fn remove_subnet() -> Weight {
        // At least 38_057_000 ps.
        Weight::from_parts(42_433_000, 21929)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
}
