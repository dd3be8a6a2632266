//! The least that somebody has on another one's hotkey, and what becomes of less.
use crate::{mock::*, Error, Event, Settings, StakingSettings};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use laurel_types::{Balance, Take};
use sp_runtime::DispatchError;

const RAISED: Balance = 50_000;

fn raise_minimum() {
    let settings = Settings {
        min_nomination: RAISED,
        ..StakingSettings::<Test>::get()
    };
    assert_ok!(Staking::set_settings(RuntimeOrigin::root(), settings));
}

fn clear(coldkey: AccountId) -> Result<Pays, DispatchError> {
    Staking::clear_nomination(RuntimeOrigin::signed(BOB), coldkey, HOTKEY)
        .map(|post| post.pays_fee)
        .map_err(|refused| refused.error)
}

#[test]
fn a_nominator_has_at_least_the_minimum_and_an_owner_may_have_less() {
    ExtBuilder::default().min_nomination(RAISED).build_and_execute(|| {
        let nominate = |amount| Staking::add_stake(RuntimeOrigin::signed(ALICE), HOTKEY, amount);
        assert_noop!(nominate(RAISED - 1), Error::<Test>::BelowMinimumNomination);
        assert_ok!(nominate(RAISED));
        assert_ok!(nominate(MIN_STAKE));
        add(OWNER, MIN_STAKE);
        NOTHING_MINTED
    });
}

#[test]
fn what_a_removal_leaves_under_the_minimum_goes_along_for_nominators_and_stays_for_the_owner() {
    ExtBuilder::default().min_nomination(RAISED).build_and_execute(|| {
        add(ALICE, 100_000);
        add(OWNER, 100_000);
        for who in [ALICE, OWNER] {
            assert_ok!(Staking::remove_stake(RuntimeOrigin::signed(who), HOTKEY, 51_000));
        }
        assert_eq!((value(ALICE), value(OWNER)), (0, 49_000));
        NOTHING_MINTED
    });
}

#[test]
fn anybody_clears_a_nomination_that_a_raised_minimum_left_too_small_one_at_a_time() {
    ExtBuilder::default().build_and_execute(|| {
        add(ALICE, 5_000);
        add(OWNER, 5_000);
        assert_noop!(clear(ALICE), Error::<Test>::NominationLargeEnough);
        raise_minimum();
        let free = Balances::free_balance(ALICE);
        assert_eq!(clear(ALICE), Ok(Pays::No));
        assert_eq!(
            last_event(),
            Event::NominationCleared {
                coldkey: ALICE,
                hotkey: HOTKEY,
                amount: 5_000,
                shares: 5_000 * crate::Pool::SHARES_PER_LEAF,
            }
            .into()
        );
        assert_eq!((value(ALICE), Balances::free_balance(ALICE)), (0, free + 5_000));
        assert_noop!(clear(OWNER), Error::<Test>::OwnerPosition);
        assert_noop!(clear(ALICE), Error::<Test>::NotEnoughStake);
        NOTHING_MINTED
    });
}

#[test]
fn only_root_changes_the_settings_and_only_to_sound_ones() {
    ExtBuilder::default().build_and_execute(|| {
        let settings = StakingSettings::<Test>::get();
        assert_noop!(
            Staking::set_settings(RuntimeOrigin::signed(ALICE), settings),
            DispatchError::BadOrigin
        );
        let unsound = [
            Settings {
                min_stake: EXISTENTIAL_DEPOSIT - 1,
                ..settings
            },
            Settings {
                min_nomination: MIN_STAKE - 1,
                ..settings
            },
            Settings {
                max_take: Take(Take::MAX.0 + 1),
                ..settings
            },
            Settings {
                min_take: Take(2),
                max_take: Take(1),
                ..settings
            },
        ];
        for settings in unsound {
            assert_noop!(
                Staking::set_settings(RuntimeOrigin::root(), settings),
                Error::<Test>::SettingsUnsound
            );
        }
        raise_minimum();
        let settings = StakingSettings::<Test>::get();
        assert_eq!(last_event(), Event::SettingsChanged { settings }.into());
        NOTHING_MINTED
    });
}
