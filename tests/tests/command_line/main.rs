//! The `laurel` command against a chain that runs: what each noun does, how it is refused by name, and with which code it exits.
//!
//! One chain for all. Several people's stories run beside each other, each with keys of its own, because a transaction takes a block.
mod carrying;
mod chain;
mod delegating;
mod doctoring;
mod governing;
mod keeping;
#[path = "../../../node/tests/node/next_version.rs"]
mod next_version;
mod owning;
mod refusing;
mod schemas;
mod staking;
mod validating;

use carrying::carry;
use chain::{leaves, said, text, Chain, REFUSED};
use delegating::{act_announced, delegate_and_pass_on};
use doctoring::ask_the_doctor;
use governing::{enact, govern};
use keeping::keep_keys;
use owning::{own, replace};
use refusing::go_wrong;
use staking::stake_and_swap;
use std::{path::Path, thread};
use validating::validate;

/// That a file of keys gives nothing away.
fn is_encrypted(wallet: &Path) -> bool {
    let key = std::fs::read_to_string(wallet.join("coldkey.json")).unwrap();
    key.contains("xsalsa20-poly1305")
}

/// Commands of which the stories print no document: they want a validator's receipts, a gateway that serves or a long notice, or serve
/// themselves until they are stopped.
const UNSEEN: [&str; 6] = [
    "dashboard",
    "explain",
    "gateway login",
    "gateway terms",
    "gateway usage",
    "prepaid take-back",
];

/// What a dry run says a transfer costs is what it costs.
fn pay_what_was_quoted(chain: &Chain) {
    let transfer = ["transfer", "--to=./bob", "--amount=1.000000001"];
    let dry = chain.read(&[&transfer[..], &["--wallet=alice", "--dry-run"]].concat());
    let sent = chain.send("alice", &transfer);
    assert_eq!(dry["quote"]["fee"], sent.0["fee"], "{dry}");
    assert!(
        leaves(&sent.0["fee"]) <= leaves(&sent.0["quote"]["fee_at_most"]),
        "{}",
        sent.0
    );
    assert_eq!(text(&sent.0["quote"]["signed_by"]), chain.coldkey("alice"));
    chain.refuse(
        "alice",
        &["transfer", "--to=./bob", "--amount=0.0000000001"],
        (2, "Usage"),
    );
}

/// Documents that no story needs.
fn print_the_rest(chain: &Chain) {
    for reading in [
        &["balance", "--wallet=alice"][..],
        &["subnets"],
        &["subnet", "list"],
        &["subnet", "hyperparameters"],
        &["root", "seats"],
        &["proxy", "list", "--wallet=young"],
        &["schema", "stake", "show"],
        &["man", "--out=man1"],
    ] {
        chain.read(reading);
    }
    let hotkey = chain.hotkey("bob");
    chain.read(&["take", "show", "--hotkey", &hotkey]);
    let identified = chain.send("bob", &["wallet", "identify", "--name=bob"]);
    let anonymised = chain.send("bob", &["wallet", "anonymise"]);
    assert_eq!(
        identified.0["quote"]["deposit"], anonymised.0["quote"]["deposit_returned"],
        "what was held comes back"
    );
    chain.send("alice", &["prepaid", "deposit", "--amount=5", "--gateway", &hotkey]);
    let deposits = chain.read(&["prepaid", "show", "--wallet=alice"]);
    assert_eq!(leaves(&deposits[0]["amount"]), 5_000_000_000, "{deposits}");
    chain.send("alice", &["prepaid", "withdraw", "--all", "--gateway", &hotkey]);
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/tiny");
    let manifest = chain.read(&["model", "manifest", "--folder", model.to_str().unwrap()]);
    let root = text(&manifest["root"]);
    let check = ["model", "manifest", "--folder", model.to_str().unwrap(), "--check"];
    assert_eq!(chain.read(&[&check[..], &[&root]].concat())["matches"], true);
    let other = format!("0x{}", "00".repeat(32));
    let differs = chain.run(&[&check[..], &[&other]].concat(), "");
    assert_eq!(differs.status.code(), Some(5), "{}", said(&differs));
    // A subnet that is not there has one name, whoever is asked for it.
    for missing in [
        &["metagraph", "--netuid=99"][..],
        &["subnet", "show", "--netuid=99"],
        &["model", "list", "--netuid=99"],
        &["weights", "pending", "--netuid=99"],
    ] {
        let output = chain.run(missing, "");
        assert_eq!(output.status.code(), Some(REFUSED), "{}", said(&output));
        assert!(
            said(&output).contains("Subnets.SubnetDoesNotExist"),
            "{}",
            said(&output)
        );
    }
}

/// The operator of a gateway looks after its keys in the data folder, and a subnet's author begins one.
fn work_in_folders(chain: &Chain) {
    std::fs::create_dir(chain.path("gateway")).unwrap();
    let key = |verb: &[&str]| chain.read(&[&["gateway", "key"], verb, &["--data=gateway"]].concat());
    let made = key(&["create", "--name=ci", "--limits=concurrency=2"]);
    let listed = key(&["list"]);
    assert_eq!(listed["keys"][0]["start"], made["key"]["start"], "{listed}");
    assert!(!listed.to_string().contains(&text(&made["secret"])), "shown once");
    let limited = key(&["limit", "1", "concurrency=9"]);
    assert_eq!(limited["key"]["limits"]["concurrency"], 9, "{limited}");
    assert!(key(&["revoke", "1"])["key"]["revoked_ms"].is_u64());
    let begun = chain.read(&["subnet", "new", "tours"]);
    assert!(chain.path("tours/src/work.rs").is_file(), "{begun}");
}

/// An owner's neuron is never evicted, and a seat is given up.
fn protect_and_leave(chain: &Chain) {
    chain.send("alice", &["register", "--netuid=1", "--max-price=100"]);
    let protected = chain.send("alice", &["subnet", "protect", "--netuid=1"]);
    assert_eq!(text(&protected.0["quote"]["hotkey"]), chain.hotkey("alice"));
    chain.send("ferdie", &["root", "leave"]);
    let seats = chain.read(&["root", "seats"]).to_string();
    assert!(!seats.contains(&chain.hotkey("ferdie")), "{seats}");
}

#[test]
fn every_noun_works_on_a_chain_and_refuses_by_name() {
    let chain = Chain::start();
    for name in ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one"] {
        chain.import(name, &[]);
        assert!(is_encrypted(&chain.path(name)));
    }
    let more = ["two", "three", "four", "five", "six", "seven", "carrier"];
    for name in more {
        chain.import(name, &["--no-password"]);
    }
    chain.fund(&[&["one"][..], &more].concat());
    pay_what_was_quoted(&chain);
    chain.send("alice", &["subnet", "create", "--max-lock=500"]);
    chain.send("alice", &["subnet", "create", "--max-lock=500"]);
    chain.refuse(
        "alice",
        &["subnet", "create", "--max-lock=1"],
        (REFUSED, "Subnets.LockAboveMaximum"),
    );
    chain.send("alice", &["subnet", "set", "--netuid=2", "commit_reveal=false"]);
    chain.send("bob", &["register", "--netuid=1", "--max-price=10"]);
    let upgrade = thread::scope(|stories| {
        let chain = &chain;
        for story in [
            validate,
            stake_and_swap,
            delegate_and_pass_on,
            act_announced,
            own,
            go_wrong,
            ask_the_doctor,
            carry,
            keep_keys,
        ] {
            stories.spawn(move || story(chain));
        }
        stories.spawn(move || govern(chain)).join().unwrap()
    });
    replace(&chain);
    enact(&chain, upgrade);
    work_in_folders(&chain);
    protect_and_leave(&chain);
    print_the_rest(&chain);
    let mut unseen = chain.published.unseen();
    unseen.retain(|command| !UNSEEN.contains(command));
    assert!(
        unseen.is_empty(),
        "nobody held what these print against their schemas: {unseen:?}"
    );
    // Whatever was done, the books balance.
    let supply = chain.runtime.block_on(chain.client.supply(None)).unwrap();
    assert_eq!(supply.issuance, supply.genesis + supply.minted);
}
