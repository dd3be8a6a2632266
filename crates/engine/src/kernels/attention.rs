//! Attention over cached keys and values, and over whole texts.
//!
//! A score's products are summed one value of the head after the other. Blocks of 32 positions are taken in order: the
//! largest score so far is updated, sums of earlier blocks are scaled down accordingly, and values are added one position
//! after the other. Blocks begin at multiples of 32, so a result does not depend on how a text was cut into chunks, on
//! what else is in the batch, or on threads.
use super::kv::{Element, KvSlab, Memory, KV_BLOCK};
use super::linear::values;
use super::rope::Rope;
use super::rows::Norm;
use super::simd::{Kernel, Simd};
use super::softmax::{HeadShape, Tile, MAX_WIDTH};
use super::{isa, pool, Isa};
use candle_core::{bail, CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use std::cell::RefCell;
use std::sync::Arc;

/// The attention of a layer: how heads are shaped, and what is done to queries and keys.
pub struct Attention {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; each serves `heads / kv_heads` query heads, which follow one another.
    pub kv_heads: usize,
    /// Width of a head.
    pub width: usize,
    /// What scores are multiplied with: usually `1 / sqrt(width)`.
    pub scale: f32,
    /// How many positions a token sees, itself among them; all before it if not given.
    pub window: Option<usize>,
    /// Bends a score to `cap * tanh(score / cap)`.
    pub soft_cap: Option<f32>,
    /// Rotation of queries and keys.
    pub rope: Option<Arc<Rope>>,
    /// Normalises each query head before its rotation.
    pub query_norm: Option<Norm>,
    /// Normalises each key head before its rotation.
    pub key_norm: Option<Norm>,
}

/// Consecutive tokens of one sequence.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    /// The sequence's blocks in the cache, in order; enough for `start + tokens` positions.
    pub table: &'a [u32],
    /// Position of the first of the tokens: as many are cached already.
    pub start: usize,
    /// Tokens, each a row of the input.
    pub tokens: usize,
}

impl Attention {
    /// Width of a row of queries, keys and values, one after the other.
    pub fn input(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.width
    }

    /// Reads rows of queries, keys and values `[rows, input]`, the spans' one after the other; writes the keys and values
    /// into the cache and answers what each token attends to, itself and what is before it: `[rows, heads * width]`.
    ///
    /// No two spans may write to the same block; what is read only may be shared.
    ///
    /// # Errors
    /// If shapes do not fit, a table is too short or names a block that the cache has not, or a position has no rotation.
    pub fn forward(&self, qkv: &Tensor, cache: &KvSlab, batch: &[Span]) -> Result<Tensor> {
        qkv.apply_op1_no_bwd(&Cached {
            attention: self,
            cache,
            batch,
        })
    }

    /// Attention of each token to all of its text: rows of [`Self::input`] values of texts of these lengths, one after the
    /// other, to rows of `heads * width`. Nothing is cached; `out` is overwritten.
    ///
    /// # Errors
    /// If shapes do not fit or a position has no rotation.
    pub fn apply_whole(&self, qkv: &[f32], lengths: &[usize], out: &mut Vec<f32>) -> Result<()> {
        let (rows, longest) = (
            lengths.iter().sum::<usize>(),
            lengths.iter().max().copied().unwrap_or(0),
        );
        self.check(longest)?;
        if qkv.len() != rows * self.input() {
            bail!("attention: {} values for {rows} rows of {}", qkv.len(), self.input());
        }
        let (isa, input, width) = (isa(), self.input(), self.width);
        let len = rows * self.heads * width;
        out.clear();
        out.reserve(len);
        let results = Shared(out.as_mut_ptr());
        let begins: Vec<usize> = lengths
            .iter()
            .scan(0, |row, len| Some(std::mem::replace(row, *row + len)))
            .collect();
        pool::parallel(lengths.len() * self.kv_heads, |task| {
            let (text, kv_head) = (task / self.kv_heads, task % self.kv_heads);
            let rows = begins[text] * input..(begins[text] + lengths[text]) * input;
            let task = WholeHead {
                attention: self,
                isa,
                rows: &qkv[rows],
                kv_head,
            };
            // SAFETY: each head of each text has one task, and results have room for all.
            unsafe { task.compute(results.at(begins[text] * self.heads * width)) };
        });
        // SAFETY: every query of every token had its task, which wrote `width` values.
        unsafe { out.set_len(len) };
        Ok(())
    }

    fn check(&self, positions: usize) -> Result<()> {
        let Self {
            heads, kv_heads, width, ..
        } = *self;
        if kv_heads == 0 || width == 0 || width > MAX_WIDTH || heads == 0 || !heads.is_multiple_of(kv_heads) {
            bail!("attention of {heads} heads, {kv_heads} for keys, {width} wide");
        }
        if let Some(rope) = &self.rope {
            if rope.width() > width || rope.positions() < positions {
                bail!("attention: {positions} positions, rotations for {}", rope.positions());
            }
        }
        let odd = |norm: &Option<Norm>| norm.as_ref().is_some_and(|norm| norm.width() != Some(width));
        if odd(&self.query_norm) || odd(&self.key_norm) || self.window == Some(0) {
            bail!("attention: a norm or the window does not fit");
        }
        Ok(())
    }

    fn shape(&self, causal: bool) -> HeadShape {
        HeadShape {
            width: self.width,
            causal,
            window: self.window,
            soft_cap: self.soft_cap,
        }
    }
}

/// One token's queries and keys, normalised, rotated and scaled in place.
struct Turn<'a> {
    attention: &'a Attention,
    row: &'a mut [f32],
    position: usize,
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let (heads, kv_heads) = (self.attention.heads, self.attention.kv_heads);
        let width = self.attention.width;
        for (index, head) in self.row.chunks_exact_mut(width).take(heads + kv_heads).enumerate() {
            let norm = if index < heads {
                &self.attention.query_norm
            } else {
                &self.attention.key_norm
            };
            if let Some(norm) = norm {
                norm.apply::<S>(head);
            }
            if let Some(rope) = &self.attention.rope {
                rope.apply(head, self.position);
            }
            if index < heads {
                for value in head {
                    *value *= self.attention.scale;
                }
            }
        }
    }
}

/// Where a token's keys and values go: those of its first head; other heads follow `head_len` elements apart.
struct Place<E> {
    head: *mut E,
    slot: usize,
}

impl Attention {
    /// Writes one token's keys and values.
    ///
    /// # Safety
    /// All heads of the place's block are in bounds and nobody else uses the place's slot.
    unsafe fn keep<E: Element>(&self, row: &[f32], place: Place<E>) {
        let (width, padded) = (self.width, self.width.next_multiple_of(16));
        let (keys, kv) = (self.heads * width, self.kv_heads * width);
        for head in 0..self.kv_heads {
            let to = place.head.add(head * KvSlab::head_len(width));
            let key = &row[keys + head * width..][..width];
            for (index, value) in key.iter().enumerate() {
                *to.add(index * KV_BLOCK + place.slot) = E::from_f32(*value);
            }
            let to = to.add(width * KV_BLOCK + place.slot * padded);
            let value = &row[keys + kv + head * width..][..width];
            for (index, value) in value.iter().enumerate() {
                *to.add(index) = E::from_f32(*value);
            }
        }
    }
}

/// A pointer that threads share; each use says why they do not meet.
struct Shared<T>(*mut T);

// SAFETY: a pointer itself is harmless; what is done through it is argued where it is done.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// Not a field access, so that closures take the whole, which can be shared.
    fn at(&self, index: usize) -> *mut T {
        self.0.wrapping_add(index)
    }
}

/// Queries of one key head in consecutive tokens of a sequence, and where their results go.
struct Queries<'a> {
    attention: &'a Attention,
    /// Rows of the sequence's first token in the turned input and in the output.
    turned: *const f32,
    out: *mut f32,
    start: usize,
    tokens: usize,
    kv_head: usize,
}

impl Queries<'_> {
    fn count(&self) -> usize {
        self.tokens * (self.attention.heads / self.attention.kv_heads)
    }

    /// Computes queries `first..`, as many as a tile has, over blocks at `memory`, `stride` elements apart.
    ///
    /// # Safety
    /// Rows and blocks are in bounds, and nobody else writes these results.
    unsafe fn tile<E: Element>(
        &self,
        isa: Isa,
        first: usize,
        memory: *const E,
        stride: usize,
        table: &[u32],
        causal: bool,
    ) {
        let Attention {
            heads, kv_heads, width, ..
        } = *self.attention;
        let group = heads / kv_heads;
        let last = self.count() - 1;
        let mut tile = Tile {
            shape: self.attention.shape(causal),
            memory,
            stride,
            table,
            end: self.start + self.tokens,
            count: (self.count() - first).min(Tile::<E>::ROWS),
            queries: [std::ptr::null(); 8],
            positions: [0; 8],
            out: [std::ptr::null_mut(); 8],
        };
        for row in 0..Tile::<E>::ROWS {
            // A tile that is not full computes its last query several times and writes the same result.
            let index = (first + row).min(last);
            let (token, head) = (index / group, self.kv_head * group + index % group);
            tile.queries[row] = self.turned.add(token * self.attention.input() + head * width);
            tile.positions[row] = self.start + token;
            tile.out[row] = self.out.add((token * heads + head) * width);
        }
        isa.run(tile);
    }
}

thread_local! {
    /// Turned rows. Taken by one operation at a time.
    static TURNED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    /// Keys and values of one head of one text, in blocks.
    static BLOCKS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

struct Cached<'a> {
    attention: &'a Attention,
    cache: &'a KvSlab,
    batch: &'a [Span<'a>],
}

impl Cached<'_> {
    fn check(&self, shape: &Shape) -> Result<usize> {
        let rows = self.batch.iter().map(|span| span.tokens).sum();
        let positions = self
            .batch
            .iter()
            .map(|span| span.start.saturating_add(span.tokens))
            .max()
            .unwrap_or(0);
        self.attention.check(positions)?;
        if shape.dims() != [rows, self.attention.input()] {
            let input = self.attention.input();
            bail!("attention: input of shape {shape:?} for {rows} rows of {input}");
        }
        if (self.cache.kv_heads, self.cache.width) != (self.attention.kv_heads, self.attention.width) {
            bail!("attention: the cache is for other heads");
        }
        let mut written = Vec::new();
        for span in self.batch {
            let blocks = span.start.saturating_add(span.tokens).div_ceil(KV_BLOCK);
            let Some(table) = span.table.get(..blocks) else {
                bail!(
                    "attention: {blocks} blocks are needed, the table has {}",
                    span.table.len()
                );
            };
            if table.iter().any(|block| *block as usize >= self.cache.blocks()) {
                bail!("attention: a table names a block that the cache has not");
            }
            if span.tokens > 0 {
                written.extend_from_slice(&table[span.start / KV_BLOCK..]);
            }
        }
        written.sort_unstable();
        if written.windows(2).any(|two| two[0] == two[1]) {
            bail!("attention: two places of a batch write to the same block");
        }
        Ok(rows)
    }

    /// `memory` has as many elements as the slab says; the caller has its lock.
    fn compute<E: Element>(&self, qkv: &[f32], rows: usize, memory: &mut [E]) -> Vec<f32> {
        let (attention, isa) = (self.attention, isa());
        let (input, width) = (attention.input(), attention.width);
        let head_len = KvSlab::head_len(width);
        let stride = head_len * attention.kv_heads;
        let places: Vec<(usize, usize)> = (self.batch.iter().enumerate())
            .flat_map(|(index, span)| (span.start..span.start + span.tokens).map(move |position| (index, position)))
            .collect();
        let cells = Shared(memory.as_mut_ptr());
        let len = rows * attention.heads * width;
        let mut out = Vec::with_capacity(len);
        TURNED.with_borrow_mut(|turned| {
            turned.clear();
            turned.extend_from_slice(qkv);
            let turned = Shared(turned.as_mut_ptr());
            let piece = (1 << 13) / input + 1;
            pool::parallel(rows.div_ceil(piece), |index| {
                for row in index * piece..rows.min((index + 1) * piece) {
                    let (span, position) = places[row];
                    let block = self.batch[span].table[position / KV_BLOCK] as usize;
                    // SAFETY: rows are visited once each and `turned` has them all. `check` saw the block in bounds, and
                    // that no other span writes to it; another token of this span has another slot.
                    unsafe {
                        let row = std::slice::from_raw_parts_mut(turned.at(row * input), input);
                        isa.run(Turn {
                            attention,
                            row,
                            position,
                        });
                        let head = cells.at(block * stride);
                        attention.keep(
                            row,
                            Place {
                                head,
                                slot: position % KV_BLOCK,
                            },
                        );
                    }
                }
            });
            let results = Shared(out.as_mut_ptr());
            let tasks = self.tasks();
            pool::parallel(tasks.len(), |index| {
                let Task {
                    span,
                    row,
                    kv_head,
                    first,
                } = tasks[index];
                let span = &self.batch[span];
                // SAFETY: as above; nothing writes to the cache or to turned rows now, and each result has one task.
                unsafe {
                    let queries = Queries {
                        attention,
                        turned: turned.at(row * input),
                        out: results.at(row * attention.heads * width),
                        start: span.start,
                        tokens: span.tokens,
                        kv_head,
                    };
                    queries.tile::<E>(isa, first, cells.at(kv_head * head_len), stride, span.table, true);
                }
            });
        });
        // SAFETY: every query of every token had its task, which wrote `width` values.
        unsafe { out.set_len(len) };
        out
    }

    fn tasks(&self) -> Vec<Task> {
        let group = self.attention.heads / self.attention.kv_heads;
        let mut tasks = Vec::new();
        let mut row = 0;
        for (span, item) in self.batch.iter().enumerate() {
            for kv_head in 0..self.attention.kv_heads {
                let firsts = (0..item.tokens * group).step_by(Tile::<f32>::ROWS);
                tasks.extend(firsts.map(|first| Task {
                    span,
                    row,
                    kv_head,
                    first,
                }));
            }
            row += item.tokens;
        }
        tasks
    }
}

/// A tile of queries: those from `first` on of a key head, in the span that begins in a row.
struct Task {
    span: usize,
    row: usize,
    kv_head: usize,
    first: usize,
}

impl CustomOp1 for Cached<'_> {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let rows = self.check(layout.shape())?;
        let qkv = values(storage, layout)?;
        let out = match &mut *self.cache.lock() {
            Memory::F32(memory) => self.compute(qkv, rows, memory),
            Memory::F16(memory) => self.compute(qkv, rows, memory),
        };
        Ok((
            CpuStorage::F32(out),
            (rows, self.attention.heads * self.attention.width).into(),
        ))
    }
}

/// One key head of one text.
struct WholeHead<'a> {
    attention: &'a Attention,
    isa: Isa,
    rows: &'a [f32],
    kv_head: usize,
}

impl WholeHead<'_> {
    /// # Safety
    /// `out` has room for the text's rows, and nobody else writes the results of this head's queries.
    unsafe fn compute(&self, out: *mut f32) {
        let Attention {
            heads, kv_heads, width, ..
        } = *self.attention;
        let group = heads / kv_heads;
        // This head alone, as if there were no others.
        let alone = Attention {
            heads: group,
            kv_heads: 1,
            rope: self.attention.rope.clone(),
            query_norm: self.attention.query_norm.clone(),
            key_norm: self.attention.key_norm.clone(),
            ..*self.attention
        };
        let tokens = self.rows.len() / self.attention.input();
        let stride = KvSlab::head_len(width);
        let table: Vec<u32> = (0..tokens.div_ceil(KV_BLOCK) as u32).collect();
        let mut results = vec![0.0; tokens * group * width];
        BLOCKS.with_borrow_mut(|memory| {
            memory.clear();
            memory.resize(table.len() * stride + tokens * alone.input(), 0.0);
            let (blocks, turned) = memory.split_at_mut(table.len() * stride);
            for (position, row) in self.rows.chunks_exact(self.attention.input()).enumerate() {
                let to = &mut turned[position * alone.input()..][..alone.input()];
                let queries = group * width;
                to[..queries].copy_from_slice(&row[self.kv_head * queries..][..queries]);
                let keys = (heads + self.kv_head) * width;
                to[queries..queries + width].copy_from_slice(&row[keys..][..width]);
                to[queries + width..].copy_from_slice(&row[keys + kv_heads * width..][..width]);
                self.isa.run(Turn {
                    attention: &alone,
                    row: to,
                    position,
                });
                let head = blocks[position / KV_BLOCK * stride..].as_mut_ptr();
                alone.keep(
                    to,
                    Place {
                        head,
                        slot: position % KV_BLOCK,
                    },
                );
            }
            let queries = Queries {
                attention: &alone,
                turned: turned.as_ptr(),
                out: results.as_mut_ptr(),
                start: 0,
                tokens,
                kv_head: 0,
            };
            for first in (0..queries.count()).step_by(Tile::<f32>::ROWS) {
                queries.tile::<f32>(self.isa, first, blocks.as_ptr(), stride, &table, false);
            }
        });
        for (token, row) in results.chunks_exact(group * width).enumerate() {
            let to = out.add((token * heads + self.kv_head * group) * width);
            std::ptr::copy_nonoverlapping(row.as_ptr(), to, row.len());
        }
    }
}
