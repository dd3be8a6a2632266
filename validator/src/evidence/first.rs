//! Receipts of version 1, as the first releases wrote them. They stay leaves of their commits; what they say is shown, not recomputed.
use super::{Answered, Evidence, Origin, FIRST_VERSION};
use crate::{
    pace::{Medians, Timing},
    rate::Policy,
    Rating, Score, Verdict,
};
use codec::{Decode, DecodeAll};
use laurel_protocol::{Hash, SignedReceipt};
use laurel_types::{BlockNumber, EpochIndex, ModelRoot, NetUid, RegistrationId, Uid};

/// A rating before there was a rate: everything was checked.
#[derive(Decode)]
struct FirstRating {
    value: Score,
    tasks: u32,
    probation: u32,
}

impl From<FirstRating> for Rating {
    fn from(first: FirstRating) -> Self {
        let FirstRating {
            value,
            tasks,
            probation,
        } = first;
        Self {
            value,
            tasks,
            probation,
            rate: Score::ONE,
        }
    }
}

#[derive(Decode)]
struct FirstEvidence {
    version: u8,
    netuid: NetUid,
    epoch: EpochIndex,
    block: BlockNumber,
    uid: Uid,
    registration: RegistrationId,
    hotkey: [u8; 32],
    model: ModelRoot,
    task: (String, Vec<u8>),
    /// Not kept any more: it stands in the receipt that the miner signed.
    _request_hash: Option<Hash>,
    answer_hash: Option<Hash>,
    receipt: Option<String>,
    latency_ms: u64,
    deadline_ms: u64,
    verdict: Verdict,
    reason: String,
    correctness: Score,
    speed: Score,
    score: Score,
    before: FirstRating,
    after: FirstRating,
}

/// Reads a receipt of version 1.
pub(super) fn read(mut leaf: &[u8]) -> Result<Evidence, codec::Error> {
    let first = FirstEvidence::decode_all(&mut leaf)?;
    if first.version != FIRST_VERSION {
        return Err("a receipt of another version".into());
    }
    let timing = Timing {
        first_ms: first.latency_ms,
        latency_ms: first.latency_ms,
        deadline_ms: first.deadline_ms,
        ..Default::default()
    };
    let receipt = first.receipt;
    let answered = first.answer_hash.map(|hash| Answered {
        hash,
        bytes: 0,
        receipt: receipt.and_then(|text| SignedReceipt::from_text(&text).ok()),
        timing,
    });
    Ok(Evidence {
        version: first.version,
        netuid: first.netuid,
        epoch: first.epoch,
        block: first.block,
        uid: first.uid,
        registration: first.registration,
        hotkey: first.hotkey,
        model: first.model,
        origin: Origin::Task,
        task: first.task,
        wants_proof: false,
        sent: None,
        answered,
        draw: None,
        medians: Medians::default(),
        deviation: None,
        window: None,
        verdict: first.verdict,
        reason: first.reason,
        correctness: first.correctness,
        speed: first.speed,
        score: first.score,
        policy: Policy::default(),
        before: first.before.into(),
        after: first.after.into(),
    })
}
