//! A proposal and the electorate it was put to: both are fixed when it is opened.
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use laurel_types::{Balance, BlockNumber, MAX_ROOT_SEATS};
use scale_info::TypeInfo;

/// What an owner of root seats says of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Vote {
    /// Do it.
    Aye,
    /// Leave it.
    Nay,
}

/// An owner of root seats with the stake behind them when the proposal was opened.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Elector<AccountId> {
    /// The coldkey.
    pub account: AccountId,
    /// Stake on all of its seats, in leaves.
    pub stake: Balance,
    /// What it said last.
    pub vote: Option<Vote>,
}

/// Everybody who may vote on one proposal, ascending by account.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Electorate<AccountId> {
    electors: BoundedVec<Elector<AccountId>, ConstU32<MAX_ROOT_SEATS>>,
}

/// How a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// More than half of the stake says aye.
    Approved,
    /// So much of the stake says nay that no more than half is left for aye, or the time is over.
    Rejected,
    /// Neither, and there is time left.
    Undecided,
}

impl<AccountId: Ord + Clone> Electorate<AccountId> {
    /// The owners of these seats, each once with its sum. None where no stake is behind any seat: then nobody could approve.
    pub fn of(seats: Vec<(AccountId, Balance)>) -> Option<Self> {
        let mut by_owner = BTreeMap::<AccountId, Balance>::new();
        for (owner, stake) in seats {
            let sum = by_owner.entry(owner).or_default();
            // Stakes are parts of the issuance, which fits.
            *sum = sum.saturating_add(stake);
        }
        let electors: Vec<_> = by_owner
            .into_iter()
            .filter(|(_, stake)| *stake > 0)
            .map(|(account, stake)| Elector {
                account,
                stake,
                vote: None,
            })
            .collect();
        let electors = BoundedVec::try_from(electors)
            .ok()
            .filter(|electors| !electors.is_empty())?;
        Some(Self { electors })
    }

    /// All who may vote.
    pub fn electors(&self) -> &[Elector<AccountId>] {
        &self.electors
    }

    /// Leaves of stake that must say aye: just more than half of all.
    pub fn threshold(&self) -> Balance {
        (self.total() / 2).saturating_add(1)
    }

    /// Stake of all who may vote.
    fn total(&self) -> Balance {
        let stakes = self.electors.iter().map(|elector| elector.stake);
        stakes.fold(0, Balance::saturating_add)
    }

    /// Records a vote; the last one counts. Returns the elector's stake, none if the account may not vote.
    pub fn record(&mut self, account: &AccountId, vote: Vote) -> Option<Balance> {
        let at = self
            .electors
            .binary_search_by(|elector| elector.account.cmp(account))
            .ok()?;
        let elector = self.electors.get_mut(at)?;
        elector.vote = Some(vote);
        Some(elector.stake)
    }

    /// Stake of those who said this.
    pub fn stake_of(&self, vote: Vote) -> Balance {
        let said = self.electors.iter().filter(|elector| elector.vote == Some(vote));
        said.map(|elector| elector.stake).fold(0, Balance::saturating_add)
    }

    /// How the vote stands by what each said last; `over` once no more votes are taken.
    pub fn standing(&self, over: bool) -> Standing {
        let threshold = self.threshold();
        let still_possible = self.total().saturating_sub(self.stake_of(Vote::Nay));
        if self.stake_of(Vote::Aye) >= threshold {
            Standing::Approved
        } else if over || still_possible < threshold {
            Standing::Rejected
        } else {
            Standing::Undecided
        }
    }
}

/// A call that the council wants root to make.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Proposal<AccountId, Call> {
    /// The call, or where its preimage is.
    pub call: Call,
    /// Who decides.
    pub electorate: Electorate<AccountId>,
    /// First block in which no vote is taken any more.
    pub ends_at: BlockNumber,
}

/// A call that was approved and waits for its block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Enactment<Call> {
    /// The proposal that it was.
    pub index: u32,
    /// The call.
    pub call: Call,
    /// The block in which root makes it.
    pub at: BlockNumber,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn electorate(stakes: &[(u8, Balance)]) -> Electorate<u8> {
        Electorate::of(stakes.to_vec()).unwrap()
    }

    #[test]
    fn an_owner_of_several_seats_votes_once_with_the_sum() {
        let mut electorate = electorate(&[(2, 30), (1, 40), (2, 31)]);
        assert_eq!(electorate.electors().len(), 2);
        assert_eq!(electorate.threshold(), 51);
        assert_eq!(electorate.record(&2, Vote::Aye), Some(61));
        assert_eq!(electorate.standing(false), Standing::Approved);
    }

    #[test]
    fn exactly_half_is_not_enough_and_ends_in_rejection_when_the_time_is_over() {
        let mut electorate = electorate(&[(1, 50), (2, 50)]);
        electorate.record(&1, Vote::Aye);
        assert_eq!(electorate.standing(false), Standing::Undecided);
        assert_eq!(electorate.standing(true), Standing::Rejected);
        electorate.record(&2, Vote::Nay);
        assert_eq!(
            electorate.standing(false),
            Standing::Rejected,
            "nobody is left to say aye"
        );
        electorate.record(&2, Vote::Aye);
        assert_eq!(electorate.standing(true), Standing::Approved, "the last word counts");
    }

    #[test]
    fn seats_without_stake_decide_nothing() {
        assert_eq!(Electorate::of(vec![(1u8, 0), (2, 0)]), None);
        let mut electorate = electorate(&[(1, 0), (2, 5)]);
        assert_eq!(electorate.record(&1, Vote::Nay), None);
    }
}
