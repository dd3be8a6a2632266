//! The forward pass.
use super::{Architecture, FeedForward, Layer, Model};
use crate::executor::Executor;
use crate::kernels::Span;
use candle_core::{bail, Result, Tensor};

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

impl<E: Executor> Model<E> {
    /// As [`super::Decoder::read`].
    pub(super) fn read(&self, slabs: &[E::Slab], segments: &[Segment]) -> Result<Option<Tensor>> {
        let on = &self.executor;
        let mut hidden = self.embed(segments)?;
        let wanted = wanted_rows(segments);
        // What a device must know is sent to it before the first layer.
        let some = !wanted.is_empty() && wanted.len() < hidden.dim(0)?;
        let some = some
            .then(|| Tensor::new(wanted.as_slice(), hidden.device()))
            .transpose()?;
        let Some(first) = slabs.first() else {
            bail!("the cache has no layers")
        };
        let batch = on.batch(self.spans(segments)?, first, &self.windows())?;
        for (index, (layer, slab)) in self.layers.iter().zip(slabs).enumerate() {
            let qkv = on.forward(&layer.qkv, &hidden)?;
            let mut mixed = on.attend(&layer.attention, &qkv, slab, &batch)?;
            // Nobody attends to the last layer's results, so only those that are wanted are computed.
            if index + 1 == self.layers.len() {
                if wanted.is_empty() {
                    return Ok(None);
                }
                if let Some(wanted) = &some {
                    (mixed, hidden) = (mixed.index_select(wanted, 0)?, hidden.index_select(wanted, 0)?);
                }
            }
            hidden = self.after_attention(layer, &mixed, hidden)?;
        }
        Ok(Some(hidden))
    }

    /// As [`super::Decoder::logits`].
    pub(super) fn logits(&self, states: &Tensor) -> Result<Vec<f32>> {
        let logits = self.executor.forward(&self.head, states)?;
        self.executor.fetch(&logits, self.architecture.logit_cap)
    }

    /// Bytes of a block in all layers.
    pub(super) fn block_bytes(&self) -> usize {
        let Architecture {
            kv_heads, head_width, ..
        } = self.architecture;
        E::block_bytes(kv_heads, head_width, self.cache_format) * self.layers.len()
    }

    /// Memory for so many blocks, one for each layer.
    pub(super) fn slabs(&self, blocks: usize) -> Result<Vec<E::Slab>> {
        let Architecture {
            kv_heads, head_width, ..
        } = self.architecture;
        let slab = |_: &Layer<E>| self.executor.slab(blocks, kv_heads, head_width, self.cache_format);
        self.layers.iter().map(slab).collect()
    }

    fn spans<'a>(&self, segments: &[Segment<'a>]) -> Result<Vec<Span<'a>>> {
        let context = self.architecture.context;
        let span = |segment: &Segment<'a>| match segment.start + segment.tokens.len() {
            end if end > context => bail!("{end} tokens are beyond the context of {context}"),
            _ => Ok(Span {
                table: segment.blocks,
                start: segment.start,
                tokens: segment.tokens.len(),
            }),
        };
        segments.iter().map(span).collect()
    }

    /// The windows that there are.
    fn windows(&self) -> Vec<Option<usize>> {
        let mut windows: Vec<_> = self.architecture.layers.iter().map(|layer| layer.window).collect();
        windows.sort_unstable();
        windows.dedup();
        windows
    }

    fn embed(&self, segments: &[Segment]) -> Result<Tensor> {
        let Architecture {
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
        let states = self.executor.rows(&self.embedding, &tokens)?;
        if embedding_scale == 1.0 {
            return Ok(states);
        }
        states * f64::from(embedding_scale)
    }

    fn after_attention(&self, layer: &Layer<E>, mixed: &Tensor, hidden: Tensor) -> Result<Tensor> {
        let on = &self.executor;
        let after = match &layer.attention_post_norm {
            Some(norm) => (on.normalise(norm, &on.forward(&layer.attention_output, mixed)?)? + &hidden)?,
            None => on.forward_add(&layer.attention_output, mixed, &hidden)?,
        };
        let input = if self.architecture.is_parallel() {
            &hidden
        } else {
            &after
        };
        let wide = match &layer.feed_forward {
            FeedForward::Whole(linear) => on.forward(linear, input)?,
            FeedForward::Apart { gate, up } => (on.forward(gate, input)? * on.forward(up, input)?)?,
        };
        match &layer.feed_forward_post_norm {
            Some(norm) => on.normalise(norm, &on.forward(&layer.down, &wide)?)? + after,
            None => on.forward_add(&layer.down, &wide, &after),
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
