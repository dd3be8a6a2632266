//! What operators see of a network that runs: each program becomes ready, and shows the metrics that it declares and no others.
use laurel_daemon::{Metric, COMMON};
use laurel_validator::gateway::{self, accounts};
use std::{
    collections::BTreeSet,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

/// Every program that takes its settings from the environment serves metrics, where there is room.
pub const METRICS: (&str, &str) = ("LAUREL_METRICS", "127.0.0.1:0");
/// How long the programs of the network may take until they can do their job.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long to wait before looking at a log or a program again: neither says when it is worth it.
const AGAIN: Duration = Duration::from_millis(200);

/// Waits until a validator and an honest miner are ready, and compares what they show with what is declared.
pub fn look_at(network: &Path) {
    let by = Instant::now() + PATIENCE;
    let of_validators: [&[Metric]; 3] = [laurel_validator::metrics::METRICS, gateway::METRICS, accounts::METRICS];
    shows(
        network,
        "validator-1-text",
        &of_validators,
        "laurel_validator_block",
        by,
    );
    shows(
        network,
        "embed-honest-1",
        &[laurel_miner::metrics::METRICS],
        "laurel_miner_chain_block",
        by,
    );
}

fn shows(network: &Path, name: &str, metrics: &[&[Metric]], counted: &str, by: Instant) {
    let log = network.join(format!("logs/{name}.log"));
    // The log may still be that of an earlier run, in which another address was served.
    let address = until(by, name, || {
        let address = metrics_address(&log)?;
        let (head, body) = get(&address, "/ready")?;
        assert!(body.contains("\"reasons\""), "{body}");
        head.starts_with("HTTP/1.1 200").then_some(address)
    });
    let (_, page) = get(&address, "/metrics").expect("a program that is ready answers");
    let shown: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|head| head.trim_end())
        .collect();
    let declared: Vec<String> = metrics
        .iter()
        .chain([&COMMON])
        .flat_map(|metrics| metrics.iter())
        .map(|metric| format!("{} {}", metric.name, metric.kind.name()))
        .collect();
    assert_eq!(shown, declared.iter().map(String::as_str).collect(), "{name}");
    let value = page
        .lines()
        .find_map(|line| line.strip_prefix(counted)?.trim().parse::<f64>().ok());
    assert!(
        value.is_some_and(|value| value > 0.0),
        "{name} does not count {counted}:\n{page}"
    );
    assert!(page.contains("laurel_ready{part=\"chain\"} 1"), "{page}");
}

/// Where a program's log says that it serves metrics, last.
fn metrics_address(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).ok()?;
    let line = text.lines().rfind(|line| line.contains("serving metrics"))?;
    Some(line.split_once("address=")?.1.trim().to_owned())
}

fn until<T>(by: Instant, name: &str, mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < by, "{name} is not ready within {PATIENCE:?}");
        std::thread::sleep(AGAIN);
    }
}

/// Head and body of an answer; none while nobody answers.
fn get(address: &str, path: &str) -> Option<(String, String)> {
    let mut socket = TcpStream::connect(address).ok()?;
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.to_owned(), body.to_owned()))
}
