//! What happens when the chain is full.
use crate::{mock::*, Error, Event, Lock, Netuids, Params, Reason, Removals, Settings, Subnet, Subnets as Stored};
use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect, weights::Weight};
use laurel_support::Subnets as _;
use laurel_types::{Balance, Hyperparameters, NetUid, MAX_SUBNETS};
use sp_runtime::DispatchError;

/// What would end for the next subnet.
fn weakest() -> Result<Option<NetUid>, DispatchError> {
    Ok(Subnets::next_replaced()?)
}

/// A chain with room for three subnets that holds three, all past their immunity.
fn full(test: impl FnOnce()) {
    ExtBuilder::default()
        .max_subnets(3)
        .without_rate_limit()
        .build_and_execute(|| {
            for owner in [ALICE, BOB, ALICE] {
                create_subnet(owner);
                skip_blocks(1);
            }
            skip_blocks(IMMUNITY);
            test();
        });
}

#[test]
fn a_new_subnet_takes_the_place_of_the_one_with_the_smallest_part_of_the_emission() {
    full(|| {
        TheSplit::set(vec![(NetUid(1), 50), (NetUid(2), 20), (NetUid(3), 30)]);
        assert_eq!(weakest(), Ok(Some(NetUid(2))));
        let quoted = Subnets::replacement_at(Subnets::now()).unwrap();
        assert_eq!((quoted.netuid, quoted.owner, quoted.part), (NetUid(2), BOB, 20));
        let issuance = Balances::total_issuance();
        let bob = Balances::total_balance(&BOB);
        assert_eq!(create_subnet(ALICE), NetUid(4));

        assert_eq!(Subnets::netuids(), vec![NetUid(1), NetUid(3), NetUid(4)]);
        assert!(Subnets::is_ending(NetUid(2)));
        let burned = bob - Balances::total_balance(&BOB);
        assert!(
            burned > 0,
            "a subnet that only held its place costs its owner something"
        );
        assert_eq!(Balances::total_issuance(), issuance);
        let lock = 2 * MIN_LOCK - MIN_LOCK / Balance::from(REDUCTION);
        assert_eq!((quoted.refunded, quoted.burned), (lock - burned, burned));
        let ended = Event::SubnetEnded {
            netuid: NetUid(2),
            owner: BOB,
            refunded: lock - burned,
            burned,
            reason: Reason::Replaced,
        };
        System::assert_has_event(ended.into());
        next_block(Weight::MAX);
        System::assert_has_event(Event::SubnetRemoved { netuid: NetUid(2) }.into());
    });
}

#[test]
fn among_equals_the_one_created_first_goes_and_nobody_in_the_split_is_least_of_all() {
    full(|| {
        assert_eq!(weakest(), Ok(Some(NetUid(1))));
        TheSplit::set(vec![(NetUid(1), 5), (NetUid(3), 5)]);
        assert_eq!(weakest(), Ok(Some(NetUid(2))));
        TheSplit::set(vec![(NetUid(1), 5), (NetUid(2), 6), (NetUid(3), 5)]);
        assert_eq!(weakest(), Ok(Some(NetUid(1))));
    });
}

#[test]
fn a_subnet_in_its_immunity_stays_and_where_all_are_nobody_can_join() {
    full(|| {
        TheSplit::set(vec![(NetUid(1), 50), (NetUid(2), 20), (NetUid(3), 30)]);
        create_subnet(BOB);
        TheSplit::set(vec![(NetUid(1), 50), (NetUid(3), 30)]);
        // The newcomer has no part yet, but is immune.
        assert_eq!(weakest(), Ok(Some(NetUid(3))));
        create_subnet(BOB);
        create_subnet(BOB);
        let refused = Subnets::create_subnet(RuntimeOrigin::signed(ALICE), Balance::MAX);
        assert_noop!(refused, Error::<Test>::AllSubnetsImmune);
        // Immunity ends with its period.
        skip_blocks(IMMUNITY - 1);
        assert_eq!(weakest(), Err(Error::<Test>::AllSubnetsImmune.into()));
        skip_blocks(1);
        assert_eq!(weakest(), Ok(Some(NetUid(4))));
    });
}

#[test]
fn root_raises_the_limit_and_lowers_it_without_ending_anybody() {
    full(|| {
        let mut settings = Settings::<Test>::get();
        settings.max_subnets = 4;
        assert_ok!(Subnets::set_settings(RuntimeOrigin::root(), settings.clone()));
        create_subnet(BOB);
        assert_eq!(Subnets::netuids().len(), 4);
        settings.max_subnets = 2;
        assert_ok!(Subnets::set_settings(RuntimeOrigin::root(), settings));
        assert_eq!(Subnets::netuids().len(), 4);
        create_subnet(BOB);
        assert_eq!(Subnets::netuids().len(), 4, "each creation replaces one");
    });
}

#[test]
fn no_more_subnets_end_than_can_be_removed() {
    full(|| {
        let all: Vec<_> = (0..MAX_SUBNETS as u16).map(|at| NetUid(100 + at)).collect();
        Removals::<Test>::put(frame_support::BoundedVec::truncate_from(all));
        let refused = Subnets::create_subnet(RuntimeOrigin::signed(ALICE), Balance::MAX);
        assert_noop!(refused, Error::<Test>::RemovalsUnderWay);
        next_block(Weight::MAX);
        assert_ok!(Subnets::create_subnet(RuntimeOrigin::signed(ALICE), Balance::MAX));
    });
}

fn vectors(kind: &str) -> Vec<serde_json::Value> {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../primitives/yuma/tests/vectors/classic.json")).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap().iter();
    vectors.filter(|vector| vector["kind"] == kind).cloned().collect()
}

fn numbers(value: &serde_json::Value) -> Vec<u64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_u64().unwrap())
        .collect()
}

#[test]
fn the_classic_vectors_choose_the_same_subnet() {
    let vectors = vectors("subnet_to_prune");
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let inputs = &vector["inputs"];
        let netuids: Vec<_> = numbers(&inputs["netuids"])
            .into_iter()
            .map(|netuid| NetUid(netuid as u16))
            .collect();
        ExtBuilder::default()
            .max_subnets(netuids.len() as u32)
            .build()
            .execute_with(|| {
                let mut settings = Settings::<Test>::get();
                settings.immunity_period = inputs["network_immunity_period"].as_u64().unwrap() as u32;
                Settings::<Test>::put(settings);
                for (netuid, created_at) in netuids.iter().zip(numbers(&inputs["registered_at"])) {
                    let subnet = Subnet {
                        owner: ALICE,
                        created_at: created_at as u32,
                        lock: 0,
                    };
                    Stored::<Test>::insert(netuid, subnet);
                    Params::<Test>::insert(netuid, Hyperparameters::default());
                }
                Netuids::<Test>::put(frame_support::BoundedVec::truncate_from(netuids.clone()));
                TheSplit::set(netuids.into_iter().zip(numbers(&inputs["emission_values"])).collect());
                System::set_block_number(inputs["block"].as_u64().unwrap() as u32);
                let weakest = Subnets::next_replaced().unwrap().map(|netuid| u64::from(netuid.0));
                assert_eq!(weakest, vector["expected"]["netuid"].as_u64(), "{}", vector["id"]);
            });
    }
}

#[test]
fn the_classic_vectors_quote_the_same_lock() {
    let vectors = vectors("lock_cost");
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let cases = vector["inputs"]["cases"].as_array().unwrap();
        for (case, expected) in cases.iter().zip(numbers(&vector["expected"]["lock_cost"])) {
            let number = |field: &str| case[field].as_u64().unwrap();
            ExtBuilder::default().build().execute_with(|| {
                let mut settings = Settings::<Test>::get();
                settings.min_lock = number("min_lock");
                settings.lock_reduction_interval = number("reduction_interval") as u32;
                Settings::<Test>::put(settings);
                // In the classic state block 0 stands for "no subnet yet".
                if number("last_lock_block") > 0 {
                    let (cost, block) = (number("last_lock"), number("last_lock_block") as u32);
                    crate::LastLock::<Test>::put(Lock { cost, block });
                }
                let quoted = Subnets::lock_cost_at(number("current_block") as u32);
                assert_eq!(quoted, expected, "{}: {case}", vector["id"]);
            });
        }
    }
}
