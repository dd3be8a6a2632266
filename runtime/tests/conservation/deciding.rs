//! Calls of the council and of those who vote on what it proposes.
//!
//! A decision takes many steps in their order, each by those whose turn it is: a motion, votes on it, its closing; votes on the proposal, its
//! closing. [`next`] turns a step that has nothing to be about into one that brings a decision on.
use crate::{aim::pick, calls::netuid as netuid_at, cast::cold, money, step::Act};
use codec::{Decode, Encode};
use frame_support::{dispatch::GetDispatchInfo, traits::Bounded, weights::Weight};
use laurel_runtime::{configs::CouncilInstance, AccountId, Runtime, RuntimeCall, System};
use laurel_types::Hyperparameter;
use pallet_laurel_governance::{Enactments, Proposals, Standing};
use sp_core::H256;

/// Members of the council, and how many of them a motion needs.
const MEMBERS: usize = 3;
const THRESHOLD: usize = 2;

/// What the council proposes that root does.
fn decision(choice: u8) -> RuntimeCall {
    let netuid = netuid_at(choice / 4);
    match choice % 4 {
        0 => money::of_staking(&cold(0), Act::StakingSettings { choice: choice / 4 }).into(),
        1 => pallet_laurel_subnets::Call::announce_dissolution { netuid }.into(),
        2 => pallet_laurel_subnets::Call::set_hyperparameter {
            netuid,
            change: Hyperparameter::MaxUids(5),
        }
        .into(),
        _ => pallet_safe_mode::Call::force_exit {}.into(),
    }
}

/// The open proposals, the oldest first.
fn proposals() -> Vec<u32> {
    let mut open: Vec<_> = Proposals::<Runtime>::iter_keys().collect();
    open.sort_unstable();
    open
}

/// The open proposal of that place.
fn proposal(number: u8) -> u32 {
    pick(proposals(), number).unwrap_or(u32::from(number))
}

/// Who may vote on the proposal of that place: mostly somebody who has not.
pub fn voter(index: u8, number: u8) -> Option<AccountId> {
    let electors = Proposals::<Runtime>::get(proposal(index))?
        .electorate
        .electors()
        .to_vec();
    let silent: Vec<_> = electors
        .iter()
        .filter(|elector| elector.vote.is_none())
        .cloned()
        .collect();
    Some(pick(if silent.is_empty() { electors } else { silent }, number)?.account)
}

/// What was approved and is not made yet.
fn waiting() -> impl Iterator<Item = u32> {
    let waits = Enactments::<Runtime>::get().into_iter();
    waits
        .filter(|enactment| enactment.at > System::block_number())
        .map(|enactment| enactment.index)
}

/// A motion of the council.
#[derive(Clone, Default)]
pub struct Motion {
    hash: H256,
    index: u32,
    ayes: Vec<AccountId>,
    nays: Vec<AccountId>,
    /// What it would do.
    call: Option<RuntimeCall>,
}

impl Motion {
    fn of(hash: H256) -> Self {
        use pallet_collective::{ProposalOf, Voting};
        let votes = Voting::<Runtime, CouncilInstance>::get(hash).map(|votes| votes.encode());
        // Index, threshold, ayes, nays and more, which the council keeps to itself.
        let votes = votes.and_then(|votes| <(u32, u32, _, _)>::decode(&mut votes.as_slice()).ok());
        let (index, _, ayes, nays) = votes.unwrap_or_default();
        Self {
            hash,
            index,
            ayes,
            nays,
            call: ProposalOf::<Runtime, CouncilInstance>::get(hash),
        }
    }

    /// Whether the member said something.
    pub fn has_voted(&self, member: &AccountId) -> bool {
        self.ayes.contains(member) || self.nays.contains(member)
    }

    /// Whether no further vote changes what it comes to.
    fn is_decided(&self) -> bool {
        self.ayes.len() >= THRESHOLD || self.nays.len() > MEMBERS - THRESHOLD
    }
}

fn motions() -> Vec<H256> {
    pallet_collective::Proposals::<Runtime, CouncilInstance>::get().into_inner()
}

/// The motion of that place.
pub fn motion(number: u8) -> Motion {
    pick(motions(), number).map(Motion::of).unwrap_or_default()
}

/// One of the places for which it is so.
fn place_where(places: usize, number: u8, is_so: impl Fn(u8) -> bool) -> Option<u8> {
    pick((0..places as u8).filter(|place| is_so(*place)).collect(), number)
}

/// A motion that is decided, or one that is not.
fn motion_that_is(decided: bool, number: u8) -> Option<u8> {
    place_where(motions().len(), number, |place| motion(place).is_decided() == decided)
}

/// A proposal that is decided, or one that is not.
fn proposal_that_is(decided: bool, number: u8) -> Option<u8> {
    let now = System::block_number();
    place_where(proposals().len(), number, |place| {
        let open = Proposals::<Runtime>::get(proposal(place));
        let standing = open.map(|open| open.electorate.standing(now >= open.ends_at));
        standing.is_some_and(|standing| (standing != Standing::Undecided) == decided)
    })
}

/// The step about something that it can be about, if there is such a thing.
fn about_something(act: Act, number: u8) -> Option<Act> {
    match act {
        Act::Close { .. } => proposal_that_is(true, number).map(|index| Act::Close { index }),
        Act::Vote { aye, .. } => proposal_that_is(false, number).map(|index| Act::Vote { index, aye }),
        Act::CloseMotion { .. } => motion_that_is(true, number).map(|motion| Act::CloseMotion { motion }),
        Act::VoteOnMotion { aye, .. } => motion_that_is(false, number).map(|motion| Act::VoteOnMotion { motion, aye }),
        Act::MoveToCancel { .. } => (waiting().next().is_some() || !proposals().is_empty()).then_some(act),
        other => Some(other),
    }
}

/// The step, where there is something that it can be about; else what brings some decision on: motions first, so that they can overtake what
/// they would cancel.
pub fn next(act: Act, number: u8) -> Act {
    let (index, motion) = (0, 0);
    let onward = [
        act,
        Act::CloseMotion { motion },
        Act::VoteOnMotion { motion, aye: true },
        Act::Close { index },
        Act::Vote { index, aye: true },
    ];
    let found = onward.into_iter().find_map(|act| about_something(act, number));
    found.unwrap_or(Act::MoveToOpen { choice: number })
}

/// The call of a step.
pub fn of_governance(act: Act) -> RuntimeCall {
    use pallet_collective::Call as Council;
    use pallet_laurel_governance::{Call, Vote};
    let motion = |call: RuntimeCall| -> RuntimeCall {
        let length_bound = call.encoded_size() as u32;
        Council::<Runtime, CouncilInstance>::propose {
            threshold: THRESHOLD as u32,
            proposal: Box::new(call),
            length_bound,
        }
        .into()
    };
    match act {
        Act::MoveToOpen { choice } => {
            let inline = decision(choice).encode().try_into().expect("decisions are short");
            motion(
                Call::open {
                    call: Bounded::Inline(inline),
                }
                .into(),
            )
        }
        Act::MoveToCancel { index } => {
            let approved = waiting().last().filter(|_| index >= 4);
            let index = approved.unwrap_or_else(|| proposal(index));
            motion(Call::cancel { index }.into())
        }
        Act::VoteOnMotion { motion, aye } => {
            let motion = self::motion(motion);
            Council::<Runtime, CouncilInstance>::vote {
                proposal: motion.hash,
                index: motion.index,
                approve: aye,
            }
            .into()
        }
        Act::CloseMotion { motion } => {
            let motion = self::motion(motion);
            let bounds = motion
                .call
                .map(|call| (call.get_dispatch_info().call_weight, call.encoded_size() as u32));
            let (proposal_weight_bound, length_bound) = bounds.unwrap_or((Weight::zero(), 0));
            Council::<Runtime, CouncilInstance>::close {
                proposal_hash: motion.hash,
                index: motion.index,
                proposal_weight_bound,
                length_bound,
            }
            .into()
        }
        Act::Vote { index, aye } => {
            let vote = if aye { Vote::Aye } else { Vote::Nay };
            let index = proposal(index);
            Call::vote { index, vote }.into()
        }
        Act::Close { index } => Call::close { index: proposal(index) }.into(),
        other => unreachable!("{other:?} is not of governance"),
    }
}
