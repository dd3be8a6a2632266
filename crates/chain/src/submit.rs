//! Sending a transaction so that it is done once, whatever happens to connection, pool and nonce on the way.
//!
//! A transaction is signed again, with another nonce or a later era, only when nothing can include it any more: a finalized block used its nonce for another one, or is
//! the last in which it was valid, and no finalized block holds it. Until then the same bytes are offered again, which no chain can include twice.
use crate::{
    follow::Transaction, nonce::NonceSlot, sign, sign::LIFETIME, AccountId, Block, Call, ChainClient, ChainError,
    Event, Keypair, Stage, Watcher,
};
use futures::future::join_all;
use laurel_types::Balance;
use std::time::Duration;
use subxt::{
    config::substrate::H256,
    rpcs::{client::RpcSubscription, methods::legacy::TransactionStatus},
    utils::AccountId32,
};
use tokio::time::{timeout_at, Instant};

/// How the node tells what becomes of a transaction.
pub(crate) type Statuses = RpcSubscription<TransactionStatus<H256>>;

/// Until when to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// A block of the best chain holds it.
    #[default]
    InBlock,
    /// A finalized block holds it.
    Finalized,
}

/// How to send a transaction.
#[derive(Clone, Copy, Debug)]
pub struct SubmitOptions {
    /// For the author, beside the fee, in leaves.
    pub tip: Balance,
    /// Until when to wait.
    pub wait: Wait,
    /// How long the whole may take.
    pub deadline: Duration,
}

impl Default for SubmitOptions {
    fn default() -> Self {
        Self {
            tip: 0,
            wait: Wait::default(),
            deadline: Duration::from_secs(90),
        }
    }
}

/// A transaction that succeeded.
#[derive(Clone, Debug, PartialEq)]
pub struct Included {
    /// The block that holds it.
    pub block: Block,
    /// Its position in the block.
    pub index: u32,
    /// What it caused.
    pub events: Vec<Event>,
}

impl Included {
    /// The first event of that name.
    pub fn event(&self, pallet: &str, name: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.is(pallet, name))
    }
}

/// What may be in a pool now, and who watches it.
pub(crate) struct Trail<'a> {
    last: Option<Transaction>,
    watcher: &'a dyn Watcher,
}

impl<'a> Trail<'a> {
    pub(crate) fn new(watcher: &'a dyn Watcher) -> Self {
        Self { last: None, watcher }
    }

    /// Before it is sent.
    pub(crate) fn begin(&mut self, transaction: &Transaction) -> Result<(), ChainError> {
        let kept = self.watcher.sending(&transaction.clone().into());
        kept.map_err(|error| ChainError::Unkept(error.to_string()))?;
        self.last = Some(transaction.clone());
        Ok(())
    }

    pub(crate) fn reached(&self, stage: Stage) {
        self.watcher.reached(stage);
    }

    /// It is decided.
    pub(crate) fn end(&mut self) {
        self.last = None;
        self.watcher.decided();
    }

    /// The same, where this is a decision.
    pub(crate) fn conclude(&mut self, concluded: Result<Included, ChainError>) -> Result<Included, ChainError> {
        use ChainError::{Dispatch, Expired, NonceUsed};
        if matches!(concluded, Ok(_) | Err(Dispatch(_) | Expired { .. } | NonceUsed { .. })) {
            self.end();
        }
        concluded
    }

    /// What is said when the time is over.
    pub(crate) fn late(self, (pallet, name): (&str, &str), after: Duration) -> ChainError {
        let what = format!("{pallet}.{name}");
        match self.last {
            None => ChainError::Deadline {
                what: format!("the transaction {what}"),
                after,
            },
            Some(transaction) => ChainError::Undecided {
                what,
                after,
                transaction: transaction.into(),
            },
        }
    }
}

impl ChainClient {
    /// Signs a call, sends it and waits until it is included. Transactions of one key that are submitted at the same
    /// time, also by other processes, get consecutive nonces and can share a block.
    ///
    /// # Errors
    /// [`ChainError::Refused`] if the pool refuses it, [`ChainError::Dispatch`] if it fails in its block,
    /// [`ChainError::Undecided`] if it was handed over and nothing is known by the deadline: it may still be included.
    pub async fn submit(&self, key: &Keypair, call: Call, options: SubmitOptions) -> Result<Included, ChainError> {
        self.submit_watched(key, call, options, &()).await
    }

    /// The same, with somebody who is told what becomes of it.
    ///
    /// # Errors
    /// As [`Self::submit`], and [`ChainError::Unkept`] if the watcher could not write it down.
    pub async fn submit_watched(
        &self,
        key: &Keypair,
        call: Call,
        options: SubmitOptions,
        watcher: &dyn Watcher,
    ) -> Result<Included, ChainError> {
        let deadline = Instant::now() + options.deadline;
        let mut trail = Trail::new(watcher);
        let settled = timeout_at(deadline, self.settle(key, &call, options, &mut trail)).await;
        settled.unwrap_or_else(|_| Err(trail.late(call.name(), options.deadline)))
    }

    /// Submits many transactions, of one or several keys, at the same time. The results are in the same order.
    pub async fn submit_all(
        &self,
        transactions: Vec<(Keypair, Call)>,
        options: SubmitOptions,
    ) -> Vec<Result<Included, ChainError>> {
        let each = transactions
            .into_iter()
            .map(|(key, call)| async move { self.submit(&key, call, options).await });
        join_all(each).await
    }

    /// Sends and follows the call, again each time that it can no longer be included.
    async fn settle(
        &self,
        key: &Keypair,
        call: &Call,
        options: SubmitOptions,
        trail: &mut Trail<'_>,
    ) -> Result<Included, ChainError> {
        let account = AccountId::from(key);
        loop {
            let (sent, statuses) = self.send(key, call, options.tip, trail).await?;
            match self.outcome(&sent, statuses, options.wait, trail).await {
                Err(ChainError::Lost(why)) => {
                    tracing::info!(%account, transaction = %sent.hash, why, "signing the transaction again");
                    self.inner.nonces.forget(account).await;
                    trail.end();
                }
                concluded => return trail.conclude(concluded),
            }
        }
    }

    /// Hands the transaction to the node's pool, with the account's nonce slot held. Without statuses where it is not known whether
    /// the node took it.
    async fn send(
        &self,
        key: &Keypair,
        call: &Call,
        tip: Balance,
        trail: &mut Trail<'_>,
    ) -> Result<(Transaction, Option<Statuses>), ChainError> {
        let account = AccountId::from(key);
        let mut slot = self.inner.nonces.take(self.genesis_hash(), account).await;
        loop {
            let transaction = self.sign_next(key, call, tip, &slot).await?;
            let nonce = transaction.nonce();
            // Nothing has left this machine where there is no connection.
            self.connection().await?;
            trail.begin(&transaction)?;
            match self.hand_over(&transaction).await {
                Ok(statuses) => {
                    slot.used(nonce);
                    return Ok((transaction, Some(statuses)));
                }
                Err(ChainError::Refused(refusal)) => {
                    trail.end();
                    match refusal.name.as_str() {
                        // Another one used the nonce. This transaction was not taken, so signing anew is safe.
                        "Stale" => slot.forget(),
                        // A waiting transaction has it, one that the node's count leaves out: step over it.
                        "PriorityTooLow" => slot.used(nonce),
                        _ => return Err(ChainError::Refused(refusal)),
                    }
                    tracing::debug!(%account, nonce, refusal = refusal.name, "signing with another nonce");
                }
                Err(error) if error.is_connection() || matches!(error, ChainError::Deadline { .. }) => {
                    tracing::warn!(%account, nonce, %error, "not known whether the node took the transaction, looking for it");
                    slot.used(nonce);
                    return Ok((transaction, None));
                }
                Err(error) => {
                    trail.end();
                    slot.forget();
                    return Err(error);
                }
            }
        }
    }

    /// Signs the call with the account's next nonce.
    async fn sign_next(
        &self,
        key: &Keypair,
        call: &Call,
        tip: Balance,
        slot: &NonceSlot,
    ) -> Result<Transaction, ChainError> {
        let account = AccountId::from(key);
        let runtime = self.runtime().await?;
        let nonce = slot.next(self.next_nonce(account).await?);
        let (_, birth) = self.birth().await?;
        let bytes = sign::sign(&runtime, key, call, nonce, tip, birth)?;
        Ok(Transaction::new(bytes, runtime, birth.number, LIFETIME.into()).of(account, nonce))
    }

    /// Offers a transaction to the node's pool, and asks what becomes of it.
    pub(crate) async fn hand_over(&self, transaction: &Transaction) -> Result<Statuses, ChainError> {
        let bytes = &transaction.bytes;
        self.request_once("sending", |rpc| async move {
            rpc.author_submit_and_watch_extrinsic(bytes).await
        })
        .await
    }

    /// The nonce after those of the chain and of the node's pool.
    pub(crate) async fn next_nonce(&self, account: AccountId) -> Result<u64, ChainError> {
        self.request("the nonce", |rpc| async move {
            rpc.system_account_next_index(&AccountId32(account.0)).await
        })
        .await
    }

    /// The best block, and the block from which a transaction lives: finalized, unless finality lags by half a lifetime.
    pub(crate) async fn birth(&self) -> Result<(Block, Block), ChainError> {
        let (best, finalized) = tokio::try_join!(self.best_block(), self.finalized_block())?;
        let oldest = best.number.saturating_sub(LIFETIME / 2);
        if finalized.number >= oldest {
            return Ok((best, finalized));
        }
        let hash = self
            .block_hash(oldest)
            .await?
            .ok_or_else(|| ChainError::UnknownBlock(oldest.to_string()))?;
        Ok((best, Block { number: oldest, hash }))
    }
}
