//! What epochs pay.
use crate::{mock::*, Hotkeys, Pool};
use frame_support::{
    assert_ok,
    traits::{fungible::Mutate, Imbalance},
};
use laurel_support::{Payout, Placed, Stake};
use laurel_types::{Balance, Take};

#[test]
fn an_incentive_becomes_stake_of_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        let placed = pay_incentive(HOTKEY, 700);
        assert_eq!((placed.take, placed.shares), (0, shares(OWNER)));
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
        let placed = pay_dividends(HOTKEY, 10_000);
        let take = Take::MAX.of(10_000);
        assert_eq!(take, 1_799);
        let stakers = 10_000 - take;
        assert_eq!((placed.take, placed.shares), (take, shares(OWNER)));
        // The take is there at once, the rest when it is released.
        assert_eq!((value(ALICE), value(BOB), value(OWNER)), (60_000, 20_000, take));
        assert_eq!(Staking::stake(&HOTKEY), 80_000 + take);
        release_all();
        // The owner's new stake is in the pool while the rest arrives, as everybody's is.
        let part = |of: Balance| of * stakers / (80_000 + take);
        assert_eq!(value(ALICE), 60_000 + part(60_000));
        assert_eq!(value(BOB), 20_000 + part(20_000));
        assert_eq!(value(OWNER), take + part(take));
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
        pay_and_release(10_000);
        assert_eq!(value(ALICE), 50_000 + 9_000 * 50_000 / 101_000);
        assert_eq!(value(OWNER), 110_000 - value(ALICE) - 1);
        Minted(10_000)
    });
}

#[test]
fn dividends_without_stakers_go_to_the_owner_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        let placed = pay_dividends(HOTKEY, 10_000);
        assert_eq!((placed.take, placed.shares), (10_000, shares(OWNER)));
        assert_eq!(value(OWNER), 10_000);
        Minted(10_000)
    });
}

#[test]
fn dividends_arrive_evenly_and_to_the_unit() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        pay_dividends(HOTKEY, 1_009);
        for block in 1..STREAM {
            run_to(1 + block);
            assert_eq!(value(ALICE), 10_000 + 100 * Balance::from(block));
        }
        run_to(1 + STREAM);
        assert_eq!(value(ALICE), 11_009);
        run_to(1 + 3 * STREAM);
        assert_eq!(value(ALICE), 11_009);
        Minted(1_009)
    });
}

#[test]
fn whoever_stakes_when_an_epoch_is_paid_earns_by_the_blocks_it_stays() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        // Bob comes in the very block of the payout and leaves after half of the stream.
        pay_dividends(HOTKEY, 5_000);
        add(BOB, 10_000);
        assert_eq!((value(ALICE), value(BOB)), (10_000, 10_000));
        run_to(1 + STREAM / 2);
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(BOB), HOTKEY));
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT + 1_250);
        release_all();
        assert_eq!(value(ALICE), 10_000 + 1_250 + 2_500);
        Minted(5_000)
    });
}

/// The attack on per-epoch payouts: a stake a hundred times the pool's comes a block before the epoch and goes a block after.
#[test]
fn weakness_18_and_19_no_moment_to_come_or_go_earns_more_than_the_blocks_in_between() {
    const EPOCHS: Balance = 5;
    const PAY: Balance = 10_000;
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 1_000_000);
        let before = Balances::free_balance(BOB);
        for epoch in 1..=EPOCHS as u32 {
            run_to(epoch * STREAM - 1);
            add(BOB, 100_000_000);
            run_to(epoch * STREAM);
            pay_dividends(HOTKEY, PAY);
            run_to(epoch * STREAM + 1);
            assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(BOB), HOTKEY));
        }
        let gained = Balances::free_balance(BOB) - before;
        // It was there in two of ten blocks, the first of which released the rest of the epoch before.
        assert!(gained <= EPOCHS * PAY * 2 / 10, "gained {gained}");
        release_all();
        assert!(value(ALICE) >= 1_000_000 + EPOCHS * PAY * 8 / 10 - EPOCHS);
        Minted(EPOCHS * PAY)
    });
}

#[test]
fn weakness_20_no_leaf_of_a_payout_is_lost_however_it_divides() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 1_001);
        add(BOB, 2_003);
        add(OWNER, 7_007);
        let mut minted = 0;
        for pay in [1, 2, 3, 7, 11, 13, 997, 1] {
            pay_dividends(HOTKEY, pay);
            minted += pay;
            run_to(System::block_number() + 3);
        }
        release_all();
        assert_eq!(Staking::stake(&HOTKEY), 10_011 + minted);
        for everybody in [ALICE, BOB, OWNER] {
            assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(everybody), HOTKEY));
        }
        let all: Balance = [ALICE, BOB, OWNER].map(Balances::free_balance).iter().sum();
        assert_eq!(all, 3 * ENDOWMENT + minted);
        Minted(minted)
    });
}

/// A thousand stakers are paid by writing one pool and one position.
#[test]
fn weakness_31_a_payout_writes_as_much_for_a_thousand_stakers_as_for_one() {
    let written = |stakers: u64| {
        let mut ext = ExtBuilder::default().build();
        ext.execute_with(|| {
            for staker in 0..stakers {
                Balances::set_balance(&(5_000 + staker), 2 * MIN_STAKE);
                add(5_000 + staker, MIN_STAKE);
            }
        });
        ext.commit_all().unwrap();
        ext.execute_with(|| {
            pay_dividends(HOTKEY, 10_000);
            System::reset_events();
        });
        ext.overlayed_changes().changes().count()
    };
    assert_eq!(written(1), written(1_000));
}

#[test]
fn the_last_to_leave_receives_what_nobody_else_is_there_for() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        add(BOB, 10_000);
        pay_dividends(HOTKEY, 1_000);
        run_to(1 + STREAM / 2);
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(ALICE), HOTKEY));
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(BOB), HOTKEY));
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT + 250);
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT + 750);
        assert_eq!(Staking::total_staked(), 0);
        Minted(1_000)
    });
}

#[test]
fn stake_added_after_a_payout_was_released_has_no_part_in_it() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, 10_000);
        pay_and_release(5_000);
        add(BOB, 15_000);
        assert_eq!((value(ALICE), value(BOB)), (15_000, 15_000));
        pay_and_release(1_000);
        assert_eq!((value(ALICE), value(BOB)), (15_500, 15_500));
        Minted(6_000)
    });
}

#[test]
fn one_payment_of_many_dues_is_as_many_payments() {
    let dues = [
        due(HOTKEY, 700, 0),
        due(OTHER_HOTKEY, 30, 10_000),
        due(UNKNOWN_HOTKEY, 5, 6),
        due(HOTKEY, 0, 9_001),
        due(HOTKEY, 44, 1),
    ];
    let after = |pay: &dyn Fn() -> Balance| {
        let mut ext = ExtBuilder::default().build();
        ext.execute_with(|| {
            add(ALICE, 60_000);
            add(BOB, 20_000);
            let back = pay();
            let pools = [HOTKEY, OTHER_HOTKEY].map(Hotkeys::<Test>::get);
            (back, pools, [OWNER, ALICE, BOB].map(shares), Staking::total_staked())
        })
    };
    let together = after(&|| {
        let sum = dues.iter().map(|due| due.owner + due.dividends).sum();
        let (placed, rest) = Staking::pay(&dues, STREAM, credit(sum));
        let places: Vec<_> = placed.iter().map(Option::is_some).collect();
        assert_eq!(places, [true, true, false, true, true]);
        rest.peek()
    });
    let each = after(&|| dues.iter().map(|due| pay(due.clone(), STREAM).1).sum());
    assert_eq!(together, each);
    assert_eq!(together.0, 11, "what the unknown hotkey was due comes back");
}

#[test]
fn many_dues_are_one_entry_in_the_ledger() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        System::reset_events();
        let dues = [due(HOTKEY, 700, 900), due(OTHER_HOTKEY, 30, 10_000)];
        let (_, rest) = Staking::pay(&dues, STREAM, credit(11_630));
        assert_eq!(rest.peek(), 0);
        let deposits = System::events().into_iter().filter_map(|record| match record.event {
            RuntimeEvent::Balances(pallet_balances::Event::Deposit { amount, .. }) => Some(amount),
            _ => None,
        });
        assert_eq!(deposits.collect::<Vec<_>>(), [11_630]);
        Minted(11_630)
    });
}

#[test]
fn a_payment_takes_no_more_than_its_credit() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        let (placed, rest) = Staking::pay(&[due(HOTKEY, 60, 0), due(HOTKEY, 50, 0)], STREAM, credit(100));
        assert_eq!((placed[0].is_some(), placed[1], rest.peek()), (true, None, 40));
        drop(rest);
        Minted(60)
    });
}

#[test]
fn pay_for_an_unknown_hotkey_comes_back_whole() {
    ExtBuilder::default().build_and_execute(|| {
        // Dropping a credit burns what was issued for it.
        assert_eq!(pay(due(UNKNOWN_HOTKEY, 50, 60), STREAM), (None, 110));
        NOTHING_MINTED
    });
}

#[test]
fn pay_that_the_pot_cannot_hold_comes_back_whole() {
    ExtBuilder::default().build_and_execute(|| {
        let too_little = EXISTENTIAL_DEPOSIT - 1;
        assert_eq!(pay(due(HOTKEY, too_little, 0), STREAM), (None, too_little));
        assert_eq!(Staking::pool(&HOTKEY), Pool::default().at(System::block_number()));
        assert_eq!(shares(OWNER), 0);
        add(ALICE, 5_000);
        pay_incentive(HOTKEY, 1);
        assert_eq!(value(OWNER), 1);
        Minted(1)
    });
}

#[test]
fn no_pay_changes_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        let before = System::events().len();
        assert_eq!(pay(due(HOTKEY, 0, 0), STREAM), (Some(Placed { take: 0, shares: 0 }), 0));
        assert_eq!(System::events().len(), before);
        assert_eq!(shares(OWNER), 0);
        NOTHING_MINTED
    });
}
