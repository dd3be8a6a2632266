//! A hotkey's consent to belong to a coldkey.
//!
//! Whoever registers an unknown hotkey becomes its owner, for ever but for a swap. So that nobody can take a hotkey that
//! somebody else is about to register, the hotkey itself says by signature whom it wants to belong to. The signature names
//! the chain, so it is worth nothing on another one; it names the coldkey, so it is worth nothing to another one; and
//! since a hotkey is bound once, repeating it does nothing.
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// What the message that a hotkey signs begins with; the number is the version of its layout.
pub const CONSENT_CONTEXT: &[u8; 12] = b"laurel/own/1";

/// A hotkey's sr25519 signature (context `substrate`, as every signature of the chain) over [`consent_preimage`].
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HotkeyConsent(pub [u8; 64]);

impl fmt::Debug for HotkeyConsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HotkeyConsent(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

impl From<[u8; 64]> for HotkeyConsent {
    fn from(signature: [u8; 64]) -> Self {
        Self(signature)
    }
}

/// The message by which `hotkey` consents to belong to `coldkey` on the chain with this genesis block:
/// [`CONSENT_CONTEXT`] and the SCALE encodings of the three, which are 32 bytes each where accounts are public keys.
///
/// ```
/// let message = laurel_types::consent_preimage(&[1u8; 32], &[2u8; 32], &[3u8; 32]);
/// assert_eq!(message.len(), 12 + 3 * 32);
/// assert_eq!(message[..12], *b"laurel/own/1");
/// assert_eq!(message[12..44], [1; 32]);
/// ```
pub fn consent_preimage<Hash: Encode, AccountId: Encode>(
    genesis_hash: &Hash,
    hotkey: &AccountId,
    coldkey: &AccountId,
) -> Vec<u8> {
    let mut message = CONSENT_CONTEXT.to_vec();
    (genesis_hash, hotkey, coldkey).encode_to(&mut message);
    message
}
