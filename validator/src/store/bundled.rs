//! What a bundle is made of ([`crate::explain::bundle`]).
use super::{sql, Identity, Store, StoreError, StoredCommit};
use laurel_protocol::Hash;
use laurel_types::{EpochIndex, NetUid, Uid};
use rusqlite::params;

/// A receipt as it counts in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLeaf {
    /// The task in a few words.
    pub summary: String,
    /// The encoded receipt: the leaf.
    pub receipt: Vec<u8>,
    /// The answer's body; none where there was none, or it is no longer kept.
    pub answer: Option<Vec<u8>>,
}

impl Store {
    /// Whose store it is.
    ///
    /// # Errors
    /// When the store is damaged.
    pub fn identity(&self, netuid: NetUid) -> Result<Identity, StoreError> {
        Ok(Identity {
            genesis: self.named("genesis")?,
            netuid,
            hotkey: self.named("hotkey")?,
        })
    }

    fn named(&self, name: &str) -> Result<[u8; 32], StoreError> {
        let value = self.database.find(name)?;
        let value = value.and_then(|value| value.try_into().ok());
        value.ok_or_else(|| self.damaged("whose it is"))
    }

    /// The last `count` epochs in which a uid has receipts, oldest first.
    pub fn epochs_of(&self, uid: Uid, count: u32) -> Result<Vec<EpochIndex>, StoreError> {
        let mut epochs: Vec<EpochIndex> = self.with(|db| {
            let mut rows =
                db.prepare("SELECT DISTINCT epoch FROM receipts WHERE uid = ?1 ORDER BY epoch DESC LIMIT ?2")?;
            let epochs = rows.query_map(params![uid.0, count], |row| row.get::<_, i64>(0))?;
            epochs.map(|epoch| Ok(EpochIndex(epoch? as u64))).collect()
        })?;
        epochs.reverse();
        Ok(epochs)
    }

    /// All leaves of an epoch, in the order of the tree; the answers only of one uid.
    pub fn leaves_with_answers(&self, epoch: EpochIndex, uid: Uid) -> Result<Vec<StoredLeaf>, StoreError> {
        self.with(|db| {
            let mut rows = db.prepare(
                "SELECT summary, evidence, CASE uid WHEN ?2 THEN answer END FROM receipts WHERE epoch = ?1 ORDER BY id",
            )?;
            let leaves = rows.query_map(params![sql(epoch.0), uid.0], |row| {
                Ok(StoredLeaf {
                    summary: row.get(0)?,
                    receipt: row.get(1)?,
                    answer: row.get(2)?,
                })
            })?;
            leaves.collect()
        })
    }

    /// The secret that orders this validator's tasks and from which it draws.
    pub(crate) fn shown_task_key(&self) -> Result<Hash, StoreError> {
        self.named("task_key")
    }

    /// The last epoch whose weights are fixed.
    pub fn last_fixed(&self) -> Result<Option<EpochIndex>, StoreError> {
        let last: Option<i64> = self.with(|db| db.query_row("SELECT MAX(epoch) FROM commits", [], |row| row.get(0)))?;
        Ok(last.map(|epoch| EpochIndex(epoch as u64)))
    }

    /// The commit to the receipts of an epoch: one that got into a block late is filed under a later epoch.
    pub fn commit_to(&self, epoch: EpochIndex, receipts_root: Hash) -> Result<Option<StoredCommit>, StoreError> {
        let root = hex::encode(receipts_root);
        let which = format!("epoch >= ?1 AND receipts_root = x'{root}' ORDER BY epoch LIMIT 1");
        Ok(self.commits(&which, epoch)?.pop())
    }
}
