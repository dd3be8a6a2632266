//! The registration price follows demand, and is charged as quoted.
use crate::{mock::*, Demand, DemandRule, Difficulty, Pricing};
use frame_support::{assert_ok, traits::fungible::Inspect};
use laurel_types::{BlockNumber, Hyperparameters, LRL};
use proptest::prelude::*;

fn set_price(level: u64) {
    let at = System::block_number();
    Pricing::<Test>::insert(NET, Demand { level, at });
}

#[test]
fn a_subnet_begins_at_its_lowest_price_and_difficulty() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Pricing::<Test>::get(NET), Some(Demand { level: 100, at: 1 }));
        assert_eq!(Difficulty::<Test>::get(NET), Some(Demand { level: 1_000, at: 1 }));
        assert_eq!(quote(NET), Some(100));
    });
}

#[test]
fn each_registration_multiplies_the_price_up_to_the_highest() {
    ExtBuilder::default().build_and_execute(|| {
        let mut quotes = Vec::new();
        for hotkey in 0..8 {
            quotes.push(quote(NET).unwrap());
            register(ALICE, hotkey);
        }
        assert_eq!(quotes, vec![100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000]);
        assert_eq!(quote(NET), Some(10_000));
    });
}

#[test]
fn without_demand_the_price_halves_in_each_half_life_down_to_the_minimum() {
    ExtBuilder::default().build_and_execute(|| {
        set_price(1_000);
        let quotes: Vec<_> = [1, 6, 11, 21, 31, 41, 1_000]
            .map(|block| Neurons::quote_at(NET, block).unwrap())
            .into();
        assert_eq!(quotes, vec![1_000, 708, 500, 250, 125, 100, 100]);
    });
}

#[test]
fn the_price_moves_in_every_block_and_not_by_intervals() {
    ExtBuilder::default().build_and_execute(|| {
        set_price(10_000);
        let quotes: Vec<_> = (1..40).map(|block| Neurons::quote_at(NET, block).unwrap()).collect();
        assert!(quotes
            .windows(2)
            .all(|pair| pair[1] < pair[0] && pair[1] >= pair[0] * 9 / 10));
    });
}

#[test]
fn what_is_quoted_for_a_block_is_charged_in_it() {
    ExtBuilder::default().build_and_execute(|| {
        set_price(9_999);
        for (hotkey, wait) in (0..).zip([0, 3, 8, 1, 25, 9, 40]) {
            let quote = Neurons::quote_at(NET, System::block_number() + wait).unwrap();
            skip_blocks(wait);
            let before = Balances::balance(&ALICE);
            assert_ok!(Neurons::burned_register(
                RuntimeOrigin::signed(ALICE),
                NET,
                hotkey,
                quote,
                Some(CONSENT)
            ));
            assert_eq!(before - Balances::balance(&ALICE), quote);
        }
    });
}

#[test]
fn the_price_respects_bounds_that_moved() {
    ExtBuilder::default().build_and_execute(|| {
        tune(|params| params.min_burn = 300);
        assert_eq!(quote(NET), Some(300));
        tune(|params| (params.min_burn, params.max_burn) = (1, 50));
        assert_eq!(quote(NET), Some(50));
    });
}

proptest! {
    #[test]
    fn a_price_is_between_its_bounds_and_never_rises_by_waiting(
        level in any::<u64>(),
        min in 1..LRL,
        more in 0..LRL,
        half_life in 1..50_000u32,
        growth in 1_010..=10_000u16,
        waits in (0..BlockNumber::MAX / 2, 0..BlockNumber::MAX / 2),
    ) {
        let params = Hyperparameters {
            min_burn: min,
            max_burn: min + more,
            demand_half_life: half_life,
            demand_growth: growth,
            ..Hyperparameters::default()
        };
        let rule = DemandRule::price(&params);
        let demand = Demand { level, at: 0 };
        let (soon, late) = (demand.level_at(waits.0, &rule), demand.level_at(waits.0 + waits.1, &rule));
        prop_assert!(min <= late && late <= soon && soon <= min + more);
        let next = demand.after_registration(waits.0, &rule);
        prop_assert!(next.level_at(waits.0, &rule) > soon || soon == min + more);
    }
}
