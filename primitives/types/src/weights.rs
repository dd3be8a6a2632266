//! What a validator says about miners.
use crate::{NetUid, RegistrationId, Uid, MAX_UIDS};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// One validator's weights: `(uid, weight)` with uids strictly ascending, each weight > 0, at most
/// [`MAX_UIDS`] entries. Weights are relative: only their proportions count.
///
/// The fields are private so that an unsorted row cannot be represented; decoding checks it too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, TypeInfo, Serialize, Deserialize)]
#[serde(try_from = "Vec<(Uid, u16)>", into = "Vec<(Uid, u16)>")]
pub struct WeightRow(Vec<(Uid, u16)>);

/// Why a list is not a [`WeightRow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowError {
    /// Uids must be strictly ascending; this one is not above its predecessor.
    NotAscending(Uid),
    /// A weight of zero says nothing: leave the uid out.
    ZeroWeight(Uid),
    /// More than [`MAX_UIDS`] entries.
    TooLong,
}

impl core::fmt::Display for RowError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotAscending(uid) => write!(f, "uids must be strictly ascending, uid {uid} is not"),
            Self::ZeroWeight(uid) => write!(f, "uid {uid} has weight 0: leave it out"),
            Self::TooLong => write!(f, "more than {MAX_UIDS} weights"),
        }
    }
}

#[cfg(feature = "std")]
impl std::error::Error for RowError {}

impl WeightRow {
    /// Checks order, positivity and length.
    pub fn new(entries: Vec<(Uid, u16)>) -> Result<Self, RowError> {
        if entries.len() > MAX_UIDS as usize {
            return Err(RowError::TooLong);
        }
        let mut previous = None;
        for &(uid, weight) in &entries {
            if previous.is_some_and(|p| p >= uid) {
                return Err(RowError::NotAscending(uid));
            }
            if weight == 0 {
                return Err(RowError::ZeroWeight(uid));
            }
            previous = Some(uid);
        }
        Ok(Self(entries))
    }

    /// The entries, ascending by uid.
    pub fn entries(&self) -> &[(Uid, u16)] {
        &self.0
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the row says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes the entry of `uid`, if any. Returns whether there was one.
    pub fn remove(&mut self, uid: Uid) -> bool {
        match self.0.binary_search_by_key(&uid, |entry| entry.0) {
            Ok(at) => {
                self.0.remove(at);
                true
            }
            Err(_) => false,
        }
    }
}

impl TryFrom<Vec<(Uid, u16)>> for WeightRow {
    type Error = RowError;
    fn try_from(entries: Vec<(Uid, u16)>) -> Result<Self, RowError> {
        Self::new(entries)
    }
}

impl From<WeightRow> for Vec<(Uid, u16)> {
    fn from(row: WeightRow) -> Self {
        row.0
    }
}

impl Decode for WeightRow {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        Self::new(Vec::decode(input)?).map_err(|_| "weight row is not strictly ascending and positive".into())
    }
}

impl DecodeWithMemTracking for WeightRow {}

impl MaxEncodedLen for WeightRow {
    fn max_encoded_len() -> usize {
        // Compact length of at most 2^14 - 1 entries takes two bytes; an entry is two u16.
        2 + MAX_UIDS as usize * 4
    }
}

/// The bytes whose BLAKE2b-256 digest a validator commits: everything that fixes the content of the row and
/// whose it is. The registration binds it to this holder of the uid, the receipts root to the evidence.
pub fn commit_hash_preimage(
    netuid: NetUid,
    registration: RegistrationId,
    row: &WeightRow,
    receipts_root: &[u8; 32],
    version_key: u64,
    salt: &[u8; 32],
) -> Vec<u8> {
    (
        b"laurel/weights/1",
        netuid,
        registration,
        row,
        receipts_root,
        version_key,
        salt,
    )
        .encode()
}
