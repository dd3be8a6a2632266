//! How a subnet ends, passes to another owner, and what is said of it.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use codec::Encode;
use laurel_types::NetUid;

/// What somebody says of a subnet or of itself; nobody checks it. UTF-8, at most 64 bytes for the name, 256 for each of the others and
/// 1024 for the description.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode)]
pub struct Identity {
    /// What to call it; not empty.
    pub name: String,
    /// A page about it.
    pub url: String,
    /// Where its source code is.
    pub repository: String,
    /// How to reach whoever answers for it.
    pub contact: String,
    /// Address of a picture.
    pub image: String,
    /// What it does.
    pub description: String,
}

fn of_subnet(name: &'static str, netuid: NetUid) -> NamedCall {
    NamedCall::new("Subnets", name).with("netuid", Argument::scale(&netuid))
}

/// Announces that the sender's subnet ends after the chain's delay.
pub fn announce_dissolution(netuid: NetUid) -> Call {
    of_subnet("announce_dissolution", netuid).into()
}

/// Calls an announced dissolution off.
pub fn cancel_dissolution(netuid: NetUid) -> Call {
    of_subnet("cancel_dissolution", netuid).into()
}

/// Offers the sender's subnet to somebody, or to nobody any longer.
pub fn offer_subnet(netuid: NetUid, to: Option<&AccountId>) -> Call {
    of_subnet("offer_subnet", netuid)
        .with("to", Argument::scale(&to))
        .into()
}

/// Takes over a subnet that was offered to the sender, with its lock.
pub fn accept_subnet(netuid: NetUid) -> Call {
    of_subnet("accept_subnet", netuid).into()
}

/// Says who is behind the sender's subnet, for a deposit.
pub fn set_subnet_identity(netuid: NetUid, identity: &Identity) -> Call {
    of_subnet("set_subnet_identity", netuid)
        .with("identity", Argument::scale(identity))
        .into()
}

/// Removes a subnet's identity and returns the deposit.
pub fn clear_subnet_identity(netuid: NetUid) -> Call {
    of_subnet("clear_subnet_identity", netuid).into()
}

/// Says who is behind the sender, for a deposit.
pub fn set_identity(identity: &Identity) -> Call {
    NamedCall::new("Subnets", "set_identity")
        .with("identity", Argument::scale(identity))
        .into()
}

/// Removes the sender's identity and returns the deposit.
pub fn clear_identity() -> Call {
    NamedCall::new("Subnets", "clear_identity").into()
}
