//! What the layers of a step share: sent to the device once, before the first of them.
use super::{Candle, KvPages};
use crate::kernels::{Span, KV_BLOCK};
use candle_core::{bail, Result, Tensor};
use std::collections::BTreeMap;

/// Spans of sequences in a step.
pub(crate) struct Batch {
    /// Position of each row, `[rows]`.
    pub(super) positions: Tensor,
    /// Slot of the cache for each row's key and value, `[rows, width of all heads]`: one number a row.
    pub(super) slots: Tensor,
    /// Spans of equal numbers of tokens: attention is one product for each group.
    pub(super) groups: Vec<Group>,
    /// Where each row is among the groups' rows, if they are in another order.
    pub(super) order: Option<Tensor>,
    #[cfg(feature = "flash-attn")]
    pub(super) tables: super::attention::PageTables,
}

/// Spans that have as many tokens, with keys filled up to as many positions.
pub(crate) struct Group {
    pub(super) spans: usize,
    pub(super) tokens: usize,
    pub(super) keys: usize,
    /// The group's rows in the step, `[spans * tokens]`, if they are not all in order.
    pub(super) rows: Option<Tensor>,
    /// Slots of the positions, `[spans * keys]`. What fills up is a span's own first position, so that nobody reads another's.
    pub(super) slots: Tensor,
    /// For each window 0 where a token sees a key and -∞ where not, `[spans, tokens, keys]`.
    pub(super) masks: Vec<(Option<usize>, Tensor)>,
}

impl Batch {
    pub(super) fn new(on: &Candle, spans: &[Span], pages: &KvPages, windows: &[Option<usize>]) -> Result<Self> {
        let (mut positions, mut slots) = (Vec::new(), Vec::new());
        let mut first_rows = Vec::with_capacity(spans.len());
        for span in spans {
            let end = span.start + span.tokens;
            let blocks = &span.table[..end.div_ceil(KV_BLOCK).min(span.table.len())];
            if blocks.len() * KV_BLOCK < end || blocks.iter().any(|block| *block as usize >= pages.blocks()) {
                bail!("{end} positions in blocks {blocks:?} of a cache of {}", pages.blocks());
            }
            first_rows.push(positions.len());
            positions.extend((span.start..end).map(|position| position as u32));
            slots.extend((span.start..end).map(|position| slot(span, position)));
        }
        let rows = positions.len();
        let mut alike: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, span) in spans.iter().enumerate() {
            alike.entry(span.tokens).or_default().push(index);
        }
        let in_order = alike.len() == 1;
        let mut places = vec![0; rows];
        let mut groups = Vec::with_capacity(alike.len());
        let mut placed = 0;
        for (tokens, members) in alike {
            let members: Vec<(&Span, usize)> = members.iter().map(|at| (&spans[*at], first_rows[*at])).collect();
            let of_group = |(_, first): &(&Span, usize)| *first..*first + tokens;
            let rows: Vec<u32> = members.iter().flat_map(of_group).map(|row| row as u32).collect();
            for row in &rows {
                places[*row as usize] = placed;
                placed += 1;
            }
            let members: Vec<&Span> = members.into_iter().map(|(span, _)| span).collect();
            let rows = (!in_order).then(|| on.numbers(rows)).transpose()?;
            groups.push(Group::new(on, &members, rows, windows)?);
        }
        Ok(Self {
            positions: on.numbers(positions)?,
            slots: on
                .numbers(slots)?
                .reshape((rows, 1))?
                .broadcast_as((rows, pages.width()))?
                .contiguous()?,
            groups,
            order: (!in_order).then(|| on.numbers(places)).transpose()?,
            #[cfg(feature = "flash-attn")]
            tables: super::attention::PageTables::new(on, spans)?,
        })
    }
}

impl Group {
    fn new(on: &Candle, spans: &[&Span], rows: Option<Tensor>, windows: &[Option<usize>]) -> Result<Self> {
        let tokens = spans[0].tokens;
        let keys = spans.iter().map(|span| span.start + tokens).max().unwrap_or(0);
        let mut slots = Vec::with_capacity(spans.len() * keys);
        let mut queries = Vec::with_capacity(spans.len() * tokens);
        for span in spans {
            let end = span.start + tokens;
            slots.extend((0..keys).map(|at| slot(span, if at < end { at } else { 0 })));
            // Exact in f32: contexts are shorter than 2^24.
            queries.extend((span.start..end).map(|position| position as f32));
        }
        let queries = on.floats(queries)?.reshape((spans.len(), tokens, 1))?;
        let positions = on.floats((0..keys).map(|position| position as f32).collect())?;
        let before = queries.broadcast_sub(&positions.reshape((1, 1, keys))?)?;
        let mask = |window: &Option<usize>| Ok((*window, mask(&before, *window)?));
        Ok(Self {
            spans: spans.len(),
            tokens,
            keys,
            rows,
            slots: on.numbers(slots)?,
            masks: windows.iter().map(mask).collect::<Result<_>>()?,
        })
    }

    pub(super) fn mask(&self, window: Option<usize>) -> Result<&Tensor> {
        match self.masks.iter().find(|(of, _)| *of == window) {
            Some((_, mask)) => Ok(mask),
            None => bail!("a step was not prepared for a window of {window:?}"),
        }
    }
}

/// Of how many positions a key is before a token: 0 where the token sees it, else -∞.
fn mask(before: &Tensor, window: Option<usize>) -> Result<Tensor> {
    let hidden = Tensor::new(f32::NEG_INFINITY, before.device())?.broadcast_as(before.shape())?;
    let behind = before.lt(0f32)?;
    let mask = behind.where_cond(&hidden, &before.zeros_like()?)?;
    match window {
        Some(window) => before.ge(window as f32)?.where_cond(&hidden, &mask),
        None => Ok(mask),
    }
}

fn slot(span: &Span, position: usize) -> u32 {
    span.table[position / KV_BLOCK] * KV_BLOCK as u32 + (position % KV_BLOCK) as u32
}

/// Texts of unequal lengths, filled up to the longest.
pub(crate) struct Padded {
    pub(super) texts: usize,
    pub(super) longest: usize,
    /// Row of each place, `[texts * longest]`. What fills up is a text's own first row.
    pub(super) rows: Tensor,
    /// Place of each row, `[rows]`.
    pub(super) places: Tensor,
    /// 0 where a text has a row and -∞ where it is filled up, `[texts, 1, longest]`.
    pub(super) mask: Tensor,
}

impl Padded {
    pub(super) fn new(on: &Candle, lengths: &[usize]) -> Result<Self> {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let (mut rows, mut places, mut mask) = (Vec::new(), Vec::new(), Vec::new());
        let mut first = 0;
        for (text, length) in lengths.iter().enumerate() {
            rows.extend((0..longest).map(|at| (first + if at < *length { at } else { 0 }) as u32));
            places.extend((0..*length).map(|at| (text * longest + at) as u32));
            mask.extend((0..longest).map(|at| if at < *length { 0.0 } else { f32::NEG_INFINITY }));
            first += length;
        }
        Ok(Self {
            texts: lengths.len(),
            longest,
            rows: on.numbers(rows)?,
            places: on.numbers(places)?,
            mask: on.floats(mask)?.reshape((lengths.len(), 1, longest))?,
        })
    }
}
