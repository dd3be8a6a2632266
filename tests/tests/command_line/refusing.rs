//! What fails before the chain is asked.
use super::chain::{said, Chain};
use laurel_tests::local_network::binary;
use serde_json::Value;
use std::process::Command;

/// What goes wrong before a chain is asked, or because there is none.
pub fn go_wrong(chain: &Chain) {
    let wrong_password = Command::new(binary("laurel"))
        .args([
            "transfer",
            "--to=./bob",
            "--amount=1",
            "--wallet=alice",
            "--yes",
            "--json",
        ])
        .env("LAUREL_PASSWORD", "another")
        .env("LAUREL_CHAIN", &chain.url)
        .current_dir(chain.folder.path())
        .output()
        .unwrap();
    assert_eq!(wrong_password.status.code(), Some(1), "{}", said(&wrong_password));
    // Nobody is there to be asked.
    let unasked = chain.run(&["transfer", "--to=./bob", "--amount=1", "--wallet=alice"], "");
    assert_eq!(unasked.status.code(), Some(2), "{}", said(&unasked));
    let dry = chain.read(&["transfer", "--to=./bob", "--amount=1", "--wallet=alice", "--dry-run"]);
    assert_eq!(
        (&dry["dry_run"], &dry["call"]),
        (&Value::Bool(true), &"Balances.transfer_keep_alive".into())
    );
    let nowhere = ["transfer", "--to=./bob", "--amount=1", "--chain=ws://127.0.0.1:1"];
    chain.refuse("alice", &nowhere, (4, "Unreachable"));
}
