//! Attention of a few queries to the blocks of one head.
use super::kv::{Element, KV_BLOCK};
use super::math::{exp, tanh};
use super::simd::{Kernel, Simd};

/// Widest head.
pub(super) const MAX_WIDTH: usize = 256;

/// Below every score; scores that are masked are minus infinity.
const LOWEST: f32 = -1e30;

/// What is the same for all queries of a layer.
#[derive(Clone, Copy)]
pub(super) struct HeadShape {
    pub(super) width: usize,
    pub(super) causal: bool,
    pub(super) window: Option<usize>,
    pub(super) soft_cap: Option<f32>,
}

/// Some queries of one head, which may be at different positions.
pub(super) struct Tile<'a, E> {
    pub(super) shape: HeadShape,
    /// This head in block 0; block `i` is `i * stride` elements further.
    pub(super) memory: *const E,
    pub(super) stride: usize,
    pub(super) table: &'a [u32],
    /// Positions that there are.
    pub(super) end: usize,
    /// Queries that count; the others repeat the last.
    pub(super) count: usize,
    pub(super) queries: [*const f32; 8],
    pub(super) positions: [usize; 8],
    pub(super) out: [*mut f32; 8],
}

impl<E> Tile<'_, E> {
    /// Most queries.
    pub(super) const ROWS: usize = 8;

    /// Positions that a query sees.
    #[inline(always)]
    fn seen(&self, row: usize) -> std::ops::Range<usize> {
        let end = if self.shape.causal {
            self.positions[row] + 1
        } else {
            self.end
        };
        let begin = self
            .shape
            .window
            .map_or(0, |window| (self.positions[row] + 1).saturating_sub(window));
        begin..end
    }
}

impl<E: Element> Kernel for Tile<'_, E> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        if S::WIDE {
            match self.count {
                5.. => self.rows::<S, 8>(0),
                3.. => self.rows::<S, 4>(0),
                2 => self.rows::<S, 2>(0),
                _ => self.rows::<S, 1>(0),
            }
        } else {
            let mut row = 0;
            while row + 1 < self.count {
                self.rows::<S, 2>(row);
                row += 2;
            }
            if row < self.count {
                self.rows::<S, 1>(row);
            }
        }
    }
}

impl<E: Element> Tile<'_, E> {
    /// Computes queries `from..from + R`.
    #[inline(always)]
    unsafe fn rows<S: Simd, const R: usize>(&self, from: usize) {
        let mut state = State::<S, R> {
            largest: [LOWEST; R],
            total: [S::splat(0.0); R],
            shares: [[0.0; KV_BLOCK]; R],
            rescale: [0.0; 16],
            sums: [[0.0; MAX_WIDTH]; R],
        };
        let (mut begin, mut end) = (usize::MAX, 0);
        for r in 0..R {
            let seen = self.seen(from + r);
            begin = begin.min(seen.start);
            end = end.max(seen.end);
        }
        let blocks = end.div_ceil(KV_BLOCK);
        for block in begin / KV_BLOCK..blocks {
            let start = block * KV_BLOCK;
            let keys = self.memory.add(*self.table.get_unchecked(block) as usize * self.stride);
            let next = *self.table.get_unchecked((block + 1).min(blocks - 1)) as usize;
            let next = self.memory.add(next * self.stride);
            let scores = self.scores::<S, R>(from, keys, next);
            self.weigh::<S, R>(from, start, scores, &mut state);
            let before = self.shape.width * KV_BLOCK;
            let values = Values {
                here: keys.add(before),
                next: next.add(before),
            };
            self.add_values::<S, R>(values, (end - start).min(KV_BLOCK), &mut state);
        }
        for r in 0..R {
            let total = S::splat(S::sum(state.total[r]));
            for vector in 0..self.shape.width.div_ceil(16) {
                // Adding zero makes a negative zero positive: which of the two a sum of zeros is may depend on the tile.
                let sums = S::load(state.sums[r].as_ptr().add(vector * 16));
                let x = S::add(S::div(sums, total), S::splat(0.0));
                S::store(state.sums[r].as_mut_ptr().add(vector * 16), x);
            }
            std::ptr::copy_nonoverlapping(state.sums[r].as_ptr(), self.out[from + r], self.shape.width);
        }
    }

    #[inline(always)]
    unsafe fn scores<S: Simd, const R: usize>(&self, from: usize, keys: *const E, next: *const E) -> [[S::F; 2]; R] {
        let mut scores = [[S::splat(0.0); 2]; R];
        for index in 0..self.shape.width {
            for v in 0..2 {
                ask_for::<S, E>(next.wrapping_add(index * KV_BLOCK), v);
            }
            let k = [
                E::load::<S>(keys.add(index * KV_BLOCK)),
                E::load::<S>(keys.add(index * KV_BLOCK + 16)),
            ];
            for r in 0..R {
                let q = S::splat(*self.queries[from + r].add(index));
                scores[r] = [S::fma(k[0], q, scores[r][0]), S::fma(k[1], q, scores[r][1])];
            }
        }
        scores
    }

    /// Turns the scores of a block into shares, relative to the largest score so far.
    #[inline(always)]
    unsafe fn weigh<S: Simd, const R: usize>(
        &self,
        from: usize,
        start: usize,
        mut scores: [[S::F; 2]; R],
        state: &mut State<S, R>,
    ) {
        for r in 0..R {
            if let Some(cap) = self.shape.soft_cap {
                for p in 0..2 {
                    let bent = tanh::<S>(S::div(scores[r][p], S::splat(cap)));
                    scores[r][p] = S::mul(bent, S::splat(cap));
                }
            }
            let seen = self.seen(from + r);
            if seen.start > start || seen.end < start + KV_BLOCK {
                // Both fit a float: they are cut to the block.
                let begin = S::splat(seen.start.saturating_sub(start).min(KV_BLOCK) as f32);
                let end = S::splat(seen.end.saturating_sub(start).min(KV_BLOCK) as f32);
                let none = S::splat(f32::NEG_INFINITY);
                for p in 0..2 {
                    let lane = S::load(PLACES.as_ptr().add(p * 16));
                    let score = S::select_less(lane, end, scores[r][p], none);
                    scores[r][p] = S::select_less(lane, begin, none, score);
                }
            }
            let before = state.largest[r];
            let here = S::largest(S::max(scores[r][0], scores[r][1]));
            state.largest[r] = if here > before { here } else { before };
            state.rescale[r] = before - state.largest[r];
        }
        // Those of all queries at once.
        S::store(state.rescale.as_mut_ptr(), exp::<S>(S::load(state.rescale.as_ptr())));
        for r in 0..R {
            let largest = S::splat(state.largest[r]);
            let shares = [
                exp::<S>(S::sub(scores[r][0], largest)),
                exp::<S>(S::sub(scores[r][1], largest)),
            ];
            state.total[r] = S::fma(state.total[r], S::splat(state.rescale[r]), S::add(shares[0], shares[1]));
            S::store(state.shares[r].as_mut_ptr(), shares[0]);
            S::store(state.shares[r].as_mut_ptr().add(16), shares[1]);
        }
    }

    /// Adds the first `count` values of a block by their shares. Those behind have share 0, and may never have been written.
    #[inline(always)]
    unsafe fn add_values<S: Simd, const R: usize>(&self, values: Values<E>, count: usize, state: &mut State<S, R>) {
        let padded = self.shape.width.next_multiple_of(16);
        let mut column = 0;
        if R <= 4 {
            // As many sums as more rows would have, so that none waits for another.
            while column + 64 <= padded {
                self.add_columns::<S, R, 4>(values, column, count, state);
                column += 64;
            }
        }
        while column + 32 <= padded {
            self.add_columns::<S, R, 2>(values, column, count, state);
            column += 32;
        }
        if column < padded {
            self.add_columns::<S, R, 1>(values, column, count, state);
        }
    }

    /// The same of `16 * V` columns.
    #[inline(always)]
    unsafe fn add_columns<S: Simd, const R: usize, const V: usize>(
        &self,
        values: Values<E>,
        column: usize,
        count: usize,
        state: &mut State<S, R>,
    ) {
        let padded = self.shape.width.next_multiple_of(16);
        let mut sums = [[S::splat(0.0); V]; R];
        for r in 0..R {
            for v in 0..V {
                let from = state.sums[r].as_ptr().add(column + v * 16);
                sums[r][v] = S::mul(S::load(from), S::splat(state.rescale[r]));
            }
        }
        for position in 0..count {
            for v in 0..V {
                let place = position * padded + column;
                ask_for::<S, E>(values.next.wrapping_add(place), v);
                let value = E::load::<S>(values.here.add(place + v * 16));
                for r in 0..R {
                    let share = S::splat(*state.shares[r].get_unchecked(position));
                    sums[r][v] = S::fma(value, share, sums[r][v]);
                }
            }
        }
        for r in 0..R {
            for v in 0..V {
                S::store(state.sums[r].as_mut_ptr().add(column + v * 16), sums[r][v]);
            }
        }
    }
}

/// Values of the block at hand, and of the next.
#[derive(Clone, Copy)]
struct Values<E> {
    here: *const E,
    next: *const E,
}

/// Asks for vector `v` of a row that begins at `at`: a text alone reads each key once, and would wait for most of them. Two
/// vectors of half floats are one line.
#[inline(always)]
unsafe fn ask_for<S: Simd, E>(at: *const E, v: usize) {
    if size_of::<E>() == 4 || v.is_multiple_of(2) {
        S::prefetch(at.wrapping_add(v * 16).cast());
    }
}

/// Places in a block.
const PLACES: [f32; KV_BLOCK] = {
    let mut places = [0.0; KV_BLOCK];
    let mut place = 0;
    while place < KV_BLOCK {
        places[place] = place as f32;
        place += 1;
    }
    places
};

/// What is known of each query after some blocks.
struct State<S: Simd, const R: usize> {
    /// Largest score.
    largest: [f32; R],
    /// Sum of the shares, in 16 lanes.
    total: [S::F; R],
    /// Shares of the block at hand.
    shares: [[f32; KV_BLOCK]; R],
    /// What earlier sums are multiplied with; behind those of `R` queries there is nothing.
    rescale: [f32; 16],
    /// Sum of the values by their shares.
    sums: [[f32; MAX_WIDTH]; R],
}
