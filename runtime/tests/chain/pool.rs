//! What the transaction pool takes: what a block would not refuse, in an order that nobody can buy wholly.
use crate::{
    blocks::{genesis_of, run_block, run_to, signed, signed_with_tip},
    network::{commit, consent, found_network, register_call, reveal, succeed, SUBNET},
    refusals::{rules, Rule},
};
use frame_support::{
    dispatch::GetDispatchInfo,
    storage::{with_transaction, TransactionOutcome},
    traits::{fungible::Inspect, GetCallMetadata},
};
use laurel_runtime::{admission, laurel_api, Balances, RuntimeCall, System, UncheckedExtrinsic};
use laurel_types::{
    CommitItem, NetUid, ProxyType, Refusal, RevealItem, Uid, WeightRow, WeightsItem, Work, LRL, MAX_SUBNETS,
};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::{
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError, ValidTransaction,
    },
    DispatchError,
};

/// What the pool says to a transaction, as on a state of its own.
fn pool(transaction: UncheckedExtrinsic) -> TransactionValidity {
    let ask = || admission::validate_transaction(TransactionSource::External, transaction, Default::default());
    with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(ask()))).unwrap()
}

/// Pallet and name of the error for which the pool refuses.
fn refused_for(validity: TransactionValidity) -> (&'static str, &'static str) {
    match validity {
        Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(code))) => {
            let refusal = Refusal::of(code).expect("every code is in the table");
            (refusal.pallet, refusal.name)
        }
        other => panic!("{other:?}"),
    }
}

fn accepted(transaction: UncheckedExtrinsic) -> ValidTransaction {
    pool(transaction).expect("the pool takes it")
}

fn transfer(to: Sr25519Keyring, value: u64) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: to.to_account_id().into(),
        value,
    })
}

#[test]
fn what_a_block_would_refuse_the_pool_refuses_by_the_same_name() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        for Rule { signer, call, error } in rules() {
            let transaction = signed(signer, 0, call.clone());
            assert_eq!(refused_for(pool(transaction.clone())), error, "{call:?}");
            // An author who put it into a block all the same gets the same answer, and its sender pays.
            let before = Balances::total_balance(&signer.to_account_id());
            let results = run_block(vec![transaction]);
            let failure = results[0].expect("it is well formed").expect_err("it fails");
            let refusal = Refusal::of(admission::code(&failure)).unwrap();
            assert_eq!((refusal.pallet, refusal.name), error, "{call:?}");
            if signer != Alice && signer != Bob {
                assert!(
                    Balances::total_balance(&signer.to_account_id()) < before,
                    "{call:?} cost nothing"
                );
            }
        }
    });
}

#[test]
fn what_the_pool_tries_out_leaves_no_trace() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let before = (
            laurel_api::supply(),
            System::events().len(),
            Balances::total_balance(&Eve.to_account_id()),
        );
        let taken = admission::validate_transaction(
            TransactionSource::Local,
            signed(Eve, 0, register_call(Eve, Eve)),
            Default::default(),
        );
        assert!(taken.is_ok(), "{taken:?}");
        let after = (
            laurel_api::supply(),
            System::events().len(),
            Balances::total_balance(&Eve.to_account_id()),
        );
        assert_eq!(before, after);
        assert_eq!(laurel_api::subnets()[0].neurons, 3);
    });
}

#[test]
fn a_transfer_that_leaves_too_little_for_its_own_fee_is_refused() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let all = Balances::total_balance(&Ferdie.to_account_id()) - laurel_runtime::configs::EXISTENTIAL_DEPOSIT;
        assert_eq!(
            refused_for(pool(signed(Ferdie, 0, transfer(Eve, all)))),
            ("Runtime", "Token")
        );
        accepted(signed(Ferdie, 0, transfer(Eve, all - LRL)));
    });
}

#[test]
fn a_transaction_that_waits_for_another_of_its_account_is_not_judged_yet() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let call = pallet_laurel_subnets::Call::clear_subnet_identity { netuid: SUBNET };
        let later = accepted(signed(Eve, 1, call.clone()));
        assert_eq!(later.requires.len(), 1);
        let (pallet, _) = refused_for(pool(signed(Eve, 0, call)));
        assert_eq!(pallet, "Subnets");
    });
}

#[test]
fn a_failed_or_repeated_weights_call_costs_its_sender_and_a_good_one_does_not() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        // Registered, without a part in what authors earn.
        let author_free = |key: Sr25519Keyring| Balances::total_balance(&key.to_account_id());
        succeed(vec![stake_on_charlie()]);
        let commit = |ahead| {
            let call = pallet_laurel_scoring::Call::commit_weights {
                netuid: SUBNET,
                hash: sp_core::H256::repeat_byte(3),
            };
            signed(Charlie, ahead, call)
        };
        let before = author_free(Charlie);
        succeed(vec![commit(0)]);
        assert_eq!(author_free(Charlie), before, "a good commit is free");
        assert_eq!(refused_for(pool(commit(0))), ("Scoring", "AlreadyCommitted"));
        let results = run_block(vec![commit(0)]);
        assert!(results[0].unwrap().is_err());
        assert!(author_free(Charlie) < before, "a repeated one is not");
    });
}

/// Enough for a permit.
fn stake_on_charlie() -> UncheckedExtrinsic {
    crate::network::stake(Charlie, 0, Charlie, 5_000 * LRL)
}

#[test]
fn an_account_without_balance_cannot_even_leave_a_nonce() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let nobody = Sr25519Keyring::One;
        let free_if_it_succeeds = pallet_laurel_neurons::Call::withdraw_axon { netuid: SUBNET };
        let transaction = signed(nobody, 0, free_if_it_succeeds);
        let payment = TransactionValidityError::Invalid(InvalidTransaction::Payment);
        assert_eq!(pool(transaction.clone()), Err(payment));
        assert_eq!(run_block(vec![transaction]), vec![Err(payment)]);
        assert!(!frame_system::Account::<laurel_runtime::Runtime>::contains_key(
            nobody.to_account_id()
        ));
    });
}

#[test]
fn no_tip_lifts_a_transaction_above_an_operational_one() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let operational = pallet_collective::Call::propose {
            threshold: 2,
            proposal: Box::new(RuntimeCall::System(frame_system::Call::remark { remark: vec![] })),
            length_bound: 100,
        };
        let operational = accepted(signed(Bob, 0, RuntimeCall::Council(operational)));
        let bought = accepted(signed_with_tip(Ferdie, 0, transfer(Eve, LRL), 900_000 * LRL));
        assert!(operational.priority > bought.priority, "{operational:?} {bought:?}");
    });
}

#[test]
fn a_stuck_transaction_is_replaced_by_one_with_a_higher_tip() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let stuck = accepted(signed(Ferdie, 0, transfer(Eve, LRL)));
        let other = accepted(signed_with_tip(Ferdie, 0, transfer(Dave, LRL), 1));
        // The pool replaces what provides the same by what has a higher priority.
        assert_eq!(stuck.provides, other.provides);
        assert!(other.priority > stuck.priority);
        assert!(stuck.priority < u64::MAX / 2, "there is room to outbid");
    });
}

#[test]
fn a_hotkey_has_one_commit_waiting_and_a_newer_one_takes_its_place() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let of = |byte, tip| {
            let call = pallet_laurel_scoring::Call::commit_weights {
                netuid: SUBNET,
                hash: sp_core::H256::repeat_byte(byte),
            };
            accepted(signed_with_tip(Bob, 0, call, tip))
        };
        let (older, newer) = (of(1, 0), of(2, 1));
        assert_eq!(older.provides.len(), 2, "its nonce, and the commit");
        assert_eq!(older.provides, newer.provides);
        assert!(newer.priority > older.priority);
        let axon = accepted(signed(Eve, 0, register_call(Eve, Eve)));
        assert!(axon.provides.iter().all(|tag| !older.provides.contains(tag)));
    });
}

#[test]
fn what_belongs_to_an_epoch_leaves_the_pool_with_it() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let left = u64::from(laurel_api::subnets()[0].next_epoch_at - System::block_number());
        let longevity = accepted(commit()).longevity;
        assert!((1..=left).contains(&longevity), "{longevity} of {left}");
        succeed(vec![commit()]);
        assert_eq!(refused_for(pool(reveal())), ("Scoring", "RevealTooEarly"));
        run_to(laurel_api::subnets()[0].next_epoch_at);
        accepted(reveal());
    });
}

#[test]
fn a_call_by_proxy_is_refused_for_what_would_become_of_the_call_that_it_carries() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let let_dave = pallet_proxy::Call::add_proxy {
            delegate: Dave.to_account_id().into(),
            proxy_type: ProxyType::Staking,
            delay: 0,
        };
        succeed(vec![signed(Eve, 0, RuntimeCall::Proxy(let_dave))]);
        let for_eve = |call: RuntimeCall| {
            let call = pallet_proxy::Call::proxy {
                real: Eve.to_account_id().into(),
                force_proxy_type: None,
                call: Box::new(call),
            };
            pool(signed(Dave, 0, RuntimeCall::Proxy(call)))
        };
        let remove = |amount| {
            let hotkey = Bob.to_account_id();
            RuntimeCall::Staking(pallet_laurel_staking::Call::remove_stake { hotkey, amount })
        };
        assert_eq!(refused_for(for_eve(remove(9_000 * LRL))), ("Staking", "NotEnoughStake"));
        assert_eq!(refused_for(for_eve(transfer(Ferdie, LRL))), ("System", "CallFiltered"));
        assert!(for_eve(remove(LRL)).is_ok());
    });
}

#[test]
fn of_a_batch_that_is_too_dear_to_be_tried_the_beginning_is() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let good = || transfer(Eve, LRL);
        let bad = || transfer(Eve, 2_000_000 * LRL);
        let batch = |calls| {
            signed(
                Ferdie,
                0,
                RuntimeCall::Utility(pallet_utility::Call::batch_all { calls }),
            )
        };
        let many = 2_000;
        let whole = batch(vec![good(); many]);
        assert!(whole.get_dispatch_info().call_weight.any_gt(admission::MAX_TRIAL));
        accepted(whole);
        let begins_badly = [vec![good(), bad()], vec![good(); many]].concat();
        assert_eq!(refused_for(pool(batch(begins_badly))), ("Runtime", "Token"));
        // What comes behind what is tried fails in a block, for the fee.
        let ends_badly = [vec![good(); many], vec![bad()]].concat();
        accepted(batch(ends_badly.clone()));
        let before = Balances::total_balance(&Ferdie.to_account_id());
        assert!(run_block(vec![batch(ends_badly)])[0].unwrap().is_err());
        assert!(Balances::total_balance(&Ferdie.to_account_id()) < before);
    });
}

/// The dearest form of each call whose cost depends on its arguments, and one of those that are dear anyhow.
fn dearest_calls() -> Vec<RuntimeCall> {
    use pallet_laurel_scoring::Call as Scoring;
    let hotkey = Bob.to_account_id();
    // All subnets at once, 32,768 entries together.
    let row = || WeightRow::new((0..512).map(|uid| (Uid(uid), 1)).collect()).unwrap();
    let subnets = || (1..=MAX_SUBNETS as u16).map(NetUid);
    let commits = subnets().map(|netuid| CommitItem { netuid, hash: [1; 32] });
    let reveals = subnets().map(|netuid| RevealItem {
        netuid,
        row: row(),
        receipts_root: [0; 32],
        version_key: 0,
        salt: [0; 32],
    });
    let weights = subnets().map(|netuid| WeightsItem {
        netuid,
        row: row(),
        receipts_root: [0; 32],
        version_key: 0,
    });
    let work = pallet_laurel_neurons::Call::pow_register {
        netuid: SUBNET,
        hotkey: hotkey.clone(),
        coldkey: hotkey.clone(),
        work: Work { block: 0, nonce: 0 },
        consent: consent(Bob, Bob).unwrap(),
    };
    let root_weights = subnets().map(|netuid| (netuid, 1)).collect::<Vec<_>>();
    vec![
        register_call(Eve, Eve),
        RuntimeCall::Neurons(work),
        RuntimeCall::Scoring(Scoring::batch_commit_weights {
            items: commits.collect::<Vec<_>>().try_into().unwrap(),
        }),
        RuntimeCall::Scoring(Scoring::batch_reveal_weights {
            items: reveals.collect::<Vec<_>>().try_into().unwrap(),
        }),
        RuntimeCall::Scoring(Scoring::batch_set_weights {
            items: weights.collect::<Vec<_>>().try_into().unwrap(),
        }),
        RuntimeCall::Keys(pallet_laurel_keys::Call::swap_hotkey {
            hotkey: hotkey.clone(),
            new_hotkey: Eve.to_account_id(),
            consent: None,
        }),
        RuntimeCall::Keys(pallet_laurel_keys::Call::swap_coldkey {
            coldkey: hotkey.clone(),
            new_coldkey: Eve.to_account_id(),
            salt: [0; 32],
        }),
        RuntimeCall::Root(pallet_laurel_root::Call::register_seat {
            hotkey: hotkey.clone(),
            consent: None,
        }),
        RuntimeCall::Root(pallet_laurel_root::Call::set_root_weights {
            hotkey,
            weights: root_weights.try_into().unwrap(),
        }),
        RuntimeCall::Subnets(pallet_laurel_subnets::Call::create_subnet { max_lock: 0 }),
        RuntimeCall::Governance(pallet_laurel_governance::Call::close { index: 0 }),
    ]
}

#[test]
fn every_call_of_laurels_own_is_tried_out_however_dear() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        for call in dearest_calls() {
            let names = call.get_call_metadata();
            let weight = call.get_dispatch_info().call_weight;
            assert!(weight.all_lte(admission::MAX_TRIAL), "{names:?} weighs {weight:?}");
        }
    });
}
