//! What operators rely on: the documents say what the program has, the examples load, a running miner tells where it stands.
use clap::CommandFactory;
use laurel_daemon::{
    config::{matches, Read},
    reference::{metrics, metrics_named, require_section, settings},
    wallet::{KeySource, Protection, Wallet},
};
use laurel_miner::{metrics::METRICS, Command};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read as _, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn the_documents_list_every_setting_and_metric() {
    let configuration = in_repository("docs/reference/configuration.md");
    require_section(&configuration, "laurel-miner", &settings(Command::command(), "LAUREL")).unwrap();
    let document = in_repository("docs/reference/metrics.md");
    require_section(&document, "laurel-miner", &metrics(METRICS)).unwrap();
}

#[test]
fn the_example_file_loads() {
    let file = in_repository("deploy/config/miner.toml");
    let line = ["laurel-miner".into(), "--config".into(), file.into()];
    let read = matches(Command::command(), "NO_ENVIRONMENT", line.into()).unwrap();
    assert!(matches!(read, Read::Run(matches) if matches.get_one::<u16>("netuid") == Some(&1)));
}

#[test]
fn dashboard_and_alerts_name_metrics_that_there_are() {
    let (dashboard, alerts) = (
        in_repository("deploy/grafana/laurel.json"),
        in_repository("deploy/prometheus/alerts.yml"),
    );
    let named = metrics_named(&[&dashboard, &alerts], "laurel_miner_").unwrap();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(METRICS.iter().any(|metric| metric.name == name), "{name}");
    }
}

/// A miner that waits for a chain; killed when dropped.
struct Waiting(Child);

impl Drop for Waiting {
    fn drop(&mut self) {
        // Nothing to do if it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn a_miner_that_waits_for_the_chain_serves_metrics_is_not_ready_logs_json_and_stops_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = folder.path().join("w");
    let created = Wallet::create(&wallet, KeySource::Generate, &Protection::None).unwrap();
    created
        .wallet
        .create_hotkey("default", KeySource::Generate, &Protection::None)
        .unwrap();
    let model = folder.path().join("model");
    std::fs::create_dir(&model).unwrap();
    super::real_model::write_model(&model);
    let settings = folder.path().join("miner.toml");
    let text = format!(
        "wallet = {wallet:?}\nmodel = {model:?}\nnetuid = 1\nlisten = '127.0.0.1:0'\nchain = 'ws://127.0.0.1:1'\nconnect_deadline = 600\n"
    );
    std::fs::write(&settings, text).unwrap();
    let mut miner = std::process::Command::new(env!("CARGO_BIN_EXE_laurel-miner"))
        .args(["--metrics=127.0.0.1:0", "--config"])
        .arg(&settings)
        .env("LAUREL_LOG_FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .map(Waiting)
        .unwrap();
    let mut log = BufReader::new(miner.0.stderr.take().unwrap()).lines();
    let mut next = || {
        log.next()
            .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap())
    };
    let address = loop {
        let line = next().expect("the miner ended before it served metrics");
        if line["message"] == "serving metrics" {
            break line["address"].as_str().unwrap().to_owned();
        }
    };

    let (status, page) = get(&address, "/metrics");
    assert_eq!(status, 200);
    for metric in METRICS {
        let head = format!("# TYPE {} {}", metric.name, metric.kind.name());
        assert!(page.lines().any(|line| line == head), "{head}\n{page}");
    }
    assert_eq!(get(&address, "/health").0, 200);
    let (status, ready) = get(&address, "/ready");
    assert_eq!(status, 503);
    assert!(ready.contains("start: looking at the chain"), "{ready}");

    let pid = miner.0.id().to_string();
    assert!(std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status()
        .unwrap()
        .success());
    assert_eq!(miner.0.wait().unwrap().code(), Some(0));
    assert!(std::iter::from_fn(&mut next).any(|line| line["message"].as_str().unwrap().starts_with("stopping")));
}
