//! Text as a run of token ids, cut into training windows.
use super::random::SplitMix64;
use crate::ModelError;
use candle_core::{Device, Tensor};
use laurel_engine::TextTokenizer;
use std::path::Path;

/// A tokenized text.
pub struct TokenCorpus {
    ids: Vec<u32>,
    bytes: usize,
}

/// One batch: inputs and, one position later, what should be predicted; both of shape `[batch, window]`.
pub(crate) struct Batch {
    pub(crate) inputs: Tensor,
    pub(crate) targets: Tensor,
}

impl TokenCorpus {
    /// Reads a UTF-8 text in which each line is a paragraph and an empty line ends a document; between documents stands
    /// the tokenizer's end-of-text token.
    pub fn read(path: &Path, tokenizer: &TextTokenizer) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|source| ModelError::Read {
            path: path.into(),
            source,
        })?;
        let end_of_text = *tokenizer.eos_ids().first().ok_or_else(|| ModelError::Invalid {
            path: path.into(),
            reason: "the tokenizer has no end-of-text token".into(),
        })?;
        let mut ids = Vec::new();
        for document in text
            .split("\n\n")
            .map(str::trim)
            .filter(|document| !document.is_empty())
        {
            ids.extend(tokenizer.encode(document)?);
            ids.push(end_of_text);
        }
        Ok(Self { ids, bytes: text.len() })
    }

    /// The corpus and the last `tokens` tokens of it, apart; at most all.
    pub fn hold_out(mut self, tokens: usize) -> (Self, Self) {
        let all = self.ids.len().max(1);
        let held = self.ids.split_off(self.ids.len().saturating_sub(tokens));
        let part = |ids: Vec<u32>, bytes: usize| Self {
            bytes: bytes * ids.len() / all,
            ids,
        };
        (part(self.ids, self.bytes), part(held, self.bytes))
    }

    /// Tokens in the corpus.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is nothing to learn from.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Bytes of text that one token stands for, on average.
    pub fn bytes_per_token(&self) -> f64 {
        self.bytes as f64 / self.ids.len().max(1) as f64
    }

    /// The batch of step `step`: windows at places that depend on `seed` and `step` alone.
    pub(crate) fn random_batch(&self, seed: u64, step: u64, shape: (usize, usize)) -> candle_core::Result<Batch> {
        let mut random = SplitMix64::new(seed ^ step.wrapping_mul(0xD134_2543_DE82_EF95));
        let starts: Vec<usize> = (0..shape.0).map(|_| random.below(self.ids.len() - shape.1)).collect();
        self.batch(&starts, shape.1)
    }

    /// Windows that cover the corpus once, in batches of `shape.0`, at most `limit` batches.
    pub(crate) fn sequential_batches(
        &self,
        shape: (usize, usize),
        limit: usize,
    ) -> impl Iterator<Item = candle_core::Result<Batch>> + '_ {
        let windows = (self.ids.len() - 1) / shape.1;
        let batches = (windows / shape.0).min(limit);
        // Spread over the whole corpus, so that a limited evaluation does not see its beginning only.
        let stride = windows / batches.max(1);
        (0..batches).map(move |index| {
            let first = index * stride;
            let starts: Vec<usize> = (first..first + shape.0).map(|window| window * shape.1).collect();
            self.batch(&starts, shape.1)
        })
    }

    fn batch(&self, starts: &[usize], window: usize) -> candle_core::Result<Batch> {
        let gather = |shift: usize| {
            let ids: Vec<u32> = starts
                .iter()
                .flat_map(|start| self.ids[start + shift..start + shift + window].iter().copied())
                .collect();
            Tensor::from_vec(ids, (starts.len(), window), &Device::Cpu)
        };
        Ok(Batch {
            inputs: gather(0)?,
            targets: gather(1)?,
        })
    }
}
