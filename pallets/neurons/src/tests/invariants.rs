//! The invariants hold whatever is called, and `do_try_state` notices when they do not.
use crate::{mock::*, Axons, Count, Neurons as Stored, NextRegistration, Uids};
use frame_support::assert_ok;
use laurel_support::OnHotkeySwapped;
use laurel_types::{Axon, AxonAddress, Balance, NetUid, RegistrationId, Uid};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Register { coldkey: u64, netuid: u16, hotkey: u64 },
    Publish { hotkey: u64, netuid: u16, port: u16 },
    Withdraw { hotkey: u64, netuid: u16 },
    Score { uid: u16, score: u16 },
    Protect { coldkey: u64, netuid: u16, hotkey: u64 },
    Swap { old: u64, new: u64 },
    MaxUids { max_uids: u16 },
    Wait { blocks: u32 },
}

fn a_step() -> impl Strategy<Value = Step> {
    let (hotkey, netuid) = (10u64..30, 1u16..4);
    prop_oneof![
        8 => (OWNER..=BOB, netuid.clone(), hotkey.clone())
            .prop_map(|(coldkey, netuid, hotkey)| Step::Register { coldkey, netuid, hotkey }),
        1 => (hotkey.clone(), netuid.clone(), any::<u16>())
            .prop_map(|(hotkey, netuid, port)| Step::Publish { hotkey, netuid, port }),
        1 => (hotkey, netuid).prop_map(|(hotkey, netuid)| Step::Withdraw { hotkey, netuid }),
        1 => (OWNER..=BOB, 1u16..4, 10u64..30)
            .prop_map(|(coldkey, netuid, hotkey)| Step::Protect { coldkey, netuid, hotkey }),
        1 => (10u64..30, 10u64..40).prop_map(|(old, new)| Step::Swap { old, new }),
        1 => (0u16..8, any::<u16>()).prop_map(|(uid, score)| Step::Score { uid, score }),
        2 => (4u16..7).prop_map(|max_uids| Step::MaxUids { max_uids }),
        2 => (1u32..30).prop_map(|blocks| Step::Wait { blocks }),
    ]
}

/// Takes a step; many are refused, which must leave everything in order too.
fn take(step: Step) {
    match step {
        Step::Register {
            coldkey,
            netuid,
            hotkey,
        } => {
            let origin = RuntimeOrigin::signed(coldkey);
            let _ = Neurons::burned_register(origin, NetUid(netuid), hotkey, Balance::MAX, Some(CONSENT));
        }
        Step::Publish { hotkey, netuid, port } => {
            let address = AxonAddress::V4([10, 0, 0, 1], port);
            let _ = Neurons::publish_axon(RuntimeOrigin::signed(hotkey), NetUid(netuid), address, 1, MODEL);
        }
        Step::Withdraw { hotkey, netuid } => {
            let _ = Neurons::withdraw_axon(RuntimeOrigin::signed(hotkey), NetUid(netuid));
        }
        Step::Protect {
            coldkey,
            netuid,
            hotkey,
        } => {
            let _ = Neurons::protect_neuron(RuntimeOrigin::signed(coldkey), NetUid(netuid), hotkey);
        }
        Step::Swap { old, new } => {
            let owner = TheHotkeys::get().get(&old).copied();
            // As the keys pallet does it: only a known hotkey, and only to one that is not in use.
            if let Some(owner) = owner.filter(|_| old != new && !Neurons::in_use(&new)) {
                assert_ok!(Neurons::on_hotkey_swapped(&old, &new));
                TheHotkeys::mutate(|owners| {
                    owners.remove(&old);
                    owners.insert(new, owner);
                });
            }
        }
        Step::Score { uid, score } => TheScores::mutate(|scores| {
            scores.insert(Uid(uid), score);
        }),
        Step::MaxUids { max_uids } => tune(|params| params.max_uids = max_uids),
        Step::Wait { blocks } => skip_blocks(blocks),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_sequence_of_calls_breaks_an_invariant(steps in prop::collection::vec(a_step(), 1..160)) {
        ExtBuilder::default().build_and_execute(|| {
            add_subnet(NetUid(2), BOB, TheSubnets::get()[&NET].params);
            for step in steps {
                take(step);
                assert_ok!(Neurons::do_try_state());
            }
        });
    }
}

/// Breaks the state of a subnet with two neurons and returns what `do_try_state` says.
fn complaint(break_it: impl FnOnce()) -> String {
    ExtBuilder::default().build().execute_with(|| {
        register(ALICE, 10);
        register(ALICE, 11);
        assert_ok!(Neurons::do_try_state());
        break_it();
        match Neurons::do_try_state() {
            Err(sp_runtime::TryRuntimeError::Other(complaint)) => complaint.into(),
            other => format!("{other:?}"),
        }
    })
}

#[test]
fn a_broken_invariant_is_noticed() {
    assert_eq!(
        complaint(|| Uids::<Test>::remove(10, NET)),
        "the holder of a uid does not know it"
    );
    assert_eq!(
        complaint(|| Uids::<Test>::insert(12, NET, Uid(0))),
        "a uid is listed that nobody holds"
    );
    assert_eq!(
        complaint(|| Count::<Test>::insert(NET, 3)),
        "uids are not contiguous up to the count"
    );
    assert_eq!(
        complaint(|| Count::<Test>::insert(NetUid(2), 1)),
        "a count without neurons"
    );
    let gap = complaint(|| {
        Stored::<Test>::remove(NET, Uid(0));
        Uids::<Test>::remove(10, NET);
    });
    assert_eq!(gap, "uids are not contiguous up to the count");
    let twice = complaint(|| {
        Stored::<Test>::mutate(NET, Uid(0), |neuron| {
            neuron.as_mut().unwrap().registration = RegistrationId(1)
        });
    });
    assert_eq!(twice, "two neurons share a registration id");
    let early = complaint(|| NextRegistration::<Test>::put(RegistrationId(1)));
    assert_eq!(early, "a registration id was given in advance");
    let address = AxonAddress::V4([10, 0, 0, 1], 80);
    let axon = Axon {
        address,
        protocol: 1,
        model: MODEL,
        published_at: 0,
        expires_at: 9,
    };
    assert_eq!(
        complaint(|| Axons::<Test>::insert(NET, Uid(2), axon)),
        "an axon belongs to nobody"
    );
    assert_eq!(
        complaint(|| TheSubnets::set(Default::default())),
        "a neuron is in a subnet that does not exist"
    );
}
