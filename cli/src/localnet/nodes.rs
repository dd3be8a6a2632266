//! The two authorities.
use super::{processes::Processes, Setting};
use anyhow::Result;
use laurel_chain::{ChainClient, ConnectOptions};
use std::time::Duration;

/// An authority of the `local` preset.
struct Authority {
    name: &'static str,
    /// Secret of its peer-to-peer identity; worth nothing outside this machine.
    node_key: &'static str,
    /// The peer id that follows from it.
    peer_id: &'static str,
}

const AUTHORITIES: [Authority; 2] = [
    Authority {
        name: "alice",
        node_key: "0000000000000000000000000000000000000000000000000000000000000001",
        peer_id: "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp",
    },
    Authority {
        name: "bob",
        node_key: "0000000000000000000000000000000000000000000000000000000000000002",
        peer_id: "12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD",
    },
];

/// How long a node may take to answer after its start: seconds, minutes on a machine that builds at the same time. One that dies is
/// noticed at once.
const START_DEADLINE: Duration = Duration::from_secs(180);

fn rpc_port(setting: &Setting, index: usize) -> u16 {
    setting.port(index as u16)
}

fn peer_port(setting: &Setting, index: usize) -> u16 {
    setting.port(2 + index as u16)
}

/// The RPC of the first authority.
pub fn chain_url(setting: &Setting) -> String {
    format!("ws://127.0.0.1:{}", rpc_port(setting, 0))
}

/// Starts both. Each is told of the other, so that either may be first.
pub fn start(setting: &Setting, processes: &mut Processes) -> Result<()> {
    for (index, authority) in AUTHORITIES.iter().enumerate() {
        let other = 1 - index;
        let arguments = [
            "--chain=local".into(),
            format!("--{}", authority.name),
            "--validator".into(),
            format!(
                "--base-path={}",
                setting.dir.join("nodes").join(authority.name).display()
            ),
            format!("--node-key={}", authority.node_key),
            format!("--rpc-port={}", rpc_port(setting, index)),
            format!("--listen-addr=/ip4/127.0.0.1/tcp/{}", peer_port(setting, index)),
            format!("--prometheus-port={}", setting.port(4 + index as u16)),
            format!(
                "--bootnodes=/ip4/127.0.0.1/tcp/{}/p2p/{}",
                peer_port(setting, other),
                AUTHORITIES[other].peer_id
            ),
            "--no-telemetry".into(),
            "--no-mdns".into(),
        ];
        processes.start(authority.name, &setting.program("laurel-node"), &arguments)?;
    }
    Ok(())
}

/// A client of each.
pub async fn connect(setting: &Setting) -> Result<Vec<(&'static str, ChainClient)>> {
    let mut clients = Vec::new();
    for (index, authority) in AUTHORITIES.iter().enumerate() {
        let url = format!("ws://127.0.0.1:{}", rpc_port(setting, index));
        let options = ConnectOptions {
            deadline: START_DEADLINE,
            ..ConnectOptions::default()
        };
        clients.push((authority.name, ChainClient::connect(&[url], options).await?));
    }
    Ok(clients)
}
