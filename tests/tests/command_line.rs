//! The `laurel` command against a chain that runs: what each noun does, how it is refused by name, and with which code it exits.
//!
//! One chain for all. Four people's stories run beside each other, each with keys of its own, because a transaction takes a block.
use futures::StreamExt;
use laurel_chain::{ChainClient, ConnectOptions};
use laurel_types::{EpochIndex, NetUid, SubnetInfo};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
};
use tokio::runtime::Runtime;

const PASSWORD: &str = "a password of the test's";
/// The chain refuses, or would refuse.
const REFUSED: i32 = 3;

/// A binary of this build: one folder up from the test's own.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join(name);
    assert!(
        program.exists(),
        "{} is not built: run scripts/build.sh",
        program.display()
    );
    program
}

/// A development chain of one node, with wallets beside it. Ends when dropped.
struct Chain {
    folder: tempfile::TempDir,
    node: Child,
    url: String,
    client: ChainClient,
    runtime: Runtime,
}

impl Drop for Chain {
    fn drop(&mut self) {
        // Fails only when it has ended by itself.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

/// The port in the node's line about its RPC server.
fn port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("Running JSON-RPC server: addr=127.0.0.1:")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

impl Chain {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut node = Command::new(binary("laurel-node"))
            .args(["--dev", "--rpc-port=0", "--listen-addr=/ip4/127.0.0.1/tcp/0"])
            .args(["--no-telemetry", "--no-mdns", "--no-prometheus"])
            .arg(format!("--base-path={}", folder.path().join("node").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(node.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let port = said
            .find_map(|line| port(&line))
            .expect("the node ended before it served");
        // Somebody must read on, or the node waits for room in the pipe.
        thread::spawn(move || said.for_each(drop));
        let url = format!("ws://127.0.0.1:{port}");
        let runtime = Runtime::new().unwrap();
        let client = runtime
            .block_on(ChainClient::connect(
                std::slice::from_ref(&url),
                ConnectOptions::default(),
            ))
            .unwrap();
        Self {
            folder,
            node,
            url,
            client,
            runtime,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `laurel` with this on its standard input.
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut laurel = Command::new(binary("laurel"))
            .args(arguments)
            .arg("--json")
            .env("LAUREL_PASSWORD", PASSWORD)
            .env("LAUREL_CHAIN", &self.url)
            .env_remove("LAUREL_WALLET")
            .env_remove("LAUREL_PASSWORD_FILE")
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(laurel.stdin.take().unwrap(), "{input}").unwrap();
        laurel.wait_with_output().unwrap()
    }

    /// Runs `laurel`, which must succeed, and returns its document.
    #[track_caller]
    fn read(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments, "");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Signs and sends with a wallet, which must succeed, and returns the transaction's document.
    #[track_caller]
    fn send(&self, wallet: &str, arguments: &[&str]) -> Sent {
        let sent = self.read(&[arguments, &["--wallet", wallet, "--yes"]].concat());
        assert!(sent["block"]["number"].as_u64() > Some(0), "{sent}");
        Sent(sent)
    }

    /// Must fail with this code and name, and say so in one document. Returns its message.
    #[track_caller]
    fn refuse(&self, wallet: &str, arguments: &[&str], (code, name): (i32, &str)) -> String {
        let output = self.run(&[arguments, &["--wallet", wallet, "--yes"]].concat(), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["error"]["name"], name, "{arguments:?}: {document}");
        assert_eq!(document["error"]["code"], code, "{document}");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.len() > 20, "{document}");
        message.to_owned()
    }

    /// A wallet with the development account of this name as its coldkey, and a new hotkey.
    fn import(&self, name: &str) {
        let mut chars = name.chars();
        let first = chars.next().unwrap().to_ascii_uppercase();
        let uri = format!("//{first}{}", chars.as_str());
        let output = self.run(&["wallet", "import", "--wallet", name], &uri);
        assert!(output.status.success(), "{}", said(&output));
    }

    fn coldkey(&self, wallet: &str) -> String {
        text(&self.read(&["wallet", "show", "--wallet", wallet])["coldkey"])
    }

    fn hotkey(&self, wallet: &str) -> String {
        text(&self.read(&["wallet", "show", "--wallet", wallet])["hotkeys"][0]["address"])
    }

    /// Follows the blocks until the subnet is as wanted.
    fn until(&self, netuid: u16, wanted: impl Fn(u32, &SubnetInfo<laurel_chain::AccountId>) -> bool) {
        self.runtime.block_on(async {
            let mut blocks = self.client.blocks();
            while let Some(block) = blocks.next().await {
                let subnets = self.client.subnets(Some(block.hash)).await.unwrap();
                if subnets
                    .iter()
                    .any(|subnet| subnet.netuid == NetUid(netuid) && wanted(block.number, subnet))
                {
                    return;
                }
            }
            panic!("the chain ended");
        })
    }

    /// Waits for a moment with so many blocks before it in the epoch: what is refused until an epoch ends is refused all that time.
    fn until_epoch_is_young(&self, netuid: u16, blocks: u32) {
        self.until(netuid, |block, subnet| subnet.next_epoch_at >= block + blocks);
    }

    /// Waits until an epoch of the subnet runs.
    fn until_epoch(&self, netuid: u16, epoch: u64) {
        self.until(netuid, |_, subnet| subnet.epoch >= EpochIndex(epoch));
    }

    /// Waits for a block.
    fn until_block(&self, number: u64) {
        self.runtime.block_on(async {
            let mut blocks = self.client.blocks();
            while u64::from(blocks.next().await.unwrap().number) < number {}
        })
    }
}

/// The document of a transaction in a block.
struct Sent(Value);

impl Sent {
    /// A field of the first event of that name.
    #[track_caller]
    fn event(&self, pallet: &str, name: &str) -> &Value {
        let events = self.0["events"].as_array().unwrap();
        let event = events
            .iter()
            .find(|event| event["pallet"] == pallet && event["name"] == name);
        &event.unwrap_or_else(|| panic!("no {pallet}.{name} in {}", self.0))["fields"]
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[track_caller]
fn leaves(value: &Value) -> u64 {
    text(value).parse().unwrap()
}

/// A validator commits and reveals, and lends stake to a child that registered by work.
fn validate(chain: &Chain) {
    chain.refuse(
        "bob",
        &["register", "--netuid=1", "--max-price=10"],
        (REFUSED, "Neurons.AlreadyRegistered"),
    );
    chain.refuse(
        "eve",
        &["register", "--netuid=1", "--max-price=0.000000001"],
        (REFUSED, "Neurons.PriceAboveMaximum"),
    );
    let worked = chain.send("eve", &["register", "--netuid=1", "--pow"]);
    assert_eq!(worked.event("Neurons", "WorkAccepted")["netuid"], 1);
    let staked = chain.send("bob", &["stake", "add", "--amount=100"]);
    assert_eq!(
        leaves(&staked.event("Staking", "StakeAdded")["amount"]),
        100_000_000_000
    );

    let (parent, child) = (chain.hotkey("bob"), chain.hotkey("eve"));
    let lent = format!("{child}=50");
    let accept = ["child", "accept", "--netuid=1", "--parent", &parent];
    chain.refuse("eve", &accept, (REFUSED, "Children.NotProposed"));
    chain.send("bob", &["child", "set", "--netuid=1", &lent]);
    chain.send("eve", &accept);
    chain.send("eve", &["child", "take", "--netuid=1", "--take=9"]);

    // The hotkey signs weights, and pays a fee that comes back.
    chain.refuse(
        "bob",
        &["weights", "commit", "--netuid=1", "1=1"],
        (REFUSED, "Pool.Payment"),
    );
    chain.send("bob", &["transfer", "--to=./bob#default", "--amount=1"]);
    chain.refuse(
        "bob",
        &["weights", "set", "--netuid=1", "1=1"],
        (REFUSED, "Scoring.CommitRevealEnabled"),
    );
    chain.until_epoch_is_young(1, 10);
    let committed = chain.send("bob", &["weights", "commit", "--netuid=1", "--save=commit.json", "1=1"]);
    let reveal_epoch = leaves(&committed.event("Scoring", "WeightsCommitted")["reveal_epoch"]);
    chain.refuse(
        "bob",
        &["weights", "commit", "--netuid=1", "--save=another.json", "1=1"],
        (REFUSED, "Scoring.AlreadyCommitted"),
    );
    let reveal = ["weights", "reveal", "--from=commit.json"];
    chain.refuse("bob", &reveal, (REFUSED, "Scoring.RevealTooEarly"));
    let pending = chain.read(&["weights", "pending", "--netuid=1"]);
    assert_eq!(pending[0]["pending"][0]["reveal_epoch"], reveal_epoch, "{pending}");
    chain.until_epoch(1, reveal_epoch);
    chain.send("bob", &reveal).event("Scoring", "WeightsRevealed");
    assert_eq!(chain.read(&["weights", "pending", "--netuid=1"]), serde_json::json!([]));

    // The link is as old as the epoch.
    let show = ["child", "show", "--netuid=1", "--hotkey", &parent];
    assert_eq!(text(&chain.read(&show)["children"][0]["child"]), child);
    let cut = ["child", "revoke", "--netuid=1", "--parent", &parent, "--child", &child];
    chain.send("eve", &cut).event("Children", "LinkRevoked");
    assert_eq!(chain.read(&show)["children"], serde_json::json!([]));
}

/// A seat owner votes on the split; the council proposes what only root may do, the seat owner agrees, time passes, it is done.
fn govern(chain: &Chain) {
    let change = ["subnet", "set", "--netuid=1", "demand_half_life=30"];
    chain.refuse("alice", &change, (REFUSED, "Subnets.ParameterIsRoots"));
    let call = chain.read(&[&change[..], &["--wallet=alice", "--print-call"]].concat());
    let call = text(&call["call_hex"]);

    chain.send("ferdie", &["register", "--netuid=1", "--max-price=10"]);
    chain.send("ferdie", &["stake", "add", "--amount=1000"]);
    chain.refuse("ferdie", &["root", "weights", "1=1"], (REFUSED, "Root.NotSeated"));
    chain.send("ferdie", &["root", "register"]).event("Root", "SeatTaken");
    chain.send("ferdie", &["root", "weights", "1=3", "2=1"]);
    let split = chain.read(&["root", "split"]);
    let part = |at: usize| leaves(&split["subnets"][at]["next_part"]) as f64 / u64::MAX as f64;
    assert!(
        (part(0) - 0.75).abs() < 1e-3 && (part(1) - 0.25).abs() < 1e-3,
        "{split}"
    );

    chain.refuse(
        "ferdie",
        &["governance", "propose", "--call", &call],
        (REFUSED, "Council.NotMember"),
    );
    let motion = chain.send("alice", &["governance", "propose", "--call", &call]);
    let hash = text(&motion.event("Council", "Proposed")["proposal_hash"]);
    let close_motion = ["governance", "motion", "close", "--hash", &hash];
    chain.refuse("charlie", &close_motion, (REFUSED, "Council.TooEarly"));
    for member in ["alice", "charlie"] {
        chain.send(member, &["governance", "motion", "vote", "--hash", &hash, "--aye"]);
    }
    chain.send("charlie", &close_motion).event("Council", "Executed");
    let open = chain.read(&["governance", "list"]);
    let index = open["proposals"][0]["index"].to_string();
    let vote = ["governance", "vote", "--aye", "--index", &index];
    chain.refuse("charlie", &vote, (REFUSED, "Governance.NotAnElector"));
    chain.send("ferdie", &vote);
    chain.send("charlie", &["governance", "close", "--index", &index]);
    chain.until(1, |_, subnet| subnet.hyperparameters.demand_half_life == 30);
    assert_eq!(chain.read(&["governance", "list"])["proposals"], serde_json::json!([]));
}

/// A miner stakes, moves and takes back stake, replaces its hotkey, and calls the change of its coldkey off.
fn stake_and_swap(chain: &Chain) {
    chain.send("dave", &["register", "--netuid=2", "--max-price=10"]);
    chain.send("dave", &["stake", "add", "--amount=50"]);
    chain.refuse(
        "dave",
        &["stake", "remove", "--amount=51"],
        (REFUSED, "Staking.NotEnoughStake"),
    );
    chain.send("dave", &["stake", "remove", "--percent=20"]);
    let shown = chain.read(&["stake", "show", "--wallet=dave"]);
    assert_eq!(leaves(&shown["staked"]), 40_000_000_000, "{shown}");
    chain.send("dave", &["take", "set", "--take=10"]);
    chain.refuse(
        "dave",
        &["take", "set", "--take=9"],
        (REFUSED, "Staking.TakeLoweredTooSoon"),
    );
    chain.refuse("dave", &["take", "set", "--take=19"], (2, "Usage"));

    // To another hotkey, and to another coldkey.
    let (bobs, eve) = (chain.hotkey("bob"), chain.coldkey("eve"));
    chain.send("dave", &["stake", "move", "--to", &bobs, "--amount=10"]);
    chain.send("dave", &["stake", "transfer", "--to", &eve, "--amount=10"]);
    let shown = chain.read(&["stake", "show", "--wallet=eve"]);
    assert!(shown["positions"].as_array().unwrap().len() == 1, "{shown}");

    chain.read(&["wallet", "add-hotkey", "--wallet=dave", "--hotkey=second"]);
    let swapped = chain.send("dave", &["swap", "hotkey", "--new-hotkey=second"]);
    let new = text(&swapped.event("Keys", "HotkeySwapped")["new"]);
    chain.refuse(
        "dave",
        &["swap", "hotkey", "--hotkey=second", "--new-hotkey=default"],
        (REFUSED, "Keys.HotkeySwappedTooSoon"),
    );
    chain.until(2, |_, subnet| {
        subnet.neurons == 2 && !subnet.hyperparameters.commit_reveal
    });
    let metagraph = chain.read(&["metagraph", "--netuid=2"]);
    let neurons = metagraph["neurons"].as_array().unwrap();
    assert!(
        neurons.iter().any(|neuron| neuron["hotkey"] == new.as_str()),
        "{neurons:?}"
    );
    let shown = chain.read(&["stake", "show", "--wallet=dave"]);
    let positions = shown["positions"].as_array().unwrap();
    assert!(
        positions.iter().any(|position| position["hotkey"] == new.as_str()),
        "the stake moved along"
    );

    // Weights at once, because the subnet switched commit-reveal off.
    let other = neurons.iter().position(|neuron| neuron["hotkey"] != new.as_str());
    let other = other.expect("there are two neurons");
    let (own, other) = (format!("{}=1", 1 - other), format!("{other}=1"));
    let weigh = ["weights", "set", "--netuid=2", "--hotkey=second"];
    chain.send("dave", &["transfer", "--to=./dave#second", "--amount=1"]);
    chain.refuse("dave", &[&weigh[..], &[&own]].concat(), (REFUSED, "Scoring.SelfWeight"));
    // In two subnets at once, of which one does not exist: the other's are set all the same.
    let (here, nowhere) = (format!("--row=2:{other}"), "--row=9:0=1");
    let both = ["weights", "set", "--hotkey=second", &here, nowhere];
    let failed = chain.refuse("dave", &both, (REFUSED, "BatchIncomplete"));
    assert!(failed.contains("subnet 9: Scoring.UnknownSubnet"), "{failed}");
    let metagraph = chain.read(&["metagraph", "--netuid=2"]);
    let mut neurons = metagraph["neurons"].as_array().unwrap().iter();
    let weigher = neurons.find(|neuron| neuron["hotkey"] == new.as_str()).unwrap();
    assert!(weigher["last_update"].as_u64() > Some(0), "{weigher}");

    chain.read(&["wallet", "create", "--wallet=never"]);
    chain.send(
        "dave",
        &["swap", "coldkey", "announce", "--to=./never", "--save=never.swap"],
    );
    let status = ["swap", "coldkey", "status", "--wallet=dave"];
    assert!(chain.read(&status)["announced"]["executable_at"].is_u64());
    chain.send("dave", &["swap", "coldkey", "cancel"]);
    assert!(chain.read(&status)["announced"].is_null());
}

/// A newcomer gets tokens, lets somebody else stake for it and nothing more, and passes all on to a new coldkey.
fn delegate_and_pass_on(chain: &Chain) {
    for wallet in ["young", "heir"] {
        chain.read(&["wallet", "create", "--wallet", wallet]);
    }
    // More than there is: nothing is sent.
    chain.refuse(
        "charlie",
        &["transfer", "--to=./young", "--amount=99999999"],
        (REFUSED, "Balances.InsufficientBalance"),
    );
    chain.send("one", &["transfer", "--to=./young", "--amount=100"]);
    chain.send("one", &["register", "--netuid=2", "--max-price=10"]);
    let announced = chain.send(
        "young",
        &["swap", "coldkey", "announce", "--to=./heir", "--save=young.swap"],
    );
    let digest = text(&announced.event("Keys", "ColdkeySwapAnnounced")["digest"]);
    let status = chain.read(&["swap", "coldkey", "status", "--wallet=young"]);
    assert_eq!(text(&status["announced"]["digest"]), digest);
    let executable_at = status["announced"]["executable_at"].as_u64().unwrap();
    let execute = ["swap", "coldkey", "execute", "--from=young.swap"];
    chain.refuse("one", &execute, (REFUSED, "Keys.SwapTooEarly"));

    let (account, hotkey) = (chain.coldkey("young"), chain.hotkey("bob"));
    chain.send("young", &["proxy", "add", "--delegate=./one", "--type=staking"]);
    let stake = [
        "stake",
        "add",
        "--hotkey-address",
        &hotkey,
        "--amount=5",
        "--proxy-for",
        &account,
    ];
    chain.send("one", &stake).event("Proxy", "ProxyExecuted");
    chain.refuse(
        "one",
        &["transfer", "--to=./one", "--amount=1", "--proxy-for", &account],
        (REFUSED, "System.CallFiltered"),
    );
    let proxies = chain.read(&["proxy", "list", "--wallet=young"]);
    assert_eq!(proxies["proxies"][0]["proxy_type"], "Staking");
    chain.send("young", &["proxy", "remove", "--delegate=./one", "--type=staking"]);
    chain.refuse("one", &stake, (REFUSED, "Proxy.NotProxy"));

    chain.until_block(executable_at);
    chain.send("one", &execute).event("Keys", "ColdkeySwapped");
    let inherited = chain.read(&["stake", "show", "--wallet=heir"]);
    assert!(leaves(&inherited["staked"]) >= 4_999_999_999, "{inherited}");
    assert!(leaves(&inherited["free"]) > 90_000_000_000, "{inherited}");
}

/// What goes wrong before a chain is asked, or because there is none.
fn go_wrong(chain: &Chain) {
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

/// That a file of keys gives nothing away.
fn is_encrypted(wallet: &Path) -> bool {
    let key = std::fs::read_to_string(wallet.join("coldkey.json")).unwrap();
    !key.contains("//") && !key.contains("phrase")
}

#[test]
fn every_noun_works_on_a_chain_and_refuses_by_name() {
    let chain = Chain::start();
    for name in ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one"] {
        chain.import(name);
        assert!(is_encrypted(&chain.path(name)));
    }
    chain.send("alice", &["subnet", "create", "--max-lock=500"]);
    chain.send("alice", &["subnet", "create", "--max-lock=500"]);
    chain.refuse(
        "alice",
        &["subnet", "create", "--max-lock=1"],
        (REFUSED, "Subnets.LockAboveMaximum"),
    );
    chain.send("alice", &["subnet", "set", "--netuid=2", "commit_reveal=false"]);
    chain.send("alice", &["transfer", "--to=./one", "--amount=1000"]);
    chain.send("bob", &["register", "--netuid=1", "--max-price=10"]);
    thread::scope(|stories| {
        for story in [validate, govern, stake_and_swap, delegate_and_pass_on, go_wrong] {
            let chain = &chain;
            stories.spawn(move || story(chain));
        }
    });
    // Whatever was done, the books balance.
    let supply = chain.runtime.block_on(chain.client.supply(None)).unwrap();
    assert_eq!(supply.issuance, supply.genesis + supply.minted);
}
