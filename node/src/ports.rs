//! Refuses to start where another program already listens. Without this the node would quietly listen elsewhere (RPC)
//! or run on without metrics or peers.
use sc_network::multiaddr::Protocol;
use sc_service::Configuration;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

/// Checks every port that the node is about to listen on.
pub fn check_free(config: &Configuration) -> Result<(), sc_service::Error> {
    for (address, option) in addresses(config) {
        if let Err(error) = TcpListener::bind(address) {
            return Err(sc_service::Error::Other(format!(
                "cannot listen on {address}: {error}; stop what uses the port, or choose another with {option}"
            )));
        }
    }
    Ok(())
}

/// The addresses, each with the option that changes it.
fn addresses(config: &Configuration) -> Vec<(SocketAddr, &'static str)> {
    let mut addresses = Vec::new();
    match &config.rpc.addr {
        Some(endpoints) => addresses.extend(
            endpoints
                .iter()
                .filter(|endpoint| !endpoint.is_optional)
                .map(|endpoint| (endpoint.listen_addr, "--rpc-port")),
        ),
        None => addresses.push((
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), config.rpc.port),
            "--rpc-port",
        )),
    }
    addresses.extend(
        config
            .prometheus_config
            .iter()
            .map(|metrics| (metrics.port, "--prometheus-port")),
    );
    addresses.extend(
        config
            .network
            .listen_addresses
            .iter()
            .filter_map(tcp_v4)
            .map(|address| (address, "--port")),
    );
    addresses
}

/// The IPv4 socket of a TCP multiaddress. The IPv6 twin that the node adds by itself may fail: not every machine has IPv6.
fn tcp_v4(address: &sc_network::Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    match (parts.next()?, parts.next()?) {
        (Protocol::Ip4(ip), Protocol::Tcp(port)) => Some(SocketAddr::new(IpAddr::V4(ip), port)),
        _ => None,
    }
}
