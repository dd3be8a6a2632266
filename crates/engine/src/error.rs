//! What can go wrong in an engine; each message is one line and says what to do.
use crate::DeviceName;
use std::path::{Path, PathBuf};

/// An engine's error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A file of the model folder is not there.
    #[error("{path} is missing: {remedy}", path = .path.display())]
    Missing {
        /// The file or folder.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// A file of the model folder could not be read.
    #[error("cannot read {path} ({source}): check the path and its permissions", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file of the model folder holds something else than it should.
    #[error("{path} is not usable ({reason}): fetch or convert the model again", path = .path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model is of an architecture or size that this engine does not run.
    #[error("{path} describes a model that cannot be run here ({reason}): choose another model", path = .path.display())]
    Unsupported {
        /// The file that says so.
        path: PathBuf,
        /// What is not supported.
        reason: String,
    },
    /// The cache that was asked for cannot hold a single text.
    #[error("a cache of {given} bytes is too small: one text of {context} tokens needs {needed}; give more, or a shorter context")]
    CacheTooSmall {
        /// Bytes that were given.
        given: usize,
        /// Bytes that one text needs.
        needed: usize,
        /// Tokens of the context.
        context: usize,
    },
    /// A device cannot be used, or has too little memory.
    #[error("device {device} cannot be used ({reason}): {remedy}")]
    Device {
        /// Its name.
        device: DeviceName,
        /// Why not.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// The queue is full.
    #[error("the engine is busy ({queue} requests are waiting): try again in a moment")]
    Overloaded {
        /// Requests that were waiting.
        queue: usize,
    },
    /// The request can never be answered as it stands.
    #[error("{0}")]
    BadRequest(String),
    /// Computing failed, for example because a logit was not a number.
    #[error("computing failed ({0}): restart with an intact model; if it happens again, report it")]
    Compute(String),
    /// The engine's worker thread is gone.
    #[error("the engine has stopped: restart the program")]
    Stopped,
}

impl EngineError {
    /// Whether the same request may succeed a little later (HTTP 429).
    pub fn is_overloaded(&self) -> bool {
        matches!(self, Self::Overloaded { .. })
    }

    /// Whether the request itself is at fault (HTTP 400).
    pub fn is_bad_request(&self) -> bool {
        matches!(self, Self::BadRequest(_))
    }

    pub(crate) fn bad_file(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::BadFile {
            path: path.into(),
            reason: one_line(&reason.to_string()),
        }
    }

    /// A file of the model that is not there or cannot be read.
    pub(crate) fn unreadable(path: &Path, source: std::io::Error) -> Self {
        if source.kind() == std::io::ErrorKind::NotFound {
            let remedy = match path.file_name() {
                Some(name) if name == "tokenizer.json" => {
                    "put the model's tokenizer.json there; only a GGUF file may have its own"
                }
                _ => "the model folder is incomplete; fetch the model again (docs/models.md)",
            };
            return Self::Missing {
                path: path.into(),
                remedy: remedy.to_owned(),
            };
        }
        Self::Read {
            path: path.into(),
            source,
        }
    }

    /// What failed while something was taken to a device is mostly its memory; say whose.
    pub(crate) fn on_device(self, device: DeviceName, what: &str) -> Self {
        match self {
            Self::Compute(reason) => Self::Device {
                device,
                reason: format!("{what} did not get there: {reason}"),
                remedy: "free its memory, give a smaller cache, or take a smaller model".into(),
            },
            other => other,
        }
    }

    pub(crate) fn unsupported(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::Unsupported {
            path: path.into(),
            reason: one_line(&reason.to_string()),
        }
    }
}

impl From<candle_core::Error> for EngineError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(one_line(&error.to_string()))
    }
}

/// Errors of libraries may carry a backtrace or a code excerpt; the first line says what happened.
pub(crate) fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no reason given")
        .to_owned()
}
