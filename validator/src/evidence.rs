//! The scoring receipt: everything from which a rating's last step can be recomputed.
use crate::{Judgement, Rating, Score, Verdict};
use codec::{Decode, Encode};
use laurel_protocol::{merkle_root, Hash};
use laurel_types::{BlockNumber, EpochIndex, ModelRoot, NetUid, RegistrationId, Uid};

/// Version of the record; raised when a field changes.
pub const EVIDENCE_VERSION: u8 = 1;

/// One scored task. Its SCALE encoding is a leaf of the Merkle tree whose root stands in the weights' commit and reveal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Evidence {
    /// [`EVIDENCE_VERSION`].
    pub version: u8,
    /// The subnet.
    pub netuid: NetUid,
    /// The epoch in whose commit it counts.
    pub epoch: EpochIndex,
    /// The best block when it was recorded.
    pub block: BlockNumber,
    /// The miner's slot.
    pub uid: Uid,
    /// The miner's registration.
    pub registration: RegistrationId,
    /// The miner's hotkey.
    pub hotkey: [u8; 32],
    /// The model that was asked for.
    pub model: ModelRoot,
    /// Route and JSON that were sent; empty if nothing was.
    pub task: (String, Vec<u8>),
    /// Digest of the signed request, if one was answered.
    pub request_hash: Option<Hash>,
    /// Digest of the answer's body.
    pub answer_hash: Option<Hash>,
    /// The `laurel-receipt` that the miner signed, as it came.
    pub receipt: Option<String>,
    /// From the request to the last byte.
    pub latency_ms: u64,
    /// How long the miner had.
    pub deadline_ms: u64,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Sub-score: is it right.
    pub correctness: Score,
    /// Sub-score: was it fast.
    pub speed: Score,
    /// `correctness × speed`.
    pub score: Score,
    /// The rating before.
    pub before: Rating,
    /// The rating after; always `before.after(verdict, score)`.
    pub after: Rating,
}

/// Whose task it was, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The subnet.
    pub netuid: NetUid,
    /// The miner's slot.
    pub uid: Uid,
    /// The miner's registration.
    pub registration: RegistrationId,
    /// The miner's hotkey.
    pub hotkey: [u8; 32],
    /// The model that was asked for.
    pub model: ModelRoot,
}

impl Evidence {
    /// The record of a judgement; `before` is the rating that it changes.
    pub fn new(
        subject: &Subject,
        epoch: EpochIndex,
        block: BlockNumber,
        judgement: &Judgement,
        before: Rating,
    ) -> Self {
        Self {
            version: EVIDENCE_VERSION,
            netuid: subject.netuid,
            epoch,
            block,
            uid: subject.uid,
            registration: subject.registration,
            hotkey: subject.hotkey,
            model: subject.model,
            task: Default::default(),
            request_hash: None,
            answer_hash: None,
            receipt: None,
            latency_ms: 0,
            deadline_ms: 0,
            verdict: judgement.verdict,
            reason: judgement.reason.clone(),
            correctness: judgement.correctness,
            speed: judgement.speed,
            score: judgement.score,
            before,
            after: before.after(judgement.verdict, judgement.score),
        }
    }

    /// Whether score and rating follow from the rest.
    pub fn is_consistent(&self) -> bool {
        self.score == self.correctness.times(self.speed) && self.after == self.before.after(self.verdict, self.score)
    }
}

/// The root over encoded receipts, in the order in which they were recorded.
pub fn receipts_root(leaves: &[Vec<u8>]) -> Hash {
    merkle_root(leaves)
}
