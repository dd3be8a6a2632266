//! The forward pass.
use super::{Architecture, Cache, Decoder, FeedForward, Layer};
use crate::kernels::{normalise, Span};
use candle_core::{bail, Device, Result, Tensor};

/// Consecutive tokens of one sequence.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// The tokens; at least one.
    pub tokens: &'a [u32],
    /// Position of the first of them: as many are in the cache.
    pub start: usize,
    /// The sequence's blocks in the cache; enough for all of the positions.
    pub blocks: &'a [u32],
    /// Index of the first token for which the state is wanted; all that follow are wanted, too.
    pub wanted: usize,
}

impl Decoder {
    /// Reads segments of different sequences in one pass. Answers the state behind each token that is wanted, `[tokens, hidden size]`,
    /// segment by segment, for [`Self::logits`]; nothing if none is wanted.
    ///
    /// A token's state depends on the tokens before it in its sequence and on nothing else, to the last bit.
    ///
    /// # Errors
    /// If a token is not in the vocabulary, or a position is beyond the context or the sequence's blocks.
    pub fn read(&self, cache: &Cache, segments: &[Segment]) -> Result<Option<Tensor>> {
        let spans: Vec<Span> = segments
            .iter()
            .map(|segment| Span {
                table: segment.blocks,
                start: segment.start,
                tokens: segment.tokens.len(),
            })
            .collect();
        let wanted = wanted_rows(segments);
        let mut hidden = self.embed(segments)?;
        for (index, (layer, slab)) in self.layers.iter().zip(&cache.layers).enumerate() {
            let qkv = layer.qkv.forward(&hidden)?;
            let mut mixed = layer.attention.forward(&qkv, slab, &spans)?;
            // Nobody attends to the last layer's results, so only those that are wanted are computed.
            if index + 1 == self.layers.len() {
                if wanted.is_empty() {
                    return Ok(None);
                }
                (mixed, hidden) = (rows(&mixed, &wanted)?, rows(&hidden, &wanted)?);
            }
            hidden = self.after_attention(layer, &mixed, hidden)?;
        }
        Ok(Some(hidden))
    }

    /// Logits `[rows, vocabulary]` of states `[rows, hidden size]`.
    pub fn logits(&self, states: &Tensor) -> Result<Vec<f32>> {
        let mut logits: Vec<f32> = self.head.forward(states)?.flatten_all()?.to_vec1()?;
        if let Some(cap) = self.architecture.logit_cap {
            logits.iter_mut().for_each(|logit| *logit = cap * (*logit / cap).tanh());
        }
        Ok(logits)
    }

    fn embed(&self, segments: &[Segment]) -> Result<Tensor> {
        let Architecture {
            hidden_size,
            vocab_size,
            embedding_scale,
            ..
        } = self.architecture;
        let tokens: Vec<u32> = segments
            .iter()
            .flat_map(|segment| segment.tokens.iter().copied())
            .collect();
        if let Some(odd) = tokens.iter().find(|token| **token as usize >= vocab_size) {
            bail!("token {odd} is not in the vocabulary of {vocab_size}");
        }
        let mut states = vec![0f32; tokens.len() * hidden_size];
        for (token, state) in tokens.iter().zip(states.chunks_exact_mut(hidden_size)) {
            self.embedding.row(*token as usize, state);
            if embedding_scale != 1.0 {
                state.iter_mut().for_each(|value| *value *= embedding_scale);
            }
        }
        Tensor::from_vec(states, (tokens.len(), hidden_size), &Device::Cpu)
    }

    fn after_attention(&self, layer: &Layer, mixed: &Tensor, hidden: Tensor) -> Result<Tensor> {
        let after = match &layer.attention_post_norm {
            Some(norm) => (normalise(&layer.attention_output.forward(mixed)?, norm)? + &hidden)?,
            None => layer.attention_output.forward_add(mixed, &hidden)?,
        };
        let input = if self.architecture.is_parallel() {
            &hidden
        } else {
            &after
        };
        let wide = match &layer.feed_forward {
            FeedForward::Whole(linear) => linear.forward(input)?,
            FeedForward::Apart { gate, up } => (gate.forward(input)? * up.forward(input)?)?,
        };
        match &layer.feed_forward_post_norm {
            Some(norm) => normalise(&layer.down.forward(&wide)?, norm)? + after,
            None => layer.down.forward_add(&wide, &after),
        }
    }
}

fn wanted_rows(segments: &[Segment]) -> Vec<u32> {
    let mut first = 0;
    let mut wanted = Vec::new();
    for segment in segments {
        let count = segment.tokens.len();
        wanted.extend((first + segment.wanted.min(count)..first + count).map(|row| row as u32));
        first += count;
    }
    wanted
}

fn rows(tensor: &Tensor, wanted: &[u32]) -> Result<Tensor> {
    if wanted.len() == tensor.dim(0)? {
        return Ok(tensor.clone());
    }
    tensor.index_select(&Tensor::new(wanted, tensor.device())?, 0)
}
