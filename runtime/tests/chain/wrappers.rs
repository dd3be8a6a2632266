//! A call that is refused stays refused in a batch, through a proxy, from a multisig and from the scheduler: checks are part of
//! the call, not of how it arrives.
use crate::{
    blocks::{check_books, genesis_of, run_to},
    network::found_network,
    refusals::{rules, Rule},
};
use frame_support::{
    assert_ok,
    storage::{with_transaction, TransactionOutcome},
    traits::{
        fungible::Inspect,
        schedule::{v3::Anon, DispatchTime},
        Hooks, StorePreimage,
    },
};
use laurel_runtime::{
    admission, Balances, Multisig, OriginCaller, Preimage, Proxy, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
    Scheduler, System, Utility,
};
use laurel_types::{ProxyType, Refusal};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::{traits::Dispatchable, DispatchError};

/// Does something and undoes it.
fn undone<T>(what: impl FnOnce() -> T) -> T {
    with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(what()))).unwrap()
}

fn named(error: DispatchError) -> (&'static str, &'static str) {
    let refusal = Refusal::of(admission::code(&error)).expect("every code is in the table");
    (refusal.pallet, refusal.name)
}

/// The result that the newest event carries.
fn result_of(pick: impl Fn(RuntimeEvent) -> Option<Result<(), DispatchError>>) -> DispatchError {
    let found = System::events().into_iter().rev().find_map(|record| pick(record.event));
    found
        .expect("the wrapper says what became of the call")
        .expect_err("the call fails")
}

fn directly(signer: Sr25519Keyring, call: RuntimeCall) -> DispatchError {
    let origin = RuntimeOrigin::signed(signer.to_account_id());
    call.dispatch(origin).unwrap_err().error
}

fn in_a_batch(signer: Sr25519Keyring, call: RuntimeCall) -> DispatchError {
    let batch = RuntimeCall::Utility(pallet_utility::Call::batch_all { calls: vec![call] });
    batch
        .dispatch(RuntimeOrigin::signed(signer.to_account_id()))
        .unwrap_err()
        .error
}

fn by_a_proxy(signer: Sr25519Keyring, call: RuntimeCall) -> DispatchError {
    let delegate = Sr25519Keyring::Two.to_account_id();
    let real = signer.to_account_id();
    assert_ok!(Proxy::add_proxy(
        RuntimeOrigin::signed(real.clone()),
        delegate.clone().into(),
        ProxyType::Any,
        0
    ));
    assert_ok!(Proxy::proxy(
        RuntimeOrigin::signed(delegate),
        real.into(),
        None,
        Box::new(call)
    ));
    result_of(|event| match event {
        RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
        _ => None,
    })
}

fn by_a_multisig(signer: Sr25519Keyring, call: RuntimeCall) -> DispatchError {
    let others = vec![Sr25519Keyring::Two.to_account_id()];
    let origin = RuntimeOrigin::signed(signer.to_account_id());
    Multisig::as_multi_threshold_1(origin, others, Box::new(call))
        .unwrap_err()
        .error
}

/// As if the signer could schedule; root itself is above checks.
fn by_the_scheduler(signer: Sr25519Keyring, call: RuntimeCall) -> DispatchError {
    let when = System::block_number() + 1;
    let origin = OriginCaller::system(frame_system::RawOrigin::Signed(signer.to_account_id()));
    let call = Preimage::bound(call).unwrap();
    <Scheduler as Anon<_, _, _>>::schedule(DispatchTime::At(when), None, 0, origin, call).unwrap();
    System::set_block_number(when);
    Scheduler::on_initialize(when);
    result_of(|event| match event {
        RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result, .. }) => Some(result),
        _ => None,
    })
}

#[test]
fn no_wrapper_gets_around_a_check() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        // Past the rate limits of those who acted while it was founded.
        run_to(System::block_number() + 2);
        for Rule { signer, call, error } in rules() {
            let direct = undone(|| directly(signer, call.clone()));
            assert_eq!(named(direct), error, "{call:?}");
            assert_eq!(undone(|| in_a_batch(signer, call.clone())), direct, "batch of {call:?}");
            assert_eq!(
                undone(|| by_a_proxy(signer, call.clone())),
                direct,
                "proxy for {call:?}"
            );
            assert_eq!(
                undone(|| by_the_scheduler(signer, call.clone())),
                direct,
                "scheduled {call:?}"
            );
            // Another account makes it then, so another rule may meet it first; none lets it through.
            undone(|| by_a_multisig(signer, call.clone()));
        }
        check_books();
    });
}

#[test]
fn what_a_batch_did_before_the_refused_call_is_undone_too() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let bystander = Sr25519Keyring::Two.to_account_id();
        let pay = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
            dest: bystander.clone().into(),
            value: laurel_types::LRL,
        });
        for Rule { signer, call, .. } in rules() {
            let origin = || RuntimeOrigin::signed(signer.to_account_id());
            let batch = Utility::batch_all(origin(), vec![pay.clone(), call.clone()]);
            assert!(batch.is_err(), "{call:?}");
            // The batch that keeps what went well stops there, and says so.
            undone(|| {
                assert_ok!(Utility::batch(origin(), vec![call.clone(), pay.clone()]));
                assert_eq!(Balances::total_balance(&bystander), 0, "{call:?}");
            });
        }
        assert_eq!(Balances::total_balance(&bystander), 0);
    });
}

#[test]
fn the_rules_are_tried_on_everybody_who_plays_a_part() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let rules = rules();
        assert!(rules.len() >= 25);
        for key in [Alice, Bob, Charlie, Dave, Eve, Ferdie] {
            assert!(rules.iter().any(|rule| rule.signer == key), "{key:?}");
        }
        assert!(frame_system::Account::<Runtime>::contains_key(Alice.to_account_id()));
    });
}
