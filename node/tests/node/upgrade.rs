//! A running chain changes its own runtime.
use super::{
    next_version::with_next_version,
    transactions::{facts, sign, transfer},
    Node,
};
use laurel_node::rpc::view::SupplyView;
use laurel_runtime::{genesis::ENDOWMENT, RuntimeCall};
use laurel_types::LRL;
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring::{Alice, Charlie};
use sp_maybe_compressed_blob::{decompress, CODE_BLOB_BOMB_LIMIT};

/// Blocks after which an upgrade or a transaction that is not there will not come.
const PATIENCE: u32 = 30;

/// The runtime of the node's best block, plain.
fn code(node: &Node) -> Vec<u8> {
    let hex = node.read::<String>("state_getStorage", json!(["0x3a636f6465"]));
    let blob = hex::decode(hex.trim_start_matches("0x")).unwrap();
    decompress(&blob, CODE_BLOB_BOMB_LIMIT).unwrap().into_owned()
}

fn books_balance(node: &Node) -> SupplyView {
    let supply: SupplyView = node.read("laurel_supply", json!([]));
    assert_eq!(supply.issuance.0, supply.genesis.0 + supply.minted.0);
    supply
}

fn spec_version(node: &Node) -> u32 {
    facts(node).spec_version
}

/// Waits for the block after the best one.
fn next_block(node: &mut Node) {
    let best = node.read::<Value>("chain_getHeader", json!([]))["number"].clone();
    let best = u64::from_str_radix(best.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    node.await_line(&format!("Imported #{}", best + 1));
}

#[test]
fn a_running_chain_takes_a_new_runtime_and_goes_on() {
    let mut node = Node::start(&["--dev", "--state-pruning=archive", "--blocks-pruning=archive"]);
    node.await_line("Imported #2");
    let old = facts(&node);
    let before = books_balance(&node);
    let then: String = node.read("chain_getBlockHash", json!([2]));
    let read_then = |node: &Node| node.read::<Value>("laurel_supply", json!([then]));
    let as_old_clients_read = read_then(&node);

    let set_code = frame_system::Call::set_code {
        code: with_next_version(code(&node), old.spec_version),
    };
    let sudo = pallet_sudo::Call::sudo_unchecked_weight {
        call: Box::new(RuntimeCall::System(set_code)),
        weight: frame_support::weights::Weight::zero(),
    };
    let upgrade = sign(&old, Alice, 0, 0, RuntimeCall::Sudo(sudo));
    let answer = node.call("author_submitExtrinsic", json!([upgrade]));
    assert!(answer["result"].is_string(), "{answer}");
    for _ in 0..PATIENCE {
        if spec_version(&node) != old.spec_version {
            break;
        }
        next_block(&mut node);
    }

    let new = facts(&node);
    assert_eq!(new.spec_version, old.spec_version + 1);
    next_block(&mut node);
    next_block(&mut node);
    let after = books_balance(&node);
    assert!(after.minted.0 > before.minted.0, "blocks go on");
    assert_eq!(read_then(&node), as_old_clients_read, "blocks of before read as before");
    assert_eq!(node.read::<Value>("laurel_subnets", json!([])), json!([]));

    // The new runtime knows its version: it takes what is signed for it, and nothing else.
    let stale = sign(&old, Charlie, 0, 0, transfer(LRL));
    let answer = node.call("author_submitExtrinsic", json!([stale]));
    assert_eq!(answer["error"]["code"], 1010, "{answer}");
    let fresh = sign(&new, Charlie, 0, 0, transfer(LRL));
    let answer = node.call("author_submitExtrinsic", json!([fresh]));
    assert!(answer["result"].is_string(), "{answer}");
    let free = |node: &Node| -> u64 {
        let portfolio = node.read::<Value>("laurel_portfolio", json!([Charlie.to_account_id()]));
        portfolio["free"].as_str().unwrap().parse().unwrap()
    };
    for _ in 0..PATIENCE {
        if free(&node) < ENDOWMENT {
            break;
        }
        next_block(&mut node);
    }
    assert!(free(&node) < ENDOWMENT - LRL, "a block took it, for its fee");
    books_balance(&node);
}
