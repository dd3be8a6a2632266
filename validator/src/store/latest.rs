//! The newest receipts of one uid.
use super::{Store, StoreError};
use crate::Evidence;
use laurel_types::Uid;
use rusqlite::params;

impl Store {
    /// The last receipts of a uid, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn latest_of(&self, uid: Uid, limit: u32) -> Result<Vec<Evidence>, StoreError> {
        let leaves: Vec<Vec<u8>> = self.with(|db| {
            // By epochs, which the index has in order; the newest epoch has the newest receipts.
            let mut rows = db.prepare(
                "SELECT evidence FROM receipts WHERE uid = ?1 AND epoch IN
                 (SELECT DISTINCT epoch FROM receipts ORDER BY epoch DESC LIMIT ?2) ORDER BY id DESC LIMIT ?2",
            )?;
            let leaves = rows.query_map(params![uid.0, limit], |row| row.get(0))?;
            leaves.collect()
        })?;
        let read = leaves.iter().map(|leaf| Evidence::read(leaf));
        read.collect::<Result<_, _>>().map_err(|_| self.damaged("a receipt"))
    }
}
