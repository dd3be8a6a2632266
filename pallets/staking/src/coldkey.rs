//! The numbers under which staking knows coldkeys.
//!
//! Everything that belongs to a coldkey is kept under a [`ColdkeyId`], so that a coldkey swap, however many positions and
//! hotkeys there are, moves one entry. A number is given when a coldkey first owns a hotkey or has a position, and is
//! forgotten with the last of them; it is never given twice.
//!
//! Coldkeys and pools have numbers of different types, so that a position cannot be looked up by the one in place of the other:
//!
//! ```compile_fail,E0308
//! use pallet_laurel_staking::{ColdkeyId, PoolId};
//! let coldkey: ColdkeyId = PoolId(7);
//! ```
use crate::{ColdkeyIds, ColdkeyRecords, Config, Error, NextColdkeyId, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, ensure, weights::Weight};
use scale_info::TypeInfo;

/// Names a coldkey for as long as staking keeps anything for it, through swaps.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct ColdkeyId(pub u64);

/// Who a coldkey is at present.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct ColdkeyRecord<AccountId> {
    /// The coldkey.
    pub account: AccountId,
    /// Hotkeys that it owns and positions that it has on others'; the record goes when there are none.
    pub references: u32,
}

impl<T: Config> Pallet<T> {
    /// The number of a coldkey, given now if it has none. The caller refers to it at once.
    pub(crate) fn coldkey_id(coldkey: &T::AccountId) -> ColdkeyId {
        if let Some(id) = ColdkeyIds::<T>::get(coldkey) {
            return id;
        }
        // 2⁶⁴ numbers do not run out.
        let id = NextColdkeyId::<T>::mutate(|next| core::mem::replace(next, ColdkeyId(next.0.saturating_add(1))));
        ColdkeyIds::<T>::insert(coldkey, id);
        ColdkeyRecords::<T>::insert(
            id,
            ColdkeyRecord {
                account: coldkey.clone(),
                references: 0,
            },
        );
        id
    }

    /// One more hotkey or position is kept under the number.
    pub(crate) fn refer_to(id: ColdkeyId) {
        ColdkeyRecords::<T>::mutate(id, |record| {
            if let Some(record) = record {
                // Each costs a registration or the minimum stake: 2³² of them are not affordable.
                record.references = record.references.saturating_add(1);
            }
        });
    }

    /// One hotkey or position less is kept under the number; with the last one it is forgotten.
    pub(crate) fn forget(id: ColdkeyId) {
        ColdkeyRecords::<T>::mutate_exists(id, |slot| {
            if let Some(record) = slot {
                record.references = record.references.saturating_sub(1);
                if record.references == 0 {
                    ColdkeyIds::<T>::remove(&record.account);
                    *slot = None;
                }
            }
        });
    }

    /// The coldkey with this number.
    pub(crate) fn coldkey_of(id: ColdkeyId) -> Option<T::AccountId> {
        ColdkeyRecords::<T>::get(id).map(|record| record.account)
    }
}

/// A coldkey's hotkeys and positions pass to another coldkey that has none.
impl<T: Config> laurel_support::OnColdkeySwapped<T::AccountId> for Pallet<T> {
    fn in_use(new: &T::AccountId) -> bool {
        ColdkeyIds::<T>::contains_key(new)
    }

    fn on_coldkey_swapped(old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        ensure!(!ColdkeyIds::<T>::contains_key(new), Error::<T>::ColdkeyInUse);
        let Some(id) = ColdkeyIds::<T>::take(old) else {
            return Ok(());
        };
        ColdkeyIds::<T>::insert(new, id);
        ColdkeyRecords::<T>::mutate(id, |record| {
            if let Some(record) = record {
                record.account = new.clone();
            }
        });
        Ok(())
    }

    fn swap_weight() -> Weight {
        <T::WeightInfo as crate::WeightInfo>::swap_coldkey()
    }
}
