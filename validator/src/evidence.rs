//! The scoring receipt: everything from which a rating's last step can be recomputed.
mod first;

use crate::{
    pace::{speed, Medians, Timing},
    rate::{Draw, Policy},
    rating::Record,
    statistic::{Deviation, Window},
    work::{Amount, Answer, Findings},
    Judgement, Rating, Score, Verdict,
};
use codec::{Decode, DecodeAll, Encode};
use laurel_protocol::{
    blake2b_256, merkle_root, Envelope, Hash, Hotkey, Nonce, Receipt, SignedReceipt, PROTOCOL_VERSION,
};
use laurel_types::{BlockNumber, EpochIndex, ModelRoot, NetUid, RegistrationId, Uid};

/// Version of the record; raised when a field or a rule changes.
pub const EVIDENCE_VERSION: u8 = 2;
/// The version of [`first`].
const FIRST_VERSION: u8 = 1;

/// Whose question it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Origin {
    /// The validator's own.
    Task,
    /// A user's. What was asked and answered is not kept: sizes and digests only.
    User,
}

/// What a request's signature covers, but for what stands elsewhere in the record.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Sent {
    /// The hotkey that asked and signed.
    pub sender: [u8; 32],
    /// What makes the request unique.
    pub nonce: [u8; 16],
    /// Unix time in milliseconds from which the miner was to refuse it.
    pub expires_ms: u64,
    /// Digest of the body.
    pub body_hash: Hash,
    /// Length of the body.
    pub body_bytes: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Answered {
    /// Digest of the body.
    pub hash: Hash,
    /// Length of the body.
    pub bytes: u32,
    /// What the miner signed; none if what came was no receipt.
    pub receipt: Option<SignedReceipt>,
    /// When it came, and how much it was.
    pub timing: Timing,
}

/// One scored answer, or why there was none. Its SCALE encoding is a leaf of the Merkle tree whose root stands in the weights' commit and reveal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Evidence {
    /// [`EVIDENCE_VERSION`]; what an older release wrote is read, and has its version.
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
    /// Whose question it was.
    pub origin: Origin,
    /// Route and JSON that were sent; empty if nothing was, the JSON also if it was a user's.
    pub task: (String, Vec<u8>),
    /// Whether the subnet asked for activation proofs.
    pub wants_proof: bool,
    /// The signed request, if it was answered.
    pub sent: Option<Sent>,
    /// The answer, if there was one.
    pub answered: Option<Answered>,
    /// Whether it was to be checked; none where nothing was left to check.
    pub draw: Option<Draw>,
    /// What the subnet's miners took for the same work.
    pub medians: Medians,
    /// How far a checked answer is from the registered model's; none where it is wrong by itself.
    pub deviation: Option<Deviation>,
    /// The last checked answers before this one, where [`Self::deviation`] is added to them.
    pub window: Option<Window>,
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
    /// The rules by which the rating changed.
    pub policy: Policy,
    /// The rating before.
    pub before: Rating,
    /// The rating after.
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

/// What was asked, what came back, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Whose question it was.
    pub origin: Origin,
    /// Route and JSON that were sent; empty if nothing was.
    pub task: (String, Vec<u8>),
    /// Whether the subnet asked for activation proofs.
    pub wants_proof: bool,
    /// The signed request, if it was answered.
    pub sent: Option<Sent>,
    /// The answer, if there was one.
    pub answered: Option<Answered>,
    /// Whether it was to be checked.
    pub draw: Option<Draw>,
    /// What the subnet's miners took for the same work.
    pub medians: Medians,
    /// What is said of it alone.
    pub judgement: Judgement,
}

impl Case {
    /// Leaves out what a user, or the miner to a user, said: the task's JSON, and reasons, which can quote answers.
    pub fn forget_words(&mut self) {
        self.task.1.clear();
        self.judgement.reason = match self.judgement.verdict {
            Verdict::Unchecked => return,
            Verdict::Correct => "it was checked; what is known of a user's answer are its digest and deviation".into(),
            verdict => format!("{verdict}: what a user's answer was is not kept"),
        };
    }
}

impl From<Judgement> for Case {
    /// Nothing was sent.
    fn from(judgement: Judgement) -> Self {
        Self {
            origin: Origin::Task,
            task: Default::default(),
            wants_proof: false,
            sent: None,
            answered: None,
            draw: None,
            medians: Medians::default(),
            judgement,
        }
    }
}

impl Sent {
    /// The request with this body.
    pub fn new(envelope: &Envelope, body: &[u8]) -> Self {
        Self {
            sender: envelope.sender.0,
            nonce: envelope.nonce.0,
            expires_ms: envelope.expires_ms,
            body_hash: envelope.body_hash,
            body_bytes: size(body),
        }
    }
}

impl Answered {
    /// An answer of so much work.
    pub fn new(answer: &Answer, amount: Amount) -> Self {
        Self {
            hash: blake2b_256(&[&answer.body]),
            bytes: size(&answer.body),
            receipt: answer
                .receipt
                .as_deref()
                .and_then(|text| SignedReceipt::from_text(text).ok()),
            timing: Timing {
                is_streamed: answer.is_streamed,
                first_ms: answer.first_ms,
                latency_ms: answer.latency_ms,
                deadline_ms: answer.deadline_ms,
                amount,
            },
        }
    }
}

/// Bodies are bounded far below 4 GiB.
fn size(body: &[u8]) -> u32 {
    u32::try_from(body.len()).unwrap_or(u32::MAX)
}

impl Evidence {
    /// The record of a case, and what it makes of the miner's.
    pub fn new(
        subject: &Subject,
        (epoch, block): (EpochIndex, BlockNumber),
        case: Case,
        record: &Record,
        policy: Policy,
    ) -> (Self, Record) {
        let window = case.judgement.deviation.as_ref().map(|_| record.window.clone());
        let (judgement, after) = record.with(case.judgement, &policy);
        let evidence = Self {
            version: EVIDENCE_VERSION,
            netuid: subject.netuid,
            epoch,
            block,
            uid: subject.uid,
            registration: subject.registration,
            hotkey: subject.hotkey,
            model: subject.model,
            origin: case.origin,
            task: case.task,
            wants_proof: case.wants_proof,
            sent: case.sent,
            answered: case.answered,
            draw: case.draw,
            medians: case.medians,
            deviation: judgement.deviation,
            window,
            verdict: judgement.verdict,
            reason: judgement.reason,
            correctness: judgement.correctness,
            speed: judgement.speed,
            score: judgement.score,
            policy,
            before: record.rating,
            after: after.rating,
        };
        (evidence, after)
    }

    /// Reads a leaf of this release or of an older one. Only the former can be recomputed.
    ///
    /// # Errors
    /// When it is neither.
    pub fn read(leaf: &[u8]) -> Result<Self, codec::Error> {
        match leaf.first() {
            Some(&FIRST_VERSION) => first::read(leaf),
            Some(&EVIDENCE_VERSION) => Self::decode_all(&mut &*leaf),
            _ => Err("a receipt of an unknown version".into()),
        }
    }

    /// The envelope that was signed on the chain of this genesis, if the request was answered.
    pub fn envelope(&self, genesis: Hash) -> Option<Envelope> {
        let sent = self.sent.as_ref()?;
        Some(Envelope {
            version: PROTOCOL_VERSION,
            genesis,
            netuid: self.netuid,
            sender: Hotkey(sent.sender),
            receiver: Hotkey(self.hotkey),
            nonce: Nonce(sent.nonce),
            expires_ms: sent.expires_ms,
            method: "POST".into(),
            path: self.task.0.clone(),
            body_hash: sent.body_hash,
        })
    }

    /// The window of checked answers with this one, where it was added to one.
    pub fn window_after(&self) -> Option<Window> {
        self.window.as_ref()?;
        Some(self.record_after()?.1.window)
    }

    /// Whether everything in the record follows from the rest of it, on the chain of this genesis. Whether the answer was right, only the model says.
    pub fn is_consistent(&self, genesis: &Hash) -> bool {
        self.contradiction(genesis).is_none()
    }

    /// What in the record does not follow from the rest of it.
    pub fn contradiction(&self, genesis: &Hash) -> Option<&'static str> {
        if self.version != EVIDENCE_VERSION {
            return Some("an older release wrote it, by other rules");
        }
        self.contradicts_request()
            .or_else(|| self.contradicts_receipt(genesis))
            .or_else(|| self.contradicts_draw())
            .or_else(|| self.contradicts_scores())
    }

    fn contradicts_request(&self) -> Option<&'static str> {
        let (Some(sent), (_, body)) = (&self.sent, &self.task) else {
            return self.answered.is_some().then_some("an answer without a request");
        };
        match self.origin {
            Origin::User if !body.is_empty() => Some("a user's words are kept"),
            Origin::Task if sent.body_hash != blake2b_256(&[body]) || sent.body_bytes != size(body) => {
                Some("the task is not the one that was signed")
            }
            _ => None,
        }
    }

    /// An answer that passed has a receipt that holds.
    fn contradicts_receipt(&self, genesis: &Hash) -> Option<&'static str> {
        if !self.is_passed() {
            return None;
        }
        let (Some(envelope), Some(answered)) = (self.envelope(*genesis), &self.answered) else {
            return Some("nothing was answered");
        };
        let Some(signed) = &answered.receipt else {
            return Some("there is no receipt");
        };
        let Receipt {
            output_hash,
            proof_hash,
            ..
        } = signed.receipt;
        let holds = signed.check(&envelope, self.model, output_hash, proof_hash).is_ok();
        (!holds).then_some("the miner's receipt is about something else")
    }

    fn contradicts_draw(&self) -> Option<&'static str> {
        match &self.draw {
            Some(draw) if draw.rate < self.policy.floor() => Some("the rate is below the lowest"),
            Some(draw) if draw.is_check() == (self.verdict == Verdict::Unchecked) => {
                Some("what was checked is not what was drawn")
            }
            Some(draw) if draw.lot >= Score::ONE || draw.rate > Score::ONE => Some("the draw is out of range"),
            None if self.is_passed() => Some("nothing was drawn"),
            _ => None,
        }
    }

    fn contradicts_scores(&self) -> Option<&'static str> {
        let Some((judgement, after)) = self.record_after() else {
            return Some("the parts of a checked answer are incomplete");
        };
        let scores = (
            judgement.verdict,
            judgement.correctness,
            judgement.speed,
            judgement.score,
        );
        if scores != (self.verdict, self.correctness, self.speed, self.score) {
            return Some("the scores do not follow");
        }
        (after.rating != self.after).then_some("the rating does not follow")
    }

    /// Whether nothing was wrong with the answer by itself.
    fn is_passed(&self) -> bool {
        self.verdict == Verdict::Unchecked || self.deviation.is_some()
    }

    /// Judges again, from what was measured.
    fn record_after(&self) -> Option<(Judgement, Record)> {
        let speed = |answered: &Answered| speed(&answered.timing, &self.medians);
        let judgement = match (self.verdict, self.deviation) {
            (_, Some(deviation)) => {
                let findings = Findings {
                    reason: self.reason.clone(),
                    correctness: self.correctness,
                    deviation,
                };
                Judgement::correct(findings, speed(self.answered.as_ref()?))
            }
            (Verdict::Unchecked, None) => Judgement::unchecked(speed(self.answered.as_ref()?)),
            (Verdict::Correct, None) => return None,
            (verdict, None) => Judgement::fault(crate::Fault::new(verdict, self.reason.clone())),
        };
        let before = Record {
            rating: self.before,
            window: match (&self.window, self.deviation) {
                (Some(window), Some(_)) => window.clone(),
                (None, None) => Window::default(),
                _ => return None,
            },
        };
        Some(before.with(judgement, &self.policy))
    }
}

/// The root over encoded receipts, in the order in which they were recorded.
pub fn receipts_root<L: AsRef<[u8]>>(leaves: &[L]) -> Hash {
    merkle_root(leaves)
}

#[cfg(test)]
pub(crate) mod tests;
