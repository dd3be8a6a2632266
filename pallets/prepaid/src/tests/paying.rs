//! Depositing, announcing, taking back.
use crate::{mock::*, Error, Event, GatewayIds, PayerIds};
use frame_support::{assert_noop, assert_ok};
use laurel_types::{Balance, PrepaidTerms};
use sp_runtime::DispatchError;

#[test]
fn a_deposit_stays_in_the_payers_account_on_hold_with_another_for_its_record() {
    execute(|| {
        deposit(ALICE, 500);
        assert_eq!(held(ALICE), (500, RECORD));
        assert_eq!(Balances::free_balance(ALICE), ENDOWMENT - 500 - RECORD);
        deposit(ALICE, 300);
        assert_eq!(held(ALICE), (800, RECORD), "one record is paid for once");
        assert_eq!(
            Balances::free_balance(OWNER),
            ENDOWMENT,
            "nobody else has anything of it"
        );
        assert_eq!((prepaid(ALICE).amount, prepaid(ALICE).record_deposit), (800, RECORD));
    });
}

#[test]
fn deposits_for_two_gateways_are_two() {
    execute(|| {
        deposit(ALICE, 500);
        assert_ok!(PrepaidPallet::deposit(signed(ALICE), OTHER_GATEWAY, 200));
        assert_eq!(held(ALICE), (700, 2 * RECORD));
        assert_ok!(draw(&[(ALICE, 1_000)]));
        assert_eq!(
            held(ALICE),
            (200, 2 * RECORD),
            "what is held for the other gateway stays"
        );
    });
}

#[test]
fn a_deposit_is_refused_by_name() {
    execute(|| {
        let deposit = |gateway, amount| PrepaidPallet::deposit(signed(ALICE), gateway, amount);
        assert_noop!(deposit(NEW_GATEWAY, 500), Error::<Test>::GatewayUnknown);
        assert_noop!(deposit(GATEWAY, MINIMUM - 1), Error::<Test>::BelowMinimumDeposit);
        let most = ENDOWMENT - EXISTENTIAL_DEPOSIT - RECORD;
        assert_noop!(deposit(GATEWAY, most + 1), Error::<Test>::NotEnoughBalance);
        assert_noop!(deposit(GATEWAY, Balance::MAX), Error::<Test>::NotEnoughBalance);
        assert_ok!(deposit(GATEWAY, most));
    });
}

#[test]
fn what_is_announced_can_be_taken_back_after_the_notice_and_not_before() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 200);
        let free_at = System::block_number() + NOTICE;
        assert_eq!((prepaid(ALICE).announced, prepaid(ALICE).free_at), (200, Some(free_at)));
        run_to(free_at - 1);
        let take_back = || PrepaidPallet::take_back(signed(ALICE), GATEWAY);
        assert_noop!(take_back(), Error::<Test>::NoticeNotOver);
        run_to(free_at);
        assert_ok!(take_back());
        assert_eq!(held(ALICE), (300, RECORD));
        assert_noop!(take_back(), Error::<Test>::NothingAnnounced);
    });
}

#[test]
fn with_the_last_leaf_the_record_deposit_comes_back_and_nothing_is_remembered() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 500);
        run_to(System::block_number() + NOTICE);
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!((held(ALICE), Balances::free_balance(ALICE)), ((0, 0), ENDOWMENT));
        assert!(!GatewayIds::<Test>::contains_key(GATEWAY) && !PayerIds::<Test>::contains_key(ALICE));
        assert_eq!(
            events().pop(),
            Some(Event::TakenBack {
                gateway: GATEWAY,
                payer: ALICE,
                amount: 500,
                record_deposit: RECORD
            })
        );
    });
}

#[test]
fn the_record_deposit_comes_back_at_once_where_all_was_drawn() {
    execute(|| {
        deposit(ALICE, 500);
        assert_ok!(draw(&[(ALICE, 500)]));
        assert_eq!(held(ALICE), (0, RECORD), "what pays for the record is never drawn");
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!((held(ALICE), Balances::free_balance(ALICE)), ((0, 0), ENDOWMENT - 500));
    });
}

#[test]
fn a_new_announcement_takes_the_place_of_the_last() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 200);
        let first = System::block_number() + NOTICE;
        run_to(5);
        withdraw(ALICE, 150);
        assert_eq!(
            (prepaid(ALICE).announced, prepaid(ALICE).free_at),
            (150, Some(first)),
            "less keeps the notice given"
        );
        withdraw(ALICE, 151);
        assert_eq!(
            prepaid(ALICE).free_at,
            Some(5 + NOTICE),
            "more needs a notice of its own"
        );
        withdraw(ALICE, 0);
        assert_eq!((prepaid(ALICE).announced, prepaid(ALICE).free_at), (0, None));
        let again = PrepaidPallet::withdraw(signed(ALICE), GATEWAY, 0);
        assert_noop!(again, Error::<Test>::NothingAnnounced);
    });
}

#[test]
fn an_announcement_is_refused_by_name() {
    execute(|| {
        let withdraw = |amount| PrepaidPallet::withdraw(signed(ALICE), GATEWAY, amount);
        assert_noop!(withdraw(1), Error::<Test>::NoDeposit);
        assert_noop!(
            PrepaidPallet::take_back(signed(ALICE), GATEWAY),
            Error::<Test>::NoDeposit
        );
        deposit(ALICE, 500);
        assert_noop!(withdraw(501), Error::<Test>::NotEnoughDeposited);
        assert_ok!(withdraw(100));
        run_to(1 + NOTICE);
        assert_noop!(withdraw(500), Error::<Test>::TakeBackFirst);
        assert_noop!(withdraw(0), Error::<Test>::TakeBackFirst);
    });
}

#[test]
fn a_deposit_for_a_hotkey_that_nobody_knows_can_be_taken_back_at_once() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 100);
        Known::remove(GATEWAY);
        assert_noop!(draw(&[(ALICE, 1)]), Error::<Test>::GatewayUnknown);
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!((held(ALICE), Balances::free_balance(ALICE)), ((0, 0), ENDOWMENT));
    });
}

#[test]
fn only_root_changes_the_terms_and_what_was_agreed_stays() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 500);
        let free_at = prepaid(ALICE).free_at.expect("it is announced");
        let new = PrepaidTerms {
            min_deposit: 1,
            record_deposit: 7,
            notice: 1_000,
        };
        assert_noop!(PrepaidPallet::set_terms(signed(ALICE), new), DispatchError::BadOrigin);
        for unsound in [
            PrepaidTerms { min_deposit: 0, ..new },
            PrepaidTerms { notice: 0, ..new },
        ] {
            let refused = PrepaidPallet::set_terms(RuntimeOrigin::root(), unsound);
            assert_noop!(refused, Error::<Test>::TermsUnsound);
        }
        assert_ok!(PrepaidPallet::set_terms(RuntimeOrigin::root(), new));
        deposit(BOB, 1);
        assert_eq!((held(ALICE).1, held(BOB).1), (RECORD, 7));
        run_to(free_at);
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!(held(ALICE), (0, 0));
    });
}

#[test]
fn a_record_for_which_nothing_is_held_ends_as_the_others_do() {
    execute(|| {
        let free = PrepaidTerms {
            record_deposit: 0,
            ..terms()
        };
        assert_ok!(PrepaidPallet::set_terms(RuntimeOrigin::root(), free));
        deposit(ALICE, 500);
        assert_eq!(held(ALICE), (500, 0));
        assert_ok!(PrepaidPallet::set_terms(RuntimeOrigin::root(), terms()));
        deposit(ALICE, 100);
        assert_eq!(held(ALICE), (600, 0), "the record stays on its old terms");
        assert_ok!(draw(&[(ALICE, 600)]));
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert!(!PayerIds::<Test>::contains_key(ALICE));
        deposit(ALICE, 100);
        assert_eq!(held(ALICE), (100, RECORD));
    });
}

#[test]
fn what_is_deposited_during_a_notice_has_none() {
    execute(|| {
        deposit(ALICE, 500);
        withdraw(ALICE, 500);
        run_to(NOTICE);
        deposit(ALICE, 200);
        assert_eq!((prepaid(ALICE).announced, prepaid(ALICE).available), (500, 200));
        let more = prepaid(ALICE);
        withdraw(ALICE, 500);
        assert_eq!(prepaid(ALICE), more, "no more than before was announced");
        run_to(1 + NOTICE);
        assert_ok!(PrepaidPallet::take_back(signed(ALICE), GATEWAY));
        assert_eq!(held(ALICE), (200, RECORD));
        withdraw(ALICE, 200);
        assert_eq!(prepaid(ALICE).free_at, Some(1 + 2 * NOTICE));
    });
}
