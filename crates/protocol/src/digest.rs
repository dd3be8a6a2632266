//! The one hash of the protocol: BLAKE2b with a digest of 32 bytes.
use blake2::{digest::consts::U32, Blake2b, Digest};

/// A BLAKE2b-256 digest.
pub type Hash = [u8; 32];

/// The digest of all parts, one after the other.
pub fn blake2b_256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Blake2b::<U32>::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
