//! What the end of an epoch will find in a subnet, so that it is known beforehand what it costs, and nothing is read in vain.
use crate::{CommitGroup, UidSet, MAX_PENDING};
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::EpochIndex;
use scale_info::TypeInfo;

/// Rows and commits of a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tally {
    /// Of whom a row is stored.
    pub speakers: UidSet,
    /// How many commits can be revealed in which epoch; none is zero.
    pub commits: BoundedVec<(EpochIndex, u32), ConstU32<MAX_PENDING>>,
}

impl Tally {
    /// Rows that are stored.
    pub fn rows(&self) -> u32 {
        self.speakers.len() as u32 // at most `MAX_UIDS`
    }

    /// Commits that cannot be revealed any more once the epoch `ended` is over.
    pub fn expiring(&self, ended: EpochIndex) -> u32 {
        let due = self.commits.iter().filter(|(reveal_epoch, _)| *reveal_epoch <= ended);
        due.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// A group whose commits can be revealed in the epochs `before` has those of `after`.
    pub(crate) fn recount_commits(&mut self, before: &[EpochIndex], after: &[EpochIndex]) {
        for epoch in before {
            if let Some(at) = self.commits.iter().position(|(due, _)| due == epoch) {
                if let Some((_, count)) = self.commits.get_mut(at) {
                    *count = count.saturating_sub(1);
                }
            }
        }
        self.commits.retain(|(_, count)| *count > 0);
        for epoch in after {
            match self.commits.iter_mut().find(|(due, _)| due == epoch) {
                Some((_, count)) => *count = count.saturating_add(1),
                // What is due lies between the running epoch and the longest `reveal_period` later: there is room for each.
                None => {
                    let _ = self.commits.try_push((*epoch, 1));
                }
            }
        }
    }
}

/// The epochs in which the commits of a group can be revealed.
pub(crate) fn reveal_epochs(records: &CommitGroup) -> Vec<EpochIndex> {
    let commits = records.iter().flat_map(|record| &record.pending);
    commits.map(|commit| commit.reveal_epoch).collect()
}
