//! Motions of the council, and proposals that owners of root seats decide.
use super::{Argument, Call, NamedCall};
use crate::Cost;
use codec::{Compact, Encode};

/// What a member of the council says, or an owner of root seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// Do it.
    Aye,
    /// Leave it.
    Nay,
}

/// Puts a call before the council; it is made once `threshold` members agree, at once if that is one.
pub fn motion(threshold: u32, call: Call) -> Call {
    NamedCall::new("Council", "propose")
        .with("threshold", Argument::Number(threshold.into()))
        .with("proposal", Argument::Call(Box::new(call.clone())))
        .with("length_bound", Argument::CallLength(Box::new(call)))
        .into()
}

/// Votes on a motion of the council, named by the hash of its call and its index.
pub fn vote_on_motion(hash: [u8; 32], index: u32, vote: Vote) -> Call {
    NamedCall::new("Council", "vote")
        .with("proposal", Argument::scale(&hash))
        .with("index", Argument::Number(index.into()))
        .with("approve", Argument::scale(&(vote == Vote::Aye)))
        .into()
}

/// Ends a motion that is decided: its call, of this length and at most this weight, is made, or it is dropped.
pub fn close_motion(hash: [u8; 32], index: u32, length: u32, most: Cost) -> Call {
    let weight = (Compact(most.ref_time), Compact(most.proof_size)).encode();
    NamedCall::new("Council", "close")
        .with("proposal_hash", Argument::scale(&hash))
        .with("index", Argument::Number(index.into()))
        .with("proposal_weight_bound", Argument::Scale(weight))
        .with("length_bound", Argument::Number(length.into()))
        .into()
}

/// Puts a call on the chain, so that a proposal can name it by its hash.
pub fn note_preimage(call: Call) -> Call {
    NamedCall::new("Preimage", "note_preimage")
        .with("bytes", Argument::CallBytes(Box::new(call)))
        .into()
}

/// Proposes to the owners of root seats that root makes a call; the sender is the council, see [`motion`]. The preimage of a call of more
/// than 128 bytes must be noted before.
pub fn open(call: Call) -> Call {
    NamedCall::new("Governance", "open")
        .with("call", Argument::BoundedCall(Box::new(call)))
        .into()
}

/// Votes on a proposal with the stake behind the sender's root seats.
pub fn vote(index: u32, vote: Vote) -> Call {
    let vote = match vote {
        Vote::Aye => "Aye",
        Vote::Nay => "Nay",
    };
    NamedCall::new("Governance", "vote")
        .with("index", Argument::Number(index.into()))
        .with("vote", Argument::Variant(vote.into()))
        .into()
}

/// Ends a proposal that is decided.
pub fn close(index: u32) -> Call {
    NamedCall::new("Governance", "close")
        .with("index", Argument::Number(index.into()))
        .into()
}

/// Takes a proposal back; the sender is the council, see [`motion`].
pub fn cancel(index: u32) -> Call {
    NamedCall::new("Governance", "cancel")
        .with("index", Argument::Number(index.into()))
        .into()
}
