//! Files that hold a secret: read only where nobody else could have, written for their owner alone, whole or not at all.
use super::WalletError;
use secrecy::zeroize::Zeroizing;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Mode bits that would let others read or change a secret.
const OTHERS: u32 = 0o077;

/// Reads a file that only its owner can read; none if it has more than `limit` bytes.
///
/// # Errors
/// [`WalletError::TooOpen`] with the command that mends it.
pub(super) fn read(path: &Path, limit: u64) -> Result<Option<Zeroizing<Vec<u8>>>, WalletError> {
    let unreadable = |source| WalletError::Read {
        path: path.into(),
        source,
    };
    // The mode is that of the file which is then read, whatever is put under its name meanwhile.
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & OTHERS != 0 {
        return Err(WalletError::TooOpen {
            path: path.into(),
            mode: mode & 0o777,
        });
    }
    let mut bytes = Zeroizing::new(Vec::new());
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    let read = read.map_err(unreadable)? as u64;
    Ok((read <= limit).then_some(bytes))
}

/// Writes a file that was not there, and the folders above it.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), WalletError> {
    let folder = folder_of(path);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|source| WalletError::Write { path: folder, source })?;
    // Unlike a rename, a link never replaces a key that is there.
    put(path, bytes, |new| fs::hard_link(new, path))
}

/// Writes a file in the place of one that is there: one of the two is whole under the name at any time.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), WalletError> {
    put(path, bytes, |new| fs::rename(new, path))
}

fn put(path: &Path, bytes: &[u8], place: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), WalletError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = path.with_file_name(name);
    let placed = write_durably(&temporary, bytes).and_then(|()| place(&temporary));
    // Gone after success and after failure alike; it cannot hold a key that is not also under its name.
    let _ = fs::remove_file(&temporary);
    let durable = placed.and_then(|()| File::open(folder_of(path))?.sync_all());
    durable.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => WalletError::KeyExists { path: path.into() },
        _ => WalletError::Write {
            path: path.into(),
            source,
        },
    })
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
        _ => PathBuf::from("."),
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
