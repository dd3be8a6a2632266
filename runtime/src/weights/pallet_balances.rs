//! Dispatch weights of `pallet_balances`, measured by `scripts/bench.sh`: do not edit.
//!
//! 2026-11-22, AMD EPYC, 20 steps, 20 repeats, Compiled Wasm. Times are picoseconds of compute; a database read or
//! write costs what the runtime's `DbWeight` says. Proof size does not count on this chain.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens, clippy::unnecessary_cast)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `pallet_balances`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_balances::WeightInfo for WeightInfo<T> {
    fn transfer_allow_death() -> Weight {
        // At least 55_143_000 ps.
        Weight::from_parts(58_528_000, 6148)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    fn transfer_keep_alive() -> Weight {
        // At least 33_961_000 ps.
        Weight::from_parts(36_013_000, 3569)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn force_set_balance_creating() -> Weight {
        // At least 16_564_000 ps.
        Weight::from_parts(17_546_000, 3569)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn force_set_balance_killing() -> Weight {
        // At least 16_705_000 ps.
        Weight::from_parts(17_726_000, 3569)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn force_transfer() -> Weight {
        // At least 58_067_000 ps.
        Weight::from_parts(61_742_000, 8727)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    fn transfer_all() -> Weight {
        // At least 43_635_000 ps.
        Weight::from_parts(48_593_000, 3569)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn force_unreserve() -> Weight {
        // At least 13_660_000 ps.
        Weight::from_parts(19_820_000, 3569)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// `u` is 1 to 1000.
    fn upgrade_accounts(u: u32, ) -> Weight {
        // At least 14_211_000 ps.
        Weight::from_parts(14_372_000, 990)
            // Standard error 28_674.
            .saturating_add(Weight::from_parts(14_268_978, 0).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(u.into())))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(u.into())))
            .saturating_add(Weight::from_parts(0, 2579).saturating_mul(u.into()))
    }
    fn force_adjust_total_issuance() -> Weight {
        // At least 4_187_000 ps.
        Weight::from_parts(4_537_000, 0)
    }
    fn burn_allow_death() -> Weight {
        // At least 39_218_000 ps.
        Weight::from_parts(41_422_000, 3569)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    fn burn_keep_alive() -> Weight {
        // At least 17_496_000 ps.
        Weight::from_parts(18_618_000, 0)
    }
}
