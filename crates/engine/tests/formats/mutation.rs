//! The committed seeds, and changed copies of them, the same at every run.
use std::path::Path;

/// What is committed for a target, in the order of the names.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/formats/seeds")
        .join(target);
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no seeds", folder.display());
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Numbers at which lengths and counts go wrong.
const EDGES: [u64; 12] = [
    0,
    1,
    31,
    127,
    255,
    1 << 16,
    (1 << 31) - 1,
    1 << 32,
    1 << 60,
    1 << 63,
    u64::MAX - 7,
    u64::MAX,
];

/// Words that mean something in the formats.
const WORDS: [&str; 16] = [
    "null",
    "-1",
    "18446744073709551616",
    "1e999",
    "\"\\ud800\"",
    "[[[[[[[[",
    "{\"a\":",
    "]",
    "}",
    "\"",
    "{{",
    "{% for m in messages %}",
    "\u{fffd}\u{0}",
    "\r\n",
    "true",
    ".",
];

/// SplitMix64.
pub struct Mutator(pub u64);

impl Mutator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// A place, more often near the beginning: that is where headers are.
    fn place(&mut self, length: usize) -> usize {
        let length = if self.below(3) == 0 { length } else { length.min(1500) };
        self.below(length)
    }

    /// A copy of `seed` with one to four changes.
    pub fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..1 + self.below(4) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.place(bytes.len());
        let end = (at + 1 + self.below(40)).min(bytes.len());
        match self.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end.max(at))),
            2 => {
                let piece = bytes[at..end.max(at)].to_vec();
                let to = self.place(bytes.len());
                bytes.splice(to..to, piece);
            }
            3 => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
            4 => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..end.max(at), word.bytes());
            }
            5 => {
                let edge = EDGES[self.below(EDGES.len())].to_le_bytes();
                let width = 1 << self.below(4);
                bytes
                    .iter_mut()
                    .skip(at)
                    .take(width)
                    .zip(edge)
                    .for_each(|(byte, edge)| *byte = edge);
            }
            6 => {
                // A number in a text.
                let digits = bytes[at..].iter().position(u8::is_ascii_digit).map(|digit| at + digit);
                if let Some(first) = digits {
                    let last = bytes[first..]
                        .iter()
                        .position(|byte| !byte.is_ascii_digit())
                        .map_or(bytes.len(), |l| first + l);
                    let edge = EDGES[self.below(EDGES.len())].to_string();
                    bytes.splice(first..last, edge.bytes());
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (self.0 % 8);
                }
            }
        }
    }
}
