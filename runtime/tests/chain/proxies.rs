//! What each type of proxy may do, and that somebody said so for every call there is.
use crate::{
    blocks::{genesis_of, run_to},
    network::{found_network, SUBNET},
};
use frame_support::{
    assert_ok,
    traits::{fungible::Inspect, GetCallMetadata, InstanceFilter},
};
use laurel_runtime::{
    proxy_type::{admitting, CALLS},
    Balances, Proxy, RuntimeCall, RuntimeEvent, RuntimeOrigin, System,
};
use laurel_types::{NetUid, ProxyType, Take, LRL, SMALL_TRANSFER};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Dave, Eve, Ferdie};
use sp_runtime::DispatchError;

#[test]
fn every_call_of_the_runtime_is_classified_once_and_nothing_else_is() {
    for module in RuntimeCall::get_module_names() {
        for call in RuntimeCall::get_call_names(module) {
            let lines = CALLS
                .iter()
                .filter(|(pallet, calls, _)| pallet == module && calls.contains(call))
                .count();
            assert_eq!(
                lines, 1,
                "{module}.{call} needs exactly one line in proxy_type.rs: who may make it for another?"
            );
        }
    }
    for (pallet, calls, _) in CALLS {
        for call in *calls {
            assert!(
                RuntimeCall::get_module_names().contains(pallet) && RuntimeCall::get_call_names(pallet).contains(call),
                "there is no call {pallet}.{call}"
            );
        }
    }
}

#[test]
fn no_limited_proxy_moves_keys_power_or_what_comes_later() {
    for (pallet, call) in [
        ("Keys", "swap_hotkey"),
        ("Keys", "announce_coldkey_swap"),
        ("Keys", "swap_coldkey"),
        ("Proxy", "add_proxy"),
        ("Proxy", "proxy"),
        ("Multisig", "as_multi"),
        ("Sudo", "sudo"),
        ("Staking", "transfer_stake"),
        ("Subnets", "announce_dissolution"),
    ] {
        assert_eq!(admitting(pallet, call), Some(&[][..]), "{pallet}.{call}");
    }
    let limited = || ProxyType::ALL.iter().filter(|proxy| **proxy != ProxyType::Any);
    for call in powerful() {
        assert!(ProxyType::Any.filter(&call));
        for proxy in limited() {
            assert!(!proxy.filter(&call), "{proxy} makes {call:?}");
        }
    }
    assert_eq!(
        admitting("Staking", "a_call_of_tomorrow"),
        None,
        "which every type but Any refuses"
    );
}

/// Calls by which somebody else takes over an account, its keys or what it owns.
fn powerful() -> Vec<RuntimeCall> {
    let (bob, eve) = (Bob.to_account_id(), Eve.to_account_id());
    vec![
        RuntimeCall::Keys(pallet_laurel_keys::Call::swap_hotkey {
            hotkey: bob.clone(),
            new_hotkey: eve.clone(),
            consent: None,
        }),
        RuntimeCall::Keys(pallet_laurel_keys::Call::announce_coldkey_swap {
            digest: Default::default(),
        }),
        RuntimeCall::Proxy(pallet_proxy::Call::add_proxy {
            delegate: eve.clone().into(),
            proxy_type: ProxyType::Any,
            delay: 0,
        }),
        RuntimeCall::Proxy(pallet_proxy::Call::proxy {
            real: bob.clone().into(),
            force_proxy_type: None,
            call: Box::new(add_stake()),
        }),
        RuntimeCall::Sudo(pallet_sudo::Call::sudo {
            call: Box::new(add_stake()),
        }),
        RuntimeCall::Staking(pallet_laurel_staking::Call::transfer_stake {
            hotkey: bob,
            to: eve.clone(),
            amount: None,
        }),
        RuntimeCall::Subnets(pallet_laurel_subnets::Call::announce_dissolution { netuid: SUBNET }),
        RuntimeCall::Subnets(pallet_laurel_subnets::Call::offer_subnet {
            netuid: SUBNET,
            to: Some(eve),
        }),
    ]
}

fn transfer(value: u64) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Ferdie.to_account_id().into(),
        value,
    })
}

fn add_stake() -> RuntimeCall {
    RuntimeCall::Staking(pallet_laurel_staking::Call::add_stake {
        hotkey: Bob.to_account_id(),
        amount: LRL,
    })
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
    RuntimeCall::Utility(pallet_utility::Call::batch_all { calls })
}

#[test]
fn small_transfers_are_small_and_a_batch_does_not_make_them_larger() {
    let small = ProxyType::SmallTransfer;
    assert!(small.filter(&transfer(SMALL_TRANSFER)));
    assert!(!small.filter(&transfer(SMALL_TRANSFER + 1)));
    assert!(ProxyType::Transfer.is_superset(&small) && !small.is_superset(&ProxyType::Transfer));
    assert!(ProxyType::Transfer.filter(&transfer(u64::MAX)));
    assert!(!ProxyType::Transfer.filter(&add_stake()));
}

/// What became of a call that `delegate` made for Eve.
fn by_proxy(delegate: Sr25519Keyring, call: RuntimeCall) -> Result<(), DispatchError> {
    System::reset_events();
    let origin = RuntimeOrigin::signed(delegate.to_account_id());
    Proxy::proxy(origin, Eve.to_account_id().into(), None, Box::new(call))?;
    System::events()
        .into_iter()
        .find_map(|record| match record.event {
            RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
            _ => None,
        })
        .expect("a proxied call ends in an event")
}

fn let_act(delegate: Sr25519Keyring, proxy_type: ProxyType) {
    assert_ok!(Proxy::add_proxy(
        RuntimeOrigin::signed(Eve.to_account_id()),
        delegate.to_account_id().into(),
        proxy_type,
        0
    ));
}

#[test]
fn a_staking_proxy_stakes_and_cannot_get_at_anything_else_by_wrapping_it() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        found_network();
        let_act(Dave, ProxyType::Staking);
        assert_ok!(by_proxy(Dave, add_stake()));
        assert_ok!(by_proxy(Dave, batch(vec![add_stake(), add_stake()])));
        let filtered = Err(frame_system::Error::<laurel_runtime::Runtime>::CallFiltered.into());
        let before = Balances::balance(&Ferdie.to_account_id());
        for call in [
            transfer(1),
            batch(vec![add_stake(), transfer(1)]),
            RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
                other_signatories: vec![Alice.to_account_id()],
                call: Box::new(transfer(1)),
            }),
            RuntimeCall::Proxy(pallet_proxy::Call::add_proxy {
                delegate: Dave.to_account_id().into(),
                proxy_type: ProxyType::Any,
                delay: 0,
            }),
        ] {
            assert_eq!(by_proxy(Dave, call.clone()), filtered, "{call:?}");
        }
        // A batch that keeps what went well succeeds, and has stopped before the transfer.
        let lenient = RuntimeCall::Utility(pallet_utility::Call::batch {
            calls: vec![transfer(1)],
        });
        assert_ok!(by_proxy(Dave, batch(vec![lenient])));
        assert_eq!(Balances::balance(&Ferdie.to_account_id()), before);
    });
}

#[test]
fn every_limited_type_admits_its_own_calls_and_no_other_type_s() {
    use ProxyType::*;
    let hotkey = Bob.to_account_id();
    let samples: [(RuntimeCall, &[ProxyType]); 6] = [
        (add_stake(), &[Any, Staking]),
        (
            RuntimeCall::Staking(pallet_laurel_staking::Call::set_take {
                hotkey: hotkey.clone(),
                take: Take(0),
            }),
            &[Any, Staking],
        ),
        (transfer(1), &[Any, Transfer, SmallTransfer]),
        (
            RuntimeCall::Root(pallet_laurel_root::Call::set_root_weights {
                hotkey,
                weights: vec![(SUBNET, 1)].try_into().unwrap(),
            }),
            &[Any, RootWeights],
        ),
        (
            RuntimeCall::Neurons(pallet_laurel_neurons::Call::withdraw_axon { netuid: NetUid(1) }),
            &[Any, Weights],
        ),
        (
            RuntimeCall::Governance(pallet_laurel_governance::Call::close { index: 0 }),
            &[Any, Governance],
        ),
    ];
    for (call, admitted) in samples {
        for proxy in ProxyType::ALL {
            assert_eq!(proxy.filter(&call), admitted.contains(proxy), "{proxy:?} {call:?}");
        }
    }
}

#[test]
fn a_proxy_that_was_taken_back_can_do_nothing() {
    genesis_of("local_testnet", |_| {}).execute_with(|| {
        run_to(1);
        let_act(Dave, ProxyType::Any);
        assert_ok!(by_proxy(Dave, transfer(LRL)));
        assert_ok!(Proxy::remove_proxies(RuntimeOrigin::signed(Eve.to_account_id())));
        assert!(by_proxy(Dave, transfer(LRL)).is_err());
    });
}
