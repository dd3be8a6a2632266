//! The bonds of an epoch as they come out of the columns, by validator.
use crate::proportion::product;
use alloc::{vec, vec::Vec};

/// Rows whose exact bonds share one allocation: few allocations, and none that grows with the number of validators.
const GROUP: usize = 16;

/// One validator's bonds.
struct Account {
    /// As they are stored: `(uid, bond)`, ascending.
    stored: Vec<(u16, u16)>,
    /// Where its exact bonds begin in its group.
    start: usize,
}

/// Bonds of all validators that have any, row by row.
pub(crate) struct Ledger {
    accounts: Vec<Account>,
    /// The same entries as shares of their column, in units of `2^-32` less one unit: above zero and at most one, they fit.
    exact: Vec<Vec<u32>>,
}

impl Ledger {
    /// A ledger with room for so many entries in each row.
    pub(crate) fn new(room: &[usize]) -> Self {
        let mut accounts = Vec::with_capacity(room.len());
        let mut exact = Vec::with_capacity(room.len().div_ceil(GROUP));
        for group in room.chunks(GROUP) {
            let mut start = 0;
            for room in group {
                accounts.push(Account {
                    stored: Vec::with_capacity(*room),
                    start,
                });
                start += room;
            }
            exact.push(vec![0; start]);
        }
        Self { accounts, exact }
    }

    /// Enters a row's bond on a column, as it is stored and exactly. Columns must ascend and no row take more than it has room
    /// for; what does not fit is left out.
    #[inline(always)]
    pub(crate) fn enter(&mut self, row: usize, column: usize, stored: u16, exact: u64) {
        let (Some(account), Some(group)) = (self.accounts.get_mut(row), self.exact.get_mut(row / GROUP)) else {
            return;
        };
        if let Some(place) = group.get_mut(account.start + account.stored.len()) {
            *place = exact.wrapping_sub(1) as u32;
            // Columns come from `u16` uids.
            account.stored.push((column as u16, stored));
        }
    }

    /// A row's entries as `(column, exact bond)`.
    pub(crate) fn exact(&self, row: usize) -> impl Iterator<Item = (u16, u64)> + '_ {
        let account = self.accounts.get(row);
        let start = account.map_or(0, |account| account.start);
        let group = self.exact.get(row / GROUP).map(Vec::as_slice).unwrap_or_default();
        let columns = account.map(|account| account.stored.as_slice()).unwrap_or_default();
        columns
            .iter()
            .zip(group.get(start..).unwrap_or_default())
            .map(|((column, _), bond)| (*column, u64::from(*bond) + 1))
    }

    /// What a row earns: its bonds, each times its column's incentive.
    pub(crate) fn earnings(&self, row: usize, incentive: &[u64]) -> u64 {
        self.exact(row)
            .map(|(column, bond)| product(incentive.get(usize::from(column)).copied().unwrap_or_default(), bond))
            .sum()
    }

    /// The bonds as they are stored, row by row.
    pub(crate) fn into_stored(self) -> impl Iterator<Item = Vec<(u16, u16)>> {
        self.accounts.into_iter().map(|account| account.stored)
    }
}
