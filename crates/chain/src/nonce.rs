//! Which nonce the next transaction of an account gets, where several tasks and several processes send for it.
//!
//! Whoever hands a transaction over holds the account's slot: a lock in this process, and a locked file for all processes of this user on this machine. A process on
//! another machine can still choose the same nonce; then one of the two is refused, or is replaced and signed again (`submit.rs`).
use crate::{AccountId, BlockHash};
use std::{
    collections::HashMap,
    env,
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::OwnedMutexGuard, time::Instant};

/// A nonce that we used is believed over the node's for so long: its pool may not have counted it yet.
const MEMORY: Duration = Duration::from_secs(10);

/// The nonce after the last one handed over, and when that was.
type Used = Option<(u64, Instant)>;

/// One for each account.
#[derive(Default)]
pub(crate) struct NonceSlots(Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<Used>>>>);

/// Held while a transaction is signed and handed over, so that no two get the same nonce.
pub(crate) struct NonceSlot {
    used: OwnedMutexGuard<Used>,
    /// Unlocked when it is closed, also by the end of the process.
    _file: Option<File>,
}

impl NonceSlots {
    /// Waits for the account's slot.
    pub(crate) async fn take(&self, chain: BlockHash, account: AccountId) -> NonceSlot {
        let slot = self.of(account);
        let used = slot.lock_owned().await;
        let locked = tokio::task::spawn_blocking(move || lock(chain, account)).await;
        let file = match locked {
            Ok(Ok(file)) => Some(file),
            // Other processes are then met at the node's pool.
            Ok(Err(error)) => {
                tracing::debug!(%account, %error, "no lock that other processes see");
                None
            }
            Err(_) => None,
        };
        NonceSlot { used, _file: file }
    }

    /// Forgets what was used: it did not come to pass.
    pub(crate) async fn forget(&self, account: AccountId) {
        *self.of(account).lock().await = None;
    }

    fn of(&self, account: AccountId) -> Arc<tokio::sync::Mutex<Used>> {
        // A poisoned map is still a map: nothing is left half-done under this lock.
        self.0
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .entry(account)
            .or_default()
            .clone()
    }
}

impl NonceSlot {
    /// The nonce to use, where the node says `node`.
    pub(crate) fn next(&self, node: u64) -> u64 {
        match *self.used {
            Some((ours, when)) if when.elapsed() < MEMORY => node.max(ours),
            _ => node,
        }
    }

    /// This nonce is taken.
    pub(crate) fn used(&mut self, nonce: u64) {
        *self.used = Some((nonce + 1, Instant::now()));
    }

    /// The node knows better.
    pub(crate) fn forget(&mut self) {
        *self.used = None;
    }
}

/// Waits for the account's file.
fn lock(chain: BlockHash, account: AccountId) -> io::Result<File> {
    let folder = folder().ok_or_else(|| io::Error::other("neither XDG_RUNTIME_DIR nor HOME is set"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let chain = chain.to_string();
    let name = format!("{}-{account}.lock", &chain[2..10]);
    let mut options = OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(name))?;
    file.lock()?;
    Ok(file)
}

/// Where all processes of this user look.
fn folder() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = || set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")));
    Some(set("XDG_RUNTIME_DIR").or_else(state)?.join("laurel"))
}
