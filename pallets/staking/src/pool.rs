//! A hotkey's pool: leaves that many stakers share.
use crate::Stream;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use laurel_types::{Balance, BlockNumber};
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// A vault: `stake` leaves that belong to whoever holds its `shares`, in proportion, and a [`Stream`] of pay that will join
/// them block by block.
///
/// Whoever comes pays for shares what is released, and from then on has its part of what is released: pay is earned by
/// the blocks in which one was there. Whoever leaves gives up its part of what is not released yet to those who stay.
///
/// Every method expects a pool that [`Pool::at`] has brought up to the running block.
///
/// Invariant: either stake and shares are both zero, and then nothing is on its way, or neither is.
///
/// A share is never worth less than it was: pay raises the stake alone, and every rounding is in favour of those who
/// stay. Since the first shares are minted at [`Pool::SHARES_PER_LEAF`] a leaf, `shares <= stake × SHARES_PER_LEAF` for
/// ever; that is under 2¹⁰⁵, so shares fit in a `u128`.
///
/// A pool whose stakers left almost all out, and which is paid much, has few shares at a high price each. Whoever brings
/// that about could rob the next staker by rounding; therefore [`Pool::stake`] refuses to round off more than a millionth.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pool {
    stake: Balance,
    shares: u128,
    stream: Stream,
    /// Sum of the stake at the end of each block before `at`, in leaf-blocks.
    stake_time: u128,
    /// The block that the rest speaks of.
    at: BlockNumber,
}

/// What leaves a pool: `amount` leaves for `shares` burned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Leaves to pay out.
    pub amount: Balance,
    /// Shares that are no more.
    pub shares: u128,
}

/// Why a pool refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolError {
    /// Leaves, shares or blocks would not fit their type.
    Overflow,
    /// The position is worth less than was asked for.
    NotEnough,
    /// There are no shares that could be paid.
    Empty,
    /// Shares cost so much that rounding to whole ones would lose more than a millionth.
    TooCoarse,
}

impl Pool {
    /// Shares minted for each leaf of the first deposit.
    pub const SHARES_PER_LEAF: u128 = 1_000_000_000_000;

    /// Fewest shares that a staker is sold at one time.
    const MIN_SHARES_SOLD: u128 = 1_000_000;

    /// The pool as it is in block `now`, which is not before the last one that it was stored in.
    #[must_use]
    pub fn at(mut self, now: BlockNumber) -> Self {
        if now <= self.at {
            return self;
        }
        let standing = u128::from(self.stake) * u128::from(now.saturating_sub(self.at));
        let flow = self.stream.advance(self.at, now);
        // The supply fits in 55 bits and a height in 32: their product, which this never exceeds, is far from the limit.
        self.stake_time = self.stake_time.saturating_add(standing).saturating_add(flow.time);
        // Bounded by the total, which was checked when the pay joined.
        self.stake = self.stake.saturating_add(flow.released);
        self.at = now;
        self
    }

    /// Leaves that the shares are worth: what was staked and what has been released.
    pub const fn staked(&self) -> Balance {
        self.stake
    }

    /// What is on its way to the stake.
    pub const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// All leaves that the pool has in the pot, released or not.
    pub const fn total(&self) -> Balance {
        // Both were added by `checked_add` against this very sum.
        self.stake.saturating_add(self.stream.unreleased())
    }

    /// All shares outstanding.
    pub const fn shares(&self) -> u128 {
        self.shares
    }

    /// Sum of the stake at the end of each block before this, in leaf-blocks.
    pub const fn stake_time(&self) -> u128 {
        self.stake_time
    }

    /// Whether nothing is staked.
    pub const fn is_empty(&self) -> bool {
        self.shares == 0
    }

    /// What a position of `shares` is worth, rounded down; all that is staked for all shares.
    pub fn value_of(&self, shares: u128) -> Balance {
        self.part_of(self.stake, shares)
    }

    /// The part of what is on its way that a position of `shares` will have if nobody comes or goes.
    pub fn unreleased_of(&self, shares: u128) -> Balance {
        self.part_of(self.stream.unreleased(), shares)
    }

    fn part_of(&self, amount: Balance, shares: u128) -> Balance {
        if shares >= self.shares {
            return if shares == 0 { 0 } else { amount };
        }
        scale(shares, u128::from(amount), self.shares, Rounding::Down)
            .and_then(|part| Balance::try_from(part).ok())
            // Fewer shares than there are cannot be worth more than all of it, which fits.
            .unwrap_or(amount)
    }

    /// Puts `amount` leaves in. Returns the shares minted for them, rounded down: none if the amount is worth less than a
    /// share, and then it belongs to those already there.
    pub fn deposit(&mut self, amount: Balance) -> Result<u128, PoolError> {
        let minted = if self.is_empty() {
            u128::from(amount) * Self::SHARES_PER_LEAF // 64 bits times 40 bits
        } else {
            scale(u128::from(amount), self.shares, u128::from(self.stake), Rounding::Down).ok_or(PoolError::Overflow)?
        };
        self.total().checked_add(amount).ok_or(PoolError::Overflow)?;
        self.shares = self.shares.checked_add(minted).ok_or(PoolError::Overflow)?;
        self.stake = self.stake.saturating_add(amount); // at most the total, which fits
        Ok(minted)
    }

    /// A staker's deposit: as [`Pool::deposit`], but refused where rounding would cost more than a millionth of it.
    pub fn stake(&mut self, amount: Balance) -> Result<u128, PoolError> {
        let mut after = *self;
        let minted = after.deposit(amount)?;
        if minted < Self::MIN_SHARES_SOLD {
            return Err(PoolError::TooCoarse);
        }
        *self = after;
        Ok(minted)
    }

    /// Pays `amount` leaves to whoever will be in the pool in the next `blocks` blocks, in proportion to shares; at once if
    /// there is no next block.
    pub fn reward(&mut self, amount: Balance, blocks: BlockNumber) -> Result<(), PoolError> {
        if self.is_empty() {
            return Err(PoolError::Empty);
        }
        self.total().checked_add(amount).ok_or(PoolError::Overflow)?;
        match self.stream.join(amount, blocks, self.at) {
            Some(stream) => self.stream = stream,
            None => self.stake = self.stake.saturating_add(amount), // at most the total, which fits
        }
        Ok(())
    }

    /// The shares of a position of `held` that are worth `amount` leaves, rounded up, so at most `held`.
    pub fn shares_for(&self, held: u128, amount: Balance) -> Result<u128, PoolError> {
        if held == 0 || held > self.shares || amount > self.value_of(held) {
            return Err(PoolError::NotEnough);
        }
        // `amount <= held × stake / shares` and `held` is whole, so the quotient rounded up is at most `held`.
        scale(u128::from(amount), self.shares, u128::from(self.stake), Rounding::Up).ok_or(PoolError::Overflow)
    }

    /// Takes exactly `amount` leaves out for a position of `held` shares, burning shares rounded up; the whole
    /// position when what would stay of it is worth less than `min_rest`.
    pub fn withdraw(&mut self, held: u128, amount: Balance, min_rest: Balance) -> Result<Withdrawal, PoolError> {
        let burned = self.shares_for(held, amount)?;
        // Neither difference is negative: `burned <= held <= shares`, and `amount` is at most the stake.
        let rest = held.saturating_sub(burned);
        let after = Self {
            stake: self.stake.saturating_sub(amount),
            shares: self.shares.saturating_sub(burned),
            ..*self
        };
        if rest == 0 || after.value_of(rest) < min_rest {
            return self.withdraw_all(held);
        }
        // `rest` shares stay, and leaves to back them: `amount == stake` would have burned every share.
        *self = after;
        Ok(Withdrawal { amount, shares: burned })
    }

    /// Takes a whole position of `held` shares out at its value, rounded down. The last to leave takes all, also what is
    /// not released yet: nobody else is there to receive it.
    pub fn withdraw_all(&mut self, held: u128) -> Result<Withdrawal, PoolError> {
        if held == 0 || held > self.shares {
            return Err(PoolError::NotEnough);
        }
        if held == self.shares {
            let amount = self.total();
            *self = Self {
                stake_time: self.stake_time,
                at: self.at,
                ..Self::default()
            };
            return Ok(Withdrawal { amount, shares: held });
        }
        let amount = self.value_of(held);
        // With `held < shares` the value, rounded down, is less than the stake: leaves stay for the shares that stay.
        self.stake = self.stake.saturating_sub(amount);
        self.shares = self.shares.saturating_sub(held);
        Ok(Withdrawal { amount, shares: held })
    }

    /// Whether the invariants hold.
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn is_sound(&self) -> bool {
        let nothing = self.stake == 0 && self.shares == 0 && *self.stream() == Stream::default();
        nothing || (self.stake > 0 && self.shares > 0 && self.stream.is_sound(self.at))
    }
}

/// `a × b / c` with a product of up to 256 bits; none if `c` is zero or the quotient does not fit.
fn scale(a: u128, b: u128, c: u128, rounding: Rounding) -> Option<u128> {
    // Stakes and shares of everyday size stay in 128 bits, which Wasm divides many times faster.
    match (a.checked_mul(b), rounding) {
        (Some(product), Rounding::Down) => product.checked_div(c),
        (Some(product), Rounding::Up) if c > 0 => Some(product.div_ceil(c)),
        _ => multiply_by_rational_with_rounding(a, b, c, rounding),
    }
}
