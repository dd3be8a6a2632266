//! Pay on its way to a pool.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber};
use scale_info::TypeInfo;

/// Leaves that become a pool's block by block: `rate` with each block before `end`, and all that is left with `end`.
///
/// The rate is fixed when something joins the stream, so it does not matter how often or when the stream is looked at:
/// the same leaves are released in the same blocks, to the unit.
///
/// Invariant: `rate × (end - now) <= unreleased`, and an empty stream is the default one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Stream {
    unreleased: Balance,
    rate: Balance,
    end: BlockNumber,
}

/// What a stream did over some blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Leaves released.
    pub released: Balance,
    /// The sum, over each of the blocks, of what had been released by its end since the first one's: leaf-blocks.
    pub time: u128,
}

impl Stream {
    /// Leaves that are still to be released.
    pub const fn unreleased(&self) -> Balance {
        self.unreleased
    }

    /// Leaves released with each block but the last, which releases what division left over too.
    pub const fn rate(&self) -> Balance {
        self.rate
    }

    /// Block with which the last leaf is released; 0 if nothing is on its way.
    pub const fn end(&self) -> BlockNumber {
        self.end
    }

    /// Goes on from the end of block `from` to the end of block `to`.
    #[must_use = "what is released is the pool's"]
    pub fn advance(&mut self, from: BlockNumber, to: BlockNumber) -> Flow {
        let elapsed = to.saturating_sub(from);
        let left = self.end.saturating_sub(from);
        let flowing = elapsed.min(left);
        // 0 + rate + 2 × rate + …, one summand for each block in which it flowed, and all of it in those after. The supply fits in 55
        // bits and a height in 32, so each product fits in 128.
        let rising = u128::from(flowing) * u128::from(flowing.saturating_sub(1)) / 2 * u128::from(self.rate);
        let whole = u128::from(self.unreleased) * u128::from(elapsed.saturating_sub(flowing));
        let released = if elapsed < left {
            self.rate.saturating_mul(elapsed.into()).min(self.unreleased)
        } else {
            self.unreleased
        };
        self.unreleased = self.unreleased.saturating_sub(released);
        if self.unreleased == 0 {
            *self = Self::default();
        }
        Flow {
            released,
            time: rising.saturating_add(whole),
        }
    }

    /// Adds `amount` at the end of block `now`, up to which the stream has advanced, to flow over `blocks` blocks. What is
    /// on its way already and what joins flow together from now on, over the mean of their durations weighted by their
    /// amounts, rounded up to a whole block. So one joining holds up what was there by its own part of the whole, and by less than a
    /// block for rounding; several in a block, one for each subnet that pays, add up to as many. None if the stream would not fit its type, or if there is no block left to flow in.
    pub fn join(&self, amount: Balance, blocks: BlockNumber, now: BlockNumber) -> Option<Self> {
        if amount == 0 {
            return Some(*self);
        }
        let unreleased = self.unreleased.checked_add(amount)?;
        let left = u128::from(self.end.saturating_sub(now));
        // Two products of 64 and 32 bits.
        let weighted = u128::from(self.unreleased) * left + u128::from(amount) * u128::from(blocks);
        let duration = match u64::try_from(weighted) {
            // 64 bits are the usual case, and Wasm divides them by itself.
            Ok(weighted) => weighted.div_ceil(unreleased),
            Err(_) => u64::try_from(weighted.div_ceil(u128::from(unreleased))).ok()?,
        };
        let duration = u32::try_from(duration).ok()?;
        Some(Self {
            unreleased,
            rate: unreleased.checked_div(duration.into())?,
            end: now.checked_add(duration)?,
        })
    }

    /// Whether the invariant holds after block `now`.
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn is_sound(&self, now: BlockNumber) -> bool {
        let left = u128::from(self.end.saturating_sub(now));
        if self.unreleased == 0 {
            return *self == Self::default();
        }
        left > 0 && u128::from(self.rate) * left <= u128::from(self.unreleased)
    }
}
