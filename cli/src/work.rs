//! The search for a seal that pays for a registration: plain hashing on a few threads.
//!
//! `laurel_types::work_preimage` has the formula. Each thread tries its own nonces; the first that finds one ends the search.
use crate::waiting::spinner;
use anyhow::{anyhow, Result};
use blake2::{digest::consts::U32, Blake2b, Digest};
use indicatif::ProgressBar;
use laurel_chain::{AccountId, Block, ChainClient};
use laurel_types::{meets_difficulty, seal_preimage, work_preimage, BlockNumber, NetUid, POW_BLOCKS};
use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        Arc,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Nonces that a thread tries between two looks at whether it should stop.
const CHUNK: u64 = 4_096;
/// How often progress is shown and the chain's head looked at.
const LOOK: Duration = Duration::from_secs(1);
/// A search is given up when its block is so many blocks old: what is found must still reach a block.
const TOO_OLD: BlockNumber = POW_BLOCKS - 16;

/// As many threads as the machine has cores for.
pub fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// BLAKE2b-256.
fn hash(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

/// What the seal must be found for.
pub fn digest(genesis: &[u8; 32], netuid: NetUid, block: &Block, hotkey: &AccountId, coldkey: &AccountId) -> [u8; 32] {
    hash(&work_preimage(
        genesis,
        netuid,
        (block.number, &block.hash.0),
        hotkey,
        coldkey,
    ))
}

/// Whether this nonce solves it.
pub fn solves(digest: &[u8; 32], nonce: u64, difficulty: u64) -> bool {
    meets_difficulty(&hash(&seal_preimage(nonce, digest)), difficulty)
}

/// Seals a second that so many threads try.
pub fn measure(threads: usize, time: Duration) -> f64 {
    let begun = Instant::now();
    // No seal meets this.
    let search = Search::start([0; 32], u64::MAX, threads);
    thread::sleep(time);
    search.tried() as f64 / begun.elapsed().as_secs_f64()
}

/// A search that is running. Dropping it stops its threads.
pub struct Search {
    stop: Arc<AtomicBool>,
    tried: Arc<AtomicU64>,
    found: Option<oneshot::Receiver<u64>>,
}

impl Search {
    /// Starts one.
    pub fn start(digest: [u8; 32], difficulty: u64, threads: usize) -> Self {
        let (stop, tried) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (sender, found) = oneshot::channel();
        let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
        // Random, so that two machines of one owner do not try the same nonces.
        let first: u64 = rand::random();
        let step = threads as u64;
        for thread in 0..step {
            let (stop, tried, sender) = (stop.clone(), tried.clone(), sender.clone());
            thread::spawn(move || {
                let mut nonce = first.wrapping_add(thread);
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..CHUNK {
                        if solves(&digest, nonce, difficulty) {
                            stop.store(true, Ordering::Relaxed);
                            let sender = sender.lock().unwrap_or_else(|e| e.into_inner()).take();
                            // Whoever waited may be gone: then nobody needs it.
                            let _ = sender.map(|sender| sender.send(nonce));
                            return;
                        }
                        nonce = nonce.wrapping_add(step);
                    }
                    tried.fetch_add(CHUNK, Ordering::Relaxed);
                }
            });
        }
        Self {
            stop,
            tried,
            found: Some(found),
        }
    }

    /// Seals tried so far.
    pub fn tried(&self) -> u64 {
        self.tried.load(Ordering::Relaxed)
    }

    /// Waits for the nonce. None once `block`, to which the work is bound, is too old.
    pub async fn wait(
        mut self,
        progress: &Progress,
        difficulty: u64,
        client: &ChainClient,
        block: BlockNumber,
    ) -> Result<Option<u64>> {
        let Some(mut found) = self.found.take() else {
            return Ok(None);
        };
        let mut ticks = tokio::time::interval(LOOK);
        let mut seen = 0;
        loop {
            tokio::select! {
                nonce = &mut found => {
                    return nonce.map(Some).map_err(|_| anyhow!("the threads that search ended without a seal"));
                }
                _ = ticks.tick() => {
                    let tried = self.tried();
                    progress.add(tried - seen, difficulty);
                    seen = tried;
                    if client.best_block().await?.number.saturating_sub(block) >= TOO_OLD {
                        return Ok(None);
                    }
                }
            }
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// What is shown of a search, over all of its blocks.
pub struct Progress(ProgressBar);

impl Progress {
    /// A line at the terminal, or nothing.
    pub fn new() -> Self {
        Self(spinner("{spinner} {pos} seals, {per_sec}, {elapsed} {msg}", "searched"))
    }

    fn add(&self, tried: u64, difficulty: u64) {
        self.0.inc(tried);
        self.0.set_message(format!("of {difficulty} expected"));
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_search_finds_a_nonce_that_solves_the_work() {
        let digest = hash(b"work");
        let mut search = Search::start(digest, 1_000, 2);
        let nonce = search.found.take().unwrap().await.unwrap();
        assert!(solves(&digest, nonce, 1_000));
    }

    #[test]
    fn work_differs_with_the_block_and_both_keys() {
        let block = |number, byte| Block {
            number,
            hash: laurel_chain::BlockHash([byte; 32]),
        };
        let keys = (AccountId([1; 32]), AccountId([2; 32]));
        let base = digest(&[0; 32], NetUid(1), &block(7, 7), &keys.0, &keys.1);
        for other in [
            digest(&[0; 32], NetUid(2), &block(7, 7), &keys.0, &keys.1),
            digest(&[0; 32], NetUid(1), &block(8, 7), &keys.0, &keys.1),
            digest(&[0; 32], NetUid(1), &block(7, 8), &keys.0, &keys.1),
            digest(&[0; 32], NetUid(1), &block(7, 7), &keys.1, &keys.0),
        ] {
            assert_ne!(base, other);
        }
    }
}
