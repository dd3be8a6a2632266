//! Bonds between validators and miners, one value a subnet.
//!
//! An epoch reads and rewrites them all, so they are one table. Whom a registration replaced is not struck out of it: the table
//! says at which block it was made, and what it holds of a uid whose present holder came then or later does not count.
use crate::{roll::Members, Bonds, Config, Pallet};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{BlockNumber, NetUid, Uid, MAX_UIDS, MAX_VALIDATORS};
use scale_info::TypeInfo;

/// One validator's bonds: `(uid, bond)`, ascending by uid, none zero; the largest bond on each uid is about 65535.
pub type BondRow = Vec<(Uid, u16)>;

/// The bonds that an epoch left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BondTable {
    /// Block of the epoch.
    pub fixed_at: BlockNumber,
    /// Neurons that the subnet had: bonds in each row.
    pub columns: u16,
    /// Uids of the validators with bonds, ascending.
    pub validators: BoundedVec<u16, ConstU32<MAX_VALIDATORS>>,
    /// Their rows one after the other; 0 where there is no bond.
    pub values: BoundedVec<u16, ConstU32<{ MAX_VALIDATORS * MAX_UIDS }>>,
}

impl BondTable {
    /// The table of an epoch's rows, one a uid, each `(uid, bond)` ascending.
    pub(crate) fn of(rows: &[Vec<(u16, u16)>], fixed_at: BlockNumber) -> Self {
        let columns = rows.len().min(MAX_UIDS as usize);
        let bonded = || {
            let rows = (0..columns as u16).zip(rows).filter(|(_, row)| !row.is_empty());
            // Only who holds a permit has bonds, and there are no more of those.
            rows.take(MAX_VALIDATORS as usize)
        };
        let mut values = alloc::vec![0; bonded().count() * columns];
        for ((_, row), place) in bonded().zip(values.chunks_mut(columns.max(1))) {
            for (miner, bond) in row {
                if let Some(value) = place.get_mut(usize::from(*miner)) {
                    *value = *bond;
                }
            }
        }
        Self {
            fixed_at,
            columns: columns as u16,
            validators: BoundedVec::truncate_from(bonded().map(|(uid, _)| uid).collect()),
            values: BoundedVec::truncate_from(values),
        }
    }

    /// Strikes out what is about neurons that came when the bonds were fixed or later: it was about their predecessors.
    pub(crate) fn strike_out<AccountId>(&mut self, members: &Members<AccountId>) {
        let columns = usize::from(self.columns).max(1);
        let replaced = (0..self.columns).filter(|uid| !members.was_there(*uid, self.fixed_at));
        let replaced: Vec<u16> = replaced.collect();
        if replaced.is_empty() {
            return;
        }
        let mut values = core::mem::take(&mut self.values).into_inner();
        for (validator, row) in self.validators.iter().zip(values.chunks_mut(columns)) {
            if replaced.binary_search(validator).is_ok() {
                row.fill(0);
            }
            for uid in &replaced {
                if let Some(value) = row.get_mut(usize::from(*uid)) {
                    *value = 0;
                }
            }
        }
        self.values = BoundedVec::truncate_from(values);
    }

    /// The rows, ascending by validator: its uid, and its bond on each uid.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u16, &[u16])> {
        let rows = self.values.chunks(usize::from(self.columns).max(1));
        self.validators.iter().copied().zip(rows)
    }
}

impl<T: Config> Pallet<T> {
    /// The bonds of all validators that have any, ascending by uid; without those of and on neurons that were replaced since.
    pub fn bonds(netuid: NetUid) -> Vec<(Uid, BondRow)> {
        let table = Self::present_bonds(netuid, &Self::members(netuid));
        let row = |(validator, bonds): (u16, &[u16])| {
            let bonds = (0..).map(Uid).zip(bonds.iter().copied());
            (Uid(validator), bonds.filter(|(_, bond)| *bond > 0).collect::<BondRow>())
        };
        table.rows().map(row).filter(|(_, row)| !row.is_empty()).collect()
    }

    /// The bonds that still count.
    pub(crate) fn present_bonds(netuid: NetUid, members: &Members<T::AccountId>) -> BondTable {
        let mut table = Bonds::<T>::get(netuid);
        table.strike_out(members);
        table
    }

    /// Replaces all bonds by the rows of an epoch.
    pub(crate) fn put_bonds(netuid: NetUid, rows: &[Vec<(u16, u16)>]) {
        let table = BondTable::of(rows, Self::now());
        if table.validators.is_empty() {
            Bonds::<T>::remove(netuid);
        } else {
            Bonds::<T>::insert(netuid, table);
        }
    }
}
