//! Token, block and share units.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// An amount in leaves, the smallest unit: 10⁹ leaves are one LRL.
pub type Balance = u64;
/// A difference of amounts, in leaves. Wide enough for any: [`MAX_SUPPLY`] is a 439th of the highest.
pub type SignedBalance = i64;
/// Height of a block.
pub type BlockNumber = u32;

/// Decimal places of the token.
pub const DECIMALS: u8 = 9;
/// One LRL in leaves.
pub const LRL: Balance = 1_000_000_000;
/// The issuance that emission approaches and never passes, in leaves.
pub const MAX_SUPPLY: Balance = 21_000_000 * LRL;
/// Address prefix of the chain.
pub const SS58_PREFIX: u16 = 42;

/// Share of a hotkey's dividends that its owner keeps before stakers are paid, in parts of 65535.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Take(pub u16);

impl Take {
    /// The highest take, 18 %, and the one that a hotkey starts with.
    pub const MAX: Self = Self(11_796);

    /// The owner's part of `amount`, rounded down so that stakers get the remainder.
    pub fn of(self, amount: Balance) -> Balance {
        // u64 × u16 fits in u128, and the quotient is at most `amount`.
        (u128::from(amount) * u128::from(self.0) / u128::from(u16::MAX)) as Balance
    }
}

impl Default for Take {
    fn default() -> Self {
        Self::MAX
    }
}
