//! A position in a pool: shares, and what was put in for them.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use laurel_types::{Balance, SignedBalance};
use scale_info::TypeInfo;

/// What a coldkey has in one pool, and what that cost it.
///
/// What it has earned there follows at every moment from what it is worth, [`Holding::earned`]; nothing has to be written when the pool is
/// paid. All pay counts as earned: dividends, and what an owner gets as incentive and take, which become its shares at once but which it
/// never put in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Holding {
    /// Shares of the pool.
    pub shares: u128,
    /// What was put in less what was taken out, in leaves: below zero where more came out than went in.
    pub principal: SignedBalance,
}

impl Holding {
    /// So many shares for which `amount` leaves go in or come out.
    pub fn of(shares: u128, amount: Balance) -> Self {
        Self {
            shares,
            principal: signed(amount),
        }
    }

    /// What a position that is worth `value` leaves has earned: that and all that came out of it, less all that went in. Below zero by
    /// what rounding to whole shares cost, until more is paid.
    pub fn earned(&self, value: Balance) -> SignedBalance {
        signed(value).saturating_sub(self.principal)
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            // At most the pool's shares, which fit.
            shares: self.shares.saturating_add(other.shares),
            principal: self.principal.saturating_add(other.principal),
        }
    }

    /// What stays without a part of it; of a position whose shares are all gone nothing stays, nor what it had earned.
    #[must_use]
    pub fn without(self, part: Self) -> Self {
        match self.shares.saturating_sub(part.shares) {
            0 => Self::default(),
            shares => Self {
                shares,
                principal: self.principal.saturating_sub(part.principal),
            },
        }
    }
}

/// The supply fits in 55 bits. What positions gain and lose beside pay is rounding, under the worth of one share: to get to 63 bits with it
/// takes hundreds of transactions with shares that are each worth all there is. So nothing here saturates; if it did, only what is shown
/// would be wrong, for no payment depends on a principal.
fn signed(amount: Balance) -> SignedBalance {
    SignedBalance::try_from(amount).unwrap_or(SignedBalance::MAX)
}
