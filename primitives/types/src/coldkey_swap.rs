//! What a coldkey announces before it passes everything on to another one.
use alloc::vec::Vec;
use codec::Encode;

/// What the message behind an announced swap begins with; the number is the version of its layout.
pub const COLDKEY_SWAP_CONTEXT: &[u8; 16] = b"laurel/coldkey/1";

/// The bytes whose BLAKE2b-256 digest announces that `old` passes everything on to `new`. Announced is only the digest: were the new
/// coldkey known before the swap, anybody could bring it into use by a gift of stake, and a key in use is refused. The
/// salt keeps it from being guessed among the accounts there are.
///
/// ```
/// let message = laurel_types::coldkey_swap_preimage(&[1u8; 32], &[2u8; 32], &[3; 32]);
/// assert_eq!(message.len(), 16 + 3 * 32);
/// ```
pub fn coldkey_swap_preimage<AccountId: Encode>(old: &AccountId, new: &AccountId, salt: &[u8; 32]) -> Vec<u8> {
    let mut message = COLDKEY_SWAP_CONTEXT.to_vec();
    (old, new, salt).encode_to(&mut message);
    message
}
