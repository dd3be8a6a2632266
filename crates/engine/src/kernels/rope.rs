//! Rotary positions.
use candle_core::{bail, Result};

/// Which values of a head are turned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RopeStyle {
    /// The first and the second half of the rotated part: value `i` with `i + half`.
    HalfSplit,
    /// Neighbours: values `2i` and `2i + 1`.
    Interleaved,
}

/// Cosines and sines for every position.
pub struct Rope {
    cos: Vec<f32>,
    sin: Vec<f32>,
    pairs: usize,
    style: RopeStyle,
}

impl Rope {
    /// From tables `[positions, pairs]`; the first `2 * pairs` values of a head are rotated, the others stay.
    ///
    /// # Errors
    /// If the tables are empty, of unequal length or have no whole number of positions.
    pub fn new(cos: Vec<f32>, sin: Vec<f32>, pairs: usize, style: RopeStyle) -> Result<Self> {
        if pairs == 0 || cos.is_empty() || cos.len() != sin.len() || !cos.len().is_multiple_of(pairs) {
            bail!(
                "rotary tables of {} and {} values for {pairs} pairs",
                cos.len(),
                sin.len()
            );
        }
        Ok(Self { cos, sin, pairs, style })
    }

    /// Positions that there are.
    pub fn positions(&self) -> usize {
        self.cos.len() / self.pairs
    }

    /// Values of a head that are rotated.
    pub fn width(&self) -> usize {
        2 * self.pairs
    }

    /// Rotates a head that is at `position`. Products are rounded before they are added.
    ///
    /// # Panics
    /// If there is no such position or the head is narrower than [`Self::width`].
    #[inline(always)]
    pub(super) fn apply(&self, head: &mut [f32], position: usize) {
        let at = position * self.pairs..(position + 1) * self.pairs;
        let tables = self.cos[at.clone()].iter().zip(&self.sin[at]);
        let head = &mut head[..2 * self.pairs];
        match self.style {
            RopeStyle::HalfSplit => {
                let (first, second) = head.split_at_mut(self.pairs);
                for ((x, y), (cos, sin)) in first.iter_mut().zip(second).zip(tables) {
                    (*x, *y) = (*x * cos - *y * sin, *y * cos + *x * sin);
                }
            }
            RopeStyle::Interleaved => {
                for (pair, (cos, sin)) in head.chunks_exact_mut(2).zip(tables) {
                    (pair[0], pair[1]) = (pair[0] * cos - pair[1] * sin, pair[1] * cos + pair[0] * sin);
                }
            }
        }
    }
}
