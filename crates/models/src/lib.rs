//! Models as files: their manifests and roots, training, and copies in other forms.
//!
//! [`manifest()`] names a model folder; miner and validator refuse to start with one whose root their subnet does not accept.
mod copies;
mod degrade;
mod difference;
mod error;
mod manifest;
pub mod train;

pub use copies::{convert, shorten, WeightType};
pub use degrade::{degrade, Degradation};
pub use error::ModelError;
pub use manifest::{manifest, FileDigest, Manifest, TensorDigest, CHUNK};

use std::path::{Path, PathBuf};

/// `PATH.suffix`, in the same folder: where something is written before it takes the place of `path`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    name.into()
}

/// Removes a folder if there is one.
pub(crate) fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
