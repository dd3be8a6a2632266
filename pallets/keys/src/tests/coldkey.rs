//! Swapping a coldkey.
use crate::{mock::*, ColdkeySwaps, Error};
use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};

#[test]
fn after_the_delay_everything_belongs_to_the_new_coldkey() {
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        assert_eq!((free(OLD), held(OLD)), (ENDOWMENT - COLDKEY_COST, COLDKEY_COST));
        skip_blocks(DELAY);
        assert_ok!(execute_swap(OLD, NEW));
        assert_eq!((free(OLD), held(OLD)), (0, 0));
        assert_eq!(free(NEW), ENDOWMENT - COLDKEY_COST);
        assert_eq!(free(BURN), EXISTENTIAL_DEPOSIT + COLDKEY_COST);
        assert_eq!(Owners::get(HOTKEY), Some(NEW));
        assert_eq!((Kept::get(OLD), Kept::get(NEW)), (0, 22));
        assert!(!System::account_exists(&OLD));
        assert_eq!(ColdkeySwaps::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_swap_is_executed_in_its_window_only() {
    execute(|| {
        assert_noop!(execute_swap(OLD, NEW), Error::<Test>::NotAnnounced);
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY - 1);
        assert_noop!(execute_swap(OLD, NEW), Error::<Test>::SwapTooEarly);
        skip_blocks(1 + WINDOW);
        assert_noop!(execute_swap(OLD, NEW), Error::<Test>::SwapExpired);
    });
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY + WINDOW - 1);
        assert_ok!(execute_swap(OLD, NEW));
    });
}

#[test]
fn only_what_was_announced_can_be_executed() {
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY);
        assert_noop!(execute_swap(OLD, 77), Error::<Test>::NotWhatWasAnnounced);
        assert_noop!(
            Keys::swap_coldkey(RuntimeOrigin::signed(OTHER), OLD, NEW, [6; 32]),
            Error::<Test>::NotWhatWasAnnounced
        );
    });
}

#[test]
fn the_owner_cancels_and_has_its_deposit_back() {
    // Weakness 49: there was no cancel.
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        assert_noop!(announce(OLD, NEW), Error::<Test>::AlreadyAnnounced);
        assert_noop!(
            Keys::cancel_coldkey_swap(RuntimeOrigin::signed(OTHER)),
            Error::<Test>::NotAnnounced
        );
        assert_ok!(Keys::cancel_coldkey_swap(RuntimeOrigin::signed(OLD)));
        assert_eq!((free(OLD), held(OLD)), (ENDOWMENT, 0));
        skip_blocks(DELAY);
        assert_noop!(execute_swap(OLD, NEW), Error::<Test>::NotAnnounced);
        assert_ok!(announce(OLD, NEW));
    });
}

#[test]
fn an_account_is_not_locked_by_an_announcement_nor_by_a_swap_that_fails() {
    // Weakness 49: the flag of a failed swap stayed for ever and barred transfers.
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY);
        Broken::put(true);
        assert_noop!(
            Keys::do_swap_coldkey(OLD, NEW, SALT),
            sp_runtime::DispatchError::Other("broken")
        );
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(OLD), OTHER, 5));
        // Repaired, it can be tried again.
        Broken::put(false);
        assert_ok!(execute_swap(OLD, NEW));
    });
    execute(|| {
        Broken::put(true);
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY + WINDOW - 1);
        assert_noop!(
            Keys::clear_expired_swap(RuntimeOrigin::signed(OTHER), OLD),
            Error::<Test>::SwapNotExpired
        );
        skip_blocks(1);
        assert_ok!(Keys::clear_expired_swap(RuntimeOrigin::signed(OTHER), OLD));
        assert_eq!((free(OLD), held(OLD)), (ENDOWMENT, 0));
        assert_ok!(announce(OLD, NEW));
    });
}

#[test]
fn the_cost_is_reserved_at_the_announcement() {
    // Weakness 49: the cost was charged at the end, when it might not be there.
    execute(|| {
        let all_but = |rest| {
            let amount = free(OLD) - rest;
            Balances::transfer_keep_alive(RuntimeOrigin::signed(OLD), OTHER, amount)
        };
        assert_ok!(announce(OLD, NEW));
        assert_ok!(all_but(EXISTENTIAL_DEPOSIT));
        skip_blocks(DELAY);
        assert_ok!(execute_swap(OLD, NEW));
        assert_eq!(free(NEW), EXISTENTIAL_DEPOSIT);
        assert_eq!(free(BURN), EXISTENTIAL_DEPOSIT + COLDKEY_COST);
    });
    execute(|| {
        assert_ok!(Balances::transfer_keep_alive(
            RuntimeOrigin::signed(OLD),
            OTHER,
            ENDOWMENT - COLDKEY_COST
        ));
        assert_noop!(announce(OLD, NEW), Error::<Test>::BalanceBelowCost);
    });
}

#[test]
fn nested_calls_meet_the_same_rules() {
    // Weakness 40: a check that is made for outer transactions only is no check. All of this pallet's are in dispatch, and
    // there is no lock that a nested transfer could get around.
    execute(|| {
        let nested = |call: RuntimeCall, by: u64| {
            Utility::batch_all(RuntimeOrigin::signed(by), vec![call])
                .map(|_| ())
                .map_err(|e| e.error)
        };
        let swap = RuntimeCall::Keys(crate::Call::swap_coldkey {
            coldkey: OLD,
            new_coldkey: NEW,
            salt: SALT,
        });
        assert_ok!(announce(OLD, NEW));
        assert_noop!(nested(swap.clone(), OTHER), Error::<Test>::SwapTooEarly);
        let send = RuntimeCall::Balances(pallet_balances::Call::transfer_allow_death {
            dest: OTHER,
            value: free(OLD) + 1,
        });
        assert!(nested(send, OLD).is_err(), "the deposit cannot be sent away");
        skip_blocks(DELAY);
        assert_ok!(nested(swap, OTHER));
        assert_eq!(free(NEW), ENDOWMENT - COLDKEY_COST);
    });
}

#[test]
fn a_coldkey_that_is_in_use_is_refused() {
    execute(|| {
        for make in [
            (|| Owners::insert(NEW, OTHER)) as fn(),
            || Owners::insert(300, NEW),
            || Kept::insert(NEW, 1),
            || {
                Balances::set_balance(&NEW, ENDOWMENT);
                assert_ok!(announce(NEW, 77));
            },
        ] {
            let undone = frame_support::storage::with_transaction(|| {
                assert_ok!(announce(OLD, NEW));
                make();
                skip_blocks(DELAY);
                assert_noop!(execute_swap(OLD, NEW), Error::<Test>::NewColdkeyInUse);
                sp_runtime::TransactionOutcome::Rollback(Ok::<(), sp_runtime::DispatchError>(()))
            });
            assert_ok!(undone);
        }
        assert_ok!(announce(OLD, OLD));
        skip_blocks(DELAY);
        assert_noop!(execute_swap(OLD, OLD), Error::<Test>::SameKey);
    });
}

#[test]
fn what_is_held_moves_to_an_account_that_did_not_exist() {
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        skip_blocks(DELAY);
        hold(OLD, 500_000);
        // More than the deposit is held here, so that the ledger's equation does not apply until the swap.
        assert_ok!(execute_swap(OLD, NEW));
        assert_eq!((held(OLD), held(NEW)), (0, 500_000));
        assert_eq!((free(OLD), free(NEW)), (0, ENDOWMENT - COLDKEY_COST - 500_000));
        frame_support::assert_ok!(<Balances as frame_support::traits::fungible::MutateHold<_>>::release(
            &crate::HoldReason::ColdkeySwap.into(),
            &NEW,
            500_000,
            frame_support::traits::tokens::Precision::Exact
        ));
    });
}

#[test]
fn an_account_of_hardly_more_than_the_deposit_can_be_swapped() {
    execute(|| {
        assert_ok!(announce(OLD, NEW));
        let rest = free(OLD) - EXISTENTIAL_DEPOSIT;
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(OLD), OTHER, rest));
        skip_blocks(DELAY);
        assert_ok!(execute_swap(OLD, NEW));
        assert_eq!((free(OLD), free(NEW)), (0, EXISTENTIAL_DEPOSIT));
    });
}
