//! Where a miner serves, as published on chain.
use crate::{BlockNumber, ModelRoot};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Version of the wire protocol that this code speaks; published with each axon.
pub const AXON_PROTOCOL_VERSION: u16 = 1;

/// Address and port of a miner's HTTP server.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub enum AxonAddress {
    /// IPv4 octets in network order, and port.
    V4([u8; 4], u16),
    /// IPv6 octets in network order, and port.
    V6([u8; 16], u16),
}

impl AxonAddress {
    /// The address in the form that sockets take.
    pub fn socket(self) -> SocketAddr {
        match self {
            Self::V4(ip, port) => SocketAddr::new(IpAddr::V4(Ipv4Addr::from(ip)), port),
            Self::V6(ip, port) => SocketAddr::new(IpAddr::V6(Ipv6Addr::from(ip)), port),
        }
    }

    /// Whether a client could ever connect: no port 0, unspecified, multicast or broadcast address.
    /// Loopback is allowed only where `allow_loopback` says so (development chains).
    pub fn is_dialable(self, loopback: Loopback) -> bool {
        let socket = self.socket();
        let ip = socket.ip();
        let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
        socket.port() != 0
            && !ip.is_unspecified()
            && !ip.is_multicast()
            && !broadcast
            && (loopback == Loopback::Allowed || !ip.is_loopback())
    }
}

/// Whether an axon may name the publisher's own machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loopback {
    /// On chains whose miners and validators share a machine.
    Allowed,
    /// Everywhere else.
    Refused,
}

impl From<SocketAddr> for AxonAddress {
    fn from(socket: SocketAddr) -> Self {
        match socket.ip() {
            IpAddr::V4(ip) => Self::V4(ip.octets(), socket.port()),
            IpAddr::V6(ip) => Self::V6(ip.octets(), socket.port()),
        }
    }
}

impl fmt::Display for AxonAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket().fmt(f)
    }
}

/// A miner's published endpoint. It is live while `now < expires_at`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct Axon {
    /// Where to connect.
    pub address: AxonAddress,
    /// Version of the wire protocol, see [`AXON_PROTOCOL_VERSION`].
    pub protocol: u16,
    /// The model that the miner says it serves.
    pub model: ModelRoot,
    /// Block of publication or last renewal.
    pub published_at: BlockNumber,
    /// First block at which the record no longer counts.
    pub expires_at: BlockNumber,
}

impl Axon {
    /// Whether the record counts at block `now`.
    pub fn is_live(&self, now: BlockNumber) -> bool {
        now < self.expires_at
    }
}
