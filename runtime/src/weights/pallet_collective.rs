//! Dispatch weights of `pallet_collective`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-23, AMD EPYC, 10 steps, 5 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_collective`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_collective::WeightInfo for WeightInfo<T> {
    /// `m` is 0 to 15.
    /// `n` is 0 to 15.
    /// `p` is 0 to 32.
    fn set_members(m: u32, _n: u32, p: u32, ) -> Weight {
        // At least 6_740_000 ps.
        Weight::from_parts(9_724_000, 10511)
            // Standard error 108_525.
            .saturating_add(Weight::from_parts(3_297_031, 0).saturating_mul(m.into()))
            // Standard error 51_142.
            .saturating_add(Weight::from_parts(4_741_455, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 633).saturating_mul(m.into()))
            .saturating_add(Weight::from_parts(0, 2629).saturating_mul(p.into()))
    }
    /// `b` is 2 to 1024.
    /// `m` is 1 to 15.
    fn execute(b: u32, m: u32, ) -> Weight {
        // At least 10_947_000 ps.
        Weight::from_parts(16_649_037, 1597)
            // Standard error 41.
            .saturating_add(Weight::from_parts(2_131, 0).saturating_mul(b.into()))
            // Standard error 2_915.
            .saturating_add(Weight::from_parts(13_924, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `b` is 2 to 1024.
    /// `m` is 1 to 15.
    fn propose_execute(b: u32, m: u32, ) -> Weight {
        // At least 12_979_000 ps.
        Weight::from_parts(15_366_391, 3577)
            // Standard error 60.
            .saturating_add(Weight::from_parts(2_134, 0).saturating_mul(b.into()))
            // Standard error 4_327.
            .saturating_add(Weight::from_parts(17_938, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(m.into()))
    }
    /// `b` is 2 to 1024.
    /// `m` is 2 to 15.
    /// `p` is 1 to 32.
    fn propose_proposed(b: u32, m: u32, p: u32, ) -> Weight {
        // At least 16_084_000 ps.
        Weight::from_parts(16_402_601, 3573)
            // Standard error 50.
            .saturating_add(Weight::from_parts(2_268, 0).saturating_mul(b.into()))
            // Standard error 3_801.
            .saturating_add(Weight::from_parts(15_493, 0).saturating_mul(m.into()))
            // Standard error 1_632.
            .saturating_add(Weight::from_parts(250_887, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(Weight::from_parts(0, 33).saturating_mul(m.into()))
            .saturating_add(Weight::from_parts(0, 47).saturating_mul(p.into()))
    }
    /// `m` is 5 to 15.
    fn vote(m: u32, ) -> Weight {
        // At least 13_670_000 ps.
        Weight::from_parts(15_550_711, 4102)
            // Standard error 4_732.
            .saturating_add(Weight::from_parts(23_496, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
            .saturating_add(Weight::from_parts(0, 64).saturating_mul(m.into()))
    }
    /// `m` is 4 to 15.
    /// `p` is 1 to 32.
    fn close_early_disapproved(m: u32, p: u32, ) -> Weight {
        // At least 16_404_000 ps.
        Weight::from_parts(18_418_175, 3636)
            // Standard error 10_720.
            .saturating_add(Weight::from_parts(32_458, 0).saturating_mul(m.into()))
            // Standard error 3_878.
            .saturating_add(Weight::from_parts(271_790, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 69).saturating_mul(m.into()))
            .saturating_add(Weight::from_parts(0, 46).saturating_mul(p.into()))
    }
    /// `b` is 2 to 1024.
    /// `m` is 4 to 15.
    /// `p` is 1 to 32.
    fn close_early_approved(b: u32, m: u32, p: u32, ) -> Weight {
        // At least 26_810_000 ps.
        Weight::from_parts(29_061_973, 3724)
            // Standard error 211.
            .saturating_add(Weight::from_parts(670, 0).saturating_mul(b.into()))
            // Standard error 18_904.
            .saturating_add(Weight::from_parts(97_450, 0).saturating_mul(m.into()))
            // Standard error 6_851.
            .saturating_add(Weight::from_parts(343_024, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 1).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(0, 69).saturating_mul(m.into()))
            .saturating_add(Weight::from_parts(0, 59).saturating_mul(p.into()))
    }
    /// `m` is 4 to 15.
    /// `p` is 1 to 32.
    fn close_disapproved(m: u32, p: u32, ) -> Weight {
        // At least 18_187_000 ps.
        Weight::from_parts(19_806_860, 3656)
            // Standard error 6_208.
            .saturating_add(Weight::from_parts(5_117, 0).saturating_mul(m.into()))
            // Standard error 2_246.
            .saturating_add(Weight::from_parts(218_500, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 69).saturating_mul(m.into()))
            .saturating_add(Weight::from_parts(0, 46).saturating_mul(p.into()))
    }
    /// `b` is 2 to 1024.
    /// `m` is 4 to 15.
    /// `p` is 1 to 32.
    fn close_approved(b: u32, m: u32, p: u32, ) -> Weight {
        // At least 27_992_000 ps.
        Weight::from_parts(29_384_520, 3744)
            // Standard error 116.
            .saturating_add(Weight::from_parts(944, 0).saturating_mul(b.into()))
            // Standard error 10_463.
            .saturating_add(Weight::from_parts(43_572, 0).saturating_mul(m.into()))
            // Standard error 3_792.
            .saturating_add(Weight::from_parts(310_405, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 1).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(0, 69).saturating_mul(m.into()))
            .saturating_add(Weight::from_parts(0, 59).saturating_mul(p.into()))
    }
    /// `p` is 1 to 32.
    fn disapprove_proposal(p: u32, ) -> Weight {
        // At least 9_755_000 ps.
        Weight::from_parts(10_448_938, 1711)
            // Standard error 804.
            .saturating_add(Weight::from_parts(182_925, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 32).saturating_mul(p.into()))
    }
    /// `d` is 0 to 1.
    /// `p` is 1 to 32.
    fn kill(d: u32, p: u32, ) -> Weight {
        // At least 14_411_000 ps.
        Weight::from_parts(15_796_511, 4775)
            // Standard error 44_561.
            .saturating_add(Weight::from_parts(254_663, 0).saturating_mul(d.into()))
            // Standard error 2_086.
            .saturating_add(Weight::from_parts(224_550, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
            .saturating_add(Weight::from_parts(0, 36).saturating_mul(d.into()))
            .saturating_add(Weight::from_parts(0, 46).saturating_mul(p.into()))
    }
    fn release_proposal_cost() -> Weight {
        // At least 8_643_000 ps.
        Weight::from_parts(9_595_000, 4206)
            .saturating_add(T::DbWeight::get().reads(2_u64))
    }
}
