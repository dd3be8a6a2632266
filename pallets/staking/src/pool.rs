//! A hotkey's pool: leaves that many stakers share.
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_types::Balance;
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// A vault: `total` leaves that belong to whoever holds its `shares`, in proportion.
///
/// Invariant: either both are zero or neither is.
///
/// A share is never worth less than it was: pay raises the total alone, and every rounding is in favour of those who
/// stay. Since the first shares are minted at [`Pool::SHARES_PER_LEAF`] a leaf, `shares <= total × SHARES_PER_LEAF` for
/// ever; that is under 2¹⁰⁵, so shares fit in a `u128`.
///
/// A pool whose stakers left almost all out, and which is paid much, has few shares at a high price each. Whoever brings
/// that about could rob the next staker by rounding; therefore [`Pool::stake`] refuses to round off more than a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pool {
    total: Balance,
    shares: u128,
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
    /// Total or shares would not fit their type.
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

    /// All leaves in the pool.
    pub const fn total(&self) -> Balance {
        self.total
    }

    /// All shares outstanding.
    pub const fn shares(&self) -> u128 {
        self.shares
    }

    /// Whether nothing is staked.
    pub const fn is_empty(&self) -> bool {
        self.shares == 0
    }

    /// What a position of `shares` could take out, rounded down; everything for all shares.
    pub fn value_of(&self, shares: u128) -> Balance {
        if shares >= self.shares {
            return self.total;
        }
        scale(shares, u128::from(self.total), self.shares, Rounding::Down)
            .and_then(|value| Balance::try_from(value).ok())
            // Fewer shares than there are cannot be worth more than the total, which fits.
            .unwrap_or(self.total)
    }

    /// Puts `amount` leaves in. Returns the shares minted for them, rounded down: none if the amount is worth less than a
    /// share, and then it belongs to those already there.
    pub fn deposit(&mut self, amount: Balance) -> Result<u128, PoolError> {
        let minted = if self.is_empty() {
            u128::from(amount) * Self::SHARES_PER_LEAF // 64 bits times 40 bits
        } else {
            scale(u128::from(amount), self.shares, u128::from(self.total), Rounding::Down).ok_or(PoolError::Overflow)?
        };
        let total = self.total.checked_add(amount).ok_or(PoolError::Overflow)?;
        self.shares = self.shares.checked_add(minted).ok_or(PoolError::Overflow)?;
        self.total = total;
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

    /// Pays `amount` leaves to everyone in the pool, in proportion to shares.
    pub fn reward(&mut self, amount: Balance) -> Result<(), PoolError> {
        if self.is_empty() {
            return Err(PoolError::Empty);
        }
        self.total = self.total.checked_add(amount).ok_or(PoolError::Overflow)?;
        Ok(())
    }

    /// Takes exactly `amount` leaves out for a position of `held` shares, burning shares rounded up; the whole
    /// position when what would stay of it is worth less than `min_rest`.
    pub fn withdraw(&mut self, held: u128, amount: Balance, min_rest: Balance) -> Result<Withdrawal, PoolError> {
        if held == 0 || held > self.shares || amount > self.value_of(held) {
            return Err(PoolError::NotEnough);
        }
        let burned =
            scale(u128::from(amount), self.shares, u128::from(self.total), Rounding::Up).ok_or(PoolError::Overflow)?;
        // `amount <= held × total / shares` and `held` is whole, so `burned <= held`: neither difference is negative.
        let rest = held.saturating_sub(burned);
        let after = Self {
            total: self.total.saturating_sub(amount),
            shares: self.shares.saturating_sub(burned),
        };
        if rest == 0 || after.value_of(rest) < min_rest {
            return self.withdraw_all(held);
        }
        // `rest` shares stay, and leaves to back them: `amount == total` would have burned every share.
        *self = after;
        Ok(Withdrawal { amount, shares: burned })
    }

    /// Takes a whole position of `held` shares out at its value, rounded down; the last to leave takes all.
    pub fn withdraw_all(&mut self, held: u128) -> Result<Withdrawal, PoolError> {
        if held == 0 || held > self.shares {
            return Err(PoolError::NotEnough);
        }
        let amount = self.value_of(held);
        // With `held < shares` the value, rounded down, is less than the total: leaves stay for the shares that stay.
        *self = Self {
            total: self.total.saturating_sub(amount),
            shares: self.shares.saturating_sub(held),
        };
        Ok(Withdrawal { amount, shares: held })
    }
}

/// `a × b / c` with a product of up to 256 bits; none if `c` is zero or the quotient does not fit.
fn scale(a: u128, b: u128, c: u128, rounding: Rounding) -> Option<u128> {
    multiply_by_rational_with_rounding(a, b, c, rounding)
}
