//! What epochs pay.
use crate::{mock::*, Event, Pool, Pools};
use frame_support::traits::Imbalance;
use laurel_support::{Payout, Stake};
use laurel_types::Take;

#[test]
fn an_incentive_becomes_stake_of_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        pay_incentive(HOTKEY, 700);
        assert_eq!(
            last_event(),
            Event::IncentivePaid {
                hotkey: HOTKEY,
                amount: 700
            }
            .into()
        );
        assert_eq!(value(OWNER), 700);
        assert_eq!(Staking::stake(&HOTKEY), 700);
        Minted(700)
    });
}

#[test]
fn an_incentive_leaves_the_stakers_where_they_were() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        pay_incentive(HOTKEY, 700);
        assert_eq!(value(ALICE), 5_000);
        assert_eq!(value(OWNER), 700);
        Minted(700)
    });
}

#[test]
fn of_dividends_the_owner_gets_its_take_and_the_pool_the_rest() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 60_000);
        add(BOB, 20_000);
        pay_dividends(HOTKEY, 10_000);
        let take = Take::MAX.of(10_000);
        assert_eq!(take, 1_799);
        let stakers = 10_000 - take;
        assert_eq!(
            last_event(),
            Event::DividendsPaid {
                hotkey: HOTKEY,
                take,
                stakers
            }
            .into()
        );
        assert_eq!(value(ALICE), 60_000 + stakers * 3 / 4);
        assert_eq!(value(BOB), 20_000 + stakers / 4);
        // Shares are minted rounded down.
        assert_eq!(value(OWNER), take - 1);
        assert_eq!(Staking::stake(&HOTKEY), 90_000);
        Minted(10_000)
    });
}

#[test]
fn the_owner_earns_on_its_stake_like_everyone_and_its_take_besides() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(6_554); // 10 %
        add(OWNER, 50_000);
        add(ALICE, 50_000);
        pay_dividends(HOTKEY, 10_000);
        assert_eq!(value(ALICE), 54_500);
        assert_eq!(value(OWNER), 55_499);
        Minted(10_000)
    });
}

#[test]
fn dividends_without_stakers_go_to_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        pay_dividends(HOTKEY, 10_000);
        assert_eq!(
            last_event(),
            Event::DividendsPaid {
                hotkey: HOTKEY,
                take: 10_000,
                stakers: 0
            }
            .into()
        );
        assert_eq!(value(OWNER), 10_000);
        Minted(10_000)
    });
}

#[test]
fn stake_added_after_a_payout_has_no_part_in_it() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        pay_dividends(HOTKEY, 5_000);
        add(BOB, 15_000);
        assert_eq!((value(ALICE), value(BOB)), (15_000, 15_000));
        pay_dividends(HOTKEY, 1_000);
        assert_eq!((value(ALICE), value(BOB)), (15_500, 15_500));
        Minted(6_000)
    });
}

#[test]
fn pay_for_an_unknown_hotkey_comes_back_whole() {
    ExtBuilder::default().build_and_execute(|| {
        let back = Staking::pay_incentive(&UNKNOWN_HOTKEY, credit(50)).expect_err("nobody is there");
        assert_eq!(back.peek(), 50);
        drop(back);
        let back = Staking::pay_dividends(&UNKNOWN_HOTKEY, credit(60)).expect_err("nobody is there");
        assert_eq!(back.peek(), 60);
        // Dropping a credit burns what was issued for it.
        drop(back);
        NOTHING_MINTED
    });
}

#[test]
fn pay_that_the_pot_cannot_hold_comes_back_whole() {
    ExtBuilder::default().build_and_execute(|| {
        let back = Staking::pay_incentive(&HOTKEY, credit(EXISTENTIAL_DEPOSIT - 1)).expect_err("the pot is empty");
        assert_eq!(back.peek(), EXISTENTIAL_DEPOSIT - 1);
        assert_eq!(Pools::<Test>::get(HOTKEY), Pool::default());
        drop(back);
        add(ALICE, 5_000);
        pay_incentive(HOTKEY, 1);
        assert_eq!(value(OWNER), 1);
        Minted(1)
    });
}

#[test]
fn no_pay_is_no_event() {
    ExtBuilder::default().build_and_execute(|| {
        let before = System::events().len();
        pay_incentive(HOTKEY, 0);
        pay_dividends(HOTKEY, 0);
        assert_eq!(System::events().len(), before);
        assert_eq!(shares(OWNER), 0);
        NOTHING_MINTED
    });
}
