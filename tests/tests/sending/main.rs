//! That a transaction is done once, whatever happens on its way: other commands of the same account, a node that ends, an end to patience.
#[allow(dead_code, reason = "the commands' own tests use the rest")]
#[path = "../command_line/chain.rs"]
mod chain;
#[allow(dead_code, reason = "the commands' own tests use the rest")]
#[path = "../command_line/schemas.rs"]
mod schemas;

use chain::{said, text, Chain};
use laurel_chain::{
    AccountId, Call, ChainClient, ChainError, ConnectOptions, Keypair, SignedTransaction, Stage, SubmitOptions, Wait,
    Watcher,
};
use laurel_tests::development_node::DevelopmentNode;
use laurel_types::LRL;
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
    thread,
    time::Duration,
};

/// Between two looks into a pool, of which nothing tells.
const GLANCE: Duration = Duration::from_millis(100);

#[test]
fn what_is_sent_is_done_once() {
    let chain = Chain::start();
    for name in ["alice", "bob", "eve", "ferdie"] {
        chain.import(name, &["--no-password"]);
    }
    thread::scope(|stories| {
        for story in [collide, lose_an_endpoint, give_up_waiting, be_killed, be_watched] {
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

/// What a wallet keeps because it is not decided.
fn kept(chain: &Chain, wallet: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(chain.path(wallet).join("undecided")).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

/// Submits a file, and says with which code that ends: done, or refused because the chain is past the transaction's last block.
fn submit(chain: &Chain, file: &Path) -> i32 {
    let output = chain.run(
        &["submit", "--deadline=600", "--transaction", file.to_str().unwrap()],
        "",
    );
    let code = output.status.code().unwrap();
    assert!(code == 0 || said(&output).contains("Expired"), "{}", said(&output));
    code
}

/// A command that is killed after it has sent leaves what it sent, of which others of the wallet tell, and which can be gone on with.
fn be_killed(chain: &Chain) {
    let alone = Alone::start(chain, "killed-alone");
    let to = somebody("of the killed").to_string();
    let transfer = ["transfer", "--wallet=ferdie", "--yes", "--amount=9", "--deadline=600"];
    let mut command = chain
        .command(&[&transfer[..], &["--to", &to, "--chain", &alone.node.url]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    alone.await_transaction(chain);
    command.kill().unwrap();
    command.wait().unwrap();
    let left = kept(chain, "ferdie");
    let [file] = left.as_slice() else {
        panic!("one transaction was kept: {left:?}");
    };
    let doctor = chain.run(&["doctor", "--wallet=ferdie"], "");
    let named = file.file_name().unwrap().to_str().unwrap();
    assert!(said(&doctor).contains(named), "{}", said(&doctor));

    let code = submit(chain, file);
    let received = if code == 0 { 9 * LRL } else { 0 };
    assert_eq!(balance(chain, somebody("of the killed")), received);
    assert_eq!(kept(chain, "ferdie"), Vec::<PathBuf>::new(), "it is decided");
}

/// Remembers what it is told.
#[derive(Default)]
struct Memory(Mutex<Vec<String>>);

impl Memory {
    fn add(&self, what: String) {
        let mut all = self.0.lock().unwrap();
        // The pool tells some of it twice.
        if all.last() != Some(&what) {
            all.push(what);
        }
    }
}

impl Watcher for Memory {
    fn sending(&self, transaction: &SignedTransaction) -> io::Result<()> {
        self.add(format!("sending {}", transaction.hash()));
        Ok(())
    }

    fn reached(&self, stage: Stage) {
        match stage {
            Stage::InBlock(block) => self.add(format!("in block {}", block.number)),
            other => self.add(format!("{other:?}")),
        }
    }

    fn decided(&self) {
        self.add("decided".into());
    }
}

/// Whoever watches a transaction is told of it before it is sent, in the pool, in its block, and when that is final.
fn be_watched(chain: &Chain) {
    let key = Keypair::from_uri(&"//Charlie".parse().unwrap()).unwrap();
    let call = || Call::Transfer {
        dest: somebody("watched"),
        value: LRL,
    };
    let options = SubmitOptions {
        wait: Wait::Finalized,
        deadline: Duration::from_secs(600),
        ..SubmitOptions::default()
    };
    let memory = Memory::default();
    let sent = chain.client.submit_watched(&key, call(), options, &memory);
    let included = chain.runtime.block_on(sent).unwrap();
    let told = memory.0.into_inner().unwrap();
    assert!(told[0].starts_with("sending 0x"), "{told:?}");
    let place = format!("in block {}", included.block.number);
    assert_eq!(told.last_chunk(), Some(&[place, "decided".into()]), "{told:?}");
    assert!(told.contains(&"Pool".into()), "{told:?}");

    /// A disk without room.
    struct Full;
    impl Watcher for Full {
        fn sending(&self, _: &SignedTransaction) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    let refused = chain
        .runtime
        .block_on(chain.client.submit_watched(&key, call(), options, &Full));
    assert!(matches!(refused, Err(ChainError::Unkept(_))), "{refused:?}");
    assert_eq!(balance(chain, somebody("watched")), LRL, "the second was not sent");
}

/// A command that gives up waiting keeps what it sent, and sending that again changes nothing.
fn give_up_waiting(chain: &Chain) {
    let alone = Alone::start(chain, "also-alone");
    let to = somebody("late").to_string();
    let transfer = ["transfer", "--wallet=eve", "--yes", "--amount=5", "--deadline=20"];
    let transfer = [&transfer[..], &["--to", &to, "--chain", &alone.node.url]].concat();
    let (name, message) = fail(chain, &transfer, 4);
    assert_eq!(name, "Undecided", "{message}");
    let kept = kept(chain, "eve");
    let [kept] = kept.as_slice() else {
        panic!("one transaction was kept: {kept:?}");
    };
    let named = kept.file_name().unwrap().to_str().unwrap();
    assert!(
        message.contains("laurel submit") && message.contains(named),
        "{message}"
    );

    // A file that somebody else looks after stays where it is.
    let copy = chain.path("carried.json");
    fs::copy(kept, &copy).unwrap();
    let codes = [&copy, &copy, kept].map(|file| submit(chain, file));
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
    assert!(copy.exists() && !kept.exists());
    let received = if codes[0] == 0 { 5 * LRL } else { 0 };
    assert_eq!(balance(chain, somebody("late")), received);
}
