//! Every call that clients make is one of the runtime, with its arguments in their places; every error that a call can meet has a remedy.
use codec::{DecodeAll, Encode};
use laurel_chain::{
    call_hash,
    calls::{self, governance::Vote, subnets::Identity},
    module_failure, read_call, AccountId, Argument, Call, Cost, NamedCall,
};
use laurel_runtime::{Runtime, RuntimeCall};
use laurel_types::{
    CommitItem, HotkeyConsent, Hyperparameter, NetUid, Proportion, ProxyType, Refusal, RevealItem, Take, Uid,
    WeightRow, WeightsItem, Work,
};
use serde_json::{json, Value};
use subxt::metadata::Metadata;

const ONE: AccountId = AccountId([1; 32]);
const TWO: AccountId = AccountId([2; 32]);
const NETUID: NetUid = NetUid(7);
const CONSENT: HotkeyConsent = HotkeyConsent([5; 64]);

/// The metadata of the runtime as a chain serves it.
fn metadata() -> Metadata {
    // Constants are read from storage, which may be empty.
    sp_io::TestExternalities::new_empty().execute_with(|| {
        let opaque = Runtime::metadata_at_version(16).unwrap();
        Metadata::decode_from(&opaque).unwrap()
    })
}

fn row() -> WeightRow {
    WeightRow::new(vec![(Uid(1), 7), (Uid(4), 9)]).unwrap()
}

/// Asserts that the runtime decodes the call, and that it says what is expected.
#[track_caller]
fn assert_says(metadata: &Metadata, call: &Call, arguments: Value) {
    let bytes = call
        .encode(metadata)
        .unwrap_or_else(|e| panic!("{:?}: {e}", call.name()));
    let decoded = RuntimeCall::decode_all(&mut bytes.as_slice()).unwrap_or_else(|e| panic!("{:?}: {e}", call.name()));
    assert_eq!(decoded.encode(), bytes);
    let (pallet, name) = call.name();
    let expected = match &arguments {
        Value::Null => json!({ pallet: name }),
        _ => json!({ pallet: { name: arguments } }),
    };
    assert_eq!(read_call(metadata, &bytes).unwrap(), expected);
}

fn hex(byte: u8, length: usize) -> String {
    format!("0x{}", format!("{byte:02x}").repeat(length))
}

#[test]
fn stake_moves_from_one_hotkey_to_another_and_to_another_coldkey() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(
        Call::AddStake { hotkey: ONE, amount: 9 },
        json!({ "hotkey": ONE, "amount": "9" }),
    );
    says(
        Call::RemoveStake { hotkey: ONE, amount: 9 },
        json!({ "hotkey": ONE, "amount": "9" }),
    );
    says(Call::RemoveAllStake { hotkey: ONE }, json!({ "hotkey": ONE }));
    says(
        Call::SetTake {
            hotkey: ONE,
            take: Take(3),
        },
        json!({ "hotkey": ONE, "take": 3 }),
    );
    says(
        calls::staking::move_stake(&ONE, &TWO, Some(9)),
        json!({ "from": ONE, "to": TWO, "amount": "9" }),
    );
    says(
        calls::staking::transfer_stake(&ONE, &TWO, None),
        json!({ "hotkey": ONE, "to": TWO, "amount": null }),
    );
    says(
        calls::staking::clear_nomination(&ONE, &TWO),
        json!({ "coldkey": ONE, "hotkey": TWO }),
    );
}

#[test]
fn child_hotkeys_are_proposed_accepted_cut_and_taxed() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(
        calls::children::set_children(&ONE, NETUID, &[(Proportion::ALL, TWO)]),
        json!({ "hotkey": ONE, "netuid": 7, "children": [["18446744073709551615", TWO]] }),
    );
    says(
        calls::children::accept_parent(&ONE, NETUID, &TWO),
        json!({ "hotkey": ONE, "netuid": 7, "parent": TWO }),
    );
    says(
        calls::children::revoke_link(NETUID, &ONE, &TWO),
        json!({ "netuid": 7, "parent": ONE, "child": TWO }),
    );
    says(
        calls::children::set_child_take(&ONE, NETUID, Take(3)),
        json!({ "hotkey": ONE, "netuid": 7, "take": 3 }),
    );
}

#[test]
fn keys_are_swapped() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(
        calls::keys::swap_hotkey(&ONE, &TWO, Some(CONSENT)),
        json!({ "hotkey": ONE, "new_hotkey": TWO, "consent": hex(5, 64) }),
    );
    says(
        calls::keys::announce_coldkey_swap([3; 32]),
        json!({ "digest": hex(3, 32) }),
    );
    says(calls::keys::cancel_coldkey_swap(), Value::Null);
    says(
        calls::keys::swap_coldkey(&ONE, &TWO, [3; 32]),
        json!({ "coldkey": ONE, "new_coldkey": TWO, "salt": hex(3, 32) }),
    );
    says(calls::keys::clear_expired_swap(&ONE), json!({ "coldkey": ONE }));
}

#[test]
fn neurons_register_for_a_price_and_for_work() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(
        Call::BurnedRegister {
            netuid: NETUID,
            hotkey: ONE,
            max_price: 9,
            consent: Some(CONSENT),
        },
        json!({ "netuid": 7, "hotkey": ONE, "max_price": "9", "consent": hex(5, 64) }),
    );
    says(
        calls::neurons::pow_register(NETUID, &ONE, &TWO, Work { block: 4, nonce: 8 }, CONSENT),
        json!({
            "netuid": 7, "hotkey": ONE, "coldkey": TWO, "work": { "block": 4, "nonce": "8" }, "consent": hex(5, 64),
        }),
    );
    says(
        calls::neurons::protect_neuron(NETUID, &ONE),
        json!({ "netuid": 7, "hotkey": ONE }),
    );
}

#[test]
fn weights_are_set_committed_and_revealed_one_by_one_and_in_batches() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    let entries = json!([[1, 7], [4, 9]]);
    let set = WeightsItem {
        netuid: NETUID,
        row: row(),
        receipts_root: [3; 32],
        version_key: 6,
    };
    let set_says = json!({ "netuid": 7, "row": entries, "receipts_root": hex(3, 32), "version_key": "6" });
    let reveal = RevealItem {
        netuid: NETUID,
        row: row(),
        receipts_root: [3; 32],
        version_key: 6,
        salt: [4; 32],
    };
    let mut reveal_says = set_says.clone();
    reveal_says["salt"] = json!(hex(4, 32));
    let commit = CommitItem {
        netuid: NETUID,
        hash: [9; 32],
    };
    let commit_says = json!({ "netuid": 7, "hash": hex(9, 32) });
    says(
        Call::SetWeights {
            netuid: NETUID,
            row: row(),
            receipts_root: [3; 32],
            version_key: 6,
        },
        set_says.clone(),
    );
    says(
        Call::RevealWeights {
            netuid: NETUID,
            row: row(),
            receipts_root: [3; 32],
            version_key: 6,
            salt: [4; 32],
        },
        reveal_says.clone(),
    );
    says(
        Call::CommitWeights {
            netuid: NETUID,
            hash: [9; 32],
        },
        commit_says.clone(),
    );
    says(
        calls::scoring::batch_set_weights(&[set]),
        json!({ "items": [set_says] }),
    );
    says(
        calls::scoring::batch_reveal_weights(&[reveal]),
        json!({ "items": [reveal_says] }),
    );
    says(
        calls::scoring::batch_commit_weights(&[commit]),
        json!({ "items": [commit_says] }),
    );
}

#[test]
fn subnets_are_created_tuned_named_passed_on_and_ended() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(Call::CreateSubnet { max_lock: 9 }, json!({ "max_lock": "9" }));
    says(
        Call::SetHyperparameter {
            netuid: NETUID,
            change: Hyperparameter::MinBurn(9),
        },
        json!({ "netuid": 7, "change": { "MinBurn": "9" } }),
    );
    says(calls::subnets::announce_dissolution(NETUID), json!({ "netuid": 7 }));
    says(calls::subnets::cancel_dissolution(NETUID), json!({ "netuid": 7 }));
    says(
        calls::subnets::offer_subnet(NETUID, Some(&ONE)),
        json!({ "netuid": 7, "to": ONE }),
    );
    says(
        calls::subnets::offer_subnet(NETUID, None),
        json!({ "netuid": 7, "to": null }),
    );
    says(calls::subnets::accept_subnet(NETUID), json!({ "netuid": 7 }));
    says(calls::subnets::clear_subnet_identity(NETUID), json!({ "netuid": 7 }));
    says(calls::subnets::clear_identity(), Value::Null);
    let identity = Identity {
        name: "A".into(),
        url: "B".into(),
        repository: "C".into(),
        contact: "D".into(),
        image: "E".into(),
        description: "F".into(),
    };
    let identity_says = json!({
        "name": "0x41", "url": "0x42", "repository": "0x43", "contact": "0x44", "image": "0x45", "description": "0x46",
    });
    says(
        calls::subnets::set_subnet_identity(NETUID, &identity),
        json!({ "netuid": 7, "identity": identity_says }),
    );
    says(
        calls::subnets::set_identity(&identity),
        json!({ "identity": identity_says }),
    );
}

#[test]
fn root_seats_are_taken_left_and_voted_with() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(
        Call::RegisterSeat {
            hotkey: ONE,
            consent: None,
        },
        json!({ "hotkey": ONE, "consent": null }),
    );
    says(Call::LeaveSeat { hotkey: ONE }, json!({ "hotkey": ONE }));
    says(
        Call::SetRootWeights {
            hotkey: ONE,
            weights: vec![(NETUID, 5)],
        },
        json!({ "hotkey": ONE, "weights": [[7, 5]] }),
    );
}

#[test]
fn proxies_of_every_type_that_the_command_line_offers_exist() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    for kind in ProxyType::ALL.iter().copied() {
        says(
            calls::proxies::add_proxy(&ONE, kind, 5),
            json!({ "delegate": { "Id": ONE }, "proxy_type": kind.name(), "delay": 5 }),
        );
        says(
            calls::proxies::remove_proxy(&ONE, kind, 0),
            json!({ "delegate": { "Id": ONE }, "proxy_type": kind.name(), "delay": 0 }),
        );
    }
}

#[test]
fn a_proxy_wraps_and_announces_calls() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    let inner = || Call::RemoveAllStake { hotkey: TWO };
    let inner_says = json!({ "Staking": { "remove_all_stake": { "hotkey": TWO } } });
    says(
        calls::proxies::proxy(&ONE, inner()),
        json!({ "real": { "Id": ONE }, "force_proxy_type": null, "call": inner_says }),
    );
    says(
        calls::proxies::proxy_announced(&TWO, &ONE, inner()),
        json!({ "delegate": { "Id": TWO }, "real": { "Id": ONE }, "force_proxy_type": null, "call": inner_says }),
    );
    let hash = hex(3, 32);
    says(
        calls::proxies::announce(&ONE, [3; 32]),
        json!({ "real": { "Id": ONE }, "call_hash": hash }),
    );
    says(
        calls::proxies::remove_announcement(&ONE, [3; 32]),
        json!({ "real": { "Id": ONE }, "call_hash": hash }),
    );
    says(
        calls::proxies::reject_announcement(&ONE, [3; 32]),
        json!({ "delegate": { "Id": ONE }, "call_hash": hash }),
    );
}

#[test]
fn the_council_moves_small_calls_as_they_are_and_large_ones_by_their_hash() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    let remark = |length: usize| -> Call {
        NamedCall::new("System", "remark")
            .with("remark", Argument::scale(&vec![1u8; length]))
            .into()
    };
    let small = remark(9);
    let small_bytes = small.encode(&metadata).unwrap();
    let inline = small_bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let open_says = json!({ "call": { "Inline": format!("0x{inline}") } });
    says(calls::governance::open(small.clone()), open_says.clone());
    let length = calls::governance::open(small.clone()).encode(&metadata).unwrap().len();
    says(
        calls::governance::motion(2, calls::governance::open(small)),
        json!({ "threshold": 2, "proposal": { "Governance": { "open": open_says } }, "length_bound": length }),
    );
    let large = remark(200);
    let bytes = large.encode(&metadata).unwrap();
    let digits: String = call_hash(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    says(
        calls::governance::open(large.clone()),
        json!({ "call": { "Lookup": { "hash": format!("0x{digits}"), "len": bytes.len() } } }),
    );
    let all: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    says(
        calls::governance::note_preimage(large),
        json!({ "bytes": format!("0x{all}") }),
    );
}

#[test]
fn motions_and_proposals_are_voted_on_closed_and_cancelled() {
    let metadata = metadata();
    let says = |call: Call, arguments| assert_says(&metadata, &call, arguments);
    says(
        calls::governance::vote_on_motion([3; 32], 4, Vote::Nay),
        json!({ "proposal": hex(3, 32), "index": 4, "approve": false }),
    );
    let most = Cost {
        ref_time: 1_000_000,
        proof_size: 77,
    };
    says(
        calls::governance::close_motion([3; 32], 4, 99, most),
        json!({
            "proposal_hash": hex(3, 32),
            "index": 4,
            "proposal_weight_bound": { "ref_time": "1000000", "proof_size": "77" },
            "length_bound": 99,
        }),
    );
    says(
        calls::governance::vote(4, Vote::Aye),
        json!({ "index": 4, "vote": "Aye" }),
    );
    says(calls::governance::close(4), json!({ "index": 4 }));
    says(calls::governance::cancel(4), json!({ "index": 4 }));
}

#[test]
fn bytes_that_are_no_call_are_told_apart() {
    let metadata = metadata();
    let call = Call::LeaveSeat { hotkey: ONE }.encode(&metadata).unwrap();
    assert!(read_call(&metadata, &call).is_ok());
    assert!(read_call(&metadata, &call[..call.len() - 1]).is_err());
    assert!(read_call(&metadata, &[call, vec![0]].concat()).is_err());
    assert!(read_call(&metadata, &[255, 255]).is_err());
}

#[test]
fn every_error_of_every_pallet_reaches_clients_with_its_name_and_a_remedy() {
    let metadata = metadata();
    let mut seen = 0;
    for pallet in metadata.pallets() {
        for error in pallet.error_variants().unwrap_or_default() {
            let told = module_failure(pallet.error_index(), error.index, &metadata).unwrap();
            assert_eq!((told.pallet.as_str(), &told.name), (pallet.name(), &error.name));
            // The same words whether the pool foresees it or a block meets it.
            let foreseen = Refusal::named(pallet.name(), &error.name)
                .unwrap_or_else(|| panic!("{told}: give it a number and a remedy in primitives/types/src/refusals.rs"));
            assert_eq!(told.remedy, foreseen.remedy, "{told}");
            // One sentence at least, that is not the name again.
            assert!(told.remedy.split_whitespace().count() > 2, "{told}");
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen}");
}
