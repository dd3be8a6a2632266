//! Weights of several subnets in one transaction: each item succeeds or fails for itself.
use super::{Argument, Call, NamedCall};
use laurel_types::{CommitItem, RevealItem, WeightsItem};

/// Sets weight rows directly, where commit-reveal is off; the sender is the hotkey.
pub fn batch_set_weights(items: &[WeightsItem]) -> Call {
    NamedCall::new("Scoring", "batch_set_weights")
        .with("items", Argument::scale(&items.to_vec()))
        .into()
}

/// Commits to weight rows; the sender is the hotkey.
pub fn batch_commit_weights(items: &[CommitItem]) -> Call {
    NamedCall::new("Scoring", "batch_commit_weights")
        .with("items", Argument::scale(&items.to_vec()))
        .into()
}

/// Reveals committed rows; the sender is the hotkey.
pub fn batch_reveal_weights(items: &[RevealItem]) -> Call {
    NamedCall::new("Scoring", "batch_reveal_weights")
        .with("items", Argument::scale(&items.to_vec()))
        .into()
}
