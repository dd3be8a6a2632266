//! Sets of uids, and the groups of them whose records share one stored value.
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_types::{Uid, MAX_UIDS};
use scale_info::TypeInfo;

/// Uids of one group: few large values cost a fraction of many small ones, but a call rewrites the whole value that it changes.
pub const GROUP: u32 = 16;

/// Groups that a full subnet has.
pub const GROUPS: u8 = (MAX_UIDS / GROUP) as u8;

const WORDS: usize = MAX_UIDS.div_ceil(u64::BITS) as usize;

/// The group of a uid.
pub(crate) fn group_of(uid: Uid) -> u8 {
    // Uids are below `MAX_UIDS`; should one not be, it has a group of its own that no epoch reads.
    u8::try_from(u32::from(uid.0) / GROUP).unwrap_or(u8::MAX)
}

/// The groups of the first `count` uids.
pub(crate) fn groups(count: usize) -> core::ops::Range<u8> {
    0..u8::try_from(count.div_ceil(GROUP as usize))
        .unwrap_or(GROUPS)
        .min(GROUPS)
}

/// A set of uids, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct UidSet([u64; WORDS]);

impl UidSet {
    /// Whether the uid is in the set.
    pub fn contains(&self, uid: Uid) -> bool {
        let (word, bit) = Self::place(uid);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Puts the uid into the set; one that no subnet can have stays out.
    pub fn insert(&mut self, uid: Uid) {
        let (word, bit) = Self::place(uid);
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

    /// The greatest uid in the set.
    pub fn last(&self) -> Option<Uid> {
        (0..MAX_UIDS as u16).rev().map(Uid).find(|uid| self.contains(*uid))
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
