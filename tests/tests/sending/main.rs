//! That a transaction is done once, whatever happens on its way: other commands of the same account, a node that ends, an end to patience.
#[allow(dead_code, reason = "the commands' own tests use the rest")]
#[path = "../command_line/chain.rs"]
mod chain;
#[allow(dead_code, reason = "the commands' own tests use the rest")]
#[path = "../command_line/schemas.rs"]
mod schemas;

use chain::{said, text, Chain};
use laurel_chain::{AccountId, ChainClient, ConnectOptions, Keypair};
use laurel_tests::development_node::DevelopmentNode;
use laurel_types::LRL;
use serde_json::Value;
use std::{fs, process::Output, thread, time::Duration};

/// Between two looks into a pool, of which nothing tells.
const GLANCE: Duration = Duration::from_millis(100);

#[test]
fn what_is_sent_is_done_once() {
    let chain = Chain::start();
    for name in ["alice", "bob", "eve"] {
        chain.import(name, &["--no-password"]);
    }
    thread::scope(|stories| {
        for story in [collide, lose_an_endpoint, give_up_waiting] {
            let chain = &chain;
            stories.spawn(move || story(chain));
        }
    });
}

/// An account that nothing was sent to.
fn somebody(name: &str) -> AccountId {
    let key = Keypair::from_uri(&format!("//somebody//{name}").parse().unwrap()).unwrap();
    AccountId::from(&key)
}

fn balance(chain: &Chain, account: AccountId) -> u64 {
    let balance = chain.client.balance(&account, None);
    chain.runtime.block_on(balance).unwrap().free
}

/// Runs a command that must fail with this code; the name of its error, and its message.
#[track_caller]
fn fail(chain: &Chain, arguments: &[&str], code: i32) -> (String, String) {
    let output = chain.run(arguments, "");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    (text(&document["error"]["name"]), text(&document["error"]["message"]))
}

/// Ten commands of one account at the same time, each with an amount that no sum of the others has.
fn collide(chain: &Chain) {
    let to = somebody("ten").to_string();
    let send = |exponent: u32| {
        let amount = 2u64.pow(exponent).to_string();
        let transfer = ["transfer", "--wallet=alice", "--yes", "--deadline=600", "--to", &to];
        let output = chain.run(&[&transfer[..], &["--amount", &amount]].concat(), "");
        assert_eq!(output.status.code(), Some(0), "{exponent}: {}", said(&output));
    };
    thread::scope(|commands| {
        for exponent in 0..10 {
            commands.spawn(move || send(exponent));
        }
    });
    assert_eq!(balance(chain, somebody("ten")), 1_023 * LRL);
}

/// A node of the same chain that nobody talks to: it takes transactions and never a block.
struct Alone {
    node: DevelopmentNode,
    client: ChainClient,
}

impl Alone {
    fn start(chain: &Chain, name: &str) -> Self {
        let node = DevelopmentNode::start_alone(&chain.path(name));
        let connect = ChainClient::connect(std::slice::from_ref(&node.url), ConnectOptions::default());
        let client = chain.runtime.block_on(connect).unwrap();
        assert_eq!(client.genesis_hash(), chain.client.genesis_hash());
        Self { node, client }
    }

    /// Waits until a transaction is in its pool.
    fn await_transaction(&self, chain: &Chain) {
        let pending = || chain.runtime.block_on(self.client.rpc("author_pendingExtrinsics", &[]));
        while pending().unwrap().as_array().unwrap().is_empty() {
            thread::sleep(GLANCE);
        }
    }
}

/// The node that took the transaction ends before anybody else has it; the next endpoint takes over.
fn lose_an_endpoint(chain: &Chain) {
    let alone = Alone::start(chain, "alone");
    let to = somebody("of the lost").to_string();
    let endpoints = format!("{},{}", alone.node.url, chain.url);
    let transfer = ["transfer", "--wallet=bob", "--yes", "--amount=3", "--deadline=600"];
    let transfer = [&transfer[..], &["--to", &to, "--chain", &endpoints]].concat();
    let output = thread::scope(|commands| {
        let command = commands.spawn(|| chain.run(&transfer, ""));
        alone.await_transaction(chain);
        drop(alone);
        command.join().unwrap()
    });
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(balance(chain, somebody("of the lost")), 3 * LRL);
}

/// A command that gives up waiting keeps what it sent, and sending that again changes nothing.
fn give_up_waiting(chain: &Chain) {
    let alone = Alone::start(chain, "also-alone");
    let to = somebody("late").to_string();
    let transfer = ["transfer", "--wallet=eve", "--yes", "--amount=5", "--deadline=20"];
    let transfer = [&transfer[..], &["--to", &to, "--chain", &alone.node.url]].concat();
    let (name, message) = fail(chain, &transfer, 4);
    assert_eq!(name, "Undecided", "{message}");
    let kept = fs::read_dir(chain.path("eve").join("undecided")).unwrap();
    let kept: Vec<_> = kept.map(|file| file.unwrap().path()).collect();
    let [kept] = kept.as_slice() else {
        panic!("one transaction was kept: {kept:?}");
    };
    let named = kept.file_name().unwrap().to_str().unwrap();
    assert!(
        message.contains("laurel submit") && message.contains(named),
        "{message}"
    );

    let submit = |chain: &Chain| -> Output {
        let file = kept.to_str().unwrap();
        chain.run(&["submit", "--transaction", file, "--deadline=600"], "")
    };
    let (first, second) = (submit(chain), submit(chain));
    assert_eq!(first.status.code(), second.status.code(), "{}", said(&second));
    let received = match first.status.code() {
        Some(0) => 5 * LRL,
        // The chain was past its last block by then.
        Some(3) => {
            assert!(said(&first).contains("Expired"), "{}", said(&first));
            0
        }
        _ => panic!("{}", said(&first)),
    };
    assert_eq!(balance(chain, somebody("late")), received);
}
