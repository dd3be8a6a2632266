//! Who may act for whom.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use laurel_types::{BlockNumber, ProxyType};

/// Lets `delegate` act for the sender, after `delay` blocks of announcement where that is not 0.
pub fn add_proxy(delegate: &AccountId, proxy_type: ProxyType, delay: BlockNumber) -> Call {
    change("add_proxy", delegate, proxy_type, delay)
}

/// Takes that back; type and delay are those that were added.
pub fn remove_proxy(delegate: &AccountId, proxy_type: ProxyType, delay: BlockNumber) -> Call {
    change("remove_proxy", delegate, proxy_type, delay)
}

fn change(name: &'static str, delegate: &AccountId, proxy_type: ProxyType, delay: BlockNumber) -> Call {
    NamedCall::new("Proxy", name)
        .with("delegate", Argument::account(delegate))
        .with("proxy_type", Argument::Variant(proxy_type.name().into()))
        .with("delay", Argument::Number(delay.into()))
        .into()
}

/// Makes a call for `real`, by whichever of the sender's proxies admits it.
pub fn proxy(real: &AccountId, call: Call) -> Call {
    NamedCall::new("Proxy", "proxy")
        .with("real", Argument::account(real))
        .with("force_proxy_type", Argument::scale(&None::<u8>))
        .with("call", Argument::Call(Box::new(call)))
        .into()
}

/// Announces a call for `real` by its hash, [`crate::call_hash`], as a proxy with a delay must.
pub fn announce(real: &AccountId, call_hash: [u8; 32]) -> Call {
    by_hash("announce", "real", real, call_hash)
}

/// Takes the sender's announcement back.
pub fn remove_announcement(real: &AccountId, call_hash: [u8; 32]) -> Call {
    by_hash("remove_announcement", "real", real, call_hash)
}

/// Strikes what a proxy of the sender announced.
pub fn reject_announcement(delegate: &AccountId, call_hash: [u8; 32]) -> Call {
    by_hash("reject_announcement", "delegate", delegate, call_hash)
}

fn by_hash(name: &'static str, role: &'static str, account: &AccountId, call_hash: [u8; 32]) -> Call {
    NamedCall::new("Proxy", name)
        .with(role, Argument::account(account))
        .with("call_hash", Argument::scale(&call_hash))
        .into()
}

/// Makes a call that `delegate` announced for `real` and whose delay is over.
pub fn proxy_announced(delegate: &AccountId, real: &AccountId, call: Call) -> Call {
    NamedCall::new("Proxy", "proxy_announced")
        .with("delegate", Argument::account(delegate))
        .with("real", Argument::account(real))
        .with("force_proxy_type", Argument::scale(&None::<u8>))
        .with("call", Argument::Call(Box::new(call)))
        .into()
}
