//! Transactions as a client signs them, and what the node's pool does with them.
use super::Node;
use codec::Encode;
use laurel_runtime::{Address, Balance, RuntimeCall, Signature, SignedPayload, TxExtension, UncheckedExtrinsic};
use laurel_types::LRL;
use serde_json::{json, Value};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::generic::Era;

/// What a client asks the node for before it signs.
pub struct Chain {
    genesis: H256,
    spec_version: u32,
    transaction_version: u32,
}

impl Chain {
    /// As the node says it now.
    pub fn of(node: &Node) -> Self {
        let version = node.read::<Value>("state_getRuntimeVersion", json!([]));
        let number = |name: &str| version[name].as_u64().unwrap() as u32;
        Self {
            genesis: node.read("chain_getBlockHash", json!([0])),
            spec_version: number("specVersion"),
            transaction_version: number("transactionVersion"),
        }
    }

    /// The version that the next transaction is signed for.
    pub fn spec_version(&self) -> u32 {
        self.spec_version
    }

    /// A signed transaction, in hex.
    pub fn sign(&self, signer: Sr25519Keyring, nonce: u32, tip: Balance, call: RuntimeCall) -> String {
        let extension: TxExtension = (
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckMortality::from(Era::Immortal),
            frame_system::CheckNonce::from(nonce),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(tip),
            frame_metadata_hash_extension::CheckMetadataHash::new(false),
            frame_system::WeightReclaim::new(),
        );
        let implicit = (
            (),
            (),
            self.spec_version,
            self.transaction_version,
            self.genesis,
            self.genesis,
            (),
            (),
            (),
            None,
            (),
        );
        let payload = SignedPayload::from_raw(call, extension, implicit);
        let signature = Signature::Sr25519(payload.using_encoded(|bytes| signer.sign(bytes)));
        let (call, extension, _) = payload.deconstruct();
        let address = Address::Id(signer.to_account_id());
        let transaction = UncheckedExtrinsic::new_signed(call, address, signature, extension);
        format!("0x{}", hex::encode(transaction.encode()))
    }
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
    let chain = Chain::of(&node);
    let send = |tip, value| {
        let transaction = chain.sign(Charlie, 0, tip, transfer(value));
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

    let hopeless = chain.sign(Alice, 0, 0, transfer(2_000_000 * LRL));
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
