//! Every nonce once: the memory of requests that could still be replayed.
use crate::{Envelope, Hotkey, Nonce, RequestError, Verified};
use bytes::Bytes;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

/// How much a [`ReplayGuard`] remembers. Memory stays under `senders × nonces_per_sender × ~100` bytes.
#[derive(Clone, Copy, Debug)]
pub struct ReplayLimits {
    /// Senders with live nonces at one time.
    pub senders: usize,
    /// Live nonces of one sender; with a lifetime of a minute, 4096 are 68 requests a second.
    pub nonces_per_sender: usize,
}

impl Default for ReplayLimits {
    fn default() -> Self {
        Self {
            senders: laurel_types::MAX_VALIDATORS as usize,
            nonces_per_sender: 4_096,
        }
    }
}

/// Remembers each accepted nonce until its request has expired. When it is full it refuses new requests: to
/// forget a live nonce instead would let its request be replayed.
#[derive(Debug)]
pub struct ReplayGuard {
    limits: ReplayLimits,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Latest time seen. What expired before it stays refused, even if the clock is set back.
    now_ms: u64,
    senders: HashMap<Hotkey, LiveNonces>,
}

#[derive(Debug, Default)]
struct LiveNonces {
    seen: HashSet<Nonce>,
    by_expiry: BTreeSet<(u64, Nonce)>,
}

impl LiveNonces {
    fn forget_expired(&mut self, now_ms: u64) {
        while let Some(first) = self
            .by_expiry
            .first()
            .copied()
            .filter(|(expires_ms, _)| *expires_ms <= now_ms)
        {
            self.by_expiry.remove(&first);
            self.seen.remove(&first.1);
        }
    }
}

impl ReplayGuard {
    /// A guard that has seen nothing.
    pub fn new(limits: ReplayLimits) -> Self {
        Self {
            limits,
            memory: Mutex::default(),
        }
    }

    /// Lets a request through the first time that it comes. `now_ms` is Unix time in milliseconds.
    ///
    /// Ask for permission of the sender first: only senders that may ask should take up memory here.
    pub fn admit(&self, request: Verified, now_ms: u64) -> Result<Admitted, RequestError> {
        let envelope = request.envelope();
        // The memory is consistent between any two statements below, so a poisoned lock is still good.
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.now_ms = memory.now_ms.max(now_ms);
        let now_ms = memory.now_ms;
        if envelope.expires_ms <= now_ms {
            return Err(RequestError::Expired {
                by_ms: now_ms - envelope.expires_ms,
            });
        }
        if memory.senders.len() >= self.limits.senders && !memory.senders.contains_key(&envelope.sender) {
            memory.senders.retain(|_, nonces| {
                nonces.forget_expired(now_ms);
                !nonces.seen.is_empty()
            });
            if memory.senders.len() >= self.limits.senders {
                return Err(RequestError::TooManyRequests);
            }
        }
        let nonces = memory.senders.entry(envelope.sender).or_default();
        nonces.forget_expired(now_ms);
        if nonces.seen.contains(&envelope.nonce) {
            return Err(RequestError::Replayed);
        }
        if nonces.seen.len() >= self.limits.nonces_per_sender {
            return Err(RequestError::TooManyRequests);
        }
        nonces.seen.insert(envelope.nonce);
        nonces.by_expiry.insert((envelope.expires_ms, envelope.nonce));
        Ok(Admitted { request })
    }
}

/// A verified request that has not come before: the only thing for which a miner works.
#[derive(Debug)]
pub struct Admitted {
    request: Verified,
}

impl Admitted {
    /// What was signed.
    pub fn envelope(&self) -> &Envelope {
        self.request.envelope()
    }

    /// Who signed.
    pub fn sender(&self) -> Hotkey {
        self.request.sender()
    }

    /// The body, as signed.
    pub fn body(&self) -> &Bytes {
        self.request.body()
    }

    /// The body as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, RequestError> {
        serde_json::from_slice(self.body()).map_err(|error| RequestError::MalformedBody { why: error.to_string() })
    }
}
