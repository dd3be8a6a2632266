//! Secrets between two steps of one action, in files that only their owner can read: durable before anything is sent.
use crate::transaction::hex;
use anyhow::{Context, Result};
use serde::{de::DeserializeOwned, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Writes it; never replaces a file.
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let fails = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(fails)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(fails)?;
    file.write_all(&serde_json::to_vec_pretty(value)?).with_context(fails)?;
    file.write_all(b"\n").with_context(fails)?;
    file.sync_all().with_context(fails)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .with_context(fails)
}

/// Reads it back.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not what this program saved", path.display()))
}

/// 32 bytes as `0x` and 64 digits.
pub mod hex32 {
    use super::hex;
    use crate::transaction::bytes32;
    use serde::{de, Deserialize, Deserializer, Serializer};

    /// As text.
    pub fn serialize<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(bytes))
    }

    /// From text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        bytes32(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
