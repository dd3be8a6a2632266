//! Stake that changes its hotkey or its coldkey.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use laurel_types::Balance;

/// Moves the sender's stake from one hotkey to another; all of it without an amount.
pub fn move_stake(from: &AccountId, to: &AccountId, amount: Option<Balance>) -> Call {
    NamedCall::new("Staking", "move_stake")
        .with("from", Argument::account(from))
        .with("to", Argument::account(to))
        .with("amount", Argument::scale(&amount))
        .into()
}

/// Gives the sender's stake on a hotkey to another coldkey; all of it without an amount.
pub fn transfer_stake(hotkey: &AccountId, to: &AccountId, amount: Option<Balance>) -> Call {
    NamedCall::new("Staking", "transfer_stake")
        .with("hotkey", Argument::account(hotkey))
        .with("to", Argument::account(to))
        .with("amount", Argument::scale(&amount))
        .into()
}

/// Returns a nomination under the minimum to its coldkey.
pub fn clear_nomination(coldkey: &AccountId, hotkey: &AccountId) -> Call {
    NamedCall::new("Staking", "clear_nomination")
        .with("coldkey", Argument::account(coldkey))
        .with("hotkey", Argument::account(hotkey))
        .into()
}
