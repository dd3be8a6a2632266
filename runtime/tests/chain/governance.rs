//! Who decides on a chain without a master key, and what goes on while safe mode lasts.
use crate::{
    blocks::{genesis_of, run_block, run_to, signed},
    network::{found_network, neuron, succeed},
};
use codec::Encode;
use frame_support::{
    assert_ok,
    traits::{fungible::Inspect, StorePreimage},
};
use laurel_runtime::{
    configs::SAFE_MODE_BLOCKS, laurel_api, AccountId, Balances, Preimage, Runtime, RuntimeCall, RuntimeOrigin,
    SafeMode, System,
};
use laurel_types::LRL;
use serde_json::json;
use sp_keyring::{
    Ed25519Keyring,
    Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie},
};
use sp_runtime::{traits::Hash as _, BuildStorage, DispatchError};

/// The production preset with what whoever starts a chain fills in.
fn production() -> sp_io::TestExternalities {
    genesis_of("production", |patch| {
        patch["aura"] = json!({ "authorities": [Alice.to_account_id()] });
        patch["grandpa"] = json!({ "authorities": [[Ed25519Keyring::Alice.to_account_id(), 1]] });
        patch["balances"] =
            json!({ "balances": [[Alice.to_account_id(), 1_000 * LRL], [Eve.to_account_id(), 1_000 * LRL]] });
        patch["councilMembership"] = json!({ "members": [Alice.to_account_id(), Eve.to_account_id()] });
    })
}

fn filtered() -> Result<(), DispatchError> {
    Err(frame_system::Error::<Runtime>::CallFiltered.into())
}

/// What became of the call in a block.
fn outcome(signer: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
    run_block(vec![signed(signer, 0, call)])[0].expect("it is well formed")
}

fn transfer() -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Ferdie.to_account_id().into(),
        value: LRL,
    })
}

/// Only root can make it, and it leaves a trace.
fn decision() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::set_storage {
        items: vec![(b"decided".to_vec(), b"yes".to_vec())],
    })
}

fn decided() -> bool {
    frame_support::storage::unhashed::exists(b"decided")
}

#[test]
fn in_production_nobody_can_use_sudo_not_even_to_ask_for_it() {
    production().execute_with(|| {
        let sudo = |call| RuntimeCall::Sudo(pallet_sudo::Call::sudo { call: Box::new(call) });
        let set_key = RuntimeCall::Sudo(pallet_sudo::Call::set_key {
            new: Alice.to_account_id().into(),
        });
        assert_eq!(outcome(Alice, sudo(decision())), filtered());
        assert_eq!(outcome(Alice, set_key.clone()), filtered());
        let batch = pallet_utility::Call::batch_all { calls: vec![set_key] };
        assert_eq!(outcome(Alice, RuntimeCall::Utility(batch)), filtered());
        assert_eq!(pallet_sudo::Key::<Runtime>::get(), None);
        assert!(!decided());
    });
    // Where the preset sets a key, it works.
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        let call = pallet_sudo::Call::sudo {
            call: Box::new(decision()),
        };
        assert_ok!(outcome(Alice, RuntimeCall::Sudo(call)));
        assert!(decided());
    });
}

/// A motion of the local council, which Alice and Bob support; closed by Ferdie, who is no member.
fn motion(call: RuntimeCall) {
    let length = call.encoded_size() as u32;
    let hash = <Runtime as frame_system::Config>::Hashing::hash_of(&call);
    let index = pallet_collective::ProposalCount::<Runtime, laurel_runtime::configs::CouncilInstance>::get();
    let vote = pallet_collective::Call::vote {
        proposal: hash,
        index,
        approve: true,
    };
    let propose = pallet_collective::Call::propose {
        threshold: 2,
        proposal: Box::new(call),
        length_bound: length,
    };
    succeed(vec![
        signed(Alice, 0, RuntimeCall::Council(propose)),
        signed(Alice, 1, RuntimeCall::Council(vote.clone())),
        signed(Bob, 0, RuntimeCall::Council(vote)),
    ]);
    let close = pallet_collective::Call::close {
        proposal_hash: hash,
        index,
        proposal_weight_bound: frame_support::weights::Weight::from_parts(10_000_000_000, 1_000_000),
        length_bound: length,
    };
    succeed(vec![signed(Ferdie, 0, RuntimeCall::Council(close))]);
}

fn vote(index: u32) -> RuntimeCall {
    RuntimeCall::Governance(pallet_laurel_governance::Call::vote {
        index,
        vote: pallet_laurel_governance::Vote::Aye,
    })
}

fn close(index: u32) -> RuntimeCall {
    RuntimeCall::Governance(pallet_laurel_governance::Call::close { index })
}

fn propose(call: RuntimeCall) {
    let call = Preimage::bound(call).unwrap();
    motion(RuntimeCall::Governance(pallet_laurel_governance::Call::open { call }));
}

#[test]
fn council_seat_owners_and_time_together_are_root() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        propose(decision());
        // Bob owns the only root seat; the council alone decides nothing.
        let waiting = Err(pallet_laurel_governance::Error::<Runtime>::VotingOpen.into());
        assert_eq!(outcome(Ferdie, close(0)), waiting);
        assert!(
            outcome(Alice, vote(0)).is_err(),
            "a member of the council without a seat has no vote here"
        );
        assert_ok!(outcome(Bob, vote(0)));
        assert_ok!(outcome(Ferdie, close(0)));
        assert!(!decided(), "time must pass");
        run_to(System::block_number() + 6);
        assert!(decided());
    });
}

#[test]
fn the_council_can_take_back_what_was_approved() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        propose(decision());
        assert_ok!(outcome(Bob, vote(0)));
        assert_ok!(outcome(Ferdie, close(0)));
        motion(RuntimeCall::Governance(pallet_laurel_governance::Call::cancel {
            index: 0,
        }));
        run_to(System::block_number() + 10);
        assert!(!decided());
    });
}

#[test]
fn members_of_the_council_come_and_go_by_root_alone() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let add = RuntimeCall::CouncilMembership(pallet_membership::Call::add_member {
            who: Dave.to_account_id().into(),
        });
        assert_eq!(outcome(Alice, add.clone()), Err(DispatchError::BadOrigin));
        propose(add);
        assert_ok!(outcome(Bob, vote(0)));
        assert_ok!(outcome(Ferdie, close(0)));
        run_to(System::block_number() + 6);
        let members: Vec<AccountId> =
            pallet_collective::Members::<Runtime, laurel_runtime::configs::CouncilInstance>::get();
        assert!(members.contains(&Dave.to_account_id()), "the collective was told");
        assert_eq!(members.len(), 4);
    });
}

#[test]
fn in_safe_mode_only_time_governance_and_payouts_go_on_and_it_ends_by_itself() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        motion(RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {}));
        assert!(SafeMode::is_entered());

        assert_eq!(outcome(Charlie, transfer()), filtered());
        let batch = pallet_utility::Call::batch_all {
            calls: vec![transfer()],
        };
        assert_eq!(outcome(Charlie, RuntimeCall::Utility(batch)), filtered());
        let epoch = laurel_api::subnets()[0].epoch;
        let minted = laurel_api::supply().minted;
        propose(decision());
        assert_ok!(outcome(Bob, vote(0)));
        assert_ok!(outcome(Ferdie, close(0)));
        run_to(System::block_number() + 30);
        assert!(decided(), "governance goes on");
        assert!(laurel_api::subnets()[0].epoch > epoch, "epochs go on");
        assert!(laurel_api::supply().minted > minted, "emission goes on");
        assert_eq!(neuron(Bob).uid.0, 0);

        let end = pallet_safe_mode::EnteredUntil::<Runtime>::get().unwrap();
        assert!(end <= System::block_number() + SAFE_MODE_BLOCKS);
        // Hours in which nothing happens need not be lived through.
        System::set_block_number(end - 2);
        run_to(end + 2);
        assert!(!SafeMode::is_entered());
        assert_ok!(outcome(Charlie, transfer()));
    });
}

#[test]
fn nobody_can_buy_safe_mode_and_one_member_cannot_enter_it() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let enter = RuntimeCall::SafeMode(pallet_safe_mode::Call::enter {});
        assert!(outcome(Alice, enter).is_err());
        let force = RuntimeCall::SafeMode(pallet_safe_mode::Call::force_enter {});
        assert_eq!(outcome(Alice, force.clone()), Err(DispatchError::BadOrigin));
        // A motion with a threshold of one is executed at once, by a third of the council.
        let alone = pallet_collective::Call::propose {
            threshold: 1,
            length_bound: force.encoded_size() as u32,
            proposal: Box::new(force),
        };
        assert_ok!(outcome(Alice, RuntimeCall::Council(alone)));
        assert!(!SafeMode::is_entered());
    });
}

#[test]
fn deposits_for_preimages_come_back() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let bytes = vec![7; 10_000];
        let hash = <Runtime as frame_system::Config>::Hashing::hash(&bytes);
        let held = || Balances::total_balance(&Eve.to_account_id()) - Balances::balance(&Eve.to_account_id());
        assert_ok!(outcome(
            Eve,
            RuntimeCall::Preimage(pallet_preimage::Call::note_preimage { bytes })
        ));
        assert!(held() > LRL / 10);
        assert_ok!(outcome(
            Eve,
            RuntimeCall::Preimage(pallet_preimage::Call::unnote_preimage { hash })
        ));
        assert_eq!(held(), 0);
    });
}

#[test]
fn the_default_genesis_has_no_council_so_nothing_can_be_proposed() {
    let storage = laurel_runtime::RuntimeGenesisConfig::default().build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        let members = pallet_collective::Members::<Runtime, laurel_runtime::configs::CouncilInstance>::get();
        assert!(members.is_empty());
        assert!(
            laurel_runtime::Governance::cancel(RuntimeOrigin::root(), 0).is_err(),
            "root itself is no council"
        );
    });
}
