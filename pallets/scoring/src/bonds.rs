//! Bonds between validators and miners, one value a subnet.
//!
//! An epoch reads and rewrites them all, so they are one table. Whom a registration replaced is not struck out of it: the table
//! says at which block it was made, and what it holds of a uid whose present holder came then or later does not count.
use crate::{Bonds, Config, Pallet, Roll, Rolls};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{BlockNumber, NetUid, Uid, MAX_UIDS};
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
    pub validators: BoundedVec<u16, ConstU32<MAX_UIDS>>,
    /// Their rows one after the other; 0 where there is no bond.
    pub values: BoundedVec<u16, ConstU32<{ MAX_UIDS * MAX_UIDS }>>,
}

impl BondTable {
    /// The table of an epoch's rows, one a uid, each `(uid, bond)` ascending.
    pub(crate) fn of(rows: &[Vec<(u16, u16)>], fixed_at: BlockNumber) -> Self {
        let columns = rows.len().min(MAX_UIDS as usize);
        let mut validators = Vec::new();
        let mut values = Vec::new();
        for (uid, row) in (0..MAX_UIDS as u16).zip(rows) {
            if row.iter().all(|entry| entry.1 == 0) {
                continue;
            }
            let start = values.len();
            values.resize(start + columns, 0);
            for (miner, bond) in row {
                if let Some(value) = values.get_mut(start + usize::from(*miner)) {
                    *value = *bond;
                }
            }
            validators.push(uid);
        }
        Self {
            fixed_at,
            columns: columns as u16,
            validators: BoundedVec::truncate_from(validators),
            values: BoundedVec::truncate_from(values),
        }
    }

    /// The rows that still count: validator and bonds, both ascending.
    pub(crate) fn rows<'a, AccountId: Clone>(
        &'a self,
        roll: &'a Roll<AccountId>,
    ) -> impl Iterator<Item = (u16, Vec<(u16, u16)>)> + 'a {
        let counts: Vec<bool> = (0..self.columns)
            .map(|uid| roll.was_there(uid, self.fixed_at))
            .collect();
        let rows = self.values.chunks(usize::from(self.columns).max(1));
        self.validators
            .iter()
            .copied()
            .zip(rows)
            .filter(|(validator, _)| roll.was_there(*validator, self.fixed_at))
            .map(move |(validator, row)| {
                let bonds = (0..).zip(row).zip(&counts);
                let bonds = bonds.filter_map(|((uid, bond), counts)| (*counts && *bond > 0).then_some((uid, *bond)));
                (validator, bonds.collect())
            })
    }
}

impl<T: Config> Pallet<T> {
    /// The bonds of all validators that have any, ascending by uid; without those of and on neurons that were replaced since.
    pub fn bonds(netuid: NetUid) -> Vec<(Uid, BondRow)> {
        let (table, roll) = (Bonds::<T>::get(netuid), Rolls::<T>::get(netuid));
        table
            .rows(&roll)
            .filter(|(_, row)| !row.is_empty())
            .map(|(validator, row)| {
                let row = row.into_iter().map(|(uid, bond)| (Uid(uid), bond)).collect();
                (Uid(validator), row)
            })
            .collect()
    }

    /// The bonds as the epoch takes them: one row a neuron.
    pub(crate) fn bond_rows(netuid: NetUid, roll: &Roll<T::AccountId>) -> Vec<Vec<(u16, u16)>> {
        let mut rows = alloc::vec![Vec::new(); roll.len()];
        for (uid, bonds) in Bonds::<T>::get(netuid).rows(roll) {
            if let Some(row) = rows.get_mut(usize::from(uid)) {
                *row = bonds;
            }
        }
        rows
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
