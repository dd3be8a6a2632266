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
        // At least 113_480_000 ps.
        Weight::from_parts(152_398_000, 7966)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` is 16 to 4096.
    fn reveal_weights(n: u32, ) -> Weight {
        // At least 60_721_000 ps.
        Weight::from_parts(131_670_732, 265886)
            // Standard error 5_744.
            .saturating_add(Weight::from_parts(166_738, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` is 16 to 4096.
    fn set_weights(n: u32, ) -> Weight {
        // At least 65_628_000 ps.
        Weight::from_parts(86_416_563, 265886)
            // Standard error 7_559.
            .saturating_add(Weight::from_parts(182_854, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `b` is 2 to 64.
    fn batch(b: u32, ) -> Weight {
        // At least 35_773_000 ps.
        Weight::from_parts(31_115_788, 7966)
            // Standard error 1_339.
            .saturating_add(Weight::from_parts(3_570_367, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` is 1 to 256.
    fn take_stock(n: u32, ) -> Weight {
        // At least 61_692_000 ps.
        Weight::from_parts(89_597_833, 21929)
            // Standard error 20_895.
            .saturating_add(Weight::from_parts(3_731_660, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(Weight::from_parts(0, 2630).saturating_mul(n.into()))
    }
    /// `g` is 1 to 256.
    fn epoch_groups(g: u32, ) -> Weight {
        // At least 68_232_000 ps.
        Weight::from_parts(68_262_000, 2101151)
            // Standard error 676_733.
            .saturating_add(Weight::from_parts(27_531_063, 0).saturating_mul(g.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(g.into())))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(g.into())))
            .saturating_add(Weight::from_parts(0, 264896).saturating_mul(g.into()))
    }
    /// `c` is 0 to 4096.
    fn epoch_cells(c: u32, ) -> Weight {
        // At least 904_129_000 ps.
        Weight::from_parts(1_605_976_340, 2101151)
            // Standard error 55_407.
            .saturating_add(Weight::from_parts(6_287_743, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(23_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(Weight::from_parts(0, 1028).saturating_mul(c.into()))
    }
    /// `c` is 1 to 256.
    fn expire_commits(c: u32, ) -> Weight {
        // At least 203_023_000 ps.
        Weight::from_parts(482_372_071, 2863229)
            // Standard error 91_330.
            .saturating_add(Weight::from_parts(1_554_846, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(28_u64))
            .saturating_add(T::DbWeight::get().writes(23_u64))
            .saturating_add(Weight::from_parts(0, 7635).saturating_mul(c.into()))
    }
    /// `n` is 16 to 4096.
    fn on_neuron_replaced(n: u32, ) -> Weight {
        // At least 43_014_000 ps.
        Weight::from_parts(97_958_112, 265886)
            // Standard error 4_160.
            .saturating_add(Weight::from_parts(142_195, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn on_neuron_registered() -> Weight {
        // At least 63_515_000 ps.
        Weight::from_parts(72_167_000, 21929)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 892_431_000 ps.
        Weight::from_parts(976_638_000, 1341086)
            .saturating_add(T::DbWeight::get().reads(193_u64))
            .saturating_add(T::DbWeight::get().writes(64_u64))
    }
    fn remove_page() -> Weight {
        // At least 60_821_000 ps.
        Weight::from_parts(70_775_000, 42868)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(33_u64))
    }
    fn remove_subnet() -> Weight {
        // At least 45_288_000 ps.
        Weight::from_parts(47_531_000, 21929)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
}
