//! What the validator must not forget: receipts, ratings, which tasks were used, and commits that wait to be revealed.
//!
//! One SQLite file for each subnet. Every write is one transaction that is on disk when the call returns.
mod bundled;
pub(crate) mod database;
mod latest;
mod schema;

pub use bundled::StoredLeaf;

use crate::{rating::Record, statistic::Window, Evidence, Rating, Score};
use codec::{DecodeAll, Encode};
use database::Database;
use laurel_protocol::Hash;
use laurel_types::{EpochIndex, NetUid, RegistrationId, Uid, WeightRow};
use rusqlite::{params, Connection, OptionalExtension};
use std::path::{Path, PathBuf};

/// Answers are kept for so many epochs; after that only their digests.
const KEEP_ANSWERS: u64 = 20;
/// Receipts are kept for so many epochs.
const KEEP_RECEIPTS: u64 = 2_000;

/// The store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no store where one is to be read.
    #[error("{path} does not exist: give the --data folder of a validator of this subnet", path = .0.display())]
    Missing(PathBuf),
    /// The folder cannot be made.
    #[error("cannot create {path}: {source}; choose another --data folder", path = .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file belongs to something else.
    #[error("{path} was written for another {what}: choose another --data folder", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Chain, subnet or hotkey.
        what: &'static str,
    },
    /// The file has a layout that this release does not know.
    #[error(
        "{path} was written by a later release (layout {found}, this one knows {known}): use that release, or choose another --data folder",
        path = .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The newest that this release knows.
        known: i64,
    },
    /// SQLite refuses.
    #[error("cannot use {path}: {source}; {remedy}", path = .path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A record cannot be decoded.
    #[error("{path} is damaged ({what}): restore a copy, or move it away to start anew", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which record.
        what: &'static str,
    },
}

/// Whose store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Genesis hash of the chain.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: NetUid,
    /// The validator's hotkey.
    pub hotkey: [u8; 32],
}

/// How far a commit has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitState {
    /// On disk; it may or may not have been sent.
    Prepared,
    /// In a block.
    Committed,
    /// Revealed; nothing is left to do.
    Revealed,
    /// It can no longer be revealed.
    Void,
}

impl CommitState {
    fn name(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Committed => "committed",
            Self::Revealed => "revealed",
            Self::Void => "void",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Prepared, Self::Committed, Self::Revealed, Self::Void]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// Weights with all that is needed to reveal them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCommit {
    /// The epoch in which they were committed.
    pub epoch: EpochIndex,
    /// The one epoch in which they can be revealed.
    pub reveal_epoch: EpochIndex,
    /// The validator's registration, which the hash binds.
    pub registration: RegistrationId,
    /// The weights.
    pub row: WeightRow,
    /// Merkle root of the receipts behind them.
    pub receipts_root: Hash,
    /// Version of the rules.
    pub version_key: u64,
    /// What makes the hash unguessable.
    pub salt: [u8; 32],
    /// How far it has come.
    pub state: CommitState,
}

/// A receipt as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// The task in a few words.
    pub summary: String,
    /// The record.
    pub evidence: Evidence,
}

/// What is kept beside a receipt, of the validator's own tasks.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// The task in a few words.
    pub summary: &'a str,
    /// The answer's body.
    pub answer: Option<&'a [u8]>,
}

/// The store of one validator in one subnet.
#[derive(Debug)]
pub struct Store {
    database: Database,
}

/// The file of a subnet in a data folder.
fn file(folder: &Path, netuid: NetUid) -> PathBuf {
    folder.join(format!("subnet-{netuid}.sqlite"))
}

impl Store {
    /// Opens or creates the store in a data folder. One that an earlier release wrote is brought up to date.
    pub fn open(folder: &Path, identity: &Identity) -> Result<Self, StoreError> {
        let database = Database::open(file(folder, identity.netuid), schema::LAYOUT)?;
        database.claim("genesis", &identity.genesis, "chain")?;
        database.claim("netuid", &identity.netuid.encode(), "subnet")?;
        database.claim("hotkey", &identity.hotkey, "hotkey")?;
        Ok(Self { database })
    }

    /// Opens a store for reading, also while its validator runs.
    pub fn open_to_read(folder: &Path, netuid: NetUid) -> Result<Self, StoreError> {
        // Receipts lie in every layout as they do in this one.
        let database = Database::open_to_read(file(folder, netuid), schema::LAYOUT)?;
        Ok(Self { database })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        self.database.with(act)
    }

    fn damaged(&self, what: &'static str) -> StoreError {
        self.database.damaged(what)
    }

    fn value(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.database.value(name, fresh)
    }

    /// The secret that orders this validator's tasks; made at random once.
    pub fn task_key(&self) -> Result<Hash, StoreError> {
        let key = self.value("task_key", &rand::random::<Hash>())?;
        key.try_into().map_err(|_| self.damaged("the task key"))
    }

    /// The next task number, which is out of use before it is used.
    pub fn take_task_number(&self) -> Result<u64, StoreError> {
        let bytes = self.value("next_task", &0u64.to_le_bytes())?;
        let next = u64::from_le_bytes(bytes.try_into().map_err(|_| self.damaged("the task counter"))?);
        let after = next.wrapping_add(1).to_le_bytes().to_vec();
        self.with(|db| db.execute("UPDATE identity SET value = ?1 WHERE name = 'next_task'", [after]))?;
        Ok(next)
    }

    /// What is known of a registration.
    pub fn record_of(&self, registration: RegistrationId) -> Result<Record, StoreError> {
        type Columns = (Vec<u8>, u32, Vec<u8>);
        let found: Option<Columns> = self.with(|db| {
            db.query_row(
                "SELECT rating, rate, last_checked FROM ratings WHERE registration = ?1",
                [sql(registration.0)],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
        })?;
        let Some((rating, rate, window)) = found else {
            return Ok(Record::default());
        };
        let (value, tasks, probation) =
            DecodeAll::decode_all(&mut rating.as_slice()).map_err(|_| self.damaged("a rating"))?;
        let window = match window.as_slice() {
            // Rated by a release that kept none.
            [] => Window::default(),
            mut window => Window::decode_all(&mut window).map_err(|_| self.damaged("a window of checked answers"))?,
        };
        let rating = Rating {
            value,
            tasks,
            probation,
            rate: Score(rate),
        };
        Ok(Record { rating, window })
    }

    /// Keeps a receipt and the record that it leads to, both or neither.
    pub fn record(&self, evidence: &Evidence, record: &Record, kept: &Kept<'_>) -> Result<(), StoreError> {
        let Rating {
            value,
            tasks,
            probation,
            rate,
        } = record.rating;
        self.with(|db| {
            let all = db.transaction()?;
            all.execute(
                "INSERT INTO receipts (epoch, uid, summary, evidence, answer) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    sql(evidence.epoch.0),
                    evidence.uid.0,
                    kept.summary,
                    evidence.encode(),
                    kept.answer
                ],
            )?;
            all.execute(
                "INSERT OR REPLACE INTO ratings (registration, rating, rate, last_checked) VALUES (?1, ?2, ?3, ?4)",
                params![
                    sql(evidence.registration.0),
                    (value, tasks, probation).encode(),
                    rate.0,
                    record.window.encode()
                ],
            )?;
            all.commit()
        })
    }

    /// The encoded receipts that count in an epoch's commit, in order.
    pub fn leaves(&self, epoch: EpochIndex) -> Result<Vec<Vec<u8>>, StoreError> {
        self.with(|db| {
            let mut rows = db.prepare("SELECT evidence FROM receipts WHERE epoch = ?1 ORDER BY id")?;
            let leaves = rows.query_map([sql(epoch.0)], |row| row.get(0))?;
            leaves.collect()
        })
    }

    /// The receipts of a uid in the last `epochs` epochs in which it has any, in order.
    pub fn receipts_of(&self, uid: Uid, epochs: u32) -> Result<Vec<StoredReceipt>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = self.with(|db| {
            let mut rows = db.prepare(
                "SELECT summary, evidence FROM receipts WHERE uid = ?1 AND epoch IN
                 (SELECT DISTINCT epoch FROM receipts WHERE uid = ?1 ORDER BY epoch DESC LIMIT ?2) ORDER BY id",
            )?;
            let receipts = rows.query_map(params![uid.0, epochs], |row| Ok((row.get(0)?, row.get(1)?)))?;
            receipts.collect()
        })?;
        rows.into_iter()
            .map(|(summary, bytes)| {
                let evidence = Evidence::read(&bytes).map_err(|_| self.damaged("a receipt"))?;
                Ok(StoredReceipt { summary, evidence })
            })
            .collect()
    }

    /// Writes a commit down before it is sent. It is on disk when this returns.
    pub fn put_commit(&self, commit: &StoredCommit) -> Result<(), StoreError> {
        self.with(|db| {
            db.execute(
                "INSERT OR REPLACE INTO commits
                 (epoch, reveal_epoch, registration, weights, receipts_root, version_key, salt, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    sql(commit.epoch.0),
                    sql(commit.reveal_epoch.0),
                    sql(commit.registration.0),
                    commit.row.encode(),
                    commit.receipts_root.as_slice(),
                    sql(commit.version_key),
                    commit.salt.as_slice(),
                    commit.state.name(),
                ],
            )
        })?;
        self.forget_before(commit.epoch)
    }

    /// Notes how far a commit has come.
    pub fn set_state(&self, epoch: EpochIndex, state: CommitState) -> Result<(), StoreError> {
        self.with(|db| {
            db.execute(
                "UPDATE commits SET state = ?2 WHERE epoch = ?1",
                params![sql(epoch.0), state.name()],
            )
        })?;
        Ok(())
    }

    /// Notes the epochs of a commit as the chain wrote them down: one prepared in an epoch may have got into a block of the next.
    pub fn move_commit(&self, from: EpochIndex, to: EpochIndex, reveal: EpochIndex) -> Result<(), StoreError> {
        self.with(|db| {
            db.execute(
                "UPDATE OR REPLACE commits SET epoch = ?2, reveal_epoch = ?3 WHERE epoch = ?1",
                [sql(from.0), sql(to.0), sql(reveal.0)],
            )
        })?;
        Ok(())
    }

    /// Notes that a commit got into a block an epoch later than it was prepared for.
    pub fn put_off(&self, epoch: EpochIndex) -> Result<(), StoreError> {
        self.with(|db| {
            db.execute(
                "UPDATE OR REPLACE commits SET epoch = epoch + 1, reveal_epoch = reveal_epoch + 1 WHERE epoch = ?1",
                [sql(epoch.0)],
            )
        })?;
        Ok(())
    }

    /// The commit of an epoch.
    pub fn commit_of(&self, epoch: EpochIndex) -> Result<Option<StoredCommit>, StoreError> {
        Ok(self.commits("epoch = ?1", epoch)?.pop())
    }

    /// Commits made in `epoch` or before that are neither revealed nor void, oldest first.
    pub fn open_commits(&self, epoch: EpochIndex) -> Result<Vec<StoredCommit>, StoreError> {
        self.commits(
            "epoch <= ?1 AND state IN ('prepared', 'committed') ORDER BY epoch",
            epoch,
        )
    }

    fn commits(&self, which: &str, epoch: EpochIndex) -> Result<Vec<StoredCommit>, StoreError> {
        type Columns = (i64, i64, i64, Vec<u8>, Vec<u8>, i64, Vec<u8>, String);
        let rows: Vec<Columns> = self.with(|db| {
            let mut rows = db.prepare(&format!(
                "SELECT epoch, reveal_epoch, registration, weights, receipts_root, version_key, salt, state FROM commits WHERE {which}"
            ))?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?))
            };
            let commits = rows.query_map([sql(epoch.0)], read)?;
            commits.collect()
        })?;
        let decode = |(epoch, reveal_epoch, registration, row, root, version_key, salt, state): Columns| {
            Some(StoredCommit {
                epoch: EpochIndex(epoch as u64),
                reveal_epoch: EpochIndex(reveal_epoch as u64),
                registration: RegistrationId(registration as u64),
                row: WeightRow::decode_all(&mut row.as_slice()).ok()?,
                receipts_root: root.try_into().ok()?,
                version_key: version_key as u64,
                salt: salt.try_into().ok()?,
                state: CommitState::from_name(&state)?,
            })
        };
        rows.into_iter()
            .map(|row| decode(row).ok_or_else(|| self.damaged("a commit")))
            .collect()
    }

    /// Lets old answers and receipts go.
    fn forget_before(&self, epoch: EpochIndex) -> Result<(), StoreError> {
        let (answers, receipts) = (
            epoch.0.saturating_sub(KEEP_ANSWERS),
            epoch.0.saturating_sub(KEEP_RECEIPTS),
        );
        self.with(|db| {
            let all = db.transaction()?;
            all.execute(
                "UPDATE receipts SET answer = NULL WHERE epoch < ?1 AND answer IS NOT NULL",
                [sql(answers)],
            )?;
            all.execute("DELETE FROM receipts WHERE epoch < ?1", [sql(receipts)])?;
            all.execute("DELETE FROM commits WHERE epoch < ?1", [sql(receipts)])?;
            all.commit()
        })
    }
}

/// SQLite has no unsigned integers; the bits are kept.
pub(crate) fn sql(number: u64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests;
