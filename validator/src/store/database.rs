//! One SQLite file with a layout of its own, in which every write is one transaction that is on disk when the call returns.
use super::StoreError;
use rusqlite::{params, Connection, OpenFlags, OptionalExtension, TransactionBehavior};
use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long to wait for another process that reads or writes.
const BUSY: Duration = Duration::from_secs(5);

/// How a file is laid out, and how one that an earlier release wrote becomes one of this release.
///
/// `PRAGMA user_version` says how many of the steps a file has behind it. A step is never changed once a release has it: what is to be
/// different is a further step. A file with more steps behind it than there are was written by a later release, and nothing is done to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Each makes the next layout of the one before; the first one of an empty file. One of them makes the table `identity`.
    pub(crate) steps: &'static [&'static str],
    /// How many a file has behind it that does not say so.
    pub(crate) unnumbered: fn(&Connection) -> rusqlite::Result<i64>,
}

impl Layout {
    /// The layout of this release.
    pub(crate) const fn current(&self) -> i64 {
        self.steps.len() as i64
    }

    /// The layout of a file: 0 where it has none yet.
    pub(crate) fn of(&self, db: &Connection) -> rusqlite::Result<i64> {
        match db.pragma_query_value(None, "user_version", |row| row.get(0))? {
            0 => (self.unnumbered)(db),
            written => Ok(written),
        }
    }

    /// Takes the steps that a file has not behind it, all or none.
    fn bring_up_to_date(&self, db: &mut Connection) -> rusqlite::Result<()> {
        // Of two programs that open it at the same time the second one finds it done.
        let all = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = self.of(&all)?;
        let behind = usize::try_from(found).unwrap_or(self.steps.len());
        for step in self.steps.iter().skip(behind) {
            all.execute_batch(step)?;
        }
        all.pragma_update(None, "user_version", self.current().max(found))?;
        all.commit()
    }
}

/// The file.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens or creates it, with its folder. One that an earlier release wrote is brought up to date.
    pub(crate) fn open(path: PathBuf, layout: Layout) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        // It holds the secret from which tasks follow: nobody else's business.
        let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        created.map_err(|source| StoreError::Folder {
            path: folder.into(),
            source,
        })?;
        let connection = Connection::open(&path).map_err(|source| sqlite(&path, source))?;
        let database = Self::new(path, connection);
        database.with(|db| db.busy_timeout(BUSY))?;
        database.refuse_newer(layout)?;
        database.with(|db| {
            db.pragma_update(None, "journal_mode", "WAL")?;
            // In this mode a transaction is on disk when it returns.
            db.pragma_update(None, "synchronous", "FULL")?;
            layout.bring_up_to_date(db)
        })?;
        Ok(database)
    }

    /// Opens it for reading, also while another program writes.
    pub(crate) fn open_to_read(path: PathBuf, layout: Layout) -> Result<Self, StoreError> {
        if !path.exists() {
            return Err(StoreError::Missing(path));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|source| sqlite(&path, source))?;
        let database = Self::new(path, connection);
        database.with(|db| db.busy_timeout(BUSY))?;
        database.refuse_newer(layout)?;
        Ok(database)
    }

    fn new(path: PathBuf, connection: Connection) -> Self {
        Self {
            path,
            connection: Mutex::new(connection),
        }
    }

    fn refuse_newer(&self, layout: Layout) -> Result<(), StoreError> {
        let found = self.with(|db| layout.of(db))?;
        if found <= layout.current() {
            return Ok(());
        }
        Err(StoreError::Newer {
            path: self.path.clone(),
            found,
            known: layout.current(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that panicked was rolled back, so the connection is still good.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to it.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        act(&mut self.lock()).map_err(|source| sqlite(&self.path, source))
    }

    /// The error that one of its records cannot be decoded.
    pub(crate) fn damaged(&self, what: &'static str) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            what,
        }
    }

    /// Writes who it belongs to, or checks it.
    pub(crate) fn claim(&self, name: &str, value: &[u8], what: &'static str) -> Result<(), StoreError> {
        let stored = self.value(name, value)?;
        if stored == value {
            Ok(())
        } else {
            Err(StoreError::Foreign {
                path: self.path.clone(),
                what,
            })
        }
    }

    /// The value under a name, which is `fresh` if there was none.
    pub(crate) fn value(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.with(|db| {
            db.execute("INSERT OR IGNORE INTO identity VALUES (?1, ?2)", params![name, fresh])?;
            db.query_row("SELECT value FROM identity WHERE name = ?1", [name], |row| row.get(0))
        })
    }

    /// The value under a name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|db| {
            let sql = "SELECT value FROM identity WHERE name = ?1";
            db.query_row(sql, [name], |row| row.get(0)).optional()
        })
    }
}

fn sqlite(path: &Path, source: rusqlite::Error) -> StoreError {
    let remedy = match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => "free some space",
        Some(
            rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::PermissionDenied | rusqlite::ErrorCode::ReadOnly,
        ) => "check the folder's permissions",
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            "restore a copy, or move it away to start anew"
        }
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            "stop the other program that uses it"
        }
        _ => "check the disk and its free space",
    };
    StoreError::Sqlite {
        path: path.into(),
        source,
        remedy,
    }
}
