//! Dispatch weights of `pallet_laurel_scoring`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_laurel_scoring`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_laurel_scoring::WeightInfo for WeightInfo<T> {
    fn commit_weights() -> Weight {
        // At least 129_663_000 ps.
        Weight::from_parts(188_581_000, 7965)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `n` is 2 to 4096.
    fn reveal_weights(n: u32, ) -> Weight {
        // At least 160_139_000 ps.
        Weight::from_parts(203_928_296, 20125)
            .saturating_add(Weight::from_parts(400_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// `n` is 2 to 4096.
    fn set_weights(n: u32, ) -> Weight {
        // At least 133_370_000 ps.
        Weight::from_parts(151_411_740, 20125)
            .saturating_add(Weight::from_parts(400_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `b` is 2 to 64.
    fn batch(b: u32, ) -> Weight {
        // At least 40_040_000 ps.
        Weight::from_parts(40_196_506, 7965)
            // Standard error 13_832.
            .saturating_add(Weight::from_parts(3_982_275, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `n` is 1 to 256.
    fn take_stock(n: u32, ) -> Weight {
        // At least 30_000_000 ps.
        Weight::from_parts(40_000_000, 18847)
            .saturating_add(Weight::from_parts(7_230_282, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(Weight::from_parts(0, 3389).saturating_mul(n.into()))
    }
    /// `g` is 1 to 256.
    fn epoch_groups(g: u32, ) -> Weight {
        // At least 69_894_000 ps.
        Weight::from_parts(54_375_503, 135071)
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(g.into()))
            .saturating_add(T::DbWeight::get().reads(10_u64))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(g.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
    }
    /// `c` is 0 to 4096.
    fn epoch_cells(c: u32, ) -> Weight {
        // At least 1_484_896_000 ps.
        Weight::from_parts(1_534_450_966, 663262)
            .saturating_add(Weight::from_parts(25_000_000, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(296_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    /// `c` is 1 to 256.
    fn expire_commits(c: u32, ) -> Weight {
        // At least 300_000_000 ps.
        Weight::from_parts(400_000_000, 663262)
            .saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(32_u64))
    }
    /// `n` is 2 to 4096.
    fn on_neuron_replaced(n: u32, ) -> Weight {
        // At least 109_213_000 ps.
        Weight::from_parts(121_952_000, 20125)
            .saturating_add(Weight::from_parts(400_000, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    fn on_neuron_registered() -> Weight {
        // At least 77_135_000 ps.
        Weight::from_parts(83_755_000, 18847)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn on_hotkey_swapped() -> Weight {
        // At least 752_683_000 ps.
        Weight::from_parts(1_250_000_000, 1143838)
            .saturating_add(T::DbWeight::get().reads(193_u64))
            .saturating_add(T::DbWeight::get().writes(64_u64))
    }
    fn remove_page() -> Weight {
        // At least 70_906_000 ps.
        Weight::from_parts(74_532_000, 0)
            .saturating_add(T::DbWeight::get().writes(33_u64))
    }
    fn remove_subnet() -> Weight {
        // At least 70_906_000 ps.
        Weight::from_parts(74_532_000, 0)
            .saturating_add(T::DbWeight::get().writes(40_u64))
    }
}
