//! The registration price follows demand, and is charged as quoted.
use crate::{
    mock::*,
    price::{RegistrationPrice, MAX_SETTLED_INTERVALS},
    Pricing,
};
use frame_support::{assert_ok, traits::fungible::Inspect};
use laurel_types::{Balance, BlockNumber, Hyperparameters, LRL};
use laurel_yuma::{adjust_price, PriceRule};
use proptest::prelude::*;

fn params() -> Hyperparameters {
    TheSubnets::get()[&NET].params
}

/// The price if it were adjusted in every block in which an interval ends, as a chain with a hook would.
fn adjusted_block_by_block(mut price: RegistrationPrice, now: BlockNumber, params: &Hyperparameters) -> Balance {
    let rule = PriceRule {
        target: params.target_registrations,
        alpha: params.adjustment_alpha,
        min: params.min_burn,
        max: params.max_burn,
    };
    for block in price.interval_started_at + 1..=now {
        if block - price.interval_started_at >= u32::from(params.adjustment_interval) {
            price.price = adjust_price(price.price, price.registrations, &rule);
            price.interval_started_at = block;
            price.registrations = 0;
        }
    }
    price.price
}

#[test]
fn a_subnet_begins_at_its_lowest_price() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Pricing::<Test>::get(NET), Some(RegistrationPrice::new(1, &params())));
        assert_eq!(Neurons::quote(NET), Some(100));
    });
}

#[test]
fn more_registrations_than_the_target_raise_the_price_at_the_end_of_the_interval() {
    ExtBuilder::default().build_and_execute(|| {
        for hotkey in 0..6 {
            register(ALICE, hotkey);
        }
        assert_eq!(Neurons::quote_at(NET, 10), Some(100));
        // Six came where two were wanted: (6 + 2) / (2 * 2) of the old price.
        assert_eq!(Neurons::quote_at(NET, 11), Some(200));
    });
}

#[test]
fn without_demand_the_price_halves_each_interval_down_to_the_minimum() {
    ExtBuilder::default().build_and_execute(|| {
        Pricing::<Test>::mutate(NET, |price| price.as_mut().unwrap().price = 1_000);
        let quotes: Vec<_> = [1, 11, 21, 31, 41, 1_000]
            .map(|block| Neurons::quote_at(NET, block).unwrap())
            .into();
        assert_eq!(quotes, vec![1_000, 500, 250, 125, 100, 100]);
    });
}

#[test]
fn what_is_quoted_for_a_block_is_charged_in_it() {
    ExtBuilder::default().build_and_execute(|| {
        Pricing::<Test>::mutate(NET, |price| price.as_mut().unwrap().price = 9_999);
        for (hotkey, wait) in (0..).zip([0, 3, 8, 1, 25, 9, 40]) {
            let quote = Neurons::quote_at(NET, System::block_number() + wait).unwrap();
            skip_blocks(wait);
            let before = Balances::balance(&ALICE);
            assert_ok!(Neurons::burned_register(
                RuntimeOrigin::signed(ALICE),
                NET,
                hotkey,
                quote
            ));
            assert_eq!(before - Balances::balance(&ALICE), quote);
        }
    });
}

#[test]
fn the_price_respects_bounds_that_moved_within_an_interval() {
    ExtBuilder::default().build_and_execute(|| {
        tune(|params| params.min_burn = 300);
        assert_eq!(Neurons::quote(NET), Some(300));
        tune(|params| (params.min_burn, params.max_burn) = (1, 50));
        assert_eq!(Neurons::quote(NET), Some(50));
    });
}

#[test]
fn a_price_forgotten_for_years_is_still_found_and_within_its_bounds() {
    let params = Hyperparameters {
        adjustment_interval: 1,
        adjustment_alpha: u64::MAX / 100 * 97,
        min_burn: 1,
        max_burn: 10_000 * LRL,
        ..Hyperparameters::default()
    };
    let highest = RegistrationPrice {
        price: params.max_burn,
        ..RegistrationPrice::new(0, &params)
    };
    let at_the_bound = highest.at(MAX_SETTLED_INTERVALS, &params).price;
    assert!(at_the_bound < params.max_burn / 1_000 && at_the_bound > params.min_burn);
    let later = highest.at(BlockNumber::MAX, &params);
    assert_eq!(
        (later.price, later.interval_started_at),
        (at_the_bound, BlockNumber::MAX)
    );
}

proptest! {
    #[test]
    fn settling_late_gives_the_price_of_settling_in_every_block(
        price in 1..20_000u64,
        registrations in any::<u16>(),
        interval in 1..40u16,
        target in 1..256u16,
        alpha in any::<u64>(),
        blocks in 0..2_000u32,
    ) {
        let params = Hyperparameters {
            adjustment_interval: interval,
            target_registrations: target,
            adjustment_alpha: alpha,
            min_burn: 1,
            max_burn: 20_000,
            ..Hyperparameters::default()
        };
        let start = RegistrationPrice { price, registrations, ..RegistrationPrice::new(7, &params) };
        let now = 7 + blocks.min(u32::from(interval) * MAX_SETTLED_INTERVALS);
        prop_assert_eq!(start.at(now, &params).price, adjusted_block_by_block(start, now, &params));
    }

    #[test]
    fn looking_at_a_price_twice_changes_nothing(blocks in 0..500u32, more in 0..500u32, registrations in 0..50u16) {
        let params = Hyperparameters { adjustment_interval: 7, max_burn: LRL, ..Hyperparameters::default() };
        let start = RegistrationPrice { price: LRL / 2, registrations, ..RegistrationPrice::new(3, &params) };
        let (first, second) = (3 + blocks, 3 + blocks + more);
        prop_assert_eq!(start.at(first, &params).at(second, &params), start.at(second, &params));
    }
}
