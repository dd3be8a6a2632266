//! Who leaves a full subnet.
use crate::{mock::*, Axons, Error, Event, Neuron, Neurons as Stored, Protected, Uids};
use frame_support::{assert_noop, assert_ok};
use laurel_support::Neurons as _;
use laurel_types::{AxonAddress, Balance, NetUid, RegistrationId, Uid};

const NEWCOMER: u64 = 50;

/// Gives uids 0, 1, … these scores.
fn score(scores: &[u16]) {
    TheScores::set(
        scores
            .iter()
            .enumerate()
            .map(|(uid, score)| (Uid(uid as u16), *score))
            .collect(),
    );
}

/// A full subnet in which every immunity has run out.
fn settled_subnet() {
    fill_subnet();
    skip_blocks(20);
}

#[test]
fn registering_in_a_full_subnet_evicts_the_lowest_non_immune_neuron() {
    ExtBuilder::default().build_and_execute(|| {
        settled_subnet();
        score(&[9, 8, 7, 3, 6, 5, 4, 9]);
        assert_eq!(register(BOB, NEWCOMER), Uid(3));
        assert_eq!(Neurons::uid_of(NET, &103), None);
        assert_eq!(
            Neurons::neuron(NET, Uid(3)).map(|neuron| neuron.registration),
            Some(RegistrationId(8))
        );
        let evicted = Event::NeuronEvicted {
            netuid: NET,
            uid: Uid(3),
            hotkey: 103,
            registration: RegistrationId(3),
        };
        System::assert_has_event(evicted.into());
    });
}

#[test]
fn among_equal_scores_the_earliest_registration_goes() {
    ExtBuilder::default().build_and_execute(|| {
        settled_subnet();
        // Uid 2 changes hands, so its holder is the youngest.
        score(&[5, 5, 1, 5, 5, 5, 5, 5]);
        assert_eq!(register(ALICE, NEWCOMER), Uid(2));
        skip_blocks(20);
        score(&[5, 5, 1, 5, 5, 5, 1, 5]);
        assert_eq!(register(ALICE, NEWCOMER + 1), Uid(6));
    });
}

#[test]
fn among_equal_scores_of_one_block_the_lowest_uid_goes() {
    ExtBuilder::default().build_and_execute(|| {
        for hotkey in 100..108 {
            register(ALICE, hotkey); // two a block
        }
        skip_blocks(20);
        score(&[5, 5, 1, 1, 5, 5, 5, 5]);
        assert_eq!(register(BOB, NEWCOMER), Uid(2));
    });
}

#[test]
fn an_immune_neuron_stays_while_another_can_go() {
    ExtBuilder::default().build_and_execute(|| {
        settled_subnet();
        score(&[9, 8, 7, 3, 6, 5, 4, 9]);
        assert_eq!(register(BOB, NEWCOMER), Uid(3));
        // The newcomer has no score yet, but is immune: the next lowest goes.
        assert_eq!(register(BOB, NEWCOMER + 1), Uid(6));
        // Immunity ends with its period.
        skip_blocks(10);
        assert_eq!(register(BOB, NEWCOMER + 2), Uid(3));
    });
}

#[test]
fn immunity_lasts_to_the_block_before_its_period_is_over() {
    ExtBuilder::default().build_and_execute(|| {
        settled_subnet();
        score(&[9; 8]);
        register(BOB, NEWCOMER);
        skip_blocks(9);
        let evictee = |now| Neurons::evictee(NET, &TheSubnets::get()[&NET].params, now).map(|neuron| neuron.hotkey);
        assert_eq!(evictee(System::block_number()), Some(101));
        assert_eq!(evictee(System::block_number() + 1), Some(NEWCOMER));
    });
}

#[test]
fn if_all_are_immune_the_same_rules_choose_among_them() {
    ExtBuilder::default()
        .tuned(|params| params.immunity_period = 1_000)
        .build_and_execute(|| {
            settled_subnet();
            score(&[9, 8, 7, 3, 6, 5, 4, 9]);
            assert_eq!(register(BOB, NEWCOMER), Uid(3));
            score(&[9, 9, 9, 9, 9, 9, 9, 9]);
            assert_eq!(register(BOB, NEWCOMER + 1), Uid(0));
        });
}

#[test]
fn the_owners_first_neuron_is_never_evicted() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        settled_subnet();
        score(&[0, 8, 7, 3, 6, 5, 4, 9]);
        assert_eq!(register(BOB, NEWCOMER), Uid(3));
        assert_eq!(Neurons::uid_of(NET, &10), Some(Uid(0)));
    });
}

#[test]
fn the_owners_later_neurons_can_be_evicted() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        register(OWNER, 11);
        settled_subnet();
        score(&[1, 0, 7, 3, 6, 5, 4, 9]);
        assert_eq!(register(BOB, NEWCOMER), Uid(1));
        assert_eq!(register(BOB, NEWCOMER + 1), Uid(3));
    });
}

#[test]
fn the_owners_first_neuron_is_the_one_registered_first_and_not_the_one_of_the_lowest_uid() {
    ExtBuilder::default().build_and_execute(|| {
        register(ALICE, 100);
        register(OWNER, 10);
        settled_subnet();
        score(&[0, 5, 5, 5, 5, 5, 5, 5]);
        assert_eq!(register(OWNER, 11), Uid(0));
        skip_blocks(20);
        score(&[1, 0, 5, 5, 5, 5, 5, 5]);
        // Uid 1 is protected, uid 0 is the owner's too and is not.
        assert_eq!(register(BOB, NEWCOMER), Uid(0));
    });
}

#[test]
fn nothing_of_the_predecessor_remains_under_its_uid() {
    ExtBuilder::default().build_and_execute(|| {
        settled_subnet();
        score(&[0, 8, 7, 3, 6, 5, 4, 9]);
        let address = AxonAddress::V4([8, 8, 8, 8], 80);
        assert_ok!(Neurons::publish_axon(
            RuntimeOrigin::signed(100),
            NET,
            address,
            1,
            MODEL
        ));
        assert_eq!(register(BOB, NEWCOMER), Uid(0));

        assert_eq!(Axons::<Test>::get(NET, Uid(0)), None);
        assert_eq!(Uids::<Test>::get(100, NET), None);
        assert_eq!(Neurons::registrations(&100), vec![]);
        // Who keeps other state was told while the predecessor could still be looked up.
        assert_eq!(Told::get(), vec![(NET, Uid(0), Some(100))]);
    });
}

#[test]
fn an_evicted_hotkey_can_come_back_under_a_new_registration() {
    ExtBuilder::default().build_and_execute(|| {
        settled_subnet();
        score(&[0, 8, 7, 3, 6, 5, 4, 9]);
        register(BOB, NEWCOMER);
        assert_eq!(register(ALICE, 100), Uid(3));
        assert_eq!(
            Neurons::neuron(NET, Uid(3)).map(|neuron| neuron.registration),
            Some(RegistrationId(9))
        );
    });
}

#[test]
fn eviction_touches_only_the_subnet_that_is_full() {
    ExtBuilder::default().build_and_execute(|| {
        let other = NetUid(2);
        add_subnet(other, BOB, TheSubnets::get()[&NET].params);
        assert_ok!(Neurons::burned_register(
            RuntimeOrigin::signed(ALICE),
            other,
            100,
            Balance::MAX,
            Some(CONSENT)
        ));
        settled_subnet();
        score(&[0, 8, 7, 3, 6, 5, 4, 9]);
        register(BOB, NEWCOMER);
        assert_eq!(Neurons::uid_of(NET, &100), None);
        assert_eq!(Neurons::uid_of(other, &100), Some(Uid(0)));
    });
}

#[test]
fn a_full_subnet_with_nobody_to_evict_refuses_newcomers() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        // No range admits a subnet of one; the rule holds all the same.
        tune(|params| params.max_uids = 1);
        let result = Neurons::burned_register(RuntimeOrigin::signed(BOB), NET, NEWCOMER, Balance::MAX, Some(CONSENT));
        assert_noop!(result, Error::<Test>::NoEvictableNeuron);
        assert!(Stored::<Test>::contains_key(NET, Uid(0)));
    });
}

#[test]
fn the_owner_chooses_which_of_its_neurons_stays() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        register(OWNER, 11);
        settled_subnet();
        assert_ok!(Neurons::protect_neuron(RuntimeOrigin::signed(OWNER), NET, 11));
        System::assert_last_event(
            Event::NeuronProtected {
                netuid: NET,
                hotkey: 11,
            }
            .into(),
        );
        score(&[1, 0, 7, 3, 6, 5, 4, 9]);
        // The first is now as evictable as any.
        assert_eq!(register(BOB, NEWCOMER), Uid(0));
        assert_eq!(Neurons::uid_of(NET, &11), Some(Uid(1)));
    });
}

#[test]
fn a_choice_that_no_longer_belongs_to_the_owner_counts_no_more() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        register(OWNER, 11);
        settled_subnet();
        assert_ok!(Neurons::protect_neuron(RuntimeOrigin::signed(OWNER), NET, 11));
        TheHotkeys::mutate(|owners| owners.insert(11, BOB));
        score(&[0, 1, 7, 3, 6, 5, 4, 9]);
        assert_eq!(register(BOB, NEWCOMER), Uid(1));
        assert_eq!(Protected::<Test>::get(NET), None, "the choice went with the neuron");
        assert_eq!(Neurons::uid_of(NET, &10), Some(Uid(0)));
    });
}

#[test]
fn the_first_neuron_that_an_owner_registers_is_protected_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        register(BOB, 20);
        assert_eq!(Protected::<Test>::get(NET), None);
        register(OWNER, 10);
        let protected = Event::NeuronProtected {
            netuid: NET,
            hotkey: 10,
        };
        System::assert_has_event(protected.into());
        register(OWNER, 11);
        assert_eq!(Protected::<Test>::get(NET), Some(10));
    });
}

#[test]
fn who_takes_a_subnet_over_never_loses_its_last_neuron_in_it() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        register(BOB, 20);
        register(BOB, 21);
        settled_subnet();
        TheSubnets::mutate(|subnets| subnets.get_mut(&NET).unwrap().owner = BOB);
        // The former owner's neuron, though noted as protected, goes like any other.
        score(&[0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(register(ALICE, NEWCOMER), Uid(0));
        // Uid 1's turn: it is spared, and uid 2, the new owner's too, is not.
        assert_eq!(register(ALICE, NEWCOMER + 1), Uid(2));
        assert_eq!(register(ALICE, NEWCOMER + 2), Uid(3));
        // From its next registration on the new owner has one that is noted.
        register(BOB, 22);
        assert_eq!(Protected::<Test>::get(NET), Some(22));
        skip_blocks(20);
        score(&[9, 0, 9, 9, 9, 9, 9, 9]);
        assert_eq!(register(ALICE, NEWCOMER + 3), Uid(1));
    });
}

#[test]
fn only_the_subnets_owner_protects_and_only_a_registered_neuron_of_its_own() {
    ExtBuilder::default().build_and_execute(|| {
        register(OWNER, 10);
        register(BOB, 20);
        TheHotkeys::mutate(|owners| owners.insert(11, OWNER));
        let protect = |signer, netuid, hotkey| Neurons::protect_neuron(RuntimeOrigin::signed(signer), netuid, hotkey);
        assert_noop!(protect(BOB, NET, 20), Error::<Test>::NotSubnetOwner);
        assert_noop!(protect(OWNER, NET, 20), Error::<Test>::NotOwnHotkey);
        assert_noop!(protect(OWNER, NET, 11), Error::<Test>::NotRegistered);
        assert_noop!(protect(OWNER, NetUid(9), 10), Error::<Test>::SubnetDoesNotExist);
    });
}

/// The classic vectors of kind `neuron_to_prune`, in which no neuron is the subnet owner's.
#[test]
fn the_classic_vectors_choose_the_same_neuron() {
    #[derive(serde::Deserialize)]
    struct Inputs {
        pruning_scores: Vec<u16>,
        block_at_registration: Vec<u32>,
        block: u32,
        immunity_period: u32,
    }
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../primitives/yuma/tests/vectors/classic.json")).unwrap();
    let mut seen = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        if vector["kind"] != "neuron_to_prune" {
            continue;
        }
        let inputs: Inputs = serde_json::from_value(vector["inputs"].clone()).unwrap();
        ExtBuilder::default().build().execute_with(|| {
            for (uid, registered_at) in inputs.block_at_registration.iter().enumerate() {
                let (uid, registration) = (Uid(uid as u16), RegistrationId(uid as u64));
                let hotkey = 100 + registration.0;
                Stored::<Test>::insert(
                    NET,
                    uid,
                    Neuron {
                        hotkey,
                        registration,
                        registered_at: *registered_at,
                    },
                );
            }
            crate::Count::<Test>::insert(NET, inputs.block_at_registration.len() as u16);
            score(&inputs.pruning_scores);
            let params = laurel_types::Hyperparameters {
                immunity_period: inputs.immunity_period,
                ..TheSubnets::get()[&NET].params
            };
            let evictee = Neurons::evictee(NET, &params, inputs.block).map(|neuron| neuron.uid.0);
            assert_eq!(
                evictee.map(u64::from),
                vector["expected"]["uid"].as_u64(),
                "{}",
                vector["id"]
            );
        });
        seen += 1;
    }
    assert_eq!(seen, 7);
}
