//! Whether a validator can do its job, for `/ready`.
use laurel_daemon::{Health, Part};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Without a block for so long, the chain counts as lost. Longer than any block time.
const SILENCE: Duration = Duration::from_secs(60);

/// What a validator tells of itself.
pub struct Readiness {
    chain: Part,
    permit: Part,
    last_block: Arc<Mutex<Option<Instant>>>,
}

impl Readiness {
    /// Adds a validator's parts to its health. What must not be lost is in the folder `data`.
    pub fn on(health: &Health, data: &Path) -> Self {
        health.check_disk(data.into());
        let last_block = Arc::new(Mutex::new(None));
        let seen = last_block.clone();
        health.check("blocks", move || {
            silence(*seen.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Self {
            chain: health.part("chain", "the subnet was not read yet"),
            permit: health.part("permit", "the subnet was not read yet"),
            last_block,
        }
    }

    /// A block came, whose node knows all others or still fetches them.
    pub(crate) fn block(&self, node_is_behind: bool) {
        *self.last_block.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        match node_is_behind {
            true => self.chain.is_not_ready("the node is behind, it still fetches blocks"),
            false => self.chain.is_ready(),
        }
    }

    /// The subnet could not be read at a block.
    pub(crate) fn unreadable(&self) {
        self.chain.is_not_ready("the subnet cannot be read: see the log");
    }

    /// The validator's weights count.
    pub(crate) fn permitted(&self) {
        self.permit.is_ready();
    }

    /// The validator has no permit.
    pub(crate) fn not_permitted(&self) {
        self.permit
            .is_not_ready("no validator permit, weights do not count: stake more on this hotkey");
    }
}

/// What is wrong if the last block came then.
fn silence(last: Option<Instant>) -> Option<String> {
    let Some(last) = last else {
        return Some("no block yet".into());
    };
    let since = last.elapsed();
    (since > SILENCE).then(|| format!("no block for {} s: check the node", since.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_that_is_silent_for_a_minute_counts_as_lost() {
        let now = Instant::now();
        assert_eq!(silence(None).as_deref(), Some("no block yet"));
        assert_eq!(silence(Some(now)), None);
        let long_ago = now.checked_sub(SILENCE + Duration::from_secs(5)).unwrap();
        assert!(silence(Some(long_ago)).unwrap().starts_with("no block for 6"));
    }

    #[test]
    fn a_validator_is_ready_when_blocks_come_and_its_weights_count() {
        let (health, folder) = (Health::new(), tempfile::tempdir().unwrap());
        let readiness = Readiness::on(&health, folder.path());
        let parts = |health: &Health| health.lacks().iter().map(|lack| lack.part).collect::<Vec<_>>();
        assert_eq!(parts(&health), ["blocks", "chain", "permit"]);
        readiness.block(false);
        readiness.permitted();
        assert_eq!(parts(&health), [""; 0]);
        readiness.block(true);
        readiness.not_permitted();
        assert_eq!(parts(&health), ["chain", "permit"]);
    }
}
