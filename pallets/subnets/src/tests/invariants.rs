//! The invariants hold whatever is called, and `do_try_state` notices when they do not.
use crate::{
    mock::*, AcceptedModels, AnnouncedModels, Dissolution, Dissolutions, Identified, Models, Netuids, Params,
    PendingModels, Removals, SubnetIdentities, Subnets as Stored,
};
use frame_support::{assert_ok, weights::Weight};
use laurel_types::{Balance, EpochIndex, Hyperparameter, Hyperparameters, NetUid};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Create {
        owner: u64,
        max_lock: Balance,
    },
    Tune {
        signer: u64,
        netuid: u16,
        change: Hyperparameter,
    },
    Models {
        signer: u64,
        netuid: u16,
        roots: Vec<u8>,
    },
    EndEpoch {
        netuid: u16,
    },
    Announce {
        signer: u64,
        netuid: u16,
    },
    Cancel {
        signer: u64,
        netuid: u16,
    },
    Offer {
        signer: u64,
        netuid: u16,
        to: Option<u64>,
    },
    Accept {
        signer: u64,
        netuid: u16,
    },
    Identify {
        signer: u64,
        netuid: Option<u16>,
        bytes: usize,
    },
    Forget {
        signer: u64,
        netuid: Option<u16>,
    },
    Poll,
    Wait {
        blocks: u32,
    },
}

fn a_change() -> impl Strategy<Value = Hyperparameter> {
    prop_oneof![
        any::<u16>().prop_map(Hyperparameter::Tempo),
        (0u16..300).prop_map(Hyperparameter::MaxUids),
        (0u16..300).prop_map(Hyperparameter::MaxValidators),
        (0u16..300).prop_map(Hyperparameter::MinAllowedWeights),
        any::<u64>().prop_map(Hyperparameter::MinBurn),
        any::<u64>().prop_map(Hyperparameter::MaxBurn),
        any::<Option<(u16, u16)>>().prop_map(Hyperparameter::LiquidAlpha),
    ]
}

fn a_step() -> impl Strategy<Value = Step> {
    let signer = ALICE..=BOB;
    prop_oneof![
        (signer.clone(), 0..10 * MIN_LOCK).prop_map(|(owner, max_lock)| Step::Create { owner, max_lock }),
        (signer.clone(), 0u16..6, a_change()).prop_map(|(signer, netuid, change)| Step::Tune {
            signer,
            netuid,
            change
        }),
        (signer.clone(), 1u16..6).prop_map(|(signer, netuid)| Step::Announce { signer, netuid }),
        (signer.clone(), 1u16..6).prop_map(|(signer, netuid)| Step::Cancel { signer, netuid }),
        (signer.clone(), 1u16..6, prop::option::of(ALICE..=BOB)).prop_map(|(signer, netuid, to)| Step::Offer {
            signer,
            netuid,
            to
        }),
        (signer.clone(), 1u16..6).prop_map(|(signer, netuid)| Step::Accept { signer, netuid }),
        (signer.clone(), prop::option::of(1u16..6), 0usize..60).prop_map(|(signer, netuid, bytes)| Step::Identify {
            signer,
            netuid,
            bytes
        }),
        (signer.clone(), prop::option::of(1u16..6)).prop_map(|(signer, netuid)| Step::Forget { signer, netuid }),
        Just(Step::Poll),
        (signer, 0u16..6, prop::collection::vec(0u8..4, 0..9)).prop_map(|(signer, netuid, roots)| Step::Models {
            signer,
            netuid,
            roots
        }),
        (0u16..6).prop_map(|netuid| Step::EndEpoch { netuid }),
        (1u32..50).prop_map(|blocks| Step::Wait { blocks }),
    ]
}

/// Takes a step; most are refused, which must leave everything in order too.
fn take(step: Step) -> bool {
    match step {
        Step::Create { owner, max_lock } => Subnets::create_subnet(RuntimeOrigin::signed(owner), max_lock).is_ok(),
        Step::Tune { signer, netuid, change } => {
            Subnets::set_hyperparameter(RuntimeOrigin::signed(signer), NetUid(netuid), change).is_ok()
        }
        Step::Models { signer, netuid, roots } => {
            Subnets::set_models(RuntimeOrigin::signed(signer), NetUid(netuid), models(&roots)).is_ok()
        }
        Step::EndEpoch { netuid } => {
            end_epoch(NetUid(netuid));
            true
        }
        Step::Announce { signer, netuid } => {
            Subnets::announce_dissolution(RuntimeOrigin::signed(signer), NetUid(netuid)).is_ok()
        }
        Step::Cancel { signer, netuid } => {
            Subnets::cancel_dissolution(RuntimeOrigin::signed(signer), NetUid(netuid)).is_ok()
        }
        Step::Offer { signer, netuid, to } => {
            Subnets::offer_subnet(RuntimeOrigin::signed(signer), NetUid(netuid), to).is_ok()
        }
        Step::Accept { signer, netuid } => {
            Subnets::accept_subnet(RuntimeOrigin::signed(signer), NetUid(netuid)).is_ok()
        }
        Step::Identify { signer, netuid, bytes } => {
            let (origin, identity) = (RuntimeOrigin::signed(signer), identity(bytes));
            match netuid {
                Some(netuid) => Subnets::set_subnet_identity(origin, NetUid(netuid), identity).is_ok(),
                None => Subnets::set_identity(origin, identity).is_ok(),
            }
        }
        Step::Forget { signer, netuid } => {
            let origin = RuntimeOrigin::signed(signer);
            match netuid {
                Some(netuid) => Subnets::clear_subnet_identity(origin, NetUid(netuid)).is_ok(),
                None => Subnets::clear_identity(origin).is_ok(),
            }
        }
        Step::Poll => {
            next_block(Weight::MAX);
            true
        }
        Step::Wait { blocks } => {
            skip_blocks(blocks);
            true
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_sequence_of_calls_breaks_an_invariant(steps in prop::collection::vec(a_step(), 1..60)) {
        ExtBuilder::default().max_subnets(3).build_and_execute(|| {
            let issuance = Balances::total_issuance();
            for step in steps {
                take(step);
                assert_ok!(Subnets::do_try_state());
                assert_eq!(Balances::total_issuance(), issuance);
            }
        });
    }
}

/// Breaks the state of a chain with one subnet and returns what `do_try_state` says.
fn complaint(break_it: impl FnOnce(NetUid)) -> String {
    ExtBuilder::default().build().execute_with(|| {
        let netuid = create_subnet(ALICE);
        assert_ok!(Subnets::do_try_state());
        break_it(netuid);
        match Subnets::do_try_state() {
            Err(sp_runtime::TryRuntimeError::Other(complaint)) => complaint.into(),
            other => format!("{other:?}"),
        }
    })
}

#[test]
fn a_broken_invariant_is_noticed() {
    let lock = complaint(|netuid| Stored::<Test>::mutate(netuid, |s| s.as_mut().unwrap().lock += 1));
    assert_eq!(lock, "the hold of an owner is not the sum of its locks");
    let params = complaint(|netuid| {
        Params::<Test>::insert(
            netuid,
            Hyperparameters {
                tempo: 1,
                ..Default::default()
            },
        )
    });
    assert_eq!(params, "parameters in force are out of range");
    let netuids = complaint(|netuid| Netuids::<Test>::mutate(|all| all.try_push(netuid).unwrap()));
    assert_eq!(netuids, "netuids are not strictly ascending");
    let unborn = complaint(|_| Netuids::<Test>::mutate(|all| all.try_push(NetUid(9)).unwrap()));
    assert_eq!(unborn, "a netuid was given in advance");
    let no_models = complaint(|netuid| AcceptedModels::<Test>::insert(netuid, Models::default()));
    assert_eq!(no_models, "a list of models is empty or names one twice");
    let waiting = complaint(|netuid| {
        let announced = AnnouncedModels {
            models: models(&[1]),
            from: EpochIndex(2),
        };
        PendingModels::<Test>::insert(netuid, announced);
    });
    assert_eq!(waiting, "the first models of a subnet wait instead of being in force");
    let removing = complaint(|netuid| Removals::<Test>::mutate(|all| all.try_push(netuid).unwrap()));
    assert_eq!(removing, "a subnet that exists is being removed");
    let announced = complaint(|_| {
        let dissolution = Dissolution {
            netuid: NetUid(9),
            at: 5,
        };
        Dissolutions::<Test>::mutate(|all| all.try_push(dissolution).unwrap());
    });
    assert_eq!(announced, "a dissolution is announced of a subnet that does not exist");
    let deposit = complaint(|netuid| {
        let (identity, deposit) = (identity(3), 1);
        SubnetIdentities::<Test>::insert(netuid, Identified { identity, deposit });
    });
    assert_eq!(deposit, "the hold for identities is not the sum of the deposits");
}
