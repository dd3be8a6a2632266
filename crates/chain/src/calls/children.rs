//! Child hotkeys.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use laurel_types::{NetUid, Proportion, Take};

/// Proposes all children of a hotkey of the sender in a subnet; none: takes everything back.
pub fn set_children(hotkey: &AccountId, netuid: NetUid, children: &[(Proportion, AccountId)]) -> Call {
    NamedCall::new("Children", "set_children")
        .with("hotkey", Argument::account(hotkey))
        .with("netuid", Argument::scale(&netuid))
        .with("children", Argument::scale(&children.to_vec()))
        .into()
}

/// Agrees to a proposed parent for a hotkey of the sender.
pub fn accept_parent(hotkey: &AccountId, netuid: NetUid, parent: &AccountId) -> Call {
    NamedCall::new("Children", "accept_parent")
        .with("hotkey", Argument::account(hotkey))
        .with("netuid", Argument::scale(&netuid))
        .with("parent", Argument::account(parent))
        .into()
}

/// Cuts a link; the sender owns either hotkey.
pub fn revoke_link(netuid: NetUid, parent: &AccountId, child: &AccountId) -> Call {
    NamedCall::new("Children", "revoke_link")
        .with("netuid", Argument::scale(&netuid))
        .with("parent", Argument::account(parent))
        .with("child", Argument::account(child))
        .into()
}

/// Sets what the owner of a child keeps of what its parents' stake earns through it.
pub fn set_child_take(hotkey: &AccountId, netuid: NetUid, take: Take) -> Call {
    NamedCall::new("Children", "set_child_take")
        .with("hotkey", Argument::account(hotkey))
        .with("netuid", Argument::scale(&netuid))
        .with("take", Argument::scale(&take))
        .into()
}
