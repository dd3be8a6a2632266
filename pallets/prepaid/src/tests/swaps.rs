//! Deposits when keys change.
use crate::{mock::*, Error};
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer, traits::fungible::Mutate};
use laurel_support::{OnColdkeySwapped, OnHotkeySwapped};
use sp_runtime::TokenError;

#[test]
fn a_gateways_new_hotkey_draws_what_was_deposited_for_the_old_one() {
    execute(|| {
        deposit(ALICE, 500);
        Known::swap(GATEWAY, NEW_GATEWAY);
        assert_ok!(<PrepaidPallet as OnHotkeySwapped<_>>::on_hotkey_swapped(
            &GATEWAY,
            &NEW_GATEWAY
        ));
        assert_noop!(draw(&[(ALICE, 10)]), Error::<Test>::GatewayUnknown);
        let items = vec![(ALICE, 10)].try_into().unwrap();
        assert_ok!(PrepaidPallet::draw(signed(NEW_GATEWAY), items));
        assert_eq!(held(ALICE), (490, RECORD));
        assert_noop!(
            PrepaidPallet::withdraw(signed(ALICE), GATEWAY, 1),
            Error::<Test>::NoDeposit
        );
        assert_ok!(PrepaidPallet::withdraw(signed(ALICE), NEW_GATEWAY, 490));
    });
}

#[test]
fn what_is_drawn_after_a_coldkey_swap_goes_to_the_new_owner() {
    execute(|| {
        deposit(ALICE, 500);
        Known::insert(GATEWAY, BOB);
        assert_ok!(draw(&[(ALICE, 100)]));
        assert_eq!(Balances::free_balance(BOB), ENDOWMENT + 100);
    });
}

#[test]
fn a_payers_new_coldkey_has_its_deposits_and_their_notice() {
    execute(|| {
        deposit(ALICE, 500);
        assert_ok!(PrepaidPallet::deposit(signed(ALICE), OTHER_GATEWAY, 200));
        withdraw(ALICE, 400);
        // As a swap does, so that the account exists.
        Balances::set_balance(&NEW, EXISTENTIAL_DEPOSIT);
        Balances::set_balance(&ALICE, ENDOWMENT - 700 - 2 * RECORD - EXISTENTIAL_DEPOSIT);
        assert_ok!(<PrepaidPallet as OnColdkeySwapped<_>>::on_coldkey_swapped(&ALICE, &NEW));
        assert_eq!((held(ALICE), held(NEW)), ((0, 0), (700, 2 * RECORD)));
        assert_eq!(PrepaidPallet::prepaid(&GATEWAY, &ALICE), None);
        run_to(1 + NOTICE);
        assert_ok!(PrepaidPallet::take_back(signed(NEW), GATEWAY));
        assert_ok!(draw(&[(NEW, 100)]));
        assert_eq!(held(NEW), (200, 2 * RECORD));
    });
}

#[test]
fn a_key_with_deposits_takes_nobodys_place() {
    execute(|| {
        deposit(ALICE, 500);
        deposit(BOB, 500);
        assert!(<PrepaidPallet as OnColdkeySwapped<_>>::in_use(&ALICE));
        assert!(<PrepaidPallet as OnHotkeySwapped<_>>::in_use(&GATEWAY));
        assert!(!<PrepaidPallet as OnColdkeySwapped<_>>::in_use(&NEW));
        assert!(!<PrepaidPallet as OnHotkeySwapped<_>>::in_use(&OTHER_GATEWAY));
        let coldkey = <PrepaidPallet as OnColdkeySwapped<_>>::on_coldkey_swapped(&ALICE, &BOB);
        assert_noop!(coldkey, Error::<Test>::KeyInUse);
        let hotkey = <PrepaidPallet as OnHotkeySwapped<_>>::on_hotkey_swapped(&OTHER_GATEWAY, &GATEWAY);
        assert_noop!(hotkey, Error::<Test>::KeyInUse);
    });
}

#[test]
fn deposits_pass_to_no_account_that_does_not_exist() {
    execute(|| {
        deposit(ALICE, 500);
        let swap = || with_storage_layer(|| <PrepaidPallet as OnColdkeySwapped<_>>::on_coldkey_swapped(&ALICE, &NEW));
        assert_noop!(swap(), TokenError::CannotCreateHold);
        Balances::set_balance(&NEW, EXISTENTIAL_DEPOSIT);
        Balances::set_balance(&BOB, ENDOWMENT - EXISTENTIAL_DEPOSIT);
        assert_ok!(swap());
        assert_eq!((held(ALICE), held(NEW)), ((0, 0), (500, RECORD)));
    });
}

#[test]
fn a_swapped_payer_is_a_new_one_if_it_deposits_again() {
    execute(|| {
        deposit(ALICE, 500);
        Balances::set_balance(&NEW, EXISTENTIAL_DEPOSIT);
        Balances::set_balance(&BOB, ENDOWMENT - EXISTENTIAL_DEPOSIT);
        assert_ok!(<PrepaidPallet as OnColdkeySwapped<_>>::on_coldkey_swapped(&ALICE, &NEW));
        assert_noop!(draw(&[(ALICE, 100)]), Error::<Test>::NoDeposit);
        deposit(ALICE, 200);
        assert_ok!(draw(&[(ALICE, 1_000)]));
        assert_eq!((held(ALICE), held(NEW)), ((0, RECORD), (500, RECORD)));
    });
}

#[test]
fn a_hotkey_that_was_swapped_away_is_another_gateway_when_somebody_registers_it_again() {
    execute(|| {
        deposit(ALICE, 500);
        Known::swap(GATEWAY, NEW_GATEWAY);
        assert_ok!(<PrepaidPallet as OnHotkeySwapped<_>>::on_hotkey_swapped(
            &GATEWAY,
            &NEW_GATEWAY
        ));
        Known::insert(GATEWAY, BOB);
        assert_noop!(draw(&[(ALICE, 100)]), Error::<Test>::NoDeposit);
        deposit(ALICE, 200);
        assert_ok!(draw(&[(ALICE, 1_000)]));
        assert_eq!(
            (held(ALICE), Balances::free_balance(BOB)),
            ((500, 2 * RECORD), ENDOWMENT + 200)
        );
        assert_eq!(PrepaidPallet::prepaid_by(&ALICE).len(), 2);
    });
}
