//! Registration by work, and the neuron that stays.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use laurel_types::{HotkeyConsent, NetUid, Work};

/// Registers a hotkey for work; nobody signs, see [`crate::ChainClient::submit_authorized`].
pub fn pow_register(
    netuid: NetUid,
    hotkey: &AccountId,
    coldkey: &AccountId,
    work: Work,
    consent: HotkeyConsent,
) -> Call {
    NamedCall::new("Neurons", "pow_register")
        .with("netuid", Argument::scale(&netuid))
        .with("hotkey", Argument::account(hotkey))
        .with("coldkey", Argument::account(coldkey))
        .with("work", Argument::scale(&work))
        .with("consent", Argument::scale(&consent))
        .into()
}

/// Chooses which of the subnet owner's neurons is never evicted.
pub fn protect_neuron(netuid: NetUid, hotkey: &AccountId) -> Call {
    NamedCall::new("Neurons", "protect_neuron")
        .with("netuid", Argument::scale(&netuid))
        .with("hotkey", Argument::account(hotkey))
        .into()
}
