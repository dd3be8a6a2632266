//! Sets of uids, and the groups of them whose records share one stored value.
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{Uid, MAX_UIDS};
use scale_info::TypeInfo;

/// Uids of one group: few large values cost a fraction of many small ones, but a call rewrites the whole value that it changes.
pub const GROUP: u32 = 16;

/// Uids of one page of the roll, whose records are small.
pub const PAGE: u32 = 256;

const WORDS: u32 = MAX_UIDS.div_ceil(u64::BITS);

/// The group of a uid.
pub(crate) fn group_of(uid: Uid) -> u16 {
    uid.0 / GROUP as u16
}

/// The groups of the first `count` uids.
pub(crate) fn groups(count: usize) -> core::ops::Range<u16> {
    0..count.min(MAX_UIDS as usize).div_ceil(GROUP as usize) as u16
}

/// The page of a uid, and its place there.
pub(crate) fn place_of(uid: Uid) -> (u16, usize) {
    let page = PAGE as u16;
    (uid.0 / page, usize::from(uid.0 % page))
}

/// The pages of the first `count` uids.
pub(crate) fn pages(count: usize) -> core::ops::Range<u16> {
    0..count.min(MAX_UIDS as usize).div_ceil(PAGE as usize) as u16
}

/// A set of uids, a bit each, as far as the greatest of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct UidSet(BoundedVec<u64, ConstU32<WORDS>>);

impl UidSet {
    /// Whether the uid is in the set.
    pub fn contains(&self, uid: Uid) -> bool {
        let (word, bit) = Self::place(uid);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Puts the uid into the set; one that no subnet can have stays out.
    pub fn insert(&mut self, uid: Uid) {
        let (word, bit) = Self::place(uid);
        while self.0.len() <= word && self.0.try_push(0).is_ok() {}
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Takes the uid out of the set.
    pub fn remove(&mut self, uid: Uid) {
        let (word, bit) = Self::place(uid);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    /// Whether no uid is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// How many uids are in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The uids in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = Uid> + '_ {
        let uids = (0..self.0.len() as u16).flat_map(|word| {
            let first = word * u64::BITS as u16; // below `MAX_UIDS`
            first..first + u64::BITS as u16
        });
        uids.map(Uid).filter(move |uid| self.contains(*uid))
    }

    /// What is in this set and not in the other one.
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        for (word, gone) in rest.0.iter_mut().zip(&other.0) {
            *word &= !gone;
        }
        rest
    }

    /// The groups that the uids are in, ascending.
    pub(crate) fn groups(&self) -> Vec<u16> {
        let mut groups: Vec<u16> = self.iter().map(group_of).collect();
        groups.dedup();
        groups
    }

    /// The greatest uid in the set.
    pub fn last(&self) -> Option<Uid> {
        let words = self.0.len() as u16 * u64::BITS as u16;
        (0..words).rev().map(Uid).find(|uid| self.contains(*uid))
    }

    fn place(uid: Uid) -> (usize, u64) {
        let bits = u64::BITS as usize;
        (uid.index() / bits, 1 << (uid.index() % bits))
    }
}

impl<'a> FromIterator<&'a bool> for UidSet {
    /// The set of the uids, counted from 0, for which the sequence says so.
    fn from_iter<I: IntoIterator<Item = &'a bool>>(marked: I) -> Self {
        let mut set = Self::default();
        for (uid, marked) in (0..).zip(marked) {
            if *marked {
                set.insert(Uid(uid));
            }
        }
        set
    }
}
