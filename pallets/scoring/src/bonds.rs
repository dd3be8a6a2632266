//! Bonds between validators and miners, packed by groups of validators.
use crate::{Bonds, Config, Pallet};
use alloc::vec::Vec;
use frame_support::{defensive, traits::ConstU32, BoundedVec};
use laurel_types::{NetUid, Uid, MAX_UIDS};

/// Validators whose bonds share one stored value.
pub const BOND_GROUP: u32 = 64;
/// Most groups that a subnet can have.
pub const BOND_GROUPS: u8 = MAX_UIDS.div_ceil(BOND_GROUP) as u8;

/// One validator's bonds: `(uid, bond)`, ascending by uid, none zero; the largest bond on each uid is about 65535.
pub type BondRow = BoundedVec<(Uid, u16), ConstU32<MAX_UIDS>>;
/// The bonds of some validators, ascending by uid.
pub type BondGroup = BoundedVec<(Uid, BondRow), ConstU32<BOND_GROUP>>;

impl<T: Config> Pallet<T> {
    /// The bonds of all validators that have any, ascending by uid.
    pub fn bonds(netuid: NetUid) -> Vec<(Uid, BondRow)> {
        (0..BOND_GROUPS)
            .flat_map(|group| Bonds::<T>::get(netuid, group).into_inner())
            .collect()
    }

    /// The bonds as the epoch takes them: one row a neuron.
    pub(crate) fn bond_rows(netuid: NetUid, neurons: usize) -> Vec<Vec<(u16, u16)>> {
        let mut rows = alloc::vec![Vec::new(); neurons];
        for (uid, bonds) in Self::bonds(netuid) {
            if let Some(row) = rows.get_mut(uid.index()) {
                *row = bonds.into_iter().map(|(miner, bond)| (miner.0, bond)).collect();
            }
        }
        rows
    }

    /// Replaces all bonds by the rows of an epoch.
    pub(crate) fn put_bonds(netuid: NetUid, rows: &[Vec<(u16, u16)>]) {
        let rows: Vec<(Uid, BondRow)> = rows
            .iter()
            .zip(0u16..)
            .map(|(row, uid)| {
                let bonds = row
                    .iter()
                    .filter(|entry| entry.1 > 0)
                    .map(|&(miner, bond)| (Uid(miner), bond));
                (Uid(uid), BondRow::truncate_from(bonds.collect()))
            })
            .filter(|(_, row)| !row.is_empty())
            .collect();
        let mut groups = rows.chunks(BOND_GROUP as usize);
        for group in 0..BOND_GROUPS {
            match groups.next() {
                Some(rows) => Bonds::<T>::insert(netuid, group, BondGroup::truncate_from(rows.to_vec())),
                None => Bonds::<T>::remove(netuid, group),
            }
        }
        if groups.next().is_some() {
            defensive!("more validators with bonds than uids");
        }
    }

    /// Removes a uid's bonds and all bonds on it.
    pub(crate) fn clear_bonds(netuid: NetUid, uid: Uid) {
        for group in 0..BOND_GROUPS {
            let before = Bonds::<T>::get(netuid, group);
            let mut after = before.clone();
            after.retain(|(validator, _)| *validator != uid);
            for (_, row) in after.iter_mut() {
                row.retain(|(miner, _)| *miner != uid);
            }
            after.retain(|(_, row)| !row.is_empty());
            if after.is_empty() {
                Bonds::<T>::remove(netuid, group);
            } else if after != before {
                Bonds::<T>::insert(netuid, group, after);
            }
        }
    }
}
