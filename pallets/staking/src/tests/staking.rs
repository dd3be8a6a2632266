//! Adding and removing stake.
use crate::{mock::*, ColdkeyIds, Error, Event, Pool};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate, traits::tokens::Preservation};
use laurel_support::Stake;
use laurel_types::Balance;
use sp_runtime::DispatchError;

fn remove(coldkey: AccountId, amount: Balance) -> sp_runtime::DispatchResult {
    Staking::remove_stake(RuntimeOrigin::signed(coldkey), HOTKEY, amount)
}

fn remove_all(coldkey: AccountId) -> sp_runtime::DispatchResult {
    Staking::remove_all_stake(RuntimeOrigin::signed(coldkey), HOTKEY)
}

#[test]
fn adding_stake_moves_exactly_the_amount_into_the_pot() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, 5_000));
        let shares = 5_000 * Pool::SHARES_PER_LEAF;
        assert_eq!(
            last_event(),
            Event::StakeAdded {
                coldkey: ALICE,
                hotkey: HOTKEY,
                amount: 5_000,
                shares
            }
            .into()
        );
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT - 5_000);
        assert_eq!(Balances::free_balance(Staking::pot()), 5_000);
        assert_eq!(Staking::stake(&HOTKEY), 5_000);
        assert_eq!(value(ALICE), 5_000);
        NOTHING_MINTED
    });
}

#[test]
fn stake_on_an_unknown_hotkey_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let call = Staking::add_stake(RuntimeOrigin::signed(ALICE), UNKNOWN_HOTKEY, 5_000);
        assert_noop!(call, Error::<Test>::HotkeyUnknown);
        NOTHING_MINTED
    });
}

#[test]
fn an_unsigned_call_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            Staking::add_stake(RuntimeOrigin::none(), HOTKEY, 5_000),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Staking::remove_stake(RuntimeOrigin::root(), HOTKEY, 1),
            DispatchError::BadOrigin
        );
        NOTHING_MINTED
    });
}

#[test]
fn less_than_the_minimum_stake_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        let short = Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, MIN_STAKE - 1);
        assert_noop!(short, Error::<Test>::BelowMinimumStake);
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, MIN_STAKE));
        NOTHING_MINTED
    });
}

#[test]
fn weakness_23_staking_takes_exactly_what_was_asked_or_nothing_and_keeps_the_account_alive() {
    ExtBuilder::default().build_and_execute(|| {
        let all = Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, ENDOWMENT);
        assert_noop!(all, Error::<Test>::NotEnoughBalance);
        let too_much = Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, ENDOWMENT + 1);
        assert_noop!(too_much, Error::<Test>::NotEnoughBalance);
        add(ALICE, ENDOWMENT - EXISTENTIAL_DEPOSIT);
        assert_eq!(Balances::free_balance(ALICE), EXISTENTIAL_DEPOSIT);
        NOTHING_MINTED
    });
}

#[test]
fn removing_stake_returns_exactly_the_amount() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        assert_ok!(remove(ALICE, 1_500));
        let shares = 1_500 * Pool::SHARES_PER_LEAF;
        assert_eq!(
            last_event(),
            Event::StakeRemoved {
                coldkey: ALICE,
                hotkey: HOTKEY,
                amount: 1_500,
                shares
            }
            .into()
        );
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT - 3_500);
        assert_eq!(value(ALICE), 3_500);
        NOTHING_MINTED
    });
}

#[test]
fn a_rest_under_the_minimum_is_returned_too() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        assert_ok!(remove(ALICE, 5_000 - MIN_STAKE));
        assert_eq!(value(ALICE), MIN_STAKE);
        assert_ok!(remove(ALICE, 1));
        assert_eq!(value(ALICE), 0);
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT);
        assert_eq!(shares(ALICE), 0);
        assert!(!ColdkeyIds::<Test>::contains_key(ALICE));
        assert!(Staking::pool(&HOTKEY).is_empty());
        NOTHING_MINTED
    });
}

#[test]
fn nobody_can_remove_more_than_its_own_position() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        add(BOB, 50_000);
        assert_noop!(remove(ALICE, 5_001), Error::<Test>::NotEnoughStake);
        assert_noop!(remove(OWNER, 1), Error::<Test>::NotEnoughStake);
        assert_noop!(remove_all(OWNER), Error::<Test>::NotEnoughStake);
        assert_noop!(remove(ALICE, 0), Error::<Test>::AmountZero);
        NOTHING_MINTED
    });
}

#[test]
fn removing_all_stake_returns_principal_and_rewards() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 30_000);
        add(BOB, 10_000);
        set_take(0);
        pay_and_release(400);
        assert_ok!(remove_all(ALICE));
        assert_ok!(remove_all(BOB));
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT + 300);
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT + 100);
        assert_eq!(Staking::total_staked(), 0);
        Minted(400)
    });
}

#[test]
fn positions_on_different_hotkeys_do_not_mix() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), OTHER_HOTKEY, 7_000));
        assert_ok!(remove_all(ALICE));
        assert_eq!(Staking::stake(&HOTKEY), 0);
        assert_eq!(Staking::stake(&OTHER_HOTKEY), 7_000);
        assert_eq!(Staking::position_value(&ALICE, &OTHER_HOTKEY), 7_000);
        NOTHING_MINTED
    });
}

#[test]
fn a_withdrawal_that_would_leave_dust_in_the_pot_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        // The owner's position is smaller than any account may be.
        pay_incentive(OTHER_HOTKEY, EXISTENTIAL_DEPOSIT - 1);
        assert_noop!(remove_all(ALICE), Error::<Test>::PotBelowMinimum);
        assert_ok!(remove(ALICE, 5_000 - MIN_STAKE));
        // The owner can go, and then everyone can.
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(OWNER), OTHER_HOTKEY));
        assert_ok!(remove_all(ALICE));
        Minted(EXISTENTIAL_DEPOSIT - 1)
    });
}

#[test]
fn weakness_22_what_an_account_cannot_hold_stays_staked() {
    ExtBuilder::default().build_and_execute(|| {
        add(OWNER, 5_000);
        // All that Alice has goes away: her account is no more, while a little is staked for her.
        pay_incentive(OTHER_HOTKEY, 5_000);
        let few = EXISTENTIAL_DEPOSIT - 1;
        assert_ok!(Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, 2 * MIN_STAKE));
        let rest = Balances::free_balance(ALICE);
        assert_ok!(Balances::transfer(&ALICE, &BOB, rest, Preservation::Expendable));
        assert_eq!(Balances::free_balance(ALICE), 0);
        assert_noop!(remove(ALICE, few), Error::<Test>::PayoutBelowExistentialDeposit);
        assert_eq!(value(ALICE), 2 * MIN_STAKE);
        assert_ok!(remove(ALICE, few + 1));
        assert_eq!(Balances::free_balance(ALICE), few + 1);
        Minted(5_000)
    });
}

#[test]
fn a_gift_to_the_pot_belongs_to_nobody_and_breaks_nothing() {
    ExtBuilder::default().build().execute_with(|| {
        add(ALICE, 5_000);
        assert_ok!(Balances::transfer(&BOB, &Staking::pot(), 777, Preservation::Preserve));
        assert_eq!(value(ALICE), 5_000);
        assert_ok!(remove_all(ALICE));
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT);
        assert_ok!(Staking::do_try_state());
    });
}

#[test]
fn a_pool_made_coarse_refuses_a_stake_that_rounding_would_eat() {
    const PAY: Balance = 1_000_000_000_000;
    ExtBuilder::default().build_and_execute(|| {
        set_take(0);
        add(ALICE, MIN_STAKE);
        add(BOB, MIN_STAKE);
        pay_and_release(PAY);
        for attacker in [ALICE, BOB] {
            assert_ok!(remove(attacker, value(attacker) - MIN_STAKE));
        }
        pay_and_release(PAY);
        let stake = Staking::add_stake(RuntimeOrigin::signed(OWNER), HOTKEY, ENDOWMENT / 2);
        assert_noop!(stake, Error::<Test>::BelowShareResolution);
        Minted(2 * PAY)
    });
}

#[test]
#[should_panic(expected = "existential deposit <= minStake")]
fn a_genesis_with_a_minimum_below_the_existential_deposit_is_refused() {
    ExtBuilder::default().min_stake(EXISTENTIAL_DEPOSIT - 1).build();
}
