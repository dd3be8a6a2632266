//! Creating subnets: what it locks, who is told, when it is refused.
use crate::{mock::*, Error, Event, HoldReason, LastLock, Lock, NextNetUid, SubnetSettings, Subnets as Stored};
use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, InspectHold},
};
use laurel_support::Subnets as _;
use laurel_types::{Balance, Hyperparameters, NetUid, MAX_SUBNETS};
use sp_runtime::DispatchError;

fn held(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::SubnetLock.into(), &who)
}

fn create(owner: u64, max_lock: Balance) -> frame_support::dispatch::DispatchResult {
    Subnets::create_subnet(RuntimeOrigin::signed(owner), max_lock)
}

#[test]
fn a_subnet_begins_with_its_creator_as_owner_and_the_chains_default_parameters() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(create(ALICE, MIN_LOCK));

        let netuid = NetUid(1);
        assert_eq!(Subnets::netuids(), vec![netuid]);
        assert_eq!(Subnets::owner(netuid), Some(ALICE));
        assert_eq!(Subnets::params(netuid).map(|params| params.tempo), Some(15));
        assert!(Subnets::exists(netuid));
        assert_eq!(Subnets::models(netuid), vec![]);
        assert_eq!(
            Stored::<Test>::get(netuid).map(|subnet| (subnet.created_at, subnet.lock)),
            Some((1, MIN_LOCK))
        );
        System::assert_last_event(
            Event::SubnetCreated {
                netuid,
                owner: ALICE,
                lock: MIN_LOCK,
            }
            .into(),
        );
    });
}

#[test]
fn creating_a_subnet_holds_the_quoted_lock_on_the_owners_own_account() {
    ExtBuilder::default().build_and_execute(|| {
        let issuance = Balances::total_issuance();
        let quote = lock_cost();
        assert_ok!(create(ALICE, quote));

        assert_eq!(held(ALICE), quote);
        assert_eq!(Balances::free_balance(ALICE), FUNDS - quote);
        assert_eq!(Balances::total_balance(&ALICE), FUNDS);
        assert_eq!(Balances::total_issuance(), issuance);
        assert_eq!(Subnets::locked(), quote);
    });
}

#[test]
fn those_who_keep_state_for_subnets_are_told_when_its_parameters_can_be_read() {
    ExtBuilder::default().build_and_execute(|| {
        let netuid = create_subnet(ALICE);
        assert_eq!(Told::get(), vec![(netuid, Subnets::params(netuid))]);
        assert!(Subnets::params(netuid).is_some());
    });
}

#[test]
fn the_lock_doubles_with_a_creation_and_falls_to_the_minimum_again() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(lock_cost(), MIN_LOCK);
        create_subnet(ALICE);
        assert_eq!(lock_cost(), 2 * MIN_LOCK);
        // One lock falls in a reduction interval, half of one in half of it.
        assert_eq!(Subnets::lock_cost_at(1 + REDUCTION / 2), MIN_LOCK + MIN_LOCK / 2);
        assert_eq!(Subnets::lock_cost_at(1 + 10 * REDUCTION), MIN_LOCK);

        skip_blocks(RATE_LIMIT);
        let second = 2 * MIN_LOCK - MIN_LOCK / Balance::from(REDUCTION) * Balance::from(RATE_LIMIT);
        assert_eq!(lock_cost(), second);
        create_subnet(BOB);
        assert_eq!((held(ALICE), held(BOB)), (MIN_LOCK, second));
        assert_eq!(
            LastLock::<Test>::get(),
            Some(Lock {
                cost: second,
                block: 1 + RATE_LIMIT
            })
        );
        assert_eq!(Subnets::locked(), MIN_LOCK + second);
    });
}

#[test]
fn one_owner_can_hold_the_locks_of_several_subnets() {
    ExtBuilder::default().without_rate_limit().build_and_execute(|| {
        create_subnet(ALICE);
        create_subnet(ALICE);
        assert_eq!(held(ALICE), MIN_LOCK + 2 * MIN_LOCK);
        assert_eq!(Subnets::netuids(), vec![NetUid(1), NetUid(2)]);
    });
}

#[test]
fn a_lock_above_the_creators_maximum_is_refused() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(create(ALICE, MIN_LOCK - 1), Error::<Test>::LockAboveMaximum);
    });
}

#[test]
fn a_lock_that_would_leave_less_than_the_existential_deposit_is_refused() {
    ExtBuilder::default().min_lock(FUNDS).build_and_execute(|| {
        assert_noop!(create(ALICE, FUNDS), Error::<Test>::BalanceBelowLock);
    });
    let affordable = FUNDS - Balances::minimum_balance();
    ExtBuilder::default().min_lock(affordable).build_and_execute(|| {
        assert_ok!(create(ALICE, affordable));
    });
}

#[test]
fn locked_tokens_cannot_be_spent() {
    ExtBuilder::default().min_lock(FUNDS - 10).build_and_execute(|| {
        create_subnet(ALICE);
        let spend = Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), BOB, 11);
        assert!(spend.is_err());
        assert_eq!(held(ALICE), FUNDS - 10);
    });
}

#[test]
fn a_second_creation_waits_for_the_rate_limit() {
    ExtBuilder::default().build_and_execute(|| {
        create_subnet(ALICE);
        skip_blocks(RATE_LIMIT - 1);
        assert_noop!(create(BOB, Balance::MAX), Error::<Test>::SubnetCreatedTooRecently);
        skip_blocks(1);
        assert_ok!(create(BOB, Balance::MAX));
    });
}

#[test]
fn netuids_run_out_instead_of_starting_again() {
    ExtBuilder::default().build_and_execute(|| {
        NextNetUid::<Test>::put(NetUid(u16::MAX));
        assert_noop!(create(ALICE, Balance::MAX), Error::<Test>::NetUidsExhausted);
    });
}

#[test]
fn only_an_account_can_create_a_subnet() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            Subnets::create_subnet(RuntimeOrigin::root(), Balance::MAX),
            DispatchError::BadOrigin
        );
        assert_noop!(
            Subnets::create_subnet(RuntimeOrigin::none(), Balance::MAX),
            DispatchError::BadOrigin
        );
    });
}

#[test]
#[should_panic(expected = "genesis of subnets: tempo")]
fn a_chain_with_default_parameters_out_of_range_does_not_begin() {
    ExtBuilder::default()
        .default_params(Hyperparameters {
            tempo: 0,
            ..Default::default()
        })
        .build();
}

#[test]
fn the_default_settings_let_subnets_be_created() {
    assert_eq!(SubnetSettings::default().check(), Ok(()));
}

#[test]
fn the_genesis_reads_from_json_with_one_field_a_setting_and_the_rest_by_default() {
    let genesis: crate::GenesisConfig<Test> = serde_json::from_str(r#"{ "settings": { "minLock": 7 } }"#).unwrap();
    let expected = SubnetSettings {
        min_lock: 7,
        ..SubnetSettings::default()
    };
    assert_eq!(genesis.settings, expected);
    let json = serde_json::to_value(&genesis).expect("the genesis is plain data");
    assert_eq!(json["settings"]["defaultParams"]["tempo"], 360);
    assert_eq!(json["settings"]["lockReductionInterval"], 100_800);
}

#[test]
fn only_root_replaces_the_settings_and_only_by_admissible_ones() {
    ExtBuilder::default().build_and_execute(|| {
        let mut settings = crate::Settings::<Test>::get();
        settings.min_lock = 5;
        assert_noop!(
            Subnets::set_settings(RuntimeOrigin::signed(ALICE), settings.clone()),
            DispatchError::BadOrigin
        );
        assert_ok!(Subnets::set_settings(RuntimeOrigin::root(), settings.clone()));
        assert_eq!(lock_cost(), 5);
        System::assert_last_event(
            Event::SettingsChanged {
                settings: settings.clone(),
            }
            .into(),
        );
        type Spoil = fn(&mut SubnetSettings);
        let spoils: [Spoil; 5] = [
            |settings| settings.max_subnets = 0,
            |settings| settings.max_subnets = MAX_SUBNETS + 1,
            |settings| settings.lock_reduction_interval = 0,
            |settings| settings.early_end_burn = 101,
            |settings| settings.default_params.tempo = 0,
        ];
        for spoil in spoils {
            let mut spoilt = settings.clone();
            spoil(&mut spoilt);
            assert_noop!(
                Subnets::set_settings(RuntimeOrigin::root(), spoilt),
                Error::<Test>::SettingsOutOfRange
            );
        }
    });
}

#[test]
fn a_check_says_what_creating_would_do_without_doing_it() {
    ExtBuilder::default().build_and_execute(|| {
        let creation = crate::Creation {
            cost: MIN_LOCK,
            replaces: None,
        };
        frame_support::assert_storage_noop!(assert_eq!(Subnets::check_create(&ALICE, MIN_LOCK).ok(), Some(creation)));
        let refused = Subnets::check_create(&ALICE, MIN_LOCK - 1).map_err(DispatchError::from);
        assert_eq!(refused, Err(Error::<Test>::LockAboveMaximum.into()));
    });
}
