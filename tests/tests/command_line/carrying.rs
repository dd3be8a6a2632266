//! The key is on a machine without network: transactions are carried there, and back.
use super::chain::{leaves, said, text, Chain, REFUSED};
use laurel_chain::{AccountId, Keypair};
use laurel_types::LRL;
use serde_json::{json, Value};
use std::fs;

/// An account that nothing was sent to.
fn receiver() -> AccountId {
    let key = Keypair::from_uri(&"//somebody//afar".parse().unwrap()).unwrap();
    AccountId::from(&key)
}

fn received(chain: &Chain) -> u64 {
    let receiver = receiver();
    let balance = chain.client.balance(&receiver, None);
    chain.runtime.block_on(balance).unwrap().free
}

/// Runs a command that must fail with this code; the name of its error.
#[track_caller]
fn fail(chain: &Chain, arguments: &[&str], code: i32) -> String {
    let output = chain.run(arguments, "");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    text(&document["error"]["name"])
}

/// The signed file, made on the machine with the key.
fn sign(chain: &Chain, unsigned: &str, signed: &str, metadata_hash: &str) -> Value {
    let command = [
        "sign",
        "--transaction",
        unsigned,
        "--wallet=carrier",
        "--out",
        signed,
        "--yes",
    ];
    chain.read(&[&command[..], &["--metadata-hash", metadata_hash]].concat())
}

/// What is exported, signed elsewhere and submitted is done once, and what can no longer be done is refused by name.
pub fn carry(chain: &Chain) {
    let (coldkey, to) = (chain.coldkey("carrier"), receiver().to_string());
    chain.read(&["wallet", "watch", "--wallet=watching", "--coldkey", &coldkey]);
    let transfer = ["transfer", "--wallet=watching", "--amount=7", "--to", &to];
    let export = |file: &str, valid_for: &str| {
        chain.read(&[&transfer[..], &["--export", file, "--valid-for", valid_for]].concat())
    };
    let exported = export("unsigned", "1024");
    let hash = text(&exported["metadata_hash"]);
    export("same-nonce", "1024");
    export("short", "4");
    refuse_to_sign(chain, &exported);

    let shown = [
        "sign",
        "--transaction=unsigned",
        "--wallet=carrier",
        "--out=signed",
        "--yes",
    ];
    let shown = chain.run_for_people(&[&shown[..], &["--metadata-hash", &hash]].concat());
    for part in [
        "Balances.transfer_keep_alive",
        "7 LRL",
        &to,
        &coldkey,
        "nonce",
        "(coldkey)",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    sign(chain, "same-nonce", "same-nonce-signed", &hash);
    sign(chain, "short", "short-signed", &hash);
    let submit = ["submit", "--transaction=signed", "--deadline=600"];
    let first = chain.read(&submit);
    assert_eq!(chain.read(&submit)["block"], first["block"], "it was done once");
    assert_eq!(received(chain), 7 * LRL);

    let late = ["submit", "--transaction=same-nonce-signed", "--deadline=600"];
    assert_eq!(fail(chain, &late, REFUSED), "NonceUsed");
    chain.until_block(exported["last_block"].as_u64().unwrap() - 1_024 + 16);
    // Out of date and with a nonce that is used: the one or the other is said, and nothing is done.
    let expired = fail(
        chain,
        &["submit", "--transaction=short-signed", "--deadline=600"],
        REFUSED,
    );
    assert!(["NonceUsed", "Expired"].contains(&expired.as_str()), "{expired}");
    export("next", "4");
    sign(chain, "next", "next-signed", &hash);
    let last = fs::read_to_string(chain.path("next-signed")).unwrap();
    let last: Value = serde_json::from_str(&last).unwrap();
    chain.until_block(last["last_block"].as_u64().unwrap() + 1);
    assert_eq!(
        fail(
            chain,
            &["submit", "--transaction=next-signed", "--deadline=600"],
            REFUSED
        ),
        "Expired"
    );

    let mut ahead: Value = serde_json::from_str(&fs::read_to_string(chain.path("unsigned")).unwrap()).unwrap();
    ahead["nonce"] = json!(1_000);
    fs::write(chain.path("ahead"), ahead.to_string()).unwrap();
    sign(chain, "ahead", "ahead-signed", &hash);
    assert_eq!(
        fail(chain, &["submit", "--transaction=ahead-signed"], REFUSED),
        "NonceAhead"
    );
    assert_eq!(received(chain), 7 * LRL);
    assert!(leaves(&exported["quote"]["amount"]) == 7 * LRL, "{exported}");
}

/// What the machine with the key does not sign.
fn refuse_to_sign(chain: &Chain, exported: &Value) {
    let command = ["sign", "--transaction=unsigned", "--out=never", "--yes"];
    let sign = |more: &[&str]| fail(chain, &[&command[..], more].concat(), 1);
    assert_eq!(sign(&["--wallet=two"]), "WrongWallet");
    let another = format!("0x{}", "5a".repeat(32));
    assert_eq!(
        sign(&["--wallet=carrier", "--metadata-hash", &another]),
        "WrongMetadata"
    );
    if exported["checks_metadata"] == json!(false) {
        assert_eq!(sign(&["--wallet=carrier"]), "MetadataUnchecked");
    }
    assert!(!chain.path("never").exists());
}
