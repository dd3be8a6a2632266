//! Drawing from many payers.
use crate::{mock::*, Error, Event};
use frame_support::{
    assert_noop, assert_ok,
    traits::{fungible::Mutate, tokens::Preservation},
};
use sp_runtime::DispatchError;

#[test]
fn what_is_drawn_goes_to_the_owner_of_the_hotkey() {
    execute(|| {
        deposit(ALICE, 500);
        deposit(BOB, 700);
        assert_ok!(draw(&[(ALICE, 120), (BOB, 30)]));
        assert_eq!(Balances::free_balance(OWNER), ENDOWMENT + 150);
        assert_eq!((held(ALICE), held(BOB)), ((380, RECORD), (670, RECORD)));
        assert_eq!(Balances::free_balance(GATEWAY), 0, "the hotkey itself gets nothing");
    });
}

#[test]
fn an_empty_payer_does_not_stop_the_others() {
    execute(|| {
        deposit(ALICE, 500);
        assert_ok!(draw(&[(BOB, 10), (ALICE, 100), (ALICE, 0)]));
        let refused = |index, payer, error: Error<Test>| Event::DrawRefused {
            gateway: GATEWAY,
            index,
            payer,
            error: error.into(),
        };
        let drawn = Event::Drawn {
            gateway: GATEWAY,
            payer: ALICE,
            amount: 100,
            asked: 100,
        };
        let said = events();
        assert_eq!(
            said[said.len() - 3..],
            [
                refused(0, BOB, Error::NoDeposit),
                drawn,
                refused(2, ALICE, Error::AmountZero)
            ]
        );
    });
}

#[test]
fn no_more_is_drawn_than_is_there_however_often_a_payer_is_named() {
    execute(|| {
        deposit(ALICE, 500);
        assert_ok!(draw(&[(ALICE, 400), (ALICE, 400), (ALICE, 400)]));
        assert_eq!(Balances::free_balance(OWNER), ENDOWMENT + 500);
        let drawn = events().into_iter().filter_map(|event| match event {
            Event::Drawn { amount, asked, .. } => Some((amount, asked)),
            _ => None,
        });
        assert_eq!(drawn.collect::<Vec<_>>(), [(400, 400), (100, 400)]);
    });
}

#[test]
fn a_draw_that_brings_nothing_fails_with_the_first_reason() {
    execute(|| {
        assert_noop!(draw(&[]), Error::<Test>::EmptyBatch);
        assert_noop!(draw(&[(ALICE, 0), (BOB, 1)]), Error::<Test>::AmountZero);
        assert_noop!(draw(&[(ALICE, 1)]), Error::<Test>::NoDeposit);
        deposit(ALICE, 500);
        assert_ok!(draw(&[(ALICE, 500)]));
        assert_noop!(draw(&[(ALICE, 1)]), Error::<Test>::NothingToDraw);
    });
}

#[test]
fn nobody_draws_but_the_gateways_hotkey() {
    execute(|| {
        deposit(ALICE, 500);
        let items = || vec![(ALICE, 10)].try_into().unwrap();
        assert_noop!(
            PrepaidPallet::draw(signed(OWNER), items()),
            Error::<Test>::GatewayUnknown
        );
        let other = PrepaidPallet::draw(signed(OTHER_GATEWAY), items());
        assert_noop!(other, Error::<Test>::NoDeposit);
        assert_noop!(
            PrepaidPallet::draw(RuntimeOrigin::root(), items()),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn until_the_notice_is_over_the_gateway_can_draw_what_was_used_before() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 500);
        run_to(NOTICE);
        assert_eq!((prepaid(ALICE).drawable, prepaid(ALICE).available), (500, 0));
        assert_ok!(draw(&[(ALICE, 450)]));
        assert_eq!(
            prepaid(ALICE).announced,
            50,
            "what is announced shrinks with what is there"
        );
        run_to(1 + NOTICE);
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT - 450);
    });
}

#[test]
fn from_the_end_of_the_notice_on_what_was_announced_is_out_of_reach() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 300);
        run_to(1 + NOTICE);
        // The payer has not taken it yet, and need not.
        assert_eq!(prepaid(ALICE).drawable, 200);
        assert_ok!(draw(&[(ALICE, 500)]));
        assert_eq!(held(ALICE), (300, RECORD));
        assert_noop!(draw(&[(ALICE, 1)]), Error::<Test>::NothingToDraw);
        deposit(ALICE, 100);
        assert_ok!(draw(&[(ALICE, 500)]));
        assert_eq!(held(ALICE), (300, RECORD), "nor when more is deposited");
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!(held(ALICE), (0, 0));
    });
}

#[test]
fn what_is_not_announced_is_drawn_first() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 300);
        assert_ok!(draw(&[(ALICE, 150)]));
        assert_eq!((prepaid(ALICE).announced, prepaid(ALICE).available), (300, 50));
        assert_ok!(draw(&[(ALICE, 150)]));
        assert_eq!((prepaid(ALICE).announced, prepaid(ALICE).available), (200, 0));
        assert_ok!(draw(&[(ALICE, 200)]));
        assert_eq!((prepaid(ALICE).announced, prepaid(ALICE).free_at), (0, None));
    });
}

#[test]
fn an_owner_without_an_account_is_paid_at_least_what_opens_it() {
    execute(|| {
        Known::insert(GATEWAY, NEW);
        deposit(ALICE, 500);
        let little = EXISTENTIAL_DEPOSIT - 1;
        assert_noop!(draw(&[(ALICE, little)]), Error::<Test>::DrawBelowExistentialDeposit);
        assert_ok!(draw(&[(ALICE, EXISTENTIAL_DEPOSIT), (ALICE, little)]));
        assert_eq!(Balances::free_balance(NEW), EXISTENTIAL_DEPOSIT + little);
    });
}

#[test]
fn an_owner_that_pays_itself_has_it_back() {
    execute(|| {
        deposit(OWNER, 500);
        assert_ok!(draw(&[(OWNER, 500)]));
        assert_eq!(Balances::free_balance(OWNER), ENDOWMENT - RECORD);
        assert_ok!(PrepaidPallet::take_back(signed(OWNER), GATEWAY));
    });
}

#[test]
fn a_payer_that_spent_everything_else_is_still_good_for_its_deposit() {
    execute(|| {
        deposit(ALICE, 500);
        let rest = ENDOWMENT - 500 - RECORD - EXISTENTIAL_DEPOSIT;
        assert_ok!(Balances::transfer(&ALICE, &BOB, rest, Preservation::Protect));
        assert_ok!(draw(&[(ALICE, 500)]));
        assert_eq!(Balances::free_balance(OWNER), ENDOWMENT + 500);
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!(Balances::free_balance(ALICE), EXISTENTIAL_DEPOSIT + RECORD);
    });
}
