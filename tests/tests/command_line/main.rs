//! The `laurel` command against a chain that runs: what each noun does, how it is refused by name, and with which code it exits.
//!
//! One chain for all. Several people's stories run beside each other, each with keys of its own, because a transaction takes a block.
mod chain;
mod delegating;
mod governing;
#[path = "../../../node/tests/node/next_version.rs"]
mod next_version;
mod owning;
mod refusing;
mod staking;
mod validating;

use chain::{Chain, REFUSED};
use delegating::{act_announced, delegate_and_pass_on};
use governing::{enact, govern};
use owning::{own, replace};
use refusing::go_wrong;
use staking::stake_and_swap;
use std::{path::Path, thread};
use validating::validate;

/// That a file of keys gives nothing away.
fn is_encrypted(wallet: &Path) -> bool {
    let key = std::fs::read_to_string(wallet.join("coldkey.json")).unwrap();
    !key.contains("//") && !key.contains("phrase")
}

#[test]
fn every_noun_works_on_a_chain_and_refuses_by_name() {
    let chain = Chain::start();
    for name in ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one"] {
        chain.import(name, &[]);
        assert!(is_encrypted(&chain.path(name)));
    }
    let more = ["two", "three", "four", "five", "six"];
    for name in more {
        chain.import(name, &["--no-password"]);
    }
    chain.fund(&[&["one"][..], &more].concat());
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
        ] {
            stories.spawn(move || story(chain));
        }
        stories.spawn(move || govern(chain)).join().unwrap()
    });
    replace(&chain);
    enact(&chain, upgrade);
    // Whatever was done, the books balance.
    let supply = chain.runtime.block_on(chain.client.supply(None)).unwrap();
    assert_eq!(supply.issuance, supply.genesis + supply.minted);
}
