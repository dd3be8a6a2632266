//! Transactions as a client signs them, and what the node's pool does with them.
use super::Node;
use codec::Encode;
use laurel_runtime::{
    signing::{signed, ChainFacts},
    Balance, RuntimeCall,
};
use laurel_types::LRL;
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};

/// What a client asks the node for before it signs, as the node says it now.
pub fn facts(node: &Node) -> ChainFacts {
    let version = node.read::<Value>("state_getRuntimeVersion", json!([]));
    let number = |name: &str| version[name].as_u64().unwrap() as u32;
    ChainFacts {
        genesis: node.read("chain_getBlockHash", json!([0])),
        spec_version: number("specVersion"),
        transaction_version: number("transactionVersion"),
    }
}

/// A signed transaction, in hex.
pub fn sign(chain: &ChainFacts, signer: Sr25519Keyring, nonce: u32, tip: Balance, call: RuntimeCall) -> String {
    let transaction = signed(chain, &signer.pair(), nonce, tip, call);
    format!("0x{}", hex::encode(transaction.encode()))
}

/// Sends `value` to Bob.
pub fn transfer(value: Balance) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
        dest: Bob.to_account_id().into(),
        value,
    })
}

#[test]
fn a_stuck_transaction_gives_way_to_a_higher_tip_and_a_hopeless_one_is_refused_by_name() {
    // An authority that meets nobody makes no blocks, so what is in the pool stays there.
    let folder = tempfile::tempdir().unwrap();
    let base = [
        "--chain=local",
        "--alice",
        super::NODE_KEY,
        "--base-path",
        super::path(folder.path()),
    ];
    let node = Node::start(&base);
    let chain = facts(&node);
    let send = |tip, value| {
        let transaction = sign(&chain, Charlie, 0, tip, transfer(value));
        (node.call("author_submitExtrinsic", json!([transaction])), transaction)
    };
    let pending = || node.read::<Vec<String>>("author_pendingExtrinsics", json!([]));

    let (answer, stuck) = send(0, LRL);
    assert!(answer["result"].is_string(), "{answer}");
    assert_eq!(pending(), [stuck]);
    let (answer, _) = send(0, 2 * LRL);
    assert_eq!(answer["error"]["code"], 1014, "an equal tip is not enough: {answer}");
    let (answer, other) = send(LRL, 3 * LRL);
    assert!(answer["result"].is_string(), "{answer}");
    assert_eq!(pending(), [other]);

    let hopeless = sign(&chain, Alice, 0, 0, transfer(2_000_000 * LRL));
    let answer = node.call("author_submitExtrinsic", json!([hopeless]));
    let refusal = laurel_types::Refusal::of_message(answer["error"]["data"].as_str().unwrap()).unwrap();
    assert_eq!((refusal.pallet, refusal.name), ("Runtime", "Token"));
    let refusals = node.read::<Value>("laurel_refusals", json!([]));
    let named = refusals
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["code"] == refusal.code)
        .unwrap();
    assert_eq!(named["name"], "Token");
}
