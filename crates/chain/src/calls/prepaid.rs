//! Deposits that users make for a gateway, and what it draws from them.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use laurel_types::Balance;

/// Holds `amount` leaves of the sender's balance for a gateway, which is a hotkey, on top of what is there already.
pub fn deposit(gateway: &AccountId, amount: Balance) -> Call {
    for_gateway("deposit", gateway)
        .with("amount", Argument::Number(amount))
        .into()
}

/// Announces that the sender takes `amount` leaves back from what it holds for a gateway; they are free after the chain's notice.
/// Replaces what was announced before; 0 takes that back.
pub fn withdraw(gateway: &AccountId, amount: Balance) -> Call {
    for_gateway("withdraw", gateway)
        .with("amount", Argument::Number(amount))
        .into()
}

/// Takes back what was announced and whose notice is over, or all where the gateway's hotkey is known no more.
pub fn take_back(gateway: &AccountId) -> Call {
    for_gateway("take_back", gateway).into()
}

/// Draws leaves from what payers hold for the sender, a gateway's hotkey, to its owner. Each item, payer and leaves, is done or refused
/// for itself; at most [`laurel_types::MAX_DRAWS`] of them.
pub fn draw(items: &[(AccountId, Balance)]) -> Call {
    NamedCall::new("Prepaid", "draw")
        .with("items", Argument::scale(&items.to_vec()))
        .into()
}

fn for_gateway(name: &'static str, gateway: &AccountId) -> NamedCall {
    NamedCall::new("Prepaid", name).with("gateway", Argument::account(gateway))
}
