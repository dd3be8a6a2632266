//! Stops the node while its disk still has room.
//!
//! The database maps files into memory that are larger than what is in them. A write to such a file on a full disk ends the process
//! by a signal, without a word, and so does every start after it. So the node refuses to start, and stops by itself, a little earlier.
use nix::sys::statvfs::statvfs;
use sc_service::Error;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Bytes that must be free: more than the database writes between two looks.
const RESERVE: u64 = 64 << 20;
/// How often the disk is looked at while the node runs.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The disk that holds a node's data.
#[derive(Clone, Debug)]
pub struct Disk {
    folder: PathBuf,
    reserve: u64,
    /// Why the node stopped: a database that closes gives some room back.
    refusal: Arc<OnceLock<String>>,
}

impl Disk {
    /// The disk of this folder, which need not exist yet.
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.into(),
            reserve: RESERVE,
            refusal: Arc::default(),
        }
    }

    /// Fails when less than the reserve is free, from then on always. A disk that cannot be asked counts as good: what is wrong with
    /// it, the database says.
    pub fn require_room(&self) -> Result<(), Error> {
        if let Some(free) = self.free().filter(|free| *free < self.reserve) {
            self.refusal.get_or_init(|| {
                format!(
                    "the disk of {} has {} MiB left, the node needs {}: free some space, or give another folder with \
                     --base-path",
                    self.folder.display(),
                    free >> 20,
                    self.reserve >> 20
                )
            });
        }
        match self.refusal.get() {
            Some(refusal) => Err(Error::Other(refusal.clone())),
            None => Ok(()),
        }
    }

    /// Returns once less than the reserve is free.
    pub async fn until_full(self) {
        while self.require_room().is_ok() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn free(&self) -> Option<u64> {
        let existing = self.folder.ancestors().find(|folder| folder.exists())?;
        let disk = statvfs(existing).ok()?;
        Some(disk.blocks_available().saturating_mul(disk.fragment_size()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_with_less_than_the_reserve_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let not_there_yet = folder.path().join("a/b");
        let with = |reserve| Disk {
            folder: not_there_yet.clone(),
            reserve,
            refusal: Arc::default(),
        };
        assert!(with(1).require_room().is_ok());
        let refusal = with(u64::MAX).require_room().unwrap_err().to_string();
        assert!(
            refusal.contains("MiB left") && refusal.contains("--base-path"),
            "{refusal}"
        );
        assert!(!not_there_yet.exists());
    }
}
