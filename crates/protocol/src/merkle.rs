//! A Merkle tree over byte strings: one root commits to a list, a short proof shows one of its entries.
//!
//! A leaf is hashed as `H(0x00 ‖ leaf)` and a node as `H(0x01 ‖ left ‖ right)`, so that no leaf can pass for a
//! node. A node without a sibling moves up unchanged. The root of no leaves is 32 zero bytes.
use crate::{blake2b_256, digest::Hash};
use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

fn leaf_hash(leaf: &[u8]) -> Hash {
    blake2b_256(&[&[0], leaf])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    blake2b_256(&[&[1], left, right])
}

fn parents(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .map(|pair| match pair {
            [left, right] => node_hash(left, right),
            _ => pair[0],
        })
        .collect()
}

/// The root of the tree over `leaves`, in their order.
pub fn merkle_root<L: AsRef<[u8]>>(leaves: &[L]) -> Hash {
    let mut level: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    while level.len() > 1 {
        level = parents(&level);
    }
    level.first().copied().unwrap_or_default()
}

/// Shows that a leaf is at one place of the list that a root commits to.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct MerkleProof {
    /// Place of the leaf, from 0.
    pub index: u32,
    /// Leaves in the list.
    pub count: u32,
    /// Siblings from the leaf upwards; a level at which there is none has no entry.
    pub siblings: Vec<Hash>,
}

/// The proof of the leaf at `index`; none if there is no such leaf.
pub fn merkle_proof<L: AsRef<[u8]>>(leaves: &[L], index: usize) -> Option<MerkleProof> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = MerkleProof {
        index: u32::try_from(index).ok()?,
        count: u32::try_from(leaves.len()).ok()?,
        siblings: Vec::new(),
    };
    let mut level: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    let mut at = index;
    while level.len() > 1 {
        proof.siblings.extend(level.get(at ^ 1));
        level = parents(&level);
        at /= 2;
    }
    Some(proof)
}

impl MerkleProof {
    /// Whether `leaf` is at this place of the list with this `root`.
    pub fn holds(&self, root: &Hash, leaf: &[u8]) -> bool {
        if self.index >= self.count {
            return false;
        }
        let (mut at, mut width) = (self.index, self.count);
        let mut siblings = self.siblings.iter();
        let mut hash = leaf_hash(leaf);
        while width > 1 {
            if (at ^ 1) < width {
                let Some(sibling) = siblings.next() else { return false };
                hash = if at % 2 == 0 {
                    node_hash(&hash, sibling)
                } else {
                    node_hash(sibling, &hash)
                };
            }
            at /= 2;
            width = width.div_ceil(2);
        }
        siblings.next().is_none() && hash == *root
    }
}
