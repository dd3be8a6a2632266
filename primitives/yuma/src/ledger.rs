//! What comes out of the columns, by validator.
use crate::Fixed;
use alloc::{vec, vec::Vec};

/// Fraction bits of what bonds earn.
pub(crate) const EARNED_BITS: u32 = 43;

/// One validator's results.
pub(crate) struct Account {
    /// What clipping left of its weights.
    pub(crate) trust: u64,
    /// What its bonds earned, with [`EARNED_BITS`].
    pub(crate) earned: u64,
    /// Its bonds as they are stored: `(uid, bond)`, ascending.
    pub(crate) bonds: Vec<(u16, u16)>,
}

impl Account {
    /// What clipping left of its weights, and what its bonds earned.
    pub(crate) fn shares(&self) -> (Fixed, Fixed) {
        let earned = self.earned >> (EARNED_BITS - Fixed::FRACTION_BITS);
        (Fixed::from_raw(self.trust as i64), Fixed::from_raw(earned as i64))
    }
}

/// The results of all who take part, by row.
pub(crate) struct Ledger {
    pub(crate) accounts: Vec<Account>,
    /// Bonds as shares of their column, where somebody asks for them.
    pub(crate) exact: Option<Vec<Vec<(u16, Fixed)>>>,
}

impl Ledger {
    /// A ledger with room for so many bonds in each row.
    pub(crate) fn new(room: impl Iterator<Item = usize>, in_detail: bool) -> Self {
        let account = |room| Account {
            trust: 0,
            earned: 0,
            bonds: Vec::with_capacity(room),
        };
        let accounts: Vec<Account> = room.map(account).collect();
        Self {
            exact: in_detail.then(|| vec![vec![]; accounts.len()]),
            accounts,
        }
    }
}
