//! `/health` and `/ready`: whether a program lives, and whether it can do its job.
//!
//! Each part that a program cannot work without has a name and says by its [`Part`] why it cannot go on, or is asked each time by
//! a [`check`](Health::check). The program is ready when no part has a reason.
//!
//! ```
//! use laurel_daemon::{Health, Lack};
//!
//! let health = Health::new();
//! let chain = health.part("chain", "not connected yet");
//! health.check("disk", || None);
//! assert_eq!(health.lacks(), [Lack { part: "chain", reason: "not connected yet".into() }]);
//! chain.is_ready();
//! assert!(health.lacks().is_empty());
//! ```
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
    Json, Router,
};
use serde_json::json;
use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Free bytes below which a disk counts as full.
const DISK_RESERVE: u64 = 64 << 20;

/// Why a part keeps a program from its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// Name of the part.
    pub part: &'static str,
    /// What is wrong, for a person.
    pub reason: String,
}

/// A question to a part: what is wrong with it, if anything is.
type Check = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// What a program knows of its own state. Clones share it.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Mutex<Vec<(&'static str, Check)>>>,
}

/// A part that tells its state when that changes. Clones speak for the same part.
#[derive(Clone, Debug)]
pub struct Part(Arc<Mutex<Option<String>>>);

impl Part {
    /// Nothing is wrong any more.
    pub fn is_ready(&self) {
        *locked(&self.0) = None;
    }

    /// The part cannot work, and why: what happened and, where there is something, what to do.
    pub fn is_not_ready(&self, reason: impl Into<String>) {
        *locked(&self.0) = Some(reason.into());
    }
}

impl Health {
    /// A program with no parts yet, which is ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part that is not ready for this reason until it says so.
    pub fn part(&self, name: &'static str, reason: impl Into<String>) -> Part {
        let state = Arc::new(Mutex::new(Some(reason.into())));
        let part = Part(state.clone());
        self.check(name, move || locked(&state).clone());
        part
    }

    /// Adds a part that is asked each time. The question must be answered at once: no waiting, no network.
    pub fn check(&self, name: &'static str, ask: impl Fn() -> Option<String> + Send + Sync + 'static) {
        locked(&self.checks).push((name, Arc::new(ask)));
    }

    /// Adds the disk that holds `folder`, which need not exist yet: not ready with less than 64 MiB left.
    pub fn check_disk(&self, folder: PathBuf) {
        self.check("disk", move || disk_lack(&folder, DISK_RESERVE));
    }

    /// Every part by name, with what is wrong with it.
    pub fn parts(&self) -> Vec<(&'static str, Option<String>)> {
        // Copied first: a question may itself add a part.
        let checks = locked(&self.checks).clone();
        checks.into_iter().map(|(name, ask)| (name, ask())).collect()
    }

    /// Why the program is not ready; empty if it is.
    pub fn lacks(&self) -> Vec<Lack> {
        let lack = |(part, reason): (_, Option<String>)| reason.map(|reason| Lack { part, reason });
        self.parts().into_iter().filter_map(lack).collect()
    }

    /// `/health`, 200 while the process answers, and [`/ready`](Self::ready).
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let health = self.clone();
        Router::new()
            .route("/health", get(|| async { Json(json!({ "status": "ok" })) }))
            .route("/ready", get(move || async move { health.ready() }))
    }

    /// The answer of `/ready`: 200, or 503 with the reasons.
    pub fn ready(&self) -> Response {
        let reasons: Vec<String> = self.lacks().iter().map(ToString::to_string).collect();
        let status = match reasons.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(json!({ "ready": reasons.is_empty(), "reasons": reasons }))).into_response()
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.reason)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.parts()).finish()
    }
}

/// Whoever panicked while holding the lock left nothing half done: what is kept is one value or one pushed entry.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A disk that cannot be asked counts as good: what is wrong with it shows where it is used.
fn disk_lack(folder: &std::path::Path, reserve: u64) -> Option<String> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    let disk = nix::sys::statvfs::statvfs(existing).ok()?;
    let free = disk.blocks_available().saturating_mul(disk.fragment_size());
    (free < reserve).then(|| {
        let (folder, free, reserve) = (folder.display(), free >> 20, reserve >> 20);
        format!("the disk of {folder} has {free} MiB left, {reserve} are needed: free some space")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    async fn answer(health: &Health) -> (StatusCode, serde_json::Value) {
        let response = health.ready();
        let status = response.status();
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_program_is_ready_when_no_part_has_a_reason() {
        let health = Health::new();
        assert_eq!(
            answer(&health).await,
            (StatusCode::OK, json!({ "ready": true, "reasons": [] }))
        );
        let chain = health.part("chain", "not connected yet");
        health.check("disk", || Some("full".into()));
        let reasons = json!({ "ready": false, "reasons": ["chain: not connected yet", "disk: full"] });
        assert_eq!(answer(&health).await, (StatusCode::SERVICE_UNAVAILABLE, reasons));
        chain.is_ready();
        assert_eq!(answer(&health.clone()).await.1["reasons"], json!(["disk: full"]));
        chain.is_not_ready("no block for 60 s");
        assert_eq!(health.lacks()[0].to_string(), "chain: no block for 60 s");
    }

    #[test]
    fn a_disk_with_less_than_the_reserve_is_a_reason_and_names_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("not/there/yet");
        assert_eq!(disk_lack(&later, 1), None);
        let lack = disk_lack(&later, u64::MAX).unwrap();
        assert!(
            lack.contains("not/there/yet") && lack.contains("free some space"),
            "{lack}"
        );
    }
}
