//! Registration by proof of work: what has to be hashed, and when it is enough.
//!
//! ```text
//! work = BLAKE2b-256( SCALE( b"laurel/pow/1", genesis hash, netuid, block, hash of that block, hotkey, coldkey ) )
//! seal = BLAKE2b-256( nonce as 8 bytes, the lowest first ‖ work )
//! ```
//!
//! A seal meets a difficulty when, read as a number of 256 bits with the highest byte first, its product with the difficulty has no
//! more than 256 bits; so the difficulty is the expected number of nonces to try. The work binds the chain, the subnet, a past
//! block and both keys: no seal can be made in advance, used elsewhere, or by somebody else.
use crate::{BlockNumber, NetUid};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Oldest block that work can be bound to, counted back from the block that includes it; the youngest is the one before.
pub const POW_BLOCKS: BlockNumber = 64;

/// A solution: which block it is bound to, and the nonce that was found.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
pub struct Work {
    /// A block from 1 to [`POW_BLOCKS`] before the one that includes the registration.
    pub block: BlockNumber,
    /// What makes the seal meet the difficulty.
    pub nonce: u64,
}

/// The bytes whose BLAKE2b-256 digest is the work; the module's documentation has the formula.
pub fn work_preimage<AccountId: Encode>(
    genesis_hash: &[u8; 32],
    netuid: NetUid,
    (block, block_hash): (BlockNumber, &[u8; 32]),
    hotkey: &AccountId,
    coldkey: &AccountId,
) -> Vec<u8> {
    (
        b"laurel/pow/1",
        genesis_hash,
        netuid,
        block,
        block_hash,
        hotkey,
        coldkey,
    )
        .encode()
}

/// The bytes whose BLAKE2b-256 digest is the seal.
pub fn seal_preimage(nonce: u64, work: &[u8; 32]) -> [u8; 40] {
    let mut bytes = [0; 40];
    let (head, tail) = bytes.split_at_mut(8);
    head.copy_from_slice(&nonce.to_le_bytes());
    tail.copy_from_slice(work);
    bytes
}

/// Whether the product of the seal, its highest byte first, and the difficulty fits in 256 bits.
pub fn meets_difficulty(seal: &[u8; 32], difficulty: u64) -> bool {
    // Schoolbook multiplication, lowest byte first; the carry stays below 2⁶⁴.
    let carry = seal.iter().rev().fold(0u128, |carry, byte| {
        (carry + u128::from(*byte) * u128::from(difficulty)) >> 8
    });
    carry == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_seal_of_many_leading_zeros_meets_a_high_difficulty_and_no_higher_one() {
        let mut seal = [0; 32];
        seal[8] = 1; // 2¹⁸⁴
        assert!(meets_difficulty(&seal, u64::MAX));
        let mut seal = [0; 32];
        seal[1] = 1; // 2²⁴⁰
        assert!(meets_difficulty(&seal, (1 << 16) - 1));
        assert!(!meets_difficulty(&seal, 1 << 16));
        assert!(meets_difficulty(&[0xff; 32], 1));
        assert!(!meets_difficulty(&[0xff; 32], 2));
    }

    #[test]
    fn the_work_differs_with_everything_that_it_binds() {
        let preimage = |genesis: u8, netuid, block, hash: u8, hotkey: u8, coldkey: u8| {
            let keys = ([hotkey; 32], [coldkey; 32]);
            work_preimage(&[genesis; 32], NetUid(netuid), (block, &[hash; 32]), &keys.0, &keys.1)
        };
        let base = preimage(1, 1, 1, 1, 1, 2);
        assert_eq!(base.len(), 12 + 32 + 2 + 4 + 32 + 32 + 32);
        for other in [
            preimage(2, 1, 1, 1, 1, 2),
            preimage(1, 2, 1, 1, 1, 2),
            preimage(1, 1, 2, 1, 1, 2),
            preimage(1, 1, 1, 2, 1, 2),
            preimage(1, 1, 1, 1, 3, 2),
            preimage(1, 1, 1, 1, 1, 3),
        ] {
            assert_ne!(base, other);
        }
        assert_eq!(seal_preimage(0x0102, &[7; 32])[..9], [2, 1, 0, 0, 0, 0, 0, 0, 7]);
    }

    proptest! {
        #[test]
        fn the_difficulty_counts_leading_zero_bits(zeros in 0u32..63, rest: [u8; 32]) {
            let mut seal = rest;
            for bit in 0..zeros {
                seal[(bit / 8) as usize] &= !(0x80 >> (bit % 8));
            }
            seal[(zeros / 8) as usize] |= 0x80 >> (zeros % 8);
            prop_assert!(meets_difficulty(&seal, 1 << zeros));
            prop_assert!(!meets_difficulty(&seal, 1 << (zeros + 1)));
        }

        #[test]
        fn what_meets_a_difficulty_meets_every_lower_one(seal: [u8; 32], difficulty: u64, less: u64) {
            if meets_difficulty(&seal, difficulty) {
                prop_assert!(meets_difficulty(&seal, difficulty.saturating_sub(less)));
            }
        }
    }
}
