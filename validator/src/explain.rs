//! `laurel explain`: why a uid was rated as it was, and whether it follows.
//!
//! A validator's own store says the one ([`explain()`]). Anybody else is given a [bundle], [compares](on_chain) it with the chain, and
//! [recomputes](recount) every score in it. A user checks [one answer](answer) alone.
pub mod answer;
pub mod bundle;
pub mod on_chain;
pub mod recount;
mod words;

use crate::{
    store::{Store, StoreError, StoredReceipt},
    Evidence,
};
use laurel_types::{NetUid, Uid};
use std::{fmt, path::Path};

/// The last epochs' receipts of one uid. `Display` prints them for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The subnet.
    pub netuid: NetUid,
    /// The uid.
    pub uid: Uid,
    /// Its receipts, oldest first.
    pub receipts: Vec<StoredReceipt>,
}

/// Reads the receipts of a uid in its last `epochs` epochs from a validator's data folder. Works while the validator runs.
///
/// # Errors
/// When the folder has no store of this subnet, or the store is damaged.
pub fn explain(netuid: NetUid, uid: Uid, data_dir: &Path, epochs: u32) -> Result<Explanation, StoreError> {
    let receipts = Store::open_to_read(data_dir, netuid)?.receipts_of(uid, epochs)?;
    Ok(Explanation { netuid, uid, receipts })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { netuid, uid, receipts } = self;
        if receipts.is_empty() {
            return writeln!(f, "subnet {netuid}, uid {uid}: this validator has not asked it yet");
        }
        writeln!(f, "subnet {netuid}, uid {uid}: {} tasks", receipts.len())?;
        let mut shown = None;
        for StoredReceipt { summary, evidence } in receipts {
            let heading = (evidence.epoch, evidence.registration);
            if shown != Some(heading) {
                writeln!(f, "\nepoch {}, registration {}", evidence.epoch, evidence.registration)?;
                shown = Some(heading);
            }
            writeln!(f, "  block {}: {}", evidence.block, summary)?;
            writeln!(
                f,
                "    {}: {}",
                evidence.verdict,
                if evidence.reason.is_empty() {
                    "no reason given"
                } else {
                    &evidence.reason
                }
            )?;
            let Evidence {
                score,
                correctness,
                speed,
                before,
                after,
                ..
            } = evidence;
            write!(f, "    score {score} = correctness {correctness} × speed {speed}")?;
            if let Some(timing) = evidence.answered.as_ref().map(|answered| answered.timing) {
                write!(f, " ({} ms of {} ms)", timing.latency_ms, timing.deadline_ms)?;
            }
            write!(f, "; rating {} → {}", before.value, after.value)?;
            match evidence.after.probation {
                0 => writeln!(f)?,
                owed => writeln!(f, ", on probation for {owed} correct answers")?,
            }
        }
        Ok(())
    }
}
