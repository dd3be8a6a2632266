//! What operators rely on: the documents say what the node has, the example loads, metrics and log are those that are documented.
use crate::{refused, NODE};
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
    io::{BufRead, BufReader, Lines, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
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
        .env("LAUREL_NODE_PASSWORD", "correct horse")
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
    assert!(
        text.contains("# password is set and not shown") && !text.contains("correct horse"),
        "{text}"
    );
}

/// A node that logs JSON; killed when dropped.
struct Logging {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Logging {
    fn start() -> Self {
        let mut process = Command::new(NODE)
            .args(["--dev", "--log-format=json", "--rpc-port=0", "--prometheus-port=0"])
            .args(["--listen-addr=/ip4/127.0.0.1/tcp/0", "--no-telemetry", "--no-mdns"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The next message, of a line that is by the schema.
    fn message(&mut self) -> String {
        let line = self.lines.next().expect("the node goes on").unwrap();
        let line: Value = serde_json::from_str(&line).expect(&line);
        for key in ["timestamp", "level", "target", "message"] {
            assert!(line[key].is_string(), "{key} in {line}");
        }
        line["message"].as_str().unwrap().to_owned()
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        // Nothing to do if it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_running_node_logs_json_and_has_the_metrics_that_documents_dashboard_and_alerts_name() {
    let mut node = Logging::start();
    let (mut metrics_at, mut rpc, mut imported) = (None, None, false);
    while metrics_at.is_none() || rpc.is_none() || !imported {
        let message = node.message();
        let address = |sign: &str| {
            let after = message.split_once(sign)?.1;
            after.split([',', ' ']).next().map(str::to_owned)
        };
        metrics_at = metrics_at.or(address("Prometheus exporter started at "));
        rpc = rpc.or(address("Running JSON-RPC server: addr="));
        imported |= message.contains("Imported #1 ");
    }
    let (metrics_at, rpc) = (metrics_at.unwrap(), rpc.unwrap());
    let page = get(&metrics_at, "/metrics");
    let heads = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let metrics: BTreeSet<&str> = heads.filter_map(|head| head.split(' ').next()).collect();
    // Substrate has gauges that are named like the count of a histogram, whose end is not in the names compared.
    let there = |name: &str| metrics.contains(name) || metrics.contains(format!("{name}_count").as_str());

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
            assert!(of_subnet || there(&name), "{name}");
        }
    }
    let document = std::fs::read_to_string(in_repository("docs/reference/metrics.md")).unwrap();
    let ours: Vec<_> = metrics.iter().filter(|name| name.starts_with("laurel_")).collect();
    assert!(
        ours.len() > 5 && ours.iter().all(|name| document.contains(&format!("| `{name}` |"))),
        "{ours:?}"
    );
    assert!(get(&rpc, "/health").contains("\"isSyncing\":false"));
    assert!(get(&rpc, "/health/readiness").starts_with("HTTP/1.1 200"));
}

#[test]
fn what_only_the_log_for_people_can_do_is_refused_with_json() {
    let error = refused(&["--dev", "--log-format=json", "--enable-log-reloading"]);
    assert!(error.contains("--log-format text"), "{error}");
}
