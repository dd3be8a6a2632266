//! Who may ask how much.
//!
//! A request is admitted before a miner is chosen, against an estimate of what it takes, and settled by what it took. It is paid for by the
//! free quota of its key's coldkey, which flows in by the coldkey's part of the stake on this gateway's hotkey, or by what the coldkey has
//! deposited for this gateway on the chain. What is used of deposits is drawn in batches.
//!
//! Neither keys nor prompts nor answers are written down or logged: a key's digest is kept, and how many tokens its requests took.
mod action;
mod args;
mod book;
mod bucket;
mod challenge;
mod clock;
mod drawing;
mod key;
mod ledger;
mod limits;
mod metrics;
mod on_chain;
mod prices;
mod records;
mod refusal;
mod routes;
mod standing;

pub use action::{is_name, Action};
pub use args::{AccountArgs, Keys};
pub use challenge::Described;
pub use clock::{Clock, SystemClock, UnixMs};
pub use drawing::DrawPolicy;
pub use key::{ApiKey, KeyId, KeyRecord, NewKey};
pub use ledger::{Deposit, DrawItem, Found, Ledger, LedgerError, SignedDraw};
pub use limits::{Limits, NotLimits};
pub use metrics::METRICS;
pub use on_chain::OnChain;
pub use prices::Prices;
pub use records::{Payment, Records, Usage};
pub use refusal::Refusal;

use crate::work::Amount;
use axum::{http::HeaderMap, Router};
use book::{Book, Reserved, Ticket};
use challenge::Challenges;
use drawing::Keeper;
use key::Presented;
use laurel_chain::AccountId;
use laurel_protocol::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Signed challenges that are looked at on the chain at one time.
const LOGINS: usize = 8;
/// How often a deposit is asked for again because the chain went on meanwhile.
const TRIES: usize = 5;

/// The gateway's terms.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The chain.
    pub genesis: Hash,
    /// The hotkey for which users stake and deposit.
    pub hotkey: AccountId,
    /// Whether a request needs a key.
    pub keys: Keys,
    /// What a key is kept to unless the operator says otherwise.
    pub defaults: Limits,
    /// Free tokens that flow to all stakers together in a day.
    pub free_per_day: u64,
    /// What is paid for beyond that; none where nothing can be paid for.
    pub prices: Option<Prices>,
    /// When deposits are drawn from.
    pub draw: DrawPolicy,
}

/// Who may ask how much. Clones share the accounts.
#[derive(Clone)]
pub struct Accounts(Option<Arc<Kept>>);

/// Accounts that are kept.
struct Kept {
    terms: Terms,
    records: Arc<Records>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
    challenges: Challenges,
    logins: Semaphore,
}

impl Kept {
    /// Held for as long as one change takes, writing it down included: no two requests get the same tokens or leaves.
    fn book(&self) -> MutexGuard<'_, Book> {
        // Sums are changed by steps that cannot panic.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that is presented, if it is known and not revoked; none if there is none and none is needed.
    fn key(&self, headers: &HeaderMap) -> Result<Option<KeyRecord>, Refusal> {
        let key = match (Presented::of(headers), self.terms.keys) {
            (Presented::Key(key), _) => key,
            // Clients of the API always send something.
            (Presented::Nothing | Presented::Foreign, Keys::Open) => return Ok(None),
            (Presented::Nothing, Keys::Required) => return Err(Refusal::missing_key()),
            (Presented::Foreign, Keys::Required) => return Err(Refusal::invalid_key()),
        };
        let found = self.records.key_by_hash(&key.hash())?;
        let found = found.ok_or_else(Refusal::invalid_key)?;
        match found.revoked_ms {
            None => Ok(Some(found)),
            Some(_) => Err(Refusal::revoked_key()),
        }
    }

    /// Reserves what a request may take, looking at the chain for a deposit where it depends on it.
    async fn reserve(&self, key: &KeyRecord, estimate: Amount) -> Result<(Ticket, HeaderMap), Refusal> {
        for _ in 0..TRIES {
            let reserved = self.book().reserve(key, estimate, self.clock.now())?;
            match reserved {
                Reserved::Yes(ticket, headers) => return Ok((*ticket, headers)),
                Reserved::No(refusal) => return Err(refusal),
                Reserved::DepositUnknown(coldkey, at) => {
                    let deposit = self.ledger.deposit(coldkey, at).await?;
                    self.book().learn(coldkey, deposit, at);
                }
            }
        }
        Err(Refusal::chain_unknown())
    }
}

impl Accounts {
    /// Whoever reaches the gateway may ask without a key, as much as it serves.
    pub fn open() -> Self {
        Self(None)
    }

    /// Accounts by these terms. They follow the chain while [`Self::run`] runs.
    pub fn new(terms: Terms, records: Records, ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>) -> Self {
        let records = Arc::new(records);
        Self(Some(Arc::new(Kept {
            book: Mutex::new(Book::new(terms.clone(), records.clone())),
            challenges: Challenges::new(terms.hotkey, terms.genesis),
            logins: Semaphore::new(LOGINS),
            terms,
            records,
            ledger,
            clock,
        })))
    }

    /// Follows the chain until `shutdown`: reads deposits and stake, and draws what is owed.
    pub async fn run(self, shutdown: CancellationToken) {
        if let Some(kept) = self.0 {
            Keeper::new(kept).run(shutdown).await;
        }
    }

    /// Whether anybody with these headers may ask at all: cheap, and to be called before a body is read.
    ///
    /// # Errors
    /// When the key is missing, unknown or revoked.
    pub fn recognise(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let found = self.0.as_ref().map_or(Ok(None), |kept| kept.key(headers));
        found.map(drop).inspect_err(|refusal| metrics::refused(refusal.code()))
    }

    /// Reserves what a request may take: the tokens of its prompt, and the most that may be written.
    ///
    /// # Errors
    /// When the key, its limits or what it can spend do not allow it.
    pub async fn admit(&self, headers: &HeaderMap, estimate: Amount) -> Result<Admission, Refusal> {
        let admitted = self.try_admit(headers, estimate).await;
        match &admitted {
            Ok(admission) => metrics::admitted(admission.payment()),
            Err(refusal) => metrics::refused(refusal.code()),
        }
        admitted
    }

    async fn try_admit(&self, headers: &HeaderMap, estimate: Amount) -> Result<Admission, Refusal> {
        let Some(kept) = &self.0 else {
            return Ok(Admission::default());
        };
        let Some(key) = kept.key(headers)? else {
            return Ok(Admission::default());
        };
        let (ticket, headers) = kept.reserve(&key, estimate).await?;
        Ok(Admission {
            reserved: Some((kept.clone(), ticket)),
            headers,
        })
    }

    /// What the accounts answer themselves, below `/laurel/v1/`.
    pub fn router(&self) -> Router {
        match &self.0 {
            Some(kept) => routes::router(kept.clone()),
            None => Router::new(),
        }
    }
}

/// What was reserved for one request. Dropped without [`Self::settle`], it is given back and nothing is counted.
#[derive(Default)]
#[must_use = "dropped, it gives back what was reserved"]
pub struct Admission {
    /// None where nobody is asked for a key.
    reserved: Option<(Arc<Kept>, Ticket)>,
    headers: HeaderMap,
}

impl Admission {
    /// Headers for the answer that say what is left of the key's limits.
    pub fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    /// How the request is paid for, with the most that it can cost; none where nobody is asked for a key.
    pub fn payment(&self) -> Option<Payment> {
        self.reserved.as_ref().map(|(_, ticket)| ticket.payment())
    }

    /// Counts what the request took; never more than was reserved. It is on disk when this returns.
    pub fn settle(mut self, used: Amount) {
        match self.reserved.take() {
            Some((kept, ticket)) => {
                let (used, payment) = kept.book().settle(&ticket, used, kept.clock.now());
                metrics::used(Some(payment), used);
            }
            None => metrics::used(None, used),
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some((kept, ticket)) = self.reserved.take() {
            kept.book().release(&ticket);
        }
    }
}

#[cfg(test)]
mod tests;
