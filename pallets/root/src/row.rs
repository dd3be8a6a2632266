//! What one seat says about the subnets.
use crate::BySubnet;
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use laurel_types::NetUid;
use scale_info::TypeInfo;

/// Weights on subnets, strictly ascending by netuid, none zero, the largest 65535. Only proportions count.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RootRow(BySubnet<u16>);

/// Why a list is not a [`RootRow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// The list names no subnet.
    Empty,
    /// A netuid is not above its predecessor.
    NotAscending,
    /// A weight is zero.
    ZeroWeight,
}

impl RootRow {
    /// Checks the list and scales it so that its largest weight is 65535.
    pub fn new(mut entries: BySubnet<u16>) -> Result<Self, RowFault> {
        if entries.is_empty() {
            return Err(RowFault::Empty);
        }
        if entries.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(RowFault::NotAscending);
        }
        if entries.iter().any(|(_, weight)| *weight == 0) {
            return Err(RowFault::ZeroWeight);
        }
        scale(&mut entries);
        Ok(Self(entries))
    }

    /// The row without a subnet, scaled anew; none if it named no other.
    pub fn without(self, netuid: NetUid) -> Option<Self> {
        let Self(mut entries) = self;
        entries.retain(|entry| entry.0 != netuid);
        if entries.is_empty() {
            return None;
        }
        scale(&mut entries);
        Some(Self(entries))
    }

    /// The entries, ascending by netuid.
    pub fn entries(&self) -> &[(NetUid, u16)] {
        &self.0
    }

    /// The row as `(index in subnets, weight)`, without the subnets that are not in `subnets`, which ascends.
    pub fn columns(&self, subnets: &[NetUid]) -> Vec<(u16, u16)> {
        self.entries()
            .iter()
            .filter_map(|(netuid, weight)| {
                let column = subnets.binary_search(netuid).ok()?;
                Some((u16::try_from(column).ok()?, *weight))
            })
            .collect()
    }
}

/// Makes the largest weight 65535 and the others proportional. None becomes zero: the least is at least one in 65535.
fn scale(entries: &mut BySubnet<u16>) {
    let weights: Vec<u16> = entries.iter().map(|(_, weight)| *weight).collect();
    for (entry, scaled) in entries.iter_mut().zip(laurel_yuma::max_upscale_u16(&weights)) {
        entry.1 = scaled;
    }
}
