//! `laurel explain`: why a uid was rated as it was.
use crate::store::{Store, StoreError, StoredReceipt};
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
            write!(
                f,
                "    score {} = correctness {} × speed {} ({} ms of {} ms); rating {} → {}",
                evidence.score,
                evidence.correctness,
                evidence.speed,
                evidence.latency_ms,
                evidence.deadline_ms,
                evidence.before.value,
                evidence.after.value
            )?;
            match evidence.after.probation {
                0 => writeln!(f)?,
                owed => writeln!(f, ", on probation for {owed} correct answers")?,
            }
        }
        Ok(())
    }
}
