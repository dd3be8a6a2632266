//! The nodes of the measured chain, and what their log says.
use crate::genesis::Genesis;
use anyhow::{bail, ensure, Context, Result};
use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// The first authority's identity in the network, so that the second finds it.
const NODE_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000001";
const PEER: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

/// A node that takes longer to answer will not.
const START: Duration = Duration::from_secs(60);

/// Running nodes; killed when dropped.
pub struct Network {
    nodes: Vec<Child>,
    logs: Vec<PathBuf>,
    rpc: String,
    binary: PathBuf,
    folder: PathBuf,
}

impl Network {
    pub async fn start(
        binary: &Path,
        folder: &Path,
        genesis: &Genesis,
        authorities: u8,
        arguments: &[String],
    ) -> Result<Self> {
        let exported = Command::new(binary)
            .args([
                "export-chain-spec",
                "--chain",
                if authorities == 1 { "dev" } else { "local" },
            ])
            .output()
            .await
            .with_context(|| format!("{} does not run", binary.display()))?;
        ensure!(
            exported.status.success(),
            "{}",
            String::from_utf8_lossy(&exported.stderr)
        );
        let specification = genesis.replace(serde_json::from_slice(&exported.stdout)?)?;
        std::fs::create_dir_all(folder)?;
        let chain = folder.join("chain.json");
        serde_json::to_writer(File::create(&chain)?, &specification)?;

        let mut network = Self {
            nodes: Vec::new(),
            logs: Vec::new(),
            rpc: String::new(),
            binary: binary.to_path_buf(),
            folder: folder.to_path_buf(),
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let listen = |port: u16| format!("--listen-addr=/ip4/127.0.0.1/tcp/{port}");
        let bootnode = format!("--bootnodes=/ip4/127.0.0.1/tcp/{port}/p2p/{PEER}");
        let first = ["--alice", "--force-authoring", "--node-key", NODE_KEY]
            .map(String::from)
            .to_vec();
        let second_key = NODE_KEY.replace('1', "2");
        let second = ["--bob", "--force-authoring", "--node-key", &second_key, &bootnode]
            .map(String::from)
            .to_vec();
        for (index, mut own) in [first, second].into_iter().take(authorities.into()).enumerate() {
            own.push(listen(if index == 0 { port } else { 0 }));
            own.extend(arguments.iter().cloned());
            let rpc = network.launch(binary, folder, &chain, index, own).await?;
            if index == 0 {
                network.rpc = format!("ws://{rpc}");
            }
        }
        Ok(network)
    }

    /// Starts one node and returns the address of its RPC server.
    async fn launch(
        &mut self,
        binary: &Path,
        folder: &Path,
        chain: &Path,
        index: usize,
        own: Vec<String>,
    ) -> Result<String> {
        let mut node = Command::new(binary)
            .arg("--chain")
            .arg(chain)
            .arg("--base-path")
            .arg(folder.join(format!("node{index}")))
            .args(["--rpc-port=0", "--no-prometheus", "--no-telemetry", "--no-mdns"])
            .args(own)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stderr = node.stderr.take().context("the node has no log")?;
        let path = folder.join(format!("node{index}.log"));
        self.nodes.push(node);
        self.logs.push(path.clone());
        let (found, rpc) = tokio::sync::oneshot::channel();
        tokio::spawn(keep_log(stderr, path.clone(), found));
        match timeout(START, rpc).await {
            Ok(Ok(address)) => Ok(address),
            _ => bail!("the node did not start: read {}", path.display()),
        }
    }

    /// WebSocket address of the first node.
    pub fn rpc(&self) -> &str {
        &self.rpc
    }

    /// Stops the nodes; their databases stay.
    pub async fn stop(&mut self) -> Result<()> {
        for mut node in self.nodes.drain(..) {
            node.kill().await?;
        }
        Ok(())
    }

    /// Seconds in which another node imports the first node's blocks up to this one: starts, verifies, executes, stores. The
    /// first node must be stopped.
    pub async fn import_time(&self, last: u64) -> Result<f64> {
        let chain = self.folder.join("chain.json");
        let blocks = self.folder.join("blocks");
        let fresh = self.folder.join("importing");
        // There may be none yet.
        let _ = std::fs::remove_dir_all(&fresh);
        let node = |command: &str, base_path: &Path| {
            let mut node = Command::new(&self.binary);
            node.arg(command)
                .arg("--binary")
                .arg(&blocks)
                .arg("--chain")
                .arg(&chain);
            node.arg("--base-path").arg(base_path);
            node
        };
        let mut export = node("export-blocks", &self.folder.join("node0"));
        export.args(["--from", "1", "--to", &last.to_string()]);
        let exported = export.output().await?;
        ensure!(
            exported.status.success(),
            "{}",
            String::from_utf8_lossy(&exported.stderr)
        );
        let start = Instant::now();
        let imported = node("import-blocks", &fresh).output().await?;
        let said = String::from_utf8_lossy(&imported.stderr);
        ensure!(said.contains(&format!("Best: #{last}")), "{said}");
        Ok(start.elapsed().as_secs_f64())
    }

    /// Milliseconds that making each block took, by its number.
    pub fn authoring_times(&self) -> Result<HashMap<u64, u64>> {
        let mut times = HashMap::new();
        for path in &self.logs {
            for line in std::fs::read_to_string(path)?.lines() {
                if let Some((number, millis)) = authoring_time(line) {
                    times.insert(number, millis);
                }
            }
        }
        Ok(times)
    }
}

/// Reads "... Prepared block for proposing at 7 (123 ms) ...".
fn authoring_time(line: &str) -> Option<(u64, u64)> {
    let (_, rest) = line.split_once("Prepared block for proposing at ")?;
    let (number, rest) = rest.split_once(" (")?;
    let (millis, _) = rest.split_once(" ms)")?;
    Some((number.parse().ok()?, millis.parse().ok()?))
}

/// Writes the log to a file, and says where the RPC server listens once it does.
async fn keep_log(
    log: impl AsyncRead + Unpin,
    path: PathBuf,
    found: tokio::sync::oneshot::Sender<String>,
) -> Result<()> {
    use std::io::Write;
    let mut file = File::create(path)?;
    let mut found = Some(found);
    let mut lines = BufReader::new(log).lines();
    while let Some(line) = lines.next_line().await? {
        writeln!(file, "{line}")?;
        let address = line.split("Running JSON-RPC server: addr=").nth(1);
        if let Some(address) = address.and_then(|rest| rest.split([',', ' ']).next()) {
            if let Some(found) = found.take() {
                // Nobody waits any more if the start took too long.
                let _ = found.send(address.trim().to_string());
            }
        }
    }
    Ok(())
}
