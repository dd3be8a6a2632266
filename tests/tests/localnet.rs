//! The local network as a newcomer runs it: real processes, real models, and the checks read from the chain.
//!
//! One test, because one network at a time is what two cores carry: it pays three epochs, is taken up again where it
//! stopped, serves the users of the OpenAI API's clients, and ends when it is told to. On the way a child hotkey earns for its parent and the text subnet changes its model.
#[path = "localnet/clients.rs"]
mod clients;
#[path = "localnet/operating.rs"]
mod operating;

use laurel_tests::local_network;
use nix::{
    sys::signal::{kill, Signal},
    unistd::Pid,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Far from the default ports, so that a network that runs on this machine is left alone.
const BASE_PORT: u16 = 19_400;

fn localnet(dir: &Path, arguments: &[&str], errors: Stdio) -> Child {
    let output = fs::File::create(dir.join("localnet.log")).unwrap();
    local_network::command(&dir.join("network"), BASE_PORT)
        .args(arguments)
        .env(clients::LOG.0, clients::LOG.1)
        .env(operating::METRICS.0, operating::METRICS.1)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .unwrap()
}

/// Runs to the end and returns what `--json` wrote.
fn run_to_the_end(dir: &Path, arguments: &[&str]) -> Value {
    let json = dir.join("report.json");
    let mut arguments = arguments.to_vec();
    let json_argument = format!("--json={}", json.display());
    arguments.push(&json_argument);
    let network = localnet(dir, &arguments, Stdio::piped());
    let ended = network.wait_with_output().unwrap();
    let said = format!("{}{}", log(dir), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{said}");
    serde_json::from_slice(&fs::read(&json).unwrap()).unwrap()
}

fn log(dir: &Path) -> String {
    fs::read_to_string(dir.join("localnet.log")).unwrap()
}

/// Programs that still run with an argument below `dir`.
fn left_running(dir: &Path) -> Vec<String> {
    let dir = dir.to_string_lossy();
    let commands = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let command = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&command).replace('\0', " "))
    });
    commands.filter(|command| command.contains(dir.as_ref())).collect()
}

#[test]
fn honest_miners_are_paid_cheats_are_not_and_the_money_adds_up() {
    let dir = tempfile::tempdir().unwrap();
    let seen = run_to_the_end(dir.path(), &["--epochs=3", "--fresh"]);
    assert_eq!(seen["ok"], true);
    assert_eq!(seen["checks"].as_array().unwrap().len(), 11);
    assert!(!seen["families"].as_array().unwrap().is_empty());
    let (old, new) = (&seen["model_change"]["before"], &seen["model_change"]["after"]);
    assert_ne!(old, new);
    assert_eq!(left_running(dir.path()), Vec::<String>::new());

    // The second run goes on with the chain, wallets and receipts of the first.
    let resumed = run_to_the_end(dir.path(), &["--epochs=2"]);
    assert_eq!(resumed["genesis"], seen["genesis"]);
    let height = |report: &Value| report["supply"]["block"].as_u64().unwrap();
    assert!(height(&resumed) > height(&seen));
    // Each run changes to the model that the chain does not accept.
    assert_eq!(
        (&resumed["model_change"]["before"], &resumed["model_change"]["after"]),
        (new, old)
    );

    // Without a number of epochs it runs until it is told to stop.
    let mut third = localnet(dir.path(), &[], Stdio::piped());
    let mut said = BufReader::new(third.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    assert!(
        said.any(|line| line.contains("starting miners and validators")),
        "{}",
        log(dir.path())
    );
    operating::look_at(&dir.path().join("network"));
    clients::use_it(dir.path(), BASE_PORT);
    let asked = Instant::now();
    kill(Pid::from_raw(third.id() as i32), Signal::SIGINT).unwrap();
    assert!(third.wait().unwrap().success(), "{}", log(dir.path()));
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "stopping took {:?}",
        asked.elapsed()
    );
    assert_eq!(left_running(dir.path()), Vec::<String>::new());
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().min(65_000);
    let output = Command::new(local_network::binary("laurel"))
        .arg("localnet")
        .arg(format!("--dir={}", dir.path().display()))
        .arg(format!("--base-port={port}"))
        .arg(format!("--text-model={}", dir.path().display()))
        .arg(format!("--embedding-model={}", dir.path().display()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("is in use") && said.trim().lines().count() == 1, "{said}");
}
