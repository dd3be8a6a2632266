//! Who holds which block of the key-value cache, and which blocks hold the beginning of a text that may come again.
//!
//! A block has room for 32 positions of every layer. A block that is full is known by the hash of all tokens up to its end; a
//! sequence that begins with the same tokens reads it instead of computing it. What nobody reads stays until its room is
//! needed, the longest unused first.
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use std::collections::{BTreeMap, HashMap};

use crate::kernels::KV_BLOCK as BLOCK;

/// Hash of a text's beginning. Nobody can find two texts with the same one, so nobody can be answered from another's text.
type PrefixHash = [u8; 32];

/// The blocks of a cache, by number.
pub(crate) struct Blocks {
    blocks: Vec<Block>,
    /// Blocks that hold nothing.
    empty: Vec<u32>,
    /// Blocks that nobody reads and that hold a known beginning, by the moment of their release.
    idle: BTreeMap<u64, u32>,
    known: HashMap<PrefixHash, u32>,
    reuse: bool,
    moment: u64,
}

#[derive(Clone, Default)]
struct Block {
    readers: u32,
    hash: Option<PrefixHash>,
    released: u64,
}

/// The blocks of one sequence, in the order of its positions.
#[derive(Default)]
pub(crate) struct Table {
    numbers: Vec<u32>,
    /// Blocks from the beginning whose hash is known, and the hash of the last of them.
    hashed: usize,
    last: PrefixHash,
}

impl Table {
    /// Numbers of the blocks.
    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }
}

impl Blocks {
    /// `count` empty blocks; with `reuse`, full ones are found again.
    pub(crate) fn new(count: usize, reuse: bool) -> Self {
        Self {
            blocks: vec![Block::default(); count],
            empty: (0..count as u32).rev().collect(),
            idle: BTreeMap::new(),
            known: HashMap::new(),
            reuse,
            moment: 0,
        }
    }

    /// Blocks for a sequence of `positions` tokens that begins with `tokens`, if there are enough; with them the number of
    /// positions that are filled already, at most `silent`: what comes behind those must be computed.
    pub(crate) fn admit(&mut self, tokens: &[u32], silent: usize, positions: usize) -> Option<(Table, usize)> {
        let wanted = positions.div_ceil(BLOCK);
        let mut table = Table::default();
        let reusable = if self.reuse { silent / BLOCK } else { 0 };
        for block in tokens.chunks_exact(BLOCK).take(reusable) {
            let hash = extended(&table.last, block);
            let Some(&number) = self.known.get(&hash) else { break };
            table.numbers.push(number);
            table.hashed += 1;
            table.last = hash;
        }
        // Blocks that are to be read must not be counted as room.
        let idle = table.numbers.iter().filter(|number| self.block(**number).readers == 0);
        let room = self.empty.len() + self.idle.len() - idle.count();
        if wanted.saturating_sub(table.numbers.len()) > room {
            return None;
        }
        for number in &table.numbers {
            let block = &mut self.blocks[*number as usize];
            if block.readers == 0 {
                self.idle.remove(&block.released);
            }
            block.readers += 1;
        }
        let filled = table.numbers.len() * BLOCK;
        while table.numbers.len() < wanted {
            let number = self.take()?;
            table.numbers.push(number);
        }
        Some((table, filled))
    }

    /// Notes that all of `tokens` were computed, so that other sequences may read the blocks that they fill.
    pub(crate) fn filled(&mut self, table: &mut Table, tokens: &[u32]) {
        if !self.reuse {
            return;
        }
        for block in tokens.chunks_exact(BLOCK).skip(table.hashed) {
            let hash = extended(&table.last, block);
            let number = table.numbers[table.hashed];
            // Two sequences may have computed the same; the first stays known.
            self.known.entry(hash).or_insert_with(|| {
                self.blocks[number as usize].hash = Some(hash);
                number
            });
            table.hashed += 1;
            table.last = hash;
        }
    }

    /// Gives a sequence's blocks back.
    pub(crate) fn release(&mut self, table: Table) {
        // The end of a text is less likely to come again than its beginning, so it goes first.
        for number in table.numbers.into_iter().rev() {
            let block = &mut self.blocks[number as usize];
            block.readers -= 1;
            if block.readers > 0 {
                continue;
            }
            if block.hash.is_some() {
                self.moment += 1;
                block.released = self.moment;
                self.idle.insert(self.moment, number);
            } else {
                self.empty.push(number);
            }
        }
    }

    /// Blocks that nobody reads.
    #[cfg(test)]
    fn free(&self) -> usize {
        self.empty.len() + self.idle.len()
    }

    fn take(&mut self) -> Option<u32> {
        let number = match self.empty.pop() {
            Some(number) => number,
            None => {
                let (_, number) = self.idle.pop_first()?;
                if let Some(hash) = self.blocks[number as usize].hash.take() {
                    self.known.remove(&hash);
                }
                number
            }
        };
        self.blocks[number as usize].readers = 1;
        Some(number)
    }

    fn block(&self, number: u32) -> &Block {
        &self.blocks[number as usize]
    }
}

fn extended(before: &PrefixHash, tokens: &[u32]) -> PrefixHash {
    let mut hash = Blake2b::<U32>::new_with_prefix(before);
    tokens.iter().for_each(|token| hash.update(token.to_le_bytes()));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(length: usize, seed: u32) -> Vec<u32> {
        (0..length as u32).map(|at| at.wrapping_mul(7) + seed).collect()
    }

    #[test]
    fn a_text_that_begins_alike_reads_what_was_computed_and_its_last_token_is_computed_anew() {
        let mut blocks = Blocks::new(8, true);
        let first = text(3 * BLOCK, 1);
        let (mut table, filled) = blocks.admit(&first, first.len() - 1, first.len()).unwrap();
        assert_eq!(filled, 0);
        blocks.filled(&mut table, &first);
        let numbers = table.numbers().to_vec();
        let (again, filled) = blocks.admit(&first, first.len() - 1, first.len()).unwrap();
        assert_eq!(filled, 2 * BLOCK);
        assert_eq!(again.numbers()[..2], numbers[..2]);
        assert_ne!(again.numbers()[2], numbers[2]);
        let mut other = first.clone();
        other[BLOCK + 3] += 1;
        let (third, filled) = blocks.admit(&other, other.len() - 1, other.len()).unwrap();
        assert_eq!(filled, BLOCK);
        blocks.release(table);
        blocks.release(again);
        blocks.release(third);
        assert_eq!(blocks.free(), 8);
        let (checked, filled) = blocks.admit(&first, BLOCK + 5, first.len()).unwrap();
        assert_eq!(filled, BLOCK, "what a check must compute is not read");
        blocks.release(checked);
        assert_eq!(
            blocks.admit(&first, first.len() - 1, first.len()).unwrap().1,
            2 * BLOCK,
            "known after everybody left"
        );
    }

    #[test]
    fn what_nobody_reads_makes_room_and_the_longest_unused_goes_first() {
        let mut blocks = Blocks::new(4, true);
        for seed in [1, 1000] {
            let tokens = text(2 * BLOCK, seed);
            let (mut table, _) = blocks.admit(&tokens, tokens.len() - 1, tokens.len()).unwrap();
            blocks.filled(&mut table, &tokens);
            blocks.release(table);
        }
        let (table, _) = blocks.admit(&text(10, 5000), 9, BLOCK).unwrap();
        let mut longer = text(2 * BLOCK, 1000);
        longer.push(0);
        let (newer, filled) = blocks
            .admit(&longer, longer.len() - 1, longer.len())
            .expect("two are read, one is idle");
        assert_eq!(filled, 2 * BLOCK, "the other text was unused for longer");
        blocks.release(newer);
        blocks.release(table);
    }

    #[test]
    fn without_room_nothing_is_taken() {
        let mut blocks = Blocks::new(2, true);
        let (table, _) = blocks.admit(&text(5, 0), 4, BLOCK).unwrap();
        assert!(blocks.admit(&text(5, 9), 4, 2 * BLOCK).is_none());
        assert_eq!(blocks.free(), 1);
        blocks.release(table);
        assert!(blocks.admit(&text(5, 9), 4, 2 * BLOCK).is_some());
    }

    proptest! {
        #[test]
        fn no_block_is_written_by_two_and_none_is_lost(steps in prop::collection::vec((0u32..4, 1usize..200, 0usize..100, any::<bool>()), 1..60)) {
            let mut blocks = Blocks::new(12, true);
            let mut live: Vec<(Table, usize)> = Vec::new();
            for (seed, length, more, leave) in steps {
                let tokens = text(length, seed);
                if let Some((mut table, filled)) = blocks.admit(&tokens, length - 1, length + more) {
                    prop_assert!(filled < length);
                    prop_assert_eq!(table.numbers().len(), (length + more).div_ceil(BLOCK));
                    for number in &table.numbers()[filled / BLOCK..] {
                        prop_assert!(live.iter().all(|(other, _)| !other.numbers().contains(number)), "{number} is another's");
                    }
                    blocks.filled(&mut table, &tokens);
                    live.push((table, filled));
                }
                if leave && !live.is_empty() {
                    blocks.release(live.remove(0).0);
                }
                let read: std::collections::HashSet<u32> = live.iter().flat_map(|(table, _)| table.numbers().to_vec()).collect();
                prop_assert_eq!(blocks.free(), 12 - read.len());
            }
        }
    }
}
