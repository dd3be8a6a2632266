//! Signing and sending transactions, and waiting for what becomes of them.
use crate::{blocks::Block, runtime::Runtime, AccountId, BlockHash, Call, ChainClient, ChainError, Event, Keypair};
use futures::{future::join_all, StreamExt};
use laurel_types::Balance;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use subxt::{
    config::{
        substrate::{SubstrateExtrinsicParamsBuilder, H256},
        SubstrateConfig,
    },
    ext::scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver},
    rpcs::{client::RpcSubscription, methods::legacy::TransactionStatus},
    tx::Payload,
    utils::{AccountId32, MultiSignature},
};
use tokio::time::{timeout_at, Instant};

/// Blocks for which a transaction can be included.
const LIFETIME: u64 = 64;
/// A nonce that we used is believed over the node's for so long: its pool may not have counted it yet.
const NONCE_MEMORY: Duration = Duration::from_secs(10);
/// How often a transaction that lost its nonce to another one is signed again.
const ATTEMPTS: u32 = 4;

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

/// Per account: held while a transaction is signed and handed over, so that no two get the same nonce.
#[derive(Default)]
pub(crate) struct NonceSlots(Mutex<HashMap<AccountId, Arc<tokio::sync::Mutex<NonceSlot>>>>);

/// The nonce after the last one handed over, and when that was.
type NonceSlot = Option<(u64, Instant)>;

impl NonceSlots {
    fn of(&self, account: AccountId) -> Arc<tokio::sync::Mutex<NonceSlot>> {
        // A poisoned map is still a map: nothing is left half-done under this lock.
        self.0
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .entry(account)
            .or_default()
            .clone()
    }
}

/// A transaction in the pool.
struct Sent {
    transaction: Transaction,
    statuses: RpcSubscription<TransactionStatus<H256>>,
}

/// A transaction as it was handed over.
struct Transaction {
    bytes: Vec<u8>,
    /// The block that was best when it was sent.
    after: Block,
    runtime: Arc<Runtime>,
}

impl ChainClient {
    /// Signs a call, sends it and waits until it is included. Transactions of one key that are submitted at the same
    /// time get consecutive nonces and can share a block.
    ///
    /// # Errors
    /// [`ChainError::Refused`] if the pool refuses it, [`ChainError::Dispatch`] if it fails in its block,
    /// [`ChainError::Lost`] if it left the pool, [`ChainError::Deadline`] if nothing is known by then: it may still be included.
    pub async fn submit(&self, key: &Keypair, call: Call, options: SubmitOptions) -> Result<Included, ChainError> {
        let deadline = Instant::now() + options.deadline;
        let label = call.name();
        let late = || ChainError::Deadline {
            what: format!("the transaction {}.{}", label.0, label.1),
            after: options.deadline,
        };
        let sent = timeout_at(deadline, self.send(key, &call, options.tip))
            .await
            .map_err(|_| late())??;
        let result = timeout_at(deadline, self.conclude(sent.transaction, sent.statuses, options.wait))
            .await
            .map_err(|_| late())?;
        if matches!(result, Err(ChainError::Lost(_))) {
            *self.inner.nonces.of(key.into()).lock().await = None;
        }
        result
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

    /// Hands the transaction to the node's pool, with the account's nonce slot held.
    async fn send(&self, key: &Keypair, call: &Call, tip: Balance) -> Result<Sent, ChainError> {
        let account = AccountId::from(key);
        let slot = self.inner.nonces.of(account);
        let mut slot = slot.lock().await;
        let mut attempt = 1;
        loop {
            let runtime = self.runtime().await?;
            let nonce = self.next_nonce(account, &slot).await?;
            let (after, birth) = self.birth().await?;
            let bytes = sign(&runtime, key, call, nonce, tip, birth)?;
            let xt = &bytes;
            let handed = self
                .request_once("sending", |rpc| async move {
                    rpc.author_submit_and_watch_extrinsic(xt).await
                })
                .await;
            match handed {
                Ok(statuses) => {
                    *slot = Some((nonce + 1, Instant::now()));
                    return Ok(Sent {
                        transaction: Transaction { bytes, after, runtime },
                        statuses,
                    });
                }
                // Another process used the nonce. This transaction was not taken, so signing anew is safe.
                Err(ChainError::Refused(refusal))
                    if attempt < ATTEMPTS && ["Stale", "PriorityTooLow"].contains(&refusal.name.as_str()) =>
                {
                    tracing::debug!(%account, nonce, refusal = refusal.name, "signing again with another nonce");
                    // A waiting transaction with our nonce is one that the node's count leaves out: step over it.
                    let taken = refusal.name == "PriorityTooLow";
                    *slot = taken.then(|| (nonce + 1, Instant::now()));
                    attempt += 1;
                }
                Err(e) => {
                    *slot = None;
                    return Err(e);
                }
            }
        }
    }

    async fn next_nonce(&self, account: AccountId, slot: &NonceSlot) -> Result<u64, ChainError> {
        let node = self
            .request("the nonce", |rpc| async move {
                rpc.system_account_next_index(&AccountId32(account.0)).await
            })
            .await?;
        Ok(match *slot {
            Some((ours, when)) if when.elapsed() < NONCE_MEMORY => node.max(ours),
            _ => node,
        })
    }

    /// The best block, and the block from which a transaction lives: finalized, unless finality lags by half a lifetime.
    pub(crate) async fn birth(&self) -> Result<(Block, Block), ChainError> {
        let (best, finalized) = tokio::try_join!(self.best_block(), self.finalized_block())?;
        let oldest = best.number.saturating_sub(LIFETIME as u32 / 2);
        if finalized.number >= oldest {
            return Ok((best, finalized));
        }
        let hash = self
            .block_hash(oldest)
            .await?
            .ok_or_else(|| ChainError::UnknownBlock(oldest.to_string()))?;
        Ok((best, Block { number: oldest, hash }))
    }

    /// Hands over a transaction that takes no nonce, and follows it to its block.
    pub(crate) async fn follow_transaction(
        &self,
        runtime: Arc<Runtime>,
        bytes: Vec<u8>,
        after: Block,
        wait: Wait,
    ) -> Result<Included, ChainError> {
        let xt = &bytes;
        let statuses = self
            .request_once("sending", |rpc| async move {
                rpc.author_submit_and_watch_extrinsic(xt).await
            })
            .await?;
        self.conclude(Transaction { bytes, after, runtime }, statuses, wait)
            .await
    }

    /// Follows a sent transaction to its block and reads its events.
    async fn conclude(
        &self,
        sent: Transaction,
        mut statuses: RpcSubscription<TransactionStatus<H256>>,
        wait: Wait,
    ) -> Result<Included, ChainError> {
        let block = loop {
            match statuses.next().await {
                Some(Ok(TransactionStatus::InBlock(hash))) if wait == Wait::InBlock => break hash.into(),
                Some(Ok(TransactionStatus::Finalized(hash))) => break hash.into(),
                Some(Ok(TransactionStatus::Usurped(_))) => return Err(ChainError::Lost("replaced")),
                Some(Ok(TransactionStatus::Dropped)) => return Err(ChainError::Lost("dropped")),
                Some(Ok(TransactionStatus::Invalid)) => return Err(ChainError::Lost("invalidated")),
                Some(Ok(TransactionStatus::FinalityTimeout(_))) => return Err(ChainError::Lost("not finalized")),
                Some(Ok(_)) => {}
                // The connection broke, but the pool still has it: look for it in the blocks.
                Some(Err(_)) | None => break self.find(&sent, wait).await?,
            }
        };
        self.included(&sent, block).await
    }

    /// Looks for the transaction in every block since it was sent; the caller sets the deadline.
    async fn find(&self, sent: &Transaction, wait: Wait) -> Result<BlockHash, ChainError> {
        let mut heads = match wait {
            Wait::InBlock => self.blocks(),
            Wait::Finalized => self.finalized_blocks(),
        };
        let mut next = sent.after.number + 1;
        while let Some(head) = heads.next().await {
            while next <= head.number {
                if let Some(hash) = self.block_hash(next).await? {
                    if self.position(&sent.bytes, hash).await?.is_some() {
                        return Ok(hash);
                    }
                }
                next += 1;
            }
            if u64::from(head.number) > u64::from(sent.after.number) + LIFETIME {
                return Err(ChainError::Lost("not found in a block"));
            }
        }
        Err(ChainError::Lost("not found in a block"))
    }

    /// Position of an extrinsic in a block.
    async fn position(&self, extrinsic: &[u8], at: BlockHash) -> Result<Option<u32>, ChainError> {
        let block = self
            .request(
                "a block",
                |rpc| async move { rpc.chain_get_block(Some(at.into())).await },
            )
            .await?
            .ok_or_else(|| ChainError::UnknownBlock(at.to_string()))?;
        let position = block.block.extrinsics.iter().position(|other| other.0 == extrinsic);
        // A block holds far fewer than 2³² extrinsics.
        Ok(position.map(|p| p as u32))
    }

    async fn included(&self, sent: &Transaction, hash: BlockHash) -> Result<Included, ChainError> {
        let (block, index) = tokio::try_join!(self.header(Some(hash)), self.position(&sent.bytes, hash))?;
        let index = index.ok_or(ChainError::Lost("moved to another block"))?;
        let mut events = self.events(hash).await?;
        events.retain(|event| event.extrinsic == Some(index));
        match sent.runtime.failure(&events) {
            Some(failure) => Err(ChainError::Dispatch(failure)),
            None => Ok(Included { block, index, events }),
        }
    }
}

/// The signed extrinsic, as the node takes it.
pub(crate) fn sign(
    runtime: &Runtime,
    key: &Keypair,
    call: &Call,
    nonce: u64,
    tip: Balance,
    birth: Block,
) -> Result<Vec<u8>, ChainError> {
    let payload = Encoded::new(runtime, call)?;
    let params = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
        .nonce(nonce)
        .tip(tip.into())
        .mortal_from_unchecked(LIFETIME, birth.number.into(), birth.hash.into())
        .build();
    let incompatible = |e: subxt::error::ExtrinsicError| ChainError::incompatible("the transaction format", e);
    let mut transaction = runtime
        .offline
        .tx()
        .create_signable_offline(&payload, params)
        .map_err(incompatible)?;
    Ok(transaction.sign(key).map_err(incompatible)?.into_encoded())
}

/// The extrinsic of a call that authorizes itself: a general one with the chain's extensions, and nobody's signature.
pub(crate) fn authorized(runtime: &Runtime, call: &Call, birth: Block) -> Result<Vec<u8>, ChainError> {
    let payload = Encoded::new(runtime, call)?;
    let params = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
        .mortal_from_unchecked(LIFETIME, birth.number.into(), birth.hash.into())
        .build();
    let incompatible = |e: subxt::error::ExtrinsicError| ChainError::incompatible("the transaction format", e);
    let mut transaction = runtime
        .offline
        .tx()
        .create_v5_signable_offline(&payload, params)
        .map_err(incompatible)?;
    // The chain has no extension that carries a signature, so that none is written.
    let nobody = (AccountId32([0; 32]), MultiSignature::Sr25519([0; 64]));
    let transaction = transaction
        .sign_with_account_and_signature(&nobody.0, &nobody.1)
        .map_err(incompatible)?;
    Ok(transaction.into_encoded())
}

/// A call whose arguments are encoded already.
struct Encoded {
    pallet: &'static str,
    name: &'static str,
    args: Args,
}

impl Encoded {
    fn new(runtime: &Runtime, call: &Call) -> Result<Self, ChainError> {
        let (pallet, name) = call.name();
        // The library writes the two call numbers itself.
        let args = call.encode(&runtime.metadata)?.split_off(2);
        Ok(Self {
            pallet,
            name,
            args: Args(args),
        })
    }
}

struct Args(Vec<u8>);

impl EncodeAsFields for Args {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _: &mut dyn FieldIter<'_, R::TypeId>,
        _: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        out.extend(&self.0);
        Ok(())
    }
}

impl Payload for Encoded {
    type CallData = Args;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.name
    }

    fn call_data(&self) -> &Args {
        &self.args
    }
}
