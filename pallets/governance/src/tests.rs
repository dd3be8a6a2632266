//! From proposal to enactment, and every way in which it does not come to it.
use crate::{mock::*, Enactments, Error, Event, Proposals, Vote};
use frame_support::{
    assert_noop, assert_ok,
    traits::{Bounded, QueryPreimage, StorePreimage},
};
use sp_runtime::{traits::BadOrigin, DispatchError};

const KEY: &[u8] = b"decided";

/// A call only root can make, with a trace in storage.
fn call() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::set_storage {
        items: vec![(KEY.to_vec(), vec![1])],
    })
}

fn decided() -> bool {
    frame_support::storage::unhashed::exists(KEY)
}

fn council() -> RuntimeOrigin {
    RuntimeOrigin::signed(COUNCIL)
}

fn open() -> u32 {
    let index = crate::NextIndex::<Test>::get();
    assert_ok!(Governance::open(council(), Preimage::bound(call()).unwrap()));
    index
}

fn vote(account: AccountId, index: u32, vote: Vote) -> Result<(), DispatchError> {
    Governance::vote(RuntimeOrigin::signed(account), index, vote)
}

/// Closed by somebody with no part in it.
fn close(index: u32) -> Result<(), DispatchError> {
    Governance::close(RuntimeOrigin::signed(77), index)
}

#[test]
fn an_approved_call_is_made_as_root_after_the_delay_and_not_before() {
    with_seats(&[(1, 60), (2, 40)], || {
        let index = open();
        assert_ok!(vote(1, index, Vote::Aye));
        assert_ok!(close(index));
        run_to(1 + ENACTMENT_DELAY - 1);
        assert!(!decided());
        run_to(1 + ENACTMENT_DELAY);
        assert!(decided());
        assert!(events().contains(&Event::ProposalApproved { index: 0, at: 6 }));
    });
}

#[test]
fn only_the_council_proposes_and_cancels() {
    with_seats(&[(1, 60)], || {
        let bounded = Preimage::bound(call()).unwrap();
        assert_noop!(Governance::open(RuntimeOrigin::signed(1), bounded.clone()), BadOrigin);
        assert_noop!(Governance::open(RuntimeOrigin::root(), bounded), BadOrigin);
        let index = open();
        assert_noop!(Governance::cancel(RuntimeOrigin::signed(1), index), BadOrigin);
    });
}

#[test]
fn electorate_and_threshold_stay_what_they_were_when_the_proposal_was_opened() {
    with_seats(&[(1, 60), (2, 40)], || {
        let index = open();
        // All seats pass to somebody else, with stake that would have needed a threshold of its own.
        TestSeats::set(&[(3, 1_000)]);
        assert_eq!(vote(3, index, Vote::Nay), refused(Error::NotAnElector));
        assert_ok!(vote(2, index, Vote::Aye));
        assert_eq!(close(index), refused(Error::VotingOpen), "40 of 100 is too little");
        assert_ok!(vote(1, index, Vote::Aye));
        assert_ok!(close(index));
    });
}

#[test]
fn anybody_closes_what_is_decided_and_nobody_what_is_not() {
    with_seats(&[(1, 50), (2, 50)], || {
        let (first, second) = (open(), open());
        assert_ok!(vote(1, first, Vote::Nay));
        assert_ok!(close(first));
        assert!(events().contains(&Event::ProposalRejected { index: first }));

        assert_ok!(vote(1, second, Vote::Aye));
        assert_eq!(close(second), refused(Error::VotingOpen));
        run_to(1 + VOTING_PERIOD);
        assert_eq!(vote(2, second, Vote::Aye), refused(Error::VotingOver));
        assert_ok!(close(second));
        assert_eq!(close(second), refused(Error::UnknownProposal));
        assert_eq!(Proposals::<Test>::count(), 0);
    });
}

#[test]
fn the_council_takes_back_what_is_voted_on_and_what_waits_for_its_block() {
    with_seats(&[(1, 50)], || {
        let voted_on = open();
        assert_ok!(Governance::cancel(council(), voted_on));
        assert_eq!(vote(1, voted_on, Vote::Aye), refused(Error::UnknownProposal));

        let waiting = open();
        assert_ok!(vote(1, waiting, Vote::Aye));
        assert_ok!(close(waiting));
        assert_eq!(Enactments::<Test>::get().len(), 1);
        assert_ok!(Governance::cancel(council(), waiting));
        run_to(20);
        assert!(!decided());
        assert_noop!(Governance::cancel(council(), waiting), Error::<Test>::UnknownProposal);
    });
}

#[test]
fn what_was_made_cannot_be_cancelled_any_more() {
    with_seats(&[(1, 50)], || {
        let index = open();
        assert_ok!(vote(1, index, Vote::Aye));
        assert_ok!(close(index));
        run_to(1 + ENACTMENT_DELAY);
        assert_noop!(Governance::cancel(council(), index), Error::<Test>::UnknownProposal);
    });
}

#[test]
fn a_large_call_stays_available_until_it_is_made_and_no_longer() {
    with_seats(&[(1, 50)], || {
        let large = RuntimeCall::System(frame_system::Call::set_storage {
            items: vec![(KEY.to_vec(), vec![1; 500])],
        });
        let bounded = Preimage::bound(large).unwrap();
        let Bounded::Lookup { hash, .. } = bounded else {
            panic!("500 bytes do not fit inline")
        };
        assert_ok!(Governance::open(council(), bounded));
        // Whoever noted it no longer needs it.
        <Preimage as StorePreimage>::unnote(&hash);
        assert_ok!(vote(1, 0, Vote::Aye));
        assert_ok!(close(0));
        run_to(1 + ENACTMENT_DELAY);
        assert!(decided());
        assert!(
            !<Preimage as QueryPreimage>::is_requested(&hash),
            "nobody holds it any more"
        );
    });
}

#[test]
fn a_call_that_nobody_noted_is_refused() {
    with_seats(&[(1, 50)], || {
        let missing = Bounded::Lookup {
            hash: Default::default(),
            len: 10,
        };
        assert_noop!(Governance::open(council(), missing), Error::<Test>::PreimageMissing);
    });
}

#[test]
fn a_call_that_could_not_be_fetched_by_its_length_is_refused() {
    with_seats(&[(1, 50)], || {
        let large = RuntimeCall::System(frame_system::Call::remark { remark: vec![1; 500] });
        let Bounded::Lookup { hash, len } = Preimage::bound(large).unwrap() else {
            panic!("500 bytes do not fit inline")
        };
        for len in [len - 1, len + 1] {
            let wrong = Bounded::Lookup { hash, len };
            assert_noop!(Governance::open(council(), wrong), Error::<Test>::PreimageMissing);
        }
        assert_ok!(Governance::open(council(), Bounded::Lookup { hash, len }));
    });
}

#[test]
fn who_voted_can_change_its_mind_until_the_proposal_is_closed() {
    with_seats(&[(1, 60), (2, 40)], || {
        let index = open();
        assert_ok!(vote(1, index, Vote::Aye));
        assert_ok!(vote(1, index, Vote::Nay));
        assert_ok!(close(index));
        assert!(events().contains(&Event::ProposalRejected { index }));
    });
}

#[test]
fn without_stake_behind_a_seat_nothing_can_be_proposed() {
    with_seats(&[(1, 0)], || {
        let bounded = Preimage::bound(call()).unwrap();
        assert_noop!(Governance::open(council(), bounded), Error::<Test>::NobodyCanVote);
    });
}

#[test]
fn proposals_that_are_open_or_wait_are_bounded() {
    with_seats(&[(1, 50)], || {
        for _ in 0..4 {
            open();
        }
        let bounded = Preimage::bound(call()).unwrap();
        assert_noop!(Governance::open(council(), bounded), Error::<Test>::TooManyProposals);
        for index in 0..4 {
            assert_ok!(vote(1, index, Vote::Aye));
            assert_ok!(close(index));
        }
        let fifth = open();
        assert_ok!(vote(1, fifth, Vote::Aye));
        assert_eq!(close(fifth), refused(Error::TooManyProposals), "four wait already");
        run_to(1 + ENACTMENT_DELAY);
        assert_ok!(close(fifth));
    });
}
