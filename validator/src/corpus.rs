//! Text to make tasks of, never the same twice.
use laurel_protocol::{blake2b_256, Hash};
use rand::Rng;
use std::{collections::HashSet, path::Path};

/// Fewest different sentences: with fewer, tasks would look alike.
const FEWEST: usize = 200;
/// Longest line used, in bytes.
const LONGEST: usize = 400;
/// Rounds of the permutation; four make it look random to whoever sees some of its values.
const ROUNDS: u8 = 4;

/// Sentences of English prose.
#[derive(Clone, Debug)]
pub struct Corpus {
    sentences: Vec<String>,
}

/// The corpus file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// It cannot be read.
    #[error("cannot read the corpus {path}: {source}; give another file with --corpus, or leave it out")]
    Read {
        /// The file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// It is too small.
    #[error(
        "the corpus {path} has {found} different sentences: it needs {FEWEST}, one a line, each of 4 words or more"
    )]
    TooSmall {
        /// The file.
        path: String,
        /// What it has.
        found: usize,
    },
}

impl Corpus {
    /// The sentences that come with the program.
    pub fn built_in() -> Self {
        Self {
            sentences: sentences(include_str!("../corpus/austen.txt")),
        }
    }

    /// A file with one sentence a line; lines that begin with `#` are left out.
    pub fn load(path: &Path) -> Result<Self, CorpusError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| CorpusError::Read {
            path: name.clone(),
            source,
        })?;
        let sentences = sentences(&text);
        if sentences.len() < FEWEST {
            return Err(CorpusError::TooSmall {
                path: name,
                found: sentences.len(),
            });
        }
        Ok(Self { sentences })
    }

    /// Number of ordered pairs of sentences.
    pub fn pairs(&self) -> u64 {
        let count = self.sentences.len() as u64;
        count * count
    }
}

fn sentences(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#') && line.len() <= LONGEST && line.split_whitespace().count() >= 4)
        .filter(|line| seen.insert(*line))
        .map(str::to_owned)
        .collect()
}

/// Pairs of sentences in an order that only the holder of the key knows; no pair comes twice before all have come.
#[derive(Clone, Debug)]
pub struct Phrases {
    corpus: Corpus,
    key: Hash,
}

impl Phrases {
    /// The phrases of one validator; the key is its secret.
    pub fn new(corpus: Corpus, key: Hash) -> Self {
        Self { corpus, key }
    }

    /// The `index`-th pair. Different indices below [`Corpus::pairs`] give different pairs.
    pub fn pair(&self, index: u64) -> (&str, &str) {
        let sentences = &self.corpus.sentences;
        let at = self.permute(index % self.corpus.pairs());
        let count = sentences.len() as u64;
        (&sentences[(at / count) as usize], &sentences[(at % count) as usize])
    }

    /// A text of so many words, at least 2, about the `index`-th pair: its sentences, and where they are too short more; where they are too
    /// long, the first one's end and the second one's beginning, so that short texts too are seldom the same.
    pub fn passage(&self, index: u64, words: usize) -> String {
        let (first, second) = self.pair(index);
        let first: Vec<&str> = first.split_whitespace().collect();
        // Half of a short text is the second sentence's, if that is so long.
        let head = second.split_whitespace().count().min(words / 2);
        let from = first.len().saturating_sub(words - head);
        let from = if first.len() + words / 4 <= words { 0 } else { from };
        let mut passage = first[from..].to_vec();
        passage.extend(second.split_whitespace());
        let mut random = rand::rng();
        while passage.len() < words {
            let more = &self.corpus.sentences[random.random_range(0..self.corpus.sentences.len())];
            passage.extend(more.split_whitespace());
        }
        passage.truncate(words);
        passage.join(" ")
    }

    /// A bijection of the pair numbers: a Feistel network over the next even number of bits, repeated while the result is
    /// outside (which ends, because the network is a permutation and the input is inside).
    fn permute(&self, index: u64) -> u64 {
        let domain = self.corpus.pairs();
        let bits = u64::BITS - (domain - 1).leading_zeros();
        let half = bits.div_ceil(2);
        let mask = (1u64 << half) - 1;
        let mut value = index;
        loop {
            let (mut left, mut right) = (value >> half, value & mask);
            for round in 0..ROUNDS {
                let digest = blake2b_256(&[&self.key, &[round], &right.to_le_bytes()]);
                let mut bytes = [0; 8];
                bytes.copy_from_slice(&digest[..8]);
                (left, right) = (right, left ^ (u64::from_le_bytes(bytes) & mask));
            }
            value = (left << half) | right;
            if value < domain {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(count: usize) -> Corpus {
        Corpus {
            sentences: (0..count).map(|n| format!("this is sentence {n}")).collect(),
        }
    }

    #[test]
    fn no_phrase_comes_twice() {
        for count in [3, 7, 16, 33] {
            let phrases = Phrases::new(small(count), [9; 32]);
            let all: HashSet<_> = (0..phrases.corpus.pairs()).map(|index| phrases.pair(index)).collect();
            assert_eq!(all.len(), count * count);
        }
    }

    #[test]
    fn a_passage_has_as_many_words_as_it_should_and_is_about_its_pair() {
        let phrases = Phrases::new(Corpus::built_in(), [1; 32]);
        for index in 0..200 {
            let (first, second) = phrases.pair(index);
            let together = format!("{first} {second}");
            let together: Vec<&str> = together.split_whitespace().collect();
            for words in [2, 4, 9, 30, 200] {
                let passage = phrases.passage(index, words);
                let passage: Vec<&str> = passage.split_whitespace().collect();
                assert_eq!(passage.len(), words);
                // It begins in the first sentence and goes on as long as there is any of the second.
                let begins = |from: &usize| {
                    let known = words.min(together.len() - from);
                    passage[..known] == together[*from..][..known]
                };
                let sentence = first.split_whitespace().count();
                assert!((0..sentence).any(|from| begins(&from)), "{passage:?}");
            }
        }
    }

    #[test]
    fn two_validators_ask_in_different_orders() {
        let ours = Phrases::new(Corpus::built_in(), [1; 32]);
        let theirs = Phrases::new(Corpus::built_in(), [2; 32]);
        assert!((0..100).all(|index| ours.pair(index) != theirs.pair(index)));
    }

    #[test]
    fn the_built_in_corpus_makes_tens_of_millions_of_phrases() {
        let corpus = Corpus::built_in();
        assert!(corpus.pairs() > 50_000_000, "{}", corpus.pairs());
        assert!(corpus.sentences.iter().all(|s| s.is_ascii() && !s.starts_with('#')));
    }

    #[test]
    fn a_corpus_that_is_missing_or_too_small_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corpus.txt");
        assert!(matches!(Corpus::load(&path), Err(CorpusError::Read { .. })));
        std::fs::write(&path, "One sentence that repeats.\n".repeat(1_000)).unwrap();
        assert!(matches!(
            Corpus::load(&path),
            Err(CorpusError::TooSmall { found: 1, .. })
        ));
    }
}
