//! Attention on a device over a cache of pages.
use super::batch::{Batch, Group, Padded};
use super::weights::RowNorm;
use crate::kernels::{Attention, RopeStyle, KV_BLOCK};
use candle_core::{bail, DType, Device, Result, Tensor};
use candle_nn::{ops, rotary_emb};

/// Cosines and sines, `[positions, pairs]`.
#[derive(Clone)]
pub(crate) struct Tables {
    pub(super) cos: Tensor,
    pub(super) sin: Tensor,
    pub(super) style: RopeStyle,
}

impl Tables {
    /// Turns heads `[rows, heads, width]`, each row at its position.
    fn turn(&self, heads: &Tensor, positions: &Tensor) -> Result<Tensor> {
        let (rows, count, width) = heads.dims3()?;
        let pairs = self.cos.dim(1)?;
        let turned = match width == 2 * pairs {
            true => heads.clone(),
            false => heads.narrow(2, 0, 2 * pairs)?.contiguous()?,
        };
        // A row is a text of one token, which has cosines of its own.
        let turned = turned.reshape((rows, count, 1, 2 * pairs))?;
        let at = |table: &Tensor| table.index_select(positions, 0)?.reshape((rows, 1, pairs));
        let (cos, sin) = (at(&self.cos)?, at(&self.sin)?);
        let turned = match self.style {
            RopeStyle::HalfSplit => rotary_emb::rope(&turned, &cos, &sin),
            RopeStyle::Interleaved => rotary_emb::rope_i(&turned, &cos, &sin),
        }?;
        let turned = turned.reshape((rows, count, 2 * pairs))?;
        match width == 2 * pairs {
            true => Ok(turned),
            false => Tensor::cat(&[turned, heads.narrow(2, 2 * pairs, width - 2 * pairs)?], 2),
        }
    }
}

/// Keys and values of a layer: pages of 32 positions, in memory taken once.
pub(crate) struct KvPages {
    /// `[positions, width of all heads]`.
    keys: Tensor,
    values: Tensor,
}

impl KvPages {
    pub(super) fn new(device: &Device, blocks: usize, width: usize, dtype: DType) -> Result<Self> {
        let Some(positions) = blocks
            .checked_mul(KV_BLOCK)
            .filter(|positions| *positions <= u32::MAX as usize)
        else {
            bail!("a cache of {blocks} blocks cannot be");
        };
        Ok(Self {
            keys: Tensor::zeros((positions, width), dtype, device)?,
            values: Tensor::zeros((positions, width), dtype, device)?,
        })
    }

    pub(super) fn blocks(&self) -> usize {
        self.keys.dims()[0] / KV_BLOCK
    }

    /// Width of all heads.
    pub(super) fn width(&self) -> usize {
        self.keys.dims()[1]
    }

    fn write(&self, slots: &Tensor, keys: &Tensor, values: &Tensor) -> Result<()> {
        let into = |pages: &Tensor, rows: &Tensor| {
            let rows = rows.flatten_from(1)?.to_dtype(pages.dtype())?;
            pages.scatter_set(slots, &rows, 0)
        };
        into(&self.keys, keys)?;
        into(&self.values, values)
    }
}

/// A layer's attention.
pub(crate) struct OnDevice {
    /// Its shape; norms and rotary embedding are those below.
    pub(super) shape: Attention,
    pub(super) rope: Option<Tables>,
    pub(super) query_norm: Option<RowNorm>,
    pub(super) key_norm: Option<RowNorm>,
}

impl OnDevice {
    /// Rows of queries, keys and values to what they attend to, `[rows, heads * width]`.
    pub(super) fn forward(&self, qkv: &Tensor, pages: &KvPages, batch: &Batch) -> Result<Tensor> {
        let [queries, keys, values] = self.heads(qkv)?;
        let queries = self.placed(queries, &self.query_norm, batch)?;
        let keys = self.placed(keys, &self.key_norm, batch)?;
        pages.write(&batch.slots, &keys, &values)?;
        #[cfg(feature = "flash-attn")]
        if batch.tables.serves(&pages.keys, self.shape.width) {
            return batch.tables.attend(&self.shape, &queries, (&pages.keys, &pages.values));
        }
        let of_group = |group: &Group| {
            let rows = match &group.rows {
                Some(rows) => queries.index_select(rows, 0)?,
                None => queries.clone(),
            };
            let Attention {
                heads, kv_heads, width, ..
            } = self.shape;
            let gathered = |pages: &Tensor| {
                let rows = pages.index_select(&group.slots, 0)?.to_dtype(DType::F32)?;
                rows.reshape((group.spans, group.keys, kv_heads, width))
            };
            let rows = rows.reshape((group.spans, group.tokens, heads, width))?;
            let mask = group.mask(self.shape.window)?;
            self.mix(&rows, (&gathered(&pages.keys)?, &gathered(&pages.values)?), mask)
        };
        let mixed: Vec<Tensor> = batch.groups.iter().map(of_group).collect::<Result<_>>()?;
        match (&batch.order, mixed.as_slice()) {
            (None, [mixed]) => Ok(mixed.clone()),
            (Some(order), mixed) => Tensor::cat(mixed, 0)?.index_select(order, 0),
            (None, _) => bail!("groups of a step are in no order"),
        }
    }

    /// As [`Self::forward`], for whole texts: each token attends to all of its text.
    pub(crate) fn forward_whole(&self, qkv: &Tensor, texts: &Padded) -> Result<Tensor> {
        let padded = |heads: Tensor| {
            let (_, count, width) = heads.dims3()?;
            let rows = heads.index_select(&texts.rows, 0)?;
            rows.reshape((texts.texts, texts.longest, count, width))
        };
        let [queries, keys, values] = self.heads(qkv)?;
        let mixed = self.mix(&padded(queries)?, (&padded(keys)?, &padded(values)?), &texts.mask)?;
        mixed.index_select(&texts.places, 0)
    }

    /// Queries, keys and values, each `[rows, heads, width]`.
    fn heads(&self, qkv: &Tensor) -> Result<[Tensor; 3]> {
        let Attention {
            heads, kv_heads, width, ..
        } = self.shape;
        let rows = qkv.dim(0)?;
        let part = |first: usize, heads: usize| {
            qkv.narrow(1, first * width, heads * width)?
                .contiguous()?
                .reshape((rows, heads, width))
        };
        Ok([
            part(0, heads)?,
            part(heads, kv_heads)?,
            part(heads + kv_heads, kv_heads)?,
        ])
    }

    fn placed(&self, heads: Tensor, norm: &Option<RowNorm>, batch: &Batch) -> Result<Tensor> {
        let heads = match norm {
            Some(norm) => norm.forward(&heads)?,
            None => heads,
        };
        match &self.rope {
            Some(rope) => rope.turn(&heads, &batch.positions),
            None => Ok(heads),
        }
    }

    /// Queries `[texts, tokens, heads, width]` attend to keys and values `[texts, keys, kv heads, width]`; `mask`, which is
    /// `[texts, tokens or 1, keys]`, is added to scores. Answers `[texts * tokens, heads * width]`.
    fn mix(&self, queries: &Tensor, (keys, values): (&Tensor, &Tensor), mask: &Tensor) -> Result<Tensor> {
        let (texts, tokens, heads, width) = queries.dims4()?;
        let (_, count, kv_heads, _) = keys.dims4()?;
        let shared = heads / kv_heads;
        // Query heads that share a key head are rows of one product.
        let queries = (queries * f64::from(self.shape.scale))?
            .transpose(1, 2)?
            .contiguous()?
            .reshape((texts, kv_heads, shared * tokens, width))?;
        let keys = keys.transpose(1, 2)?.contiguous()?;
        let values = values.transpose(1, 2)?.contiguous()?;
        let mut scores = queries.matmul(&keys.t()?)?;
        if let Some(cap) = self.shape.soft_cap {
            scores = ((scores / f64::from(cap))?.tanh()? * f64::from(cap))?;
        }
        let scores = scores
            .reshape((texts, heads, tokens, count))?
            .broadcast_add(&mask.unsqueeze(1)?)?;
        let shares = ops::softmax_last_dim(&scores)?.reshape((texts, kv_heads, shared * tokens, count))?;
        shares
            .matmul(&values)?
            .reshape((texts, heads, tokens, width))?
            .transpose(1, 2)?
            .contiguous()?
            .reshape((texts * tokens, heads * width))
    }
}

#[cfg(feature = "flash-attn")]
pub(super) use fused::PageTables;

/// Attention as one kernel that reads the pages where they are: no copy of keys and values, no scores in memory.
#[cfg(feature = "flash-attn")]
mod fused {
    use super::super::Candle;
    use crate::kernels::{Attention, Span, KV_BLOCK};
    use candle_core::{DType, Result, Tensor};

    /// Where the spans of a step begin and end, and which pages are theirs.
    pub(crate) struct PageTables {
        /// Sums of the spans' rows and of their positions, from 0.
        rows: Tensor,
        positions: Tensor,
        /// `[spans, most pages of one]`.
        pages: Tensor,
        most_rows: usize,
        most_positions: usize,
    }

    impl PageTables {
        pub(crate) fn new(on: &Candle, spans: &[Span]) -> Result<Self> {
            let ends: Vec<usize> = spans.iter().map(|span| span.start + span.tokens).collect();
            let most_positions = ends.iter().copied().max().unwrap_or(0);
            let most_pages = most_positions.div_ceil(KV_BLOCK);
            let sums = |counts: Vec<usize>| {
                let sum = |sum: &mut u32, count: usize| {
                    *sum += count as u32;
                    Some(*sum)
                };
                on.numbers(std::iter::once(0).chain(counts.into_iter().scan(0, sum)).collect())
            };
            let of_span = |(span, end): (&Span, &usize)| {
                let own = &span.table[..end.div_ceil(KV_BLOCK)];
                let mut pages = own.to_vec();
                pages.resize(most_pages, own[0]);
                pages
            };
            let pages = spans.iter().zip(&ends).flat_map(of_span).collect();
            Ok(Self {
                rows: sums(spans.iter().map(|span| span.tokens).collect())?,
                positions: sums(ends)?,
                pages: on.numbers(pages)?.reshape((spans.len(), most_pages))?,
                most_rows: spans.iter().map(|span| span.tokens).max().unwrap_or(0),
                most_positions,
            })
        }

        /// Whether the kernel computes such heads: on NVIDIA's, in half precision.
        pub(crate) fn serves(&self, pages: &Tensor, width: usize) -> bool {
            pages.device().is_cuda() && pages.dtype() == DType::F16 && width.is_multiple_of(8)
        }

        /// Queries `[rows, heads, width]` to what they attend to, `[rows, heads * width]`.
        pub(crate) fn attend(
            &self,
            shape: &Attention,
            queries: &Tensor,
            (keys, values): (&Tensor, &Tensor),
        ) -> Result<Tensor> {
            let paged = |pages: &Tensor| pages.reshape(((), KV_BLOCK, shape.kv_heads, shape.width));
            let mixed = candle_flash_attn::flash_attn_varlen_paged_windowed(
                &queries.to_dtype(DType::F16)?,
                &paged(keys)?,
                &paged(values)?,
                &self.rows,
                &self.positions,
                &self.pages,
                None,
                self.most_rows,
                self.most_positions,
                shape.scale,
                // Positions before its own that a token sees; none behind.
                shape.window.map(|window| window - 1),
                Some(0),
                KV_BLOCK,
                shape.soft_cap,
            )?;
            mixed.flatten_from(1)?.to_dtype(DType::F32)
        }
    }
}
