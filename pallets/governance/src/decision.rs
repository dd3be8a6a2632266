//! How a proposal becomes a call of root.
use crate::{
    BoundedCallOf, Config, Electorate, Enactment, Enactments, Error, Event, GovernanceSettings, NextIndex, Pallet,
    Proposal, Proposals, Seats, Standing, Vote,
};
use codec::Encode;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{
        schedule::{v3::Named, DispatchTime},
        Bounded, Get, QueryPreimage,
    },
};
use frame_system::RawOrigin;
use laurel_types::BlockNumber;
use sp_runtime::SaturatedConversion;

/// Approved calls run before others of their block that somebody scheduled at lower priority.
const PRIORITY: u8 = 63;

impl<T: Config> Pallet<T> {
    /// The block that is being made. Heights fit in 32 bits for centuries; saturating keeps it total.
    pub(crate) fn now() -> BlockNumber {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The scheduler's name for the enactment of a proposal.
    pub fn task(index: u32) -> [u8; 32] {
        sp_io::hashing::blake2_256(&(b"laurel/governance", index).encode())
    }

    pub(crate) fn do_open(call: BoundedCallOf<T>) -> DispatchResult {
        ensure!(
            Proposals::<T>::count() < T::MaxOpen::get(),
            Error::<T>::TooManyProposals
        );
        ensure!(Self::has(&call), Error::<T>::PreimageMissing);
        let electorate = Electorate::of(T::Seats::seats()).ok_or(Error::<T>::NobodyCanVote)?;
        let index = NextIndex::<T>::get();
        let next = index.checked_add(1).ok_or(Error::<T>::IndicesExhausted)?;

        // Held until the scheduler holds it, so that whoever noted the preimage cannot take it away from under the vote.
        T::Preimages::hold(&call);
        NextIndex::<T>::put(next);
        let ends_at = Self::now().saturating_add(GovernanceSettings::<T>::get().voting_period);
        Self::deposit_event(Event::ProposalOpened {
            index,
            hash: call.hash(),
            threshold: electorate.threshold(),
            ends_at,
        });
        Proposals::<T>::insert(
            index,
            Proposal {
                call,
                electorate,
                ends_at,
            },
        );
        Ok(())
    }

    /// Whether the chain can make the call when its time has come. The scheduler fetches a preimage by hash and length, and drops the
    /// call where either is wrong.
    fn has(call: &BoundedCallOf<T>) -> bool {
        match call {
            Bounded::Inline(_) => true,
            Bounded::Lookup { hash, len } => T::Preimages::len(hash) == Some(*len),
            // A form that does not say the length, for chains older than this one.
            _ => false,
        }
    }

    pub(crate) fn do_vote(account: T::AccountId, index: u32, vote: Vote) -> DispatchResult {
        let mut proposal = Proposals::<T>::get(index).ok_or(Error::<T>::UnknownProposal)?;
        ensure!(Self::now() < proposal.ends_at, Error::<T>::VotingOver);
        let stake = proposal
            .electorate
            .record(&account, vote)
            .ok_or(Error::<T>::NotAnElector)?;
        Proposals::<T>::insert(index, proposal);
        Self::deposit_event(Event::Voted {
            index,
            account,
            vote,
            stake,
        });
        Ok(())
    }

    pub(crate) fn do_close(index: u32) -> DispatchResult {
        let proposal = Proposals::<T>::get(index).ok_or(Error::<T>::UnknownProposal)?;
        match proposal.electorate.standing(Self::now() >= proposal.ends_at) {
            Standing::Undecided => Err(Error::<T>::VotingOpen.into()),
            Standing::Rejected => {
                Proposals::<T>::remove(index);
                T::Preimages::drop(&proposal.call);
                Self::deposit_event(Event::ProposalRejected { index });
                Ok(())
            }
            Standing::Approved => Self::schedule(index, proposal.call),
        }
    }

    fn schedule(index: u32, call: BoundedCallOf<T>) -> DispatchResult {
        let now = Self::now();
        let at = now.saturating_add(GovernanceSettings::<T>::get().enactment_delay);
        let mut waiting = Enactments::<T>::get();
        waiting.retain(|enactment| enactment.at > now);
        let enactment = Enactment {
            index,
            call: call.clone(),
            at,
        };
        waiting.try_push(enactment).map_err(|_| Error::<T>::TooManyProposals)?;

        T::Scheduler::schedule_named(
            Self::task(index),
            DispatchTime::At(at.into()),
            None,
            PRIORITY,
            RawOrigin::Root.into(),
            call.clone(),
        )?;
        // The scheduler holds it from here on.
        T::Preimages::drop(&call);
        Enactments::<T>::put(waiting);
        Proposals::<T>::remove(index);
        Self::deposit_event(Event::ProposalApproved { index, at });
        Ok(())
    }

    pub(crate) fn do_cancel(index: u32) -> DispatchResult {
        let call = match Proposals::<T>::take(index) {
            Some(proposal) => proposal.call,
            None => Self::unschedule(index)?,
        };
        T::Preimages::drop(&call);
        Self::deposit_event(Event::ProposalCancelled { index });
        Ok(())
    }

    /// Takes an approved call out of the scheduler, which leaves its hold on the preimage to us.
    fn unschedule(index: u32) -> Result<BoundedCallOf<T>, sp_runtime::DispatchError> {
        let mut waiting = Enactments::<T>::get();
        let position = waiting
            .iter()
            .position(|enactment| enactment.index == index)
            .ok_or(Error::<T>::UnknownProposal)?;
        // Fails where the call was made already.
        T::Scheduler::cancel_named(Self::task(index)).map_err(|_| Error::<T>::UnknownProposal)?;
        let enactment = waiting.remove(position);
        Enactments::<T>::put(waiting);
        Ok(enactment.call)
    }
}
