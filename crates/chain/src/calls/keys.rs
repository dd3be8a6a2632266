//! Swaps of keys.
use super::{Argument, Call, NamedCall};
use crate::AccountId;
use laurel_types::HotkeyConsent;

/// Passes everything kept under a hotkey of the sender to another one, which consents.
pub fn swap_hotkey(hotkey: &AccountId, new_hotkey: &AccountId, consent: Option<HotkeyConsent>) -> Call {
    NamedCall::new("Keys", "swap_hotkey")
        .with("hotkey", Argument::account(hotkey))
        .with("new_hotkey", Argument::account(new_hotkey))
        .with("consent", Argument::scale(&consent))
        .into()
}

/// Announces that the sender will pass everything on to another coldkey; the digest is BLAKE2b-256 of
/// [`laurel_types::coldkey_swap_preimage`].
pub fn announce_coldkey_swap(digest: [u8; 32]) -> Call {
    NamedCall::new("Keys", "announce_coldkey_swap")
        .with("digest", Argument::scale(&digest))
        .into()
}

/// Takes the sender's announcement back.
pub fn cancel_coldkey_swap() -> Call {
    NamedCall::new("Keys", "cancel_coldkey_swap").into()
}

/// Executes a swap that `coldkey` announced and whose delay is over; by anybody who knows the salt.
pub fn swap_coldkey(coldkey: &AccountId, new_coldkey: &AccountId, salt: [u8; 32]) -> Call {
    NamedCall::new("Keys", "swap_coldkey")
        .with("coldkey", Argument::account(coldkey))
        .with("new_coldkey", Argument::account(new_coldkey))
        .with("salt", Argument::scale(&salt))
        .into()
}

/// Clears an announcement that has expired.
pub fn clear_expired_swap(coldkey: &AccountId) -> Call {
    NamedCall::new("Keys", "clear_expired_swap")
        .with("coldkey", Argument::account(coldkey))
        .into()
}
