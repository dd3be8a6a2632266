//! Dispatch weights of `pallet_proxy`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_proxy`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_proxy::WeightInfo for WeightInfo<T> {
    /// `p` is 1 to 19.
    fn proxy(p: u32, ) -> Weight {
        // At least 10_916_000 ps.
        Weight::from_parts(11_911_542, 4254)
            // Standard error 1_061.
            .saturating_add(Weight::from_parts(34_117, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
    }
    /// `a` is 0 to 74.
    /// `p` is 1 to 19.
    fn proxy_announced(a: u32, _p: u32, ) -> Weight {
        // At least 30_115_000 ps.
        Weight::from_parts(32_091_342, 8615)
            // Standard error 4_371.
            .saturating_add(Weight::from_parts(324_220, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `a` is 0 to 74.
    /// `p` is 1 to 19.
    fn remove_announcement(a: u32, _p: u32, ) -> Weight {
        // At least 18_728_000 ps.
        Weight::from_parts(20_153_347, 8615)
            // Standard error 1_440.
            .saturating_add(Weight::from_parts(226_265, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `a` is 0 to 74.
    /// `p` is 1 to 19.
    fn reject_announcement(a: u32, _p: u32, ) -> Weight {
        // At least 19_029_000 ps.
        Weight::from_parts(20_397_588, 8615)
            // Standard error 1_331.
            .saturating_add(Weight::from_parts(211_729, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `a` is 0 to 74.
    /// `p` is 1 to 19.
    fn announce(a: u32, _p: u32, ) -> Weight {
        // At least 25_548_000 ps.
        Weight::from_parts(26_815_351, 8615)
            // Standard error 1_100.
            .saturating_add(Weight::from_parts(191_541, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// `p` is 1 to 19.
    fn add_proxy(p: u32, ) -> Weight {
        // At least 19_129_000 ps.
        Weight::from_parts(20_142_359, 4254)
            // Standard error 497.
            .saturating_add(Weight::from_parts(32_784, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `p` is 1 to 19.
    fn remove_proxy(p: u32, ) -> Weight {
        // At least 18_288_000 ps.
        Weight::from_parts(19_579_570, 4254)
            // Standard error 581.
            .saturating_add(Weight::from_parts(34_298, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `p` is 1 to 19.
    fn remove_proxies(p: u32, ) -> Weight {
        // At least 17_586_000 ps.
        Weight::from_parts(17_412_118, 4254)
            // Standard error 759.
            .saturating_add(Weight::from_parts(1_475_856, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `p` is 1 to 19.
    fn create_pure(p: u32, ) -> Weight {
        // At least 20_771_000 ps.
        Weight::from_parts(22_046_202, 4254)
            // Standard error 866.
            .saturating_add(Weight::from_parts(13_998, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `p` is 0 to 18.
    fn kill_pure(p: u32, ) -> Weight {
        // At least 18_708_000 ps.
        Weight::from_parts(20_190_513, 4254)
            // Standard error 858.
            .saturating_add(Weight::from_parts(24_253, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn poke_deposit() -> Weight {
        // At least 33_830_000 ps.
        Weight::from_parts(35_643_000, 8615)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
}
