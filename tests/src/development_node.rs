//! A chain of one node, with a block a second.
use crate::local_network::binary;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

/// The node; it ends when dropped.
pub struct DevelopmentNode {
    process: Child,
    /// Where it answers, as a WebSocket.
    pub url: String,
}

impl Drop for DevelopmentNode {
    fn drop(&mut self) {
        // Fails only when it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl DevelopmentNode {
    /// Starts one that keeps its chain in this folder, on ports that are free.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(folder: &Path) -> Self {
        Self::with(folder, &["--dev"])
    }

    /// Starts one of the same chain that talks to no other and writes no block: it takes transactions, and that is all.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_alone(folder: &Path) -> Self {
        Self::with(folder, &["--chain=dev", "--reserved-only"])
    }

    fn with(folder: &Path, role: &[&str]) -> Self {
        let mut process = Command::new(binary("laurel-node"))
            .args(role)
            .args(["--rpc-port=0", "--listen-addr=/ip4/127.0.0.1/tcp/0"])
            .args(["--no-telemetry", "--no-mdns", "--no-prometheus"])
            .arg(format!("--base-path={}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let port = said
            .find_map(|line| port(&line))
            .expect("the node ended before it served");
        // Somebody must read on, or the node waits for room in the pipe.
        thread::spawn(move || said.for_each(drop));
        Self {
            process,
            url: format!("ws://127.0.0.1:{port}"),
        }
    }
}

/// The port in the node's line about its RPC server.
fn port(line: &str) -> Option<u16> {
    let (_, rest) = line.split_once("Running JSON-RPC server: addr=127.0.0.1:")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
