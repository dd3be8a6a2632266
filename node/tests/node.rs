//! The binary itself: it makes blocks, answers, and refuses what it cannot do with one line.
#[path = "node/next_version.rs"]
mod next_version;
#[path = "node/operating.rs"]
mod operating;
#[path = "node/transactions.rs"]
mod transactions;
#[path = "node/upgrade.rs"]
mod upgrade;

use laurel_node::rpc::view::{RootView, SupplyView};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
};

const NODE: &str = env!("CARGO_BIN_EXE_laurel-node");
const NODE_KEY: &str = "--node-key=0000000000000000000000000000000000000000000000000000000000000001";

/// Arguments for a node that meets nobody and takes whatever ports are free.
const ALONE: [&str; 5] = [
    "--rpc-port=0",
    "--listen-addr=/ip4/127.0.0.1/tcp/0",
    "--no-prometheus",
    "--no-telemetry",
    "--no-mdns",
];

/// A running node; killed when dropped.
struct Node {
    process: Child,
    log: BufReader<ChildStderr>,
    rpc: String,
}

impl Node {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(NODE)
            .args(ALONE)
            .args(arguments)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        let mut node = Self {
            process,
            log,
            rpc: String::new(),
        };
        let line = node.await_line("Running JSON-RPC server: addr=");
        node.rpc = line
            .split("addr=")
            .nth(1)
            .unwrap()
            .split([',', ' '])
            .next()
            .unwrap()
            .trim()
            .to_string();
        node
    }

    /// Reads the log up to a line with `sign`.
    fn await_line(&mut self, sign: &str) -> String {
        let mut read = String::new();
        loop {
            let begin = read.len();
            assert!(
                self.log.read_line(&mut read).unwrap() > 0,
                "the node ended before {sign:?}:\n{read}"
            );
            if read[begin..].contains(sign) {
                return read[begin..].to_string();
            }
        }
    }

    fn call(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut socket = TcpStream::connect(&self.rpc).unwrap();
        write!(
            socket,
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.rpc,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer has a body");
        serde_json::from_str(body).expect("the body is JSON")
    }

    fn read<T: DeserializeOwned>(&self, method: &str, params: Value) -> T {
        serde_json::from_value(self.call(method, params)["result"].clone()).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Nothing to do if it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = Command::new(NODE).args(arguments).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{stderr}");
    let errors: Vec<&str> = stderr.lines().filter(|line| line.starts_with("Error: ")).collect();
    assert_eq!(errors.len(), 1, "one line says what went wrong:\n{stderr}");
    errors[0].to_string()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_development_node_makes_blocks_and_answers_the_laurel_methods() {
    let mut node = Node::start(&["--dev", "--state-pruning=archive", "--blocks-pruning=archive"]);
    node.await_line("Imported #3");

    let supply: SupplyView = node.read("laurel_supply", json!([]));
    assert_eq!(supply.issuance.0, supply.genesis.0 + supply.minted.0);
    let third: String = node.read("chain_getBlockHash", json!([3]));
    let then: SupplyView = node.read("laurel_supply", json!([third]));
    assert_eq!(then.minted.0, 3_000_000_000, "a token a block, read at block 3");
    let root: RootView = node.read("laurel_root", json!([]));
    assert!(root.seats.0.is_empty());
    assert_eq!(
        node.read::<String>("laurel_quoteCreateSubnet", json!([])),
        "100000000000"
    );
    assert_eq!(node.read::<Value>("laurel_subnets", json!([])), json!([]));

    let name = |method, params| node.call(method, params)["error"]["data"]["name"].clone();
    assert_eq!(name("laurel_metagraph", json!([7])), "SubnetNotFound");
    assert_eq!(name("laurel_quoteRegister", json!([7])), "SubnetNotFound");
    let nobody = "5C62Ck4UrFPiBtoCmeSrgF7x9yv9mn38446dhCpsi2mLHiFT";
    assert_eq!(name("laurel_hotkey", json!([nobody])), "HotkeyNotFound");
    assert_eq!(node.read::<Value>("laurel_stakeOf", json!([nobody])), json!([]));
    let unknown = format!("0x{}", "11".repeat(32));
    assert_eq!(name("laurel_supply", json!([unknown])), "BlockNotFound");

    for method in ["laurel_metagraphPage", "laurel_metagraphChanges"] {
        let params = if method.ends_with("Page") {
            json!([7, 0, 10])
        } else {
            json!([7, 1])
        };
        assert_eq!(name(method, params), "SubnetNotFound");
    }
    assert_eq!(name("laurel_neuron", json!([7, nobody])), "SubnetNotFound");
    assert_eq!(name("laurel_quoteWork", json!([7])), "SubnetNotFound");
    assert_eq!(
        name("laurel_quoteUnstake", json!([nobody, nobody, null])),
        "NothingToUnstake"
    );
    assert_eq!(name("laurel_pendingCommits", json!([7])), "SubnetNotFound");
    assert_eq!(node.read::<Value>("laurel_nextSplit", json!([])), json!([]));
    assert_eq!(node.read::<Value>("laurel_token", json!([]))["decimals"], 9);
    let schedule = node.read::<Value>("laurel_emissionSchedule", json!([]));
    assert_eq!(schedule["per_block"], "1000000000");
    assert_eq!(schedule["steps"].as_array().unwrap().len(), 31, "thirty halvings");
    let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    let portfolio = node.read::<Value>("laurel_portfolio", json!([alice, third]));
    assert_eq!(portfolio["free"], "1000000000000000");
    assert_eq!((&portfolio["staked"], &portfolio["block"]), (&json!("0"), &json!(3)));
    assert_eq!(portfolio["earned"], "0");
    assert_eq!(
        node.read::<Value>("laurel_prepaid", json!([nobody, alice])),
        Value::Null
    );
    assert_eq!(node.read::<Value>("laurel_prepaidBy", json!([alice])), json!([]));
    assert_eq!(
        node.read::<Value>("laurel_prepaidFor", json!([nobody, null, 9])),
        json!([])
    );
    let terms = node.read::<Value>("laurel_prepaidTerms", json!([]));
    assert_eq!(
        (&terms["min_deposit"], &terms["notice"]),
        (&json!("100000000"), &json!(30))
    );

    let methods = node.read::<Value>("rpc_methods", json!([]))["methods"].to_string();
    for expected in [
        "chainHead_v1_follow",
        "archive_v1_body",
        "chainSpec_v1_genesisHash",
        "state_call",
        "payment_queryInfo",
    ] {
        assert!(methods.contains(expected), "{expected} is missing in {methods}");
    }
}

#[test]
fn a_node_that_has_forgotten_its_first_states_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--dev", "--state-pruning=4", "--base-path", path(folder.path())];
    let mut node = Node::start(&arguments);
    let genesis: String = node.read("chain_getBlockHash", json!([0]));
    let forgets = |node: &Node| node.call("laurel_supply", json!([genesis]))["error"].is_object();
    assert!(!forgets(&node));
    let mut number = 0;
    while !forgets(&node) {
        number += 1;
        node.await_line(&format!("Imported #{number}"));
    }
    drop(node);

    let mut node = Node::start(&arguments);
    node.await_line(&format!("Imported #{}", number + 2));
    assert!(forgets(&node));
}

#[test]
fn a_chain_that_cannot_be_read_or_has_no_authorities_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(refused(&["--chain=nowhere.json"]).contains("export-chain-spec"));
    let broken = folder.path().join("broken.json");
    std::fs::write(&broken, "{}").unwrap();
    assert!(refused(&["--chain", path(&broken)]).contains("broken.json is no chain specification"));
    assert!(refused(&["--chain=production", "--tmp"]).contains("fill in"));
}

#[test]
fn a_port_in_use_is_refused_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let rpc = refused(&[
        "--dev",
        "--listen-addr=/ip4/127.0.0.1/tcp/0",
        "--no-prometheus",
        &format!("--rpc-port={port}"),
    ]);
    assert!(rpc.contains("--rpc-port"), "{rpc}");
    let peers = format!("--listen-addr=/ip4/127.0.0.1/tcp/{port}");
    let peers = refused(&["--dev", "--rpc-port=0", "--no-prometheus", &peers]);
    assert!(peers.contains("--port"), "{peers}");
    let metrics = format!("--prometheus-port={port}");
    let metrics = refused(&["--dev", "--rpc-port=0", "--listen-addr=/ip4/127.0.0.1/tcp/0", &metrics]);
    assert!(metrics.contains("--prometheus-port"), "{metrics}");
}

#[test]
fn a_folder_that_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let arguments = ["--chain=local", "--alice"];
    let within = refused(&[&ALONE[..], &arguments, &[NODE_KEY, "--base-path", path(&file)]].concat());
    assert!(within.contains("--base-path"), "{within}");
    let keyless = refused(&[&ALONE[..], &arguments, &["--base-path", path(folder.path())]].concat());
    assert!(keyless.contains("--node-key"), "{keyless}");
}

#[test]
fn a_database_of_another_chain_or_in_use_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    // An authority that meets nobody makes no blocks unless it is told to.
    let base = [
        "--alice",
        "--force-authoring",
        NODE_KEY,
        "--base-path",
        path(folder.path()),
    ];
    let mut node = Node::start(&[&["--chain=local"], &base[..]].concat());
    let in_use = refused(&[&ALONE[..], &["--chain=local"], &base].concat());
    assert!(in_use.contains("another node"), "{in_use}");
    node.await_line("Imported #1");
    drop(node);

    let spec = folder.path().join("other.json");
    let exported = Command::new(NODE)
        .args(["export-chain-spec", "--chain=local"])
        .output()
        .unwrap();
    assert!(exported.status.success());
    let other = String::from_utf8(exported.stdout)
        .unwrap()
        .replace("\"tempo\": 15", "\"tempo\": 16");
    std::fs::write(&spec, other).unwrap();
    let foreign = refused(&[&ALONE[..], &["--chain", path(&spec)], &base].concat());
    assert!(foreign.contains("another chain"), "{foreign}");
}
