//! What operators rely on: the documents say what the node has, the example loads, metrics and log are those that are documented.
use crate::{refused, Node, ALONE, NODE};
use clap::CommandFactory;
use laurel_daemon::{
    config::{matches, Read},
    reference::{metrics_named, require_section, settings},
};
use laurel_node::{cli::Cli, command::VARIABLES};
use sc_cli::SubstrateCli;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn get(address: &str, path: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_document_lists_every_setting() {
    let command = Cli::setup_command(Cli::command());
    let document = in_repository("docs/reference/configuration.md");
    require_section(&document, "laurel-node", &settings(command, VARIABLES)).unwrap();
}

#[test]
fn the_example_file_loads_and_no_secret_is_printed() {
    let file = in_repository("deploy/config/node.toml");
    let line = ["laurel-node".into(), "--config".into(), file.clone().into()];
    let read = matches(Cli::setup_command(Cli::command()), "NO_ENVIRONMENT", line.into()).unwrap();
    assert!(matches!(read, Read::Run(matches) if matches.get_one::<u16>("rpc_port") == Some(&9944)));
    let secret = "00".repeat(31) + "07";
    let printed = Command::new(NODE)
        .arg("--config")
        .arg(file)
        .args(["--print-config", "--rpc-port=1"])
        .env("LAUREL_NODE_NODE_KEY", &secret)
        .output()
        .unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(
        text.contains("rpc_port = 1  # flag") && !text.contains(&secret),
        "{text}"
    );
    assert!(
        text.contains("# node_key is set and not shown  # LAUREL_NODE_NODE_KEY"),
        "{text}"
    );
}

#[test]
fn a_running_node_has_the_metrics_that_documents_dashboard_and_alerts_name() {
    // Freed at once, and taken by the node a moment later: it says so if another program was faster.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let port = format!("--prometheus-port={}", free.port());
    let mut node = Node::start_with(&[
        "--dev",
        &port,
        "--rpc-port=0",
        "--listen-addr=/ip4/127.0.0.1/tcp/0",
        "--no-telemetry",
        "--no-mdns",
    ]);
    node.await_line("Imported #3");
    let page = get(&free.to_string(), "/metrics");
    let heads = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let metrics: BTreeSet<&str> = heads.filter_map(|head| head.split(' ').next()).collect();

    let (dashboard, alerts) = (
        in_repository("deploy/grafana/laurel.json"),
        in_repository("deploy/prometheus/alerts.yml"),
    );
    for prefix in ["laurel_chain_", "substrate_"] {
        let named = metrics_named(&[&dashboard, &alerts], prefix).unwrap();
        assert!(!named.is_empty());
        for name in named {
            // Those of each subnet appear with the first subnet; a test beside them looks at their names.
            let of_subnet = name.starts_with("laurel_chain_subnet_");
            assert!(of_subnet || metrics.contains(name.as_str()), "{name}");
        }
    }
    let document = std::fs::read_to_string(in_repository("docs/reference/metrics.md")).unwrap();
    let ours: Vec<_> = metrics.iter().filter(|name| name.starts_with("laurel_")).collect();
    assert!(
        ours.len() > 5 && ours.iter().all(|name| document.contains(&format!("| `{name}` |"))),
        "{ours:?}"
    );
    assert!(page.contains("laurel_chain_genesis_tokens{"));
    assert!(get(&node.rpc, "/health").contains("\"isSyncing\":false"));
    assert!(get(&node.rpc, "/health/readiness").starts_with("HTTP/1.1 200"));
}

#[test]
fn the_log_is_json_by_the_schema_of_the_other_programs() {
    let mut node = Command::new(NODE)
        .args(ALONE)
        .args(["--dev", "--log-format=json"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(node.stderr.take().unwrap()).lines();
    let mut imported = false;
    for line in lines.map(Result::unwrap) {
        let line: Value = serde_json::from_str(&line).unwrap();
        for key in ["timestamp", "level", "target", "message"] {
            assert!(line[key].is_string(), "{key} in {line}");
        }
        imported = line["message"]
            .as_str()
            .is_some_and(|message| message.contains("Imported #1"));
        if imported {
            break;
        }
    }
    node.kill().unwrap();
    node.wait().unwrap();
    assert!(imported);
    let error = refused(&["--dev", "--log-format=json", "--enable-log-reloading"]);
    assert!(error.contains("--log-format text"), "{error}");
}
