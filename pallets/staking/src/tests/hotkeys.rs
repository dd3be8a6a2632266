//! Owning a hotkey and setting its take.
use crate::{mock::*, ColdkeyIds, Error, Event, HotkeyRecord, Hotkeys, Sr25519, VerifyConsent};
use frame_support::{assert_noop, assert_ok};
use laurel_support::Hotkeys as _;
use laurel_types::{consent_preimage, HotkeyConsent, Take};
use sp_core::{sr25519, Pair};
use sp_runtime::AccountId32;

fn try_take(coldkey: AccountId, take: Take) -> sp_runtime::DispatchResult {
    Staking::set_take(RuntimeOrigin::signed(coldkey), HOTKEY, take)
}

fn record() -> HotkeyRecord {
    Hotkeys::<Test>::get(HOTKEY).expect("the hotkey is known")
}

#[test]
fn binding_makes_the_coldkey_the_owner() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Staking::owner(&UNKNOWN_HOTKEY), None);
        bind(UNKNOWN_HOTKEY, ALICE);
        assert_eq!(
            last_event(),
            Event::HotkeyBound {
                hotkey: UNKNOWN_HOTKEY,
                coldkey: ALICE
            }
            .into()
        );
        assert_eq!(Staking::owner(&UNKNOWN_HOTKEY), Some(ALICE));
        NOTHING_MINTED
    });
}

#[test]
fn binding_again_needs_no_consent_and_changes_nothing_and_by_another_coldkey_fails() {
    ExtBuilder::default().build_and_execute(|| {
        set_take(5);
        let before = record();
        assert_ok!(Staking::bind(&HOTKEY, &OWNER, None));
        for consents in [None, Some(consent(HOTKEY, ALICE))] {
            assert_noop!(
                Staking::bind(&HOTKEY, &ALICE, consents.as_ref()),
                Error::<Test>::HotkeyOwnedByAnother
            );
        }
        assert_eq!(record(), before);
        NOTHING_MINTED
    });
}

#[test]
fn an_unknown_hotkey_is_bound_only_to_the_coldkey_that_it_signed_for() {
    ExtBuilder::default().build_and_execute(|| {
        let bind = |coldkey, consent: Option<HotkeyConsent>| Staking::bind(&UNKNOWN_HOTKEY, &coldkey, consent.as_ref());
        assert_noop!(bind(ALICE, None), Error::<Test>::ConsentMissing);
        // For somebody else, by somebody else, and nothing like a signature.
        let invalid = [
            consent(UNKNOWN_HOTKEY, BOB),
            consent(HOTKEY, ALICE),
            HotkeyConsent([0; 64]),
            HotkeyConsent([255; 64]),
        ];
        for consent in invalid {
            assert_noop!(bind(ALICE, Some(consent)), Error::<Test>::ConsentInvalid);
        }
        let elsewhere = consent_preimage(&sp_core::H256::repeat_byte(7), &UNKNOWN_HOTKEY, &ALICE);
        let elsewhere = HotkeyConsent(key_of(UNKNOWN_HOTKEY).sign(&elsewhere).0);
        assert_noop!(bind(ALICE, Some(elsewhere)), Error::<Test>::ConsentInvalid);
        assert_eq!(Staking::owner(&UNKNOWN_HOTKEY), None);
        assert_ok!(bind(ALICE, Some(consent(UNKNOWN_HOTKEY, ALICE))));
        NOTHING_MINTED
    });
}

#[test]
fn the_runtimes_accounts_consent_by_their_sr25519_keys() {
    let (hotkey, stranger) = (sr25519::Pair::from_seed(&[1; 32]), sr25519::Pair::from_seed(&[2; 32]));
    let message = b"laurel/own/1 and so on";
    let consent = HotkeyConsent(hotkey.sign(message).0);
    let account = |key: &sr25519::Pair| AccountId32::from(key.public().0);
    sp_io::TestExternalities::default().execute_with(|| {
        assert!(Sr25519::verify(message, &consent, &account(&hotkey)));
        assert!(!Sr25519::verify(message, &consent, &account(&stranger)));
        assert!(!Sr25519::verify(b"something else", &consent, &account(&hotkey)));
    });
}

#[test]
fn a_new_hotkey_keeps_the_maximum_take() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(record().take, Take::MAX);
        NOTHING_MINTED
    });
}

#[test]
fn only_the_owner_sets_the_take() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(try_take(ALICE, Take(1)), Error::<Test>::NotHotkeyOwner);
        let unknown = Staking::set_take(RuntimeOrigin::signed(OWNER), UNKNOWN_HOTKEY, Take(1));
        assert_noop!(unknown, Error::<Test>::HotkeyUnknown);
        assert_noop!(try_take(OWNER, Take::MAX), Error::<Test>::TakeUnchanged);
        NOTHING_MINTED
    });
}

#[test]
fn the_take_can_be_lowered_once_an_interval_and_at_first_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(try_take(OWNER, Take(9_000)));
        assert_eq!(
            last_event(),
            Event::TakeSet {
                hotkey: HOTKEY,
                take: Take(9_000)
            }
            .into()
        );
        run_to(LOWER_INTERVAL);
        assert_noop!(try_take(OWNER, Take(5_000)), Error::<Test>::TakeLoweredTooSoon);
        run_to(LOWER_INTERVAL + 1);
        assert_ok!(try_take(OWNER, Take(5_000)));
        assert_eq!(record().take, Take(5_000));
        NOTHING_MINTED
    });
}

#[test]
fn a_take_out_of_bounds_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        run_to(10 * RAISE_INTERVAL);
        assert_noop!(try_take(OWNER, Take(Take::MAX.0 + 1)), Error::<Test>::TakeTooHigh);
        let settings = crate::Settings {
            min_take: Take(100),
            max_take: Take(10_000),
            ..crate::StakingSettings::<Test>::get()
        };
        assert_ok!(Staking::set_settings(RuntimeOrigin::root(), settings));
        assert_noop!(try_take(OWNER, Take(10_001)), Error::<Test>::TakeTooHigh);
        assert_noop!(try_take(OWNER, Take(99)), Error::<Test>::TakeTooLow);
        assert_ok!(try_take(OWNER, Take(100)));
        NOTHING_MINTED
    });
}

/// Lowering a take to attract stake and putting it up again at once is what the stamp of each hotkey prevents.
#[test]
fn weakness_16_a_take_is_raised_only_an_interval_after_its_last_change_in_either_direction() {
    ExtBuilder::default().build_and_execute(|| {
        // The hotkey became known in block 1: raising would be possible from here on.
        run_to(RAISE_INTERVAL + 1);
        set_take(0);
        assert_noop!(try_take(OWNER, Take(1)), Error::<Test>::TakeRaisedTooSoon);
        run_to(2 * RAISE_INTERVAL);
        assert_noop!(try_take(OWNER, Take(1)), Error::<Test>::TakeRaisedTooSoon);
        run_to(2 * RAISE_INTERVAL + 1);
        assert_ok!(try_take(OWNER, Take(1)));
        assert_noop!(try_take(OWNER, Take(2)), Error::<Test>::TakeRaisedTooSoon);
        // Another hotkey of the same owner has its own stamps.
        assert_ok!(Staking::set_take(RuntimeOrigin::signed(OWNER), OTHER_HOTKEY, Take(0)));
        run_to(3 * RAISE_INTERVAL + 1);
        assert_ok!(try_take(OWNER, Take(2)));
        NOTHING_MINTED
    });
}

#[test]
fn an_owner_is_remembered_with_its_hotkey_and_another_coldkey_only_while_it_has_stake() {
    ExtBuilder::default().build_and_execute(|| {
        assert!(ColdkeyIds::<Test>::contains_key(OWNER));
        assert!(!ColdkeyIds::<Test>::contains_key(ALICE));
        add(ALICE, 5_000);
        assert!(ColdkeyIds::<Test>::contains_key(ALICE));
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(ALICE), HOTKEY));
        assert!(!ColdkeyIds::<Test>::contains_key(ALICE));
        add(OWNER, 5_000);
        assert_ok!(Staking::remove_all_stake(RuntimeOrigin::signed(OWNER), HOTKEY));
        assert!(ColdkeyIds::<Test>::contains_key(OWNER));
        NOTHING_MINTED
    });
}
