//! What can go wrong with a model on disk; each message is one line and says what to do.
use std::path::PathBuf;

/// An error about a model folder, a corpus or a checkpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file could not be read.
    #[error("cannot read {path} ({source}): check the path and its permissions", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {path} ({source}): check permissions and free space", path = .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    #[error("{path} is not usable ({reason})", path = .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        reason: String,
    },
    /// The engine refused the model.
    #[error(transparent)]
    Engine(#[from] laurel_engine::EngineError),
    /// candle refused a computation.
    #[error("computing failed ({0})")]
    Compute(#[from] candle_core::Error),
}
