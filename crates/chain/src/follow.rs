//! What becomes of a transaction that was handed over, found out by whichever endpoint answers.
use crate::{
    connection::Rpc,
    offline::SignedTransaction,
    runtime::Runtime,
    submit::{Statuses, Trail},
    AccountId, Block, BlockHash, ChainClient, ChainError, Included, Stage, Wait,
};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;
use futures::StreamExt;
use laurel_types::BlockNumber;
use std::{collections::HashSet, sync::Arc};
use subxt::rpcs::methods::legacy::TransactionStatus;

/// A transaction that is in no block yet is offered again each time that so many blocks have come.
const BLOCKS_BETWEEN_OFFERS: u32 = 4;

/// A transaction as it was handed over.
#[derive(Clone)]
pub(crate) struct Transaction {
    pub(crate) bytes: Vec<u8>,
    /// BLAKE2b-256 of the bytes.
    pub(crate) hash: BlockHash,
    pub(crate) runtime: Arc<Runtime>,
    /// The block that it lives from: no block up to it can hold it.
    birth: BlockNumber,
    /// The last block that can hold it.
    pub(crate) last_block: BlockNumber,
    /// Who signed it, with which nonce; none for one that nobody signs.
    signer: Option<(AccountId, u64)>,
}

impl Transaction {
    pub(crate) fn new(bytes: Vec<u8>, runtime: Arc<Runtime>, birth: BlockNumber, lifetime: u64) -> Self {
        Self {
            hash: BlockHash(Blake2b::<U32>::digest(&bytes).into()),
            bytes,
            runtime,
            birth,
            last_block: birth.saturating_add(lifetime.saturating_sub(1).try_into().unwrap_or(BlockNumber::MAX)),
            signer: None,
        }
    }

    pub(crate) fn of(self, account: AccountId, nonce: u64) -> Self {
        Self {
            signer: Some((account, nonce)),
            ..self
        }
    }

    /// Zero for one that nobody signs.
    pub(crate) fn nonce(&self) -> u64 {
        self.signer.map_or(0, |(_, nonce)| nonce)
    }
}

impl From<Transaction> for SignedTransaction {
    fn from(transaction: Transaction) -> Self {
        Self {
            account: transaction.signer.map(|(account, _)| account),
            nonce: transaction.nonce(),
            birth: transaction.birth,
            last_block: transaction.last_block,
            bytes: transaction.bytes,
        }
    }
}

/// What the blocks say about a transaction.
enum Fate {
    In(BlockHash),
    Open,
    /// No block can hold it any more.
    Lost(&'static str),
}

impl ChainClient {
    /// Follows a transaction to its block and reads its events. Offers it again where a pool may have lost it.
    ///
    /// # Errors
    /// [`ChainError::Lost`] only when no block can hold it any more; [`ChainError::Dispatch`] if it failed in its block.
    pub(crate) async fn outcome(
        &self,
        sent: &Transaction,
        statuses: Option<Statuses>,
        wait: Wait,
        trail: &Trail<'_>,
    ) -> Result<Included, ChainError> {
        if let Some(statuses) = statuses {
            if let Some(hash) = self.watch(statuses, wait, trail).await {
                match self.included(sent, hash).await {
                    // Another endpoint, after the one that said so broke, need not have the block yet.
                    Err(error) if error.is_connection() || matches!(error, ChainError::UnknownBlock(_)) => {}
                    concluded => return concluded,
                }
            }
        }
        trail.reached(Stage::Searched);
        let hash = self.search(sent, wait).await?;
        self.included(sent, hash).await
    }

    /// Waits for the node to say in which block the transaction is; none where it no longer can.
    async fn watch(&self, mut statuses: Statuses, wait: Wait, trail: &Trail<'_>) -> Option<BlockHash> {
        use TransactionStatus::{
            Broadcast, Dropped, FinalityTimeout, Finalized, Future, InBlock, Invalid, Ready, Retracted, Usurped,
        };
        loop {
            match statuses.next().await? {
                Ok(Finalized(hash)) => return Some(hash.into()),
                Ok(InBlock(hash)) if wait == Wait::InBlock => return Some(hash.into()),
                Ok(InBlock(hash)) => {
                    // Only to be shown: if it cannot be read now, what follows will say so.
                    if let Ok(block) = self.header(Some(hash.into())).await {
                        trail.reached(Stage::InBlock(block));
                    }
                }
                Ok(Future) => trail.reached(Stage::Queued),
                Ok(Ready | Broadcast(_) | Retracted(_)) => trail.reached(Stage::Pool),
                // The pool has no place for it now, which says nothing about the blocks.
                Ok(Usurped(_) | Dropped | Invalid | FinalityTimeout(_)) | Err(_) => return None,
            }
        }
    }

    /// Looks for the transaction in every block that can hold it; the caller sets the deadline.
    async fn search(&self, sent: &Transaction, wait: Wait) -> Result<BlockHash, ChainError> {
        let mut seen = HashSet::new();
        let mut heads = self.blocks();
        let mut blocks = 0;
        while let Some(head) = heads.next().await {
            match self.fate(sent, head, wait, &mut seen).await {
                Ok(Fate::In(hash)) => return Ok(hash),
                Ok(Fate::Lost(why)) => return Err(ChainError::Lost(why)),
                Ok(Fate::Open) => {
                    if blocks % BLOCKS_BETWEEN_OFFERS == 0 {
                        self.offer(sent).await;
                    }
                    blocks += 1;
                }
                Err(error) if error.is_retryable() => {
                    tracing::debug!(transaction = %sent.hash, %error, "looking again with the next block");
                }
                Err(error) => return Err(error),
            }
        }
        // The stream of blocks has no end.
        Err(ChainError::UnknownBlock("head".into()))
    }

    /// Offers the same bytes again. Whatever the node says of it, the blocks decide.
    async fn offer(&self, sent: &Transaction) {
        let bytes = &sent.bytes;
        let offer = |rpc: Rpc| async move { rpc.author_submit_extrinsic(bytes).await };
        if let Err(error) = self.request_once("sending again", offer).await {
            tracing::debug!(transaction = %sent.hash, %error, "offered again");
        }
    }

    /// What the blocks up to `head` say; those in `seen` do not hold it.
    async fn fate(
        &self,
        sent: &Transaction,
        head: Block,
        wait: Wait,
        seen: &mut HashSet<BlockHash>,
    ) -> Result<Fate, ChainError> {
        // Read first: whatever is finalized now is among the blocks that are looked through below.
        let finalized = self.finalized_block().await?;
        let used = match sent.signer {
            Some((account, nonce)) => self.nonce_at(account, finalized.hash).await? > nonce,
            None => false,
        };
        let newest = match wait {
            Wait::InBlock => head.number.max(finalized.number),
            Wait::Finalized => finalized.number,
        };
        for number in sent.birth.saturating_add(1)..=newest.min(sent.last_block) {
            let Some(hash) = self.block_hash(number).await? else {
                // An endpoint that is behind the one that told of the head.
                return Ok(Fate::Open);
            };
            if seen.contains(&hash) {
                continue;
            }
            if self.position(&sent.bytes, hash).await?.is_some() {
                return Ok(Fate::In(hash));
            }
            seen.insert(hash);
        }
        let why = if used {
            "replaced by another one with its nonce"
        } else if finalized.number >= sent.last_block {
            "out of date"
        } else {
            return Ok(Fate::Open);
        };
        // The endpoint may have changed since: what was looked through must lead up to the block that was said to be final.
        let ends_there = self.block_hash(finalized.number).await? == Some(finalized.hash);
        Ok(if ends_there { Fate::Lost(why) } else { Fate::Open })
    }

    /// How many transactions of the account the chain has up to a block.
    pub(crate) async fn nonce_at(&self, account: AccountId, at: BlockHash) -> Result<u64, ChainError> {
        let nonce: u32 = self
            .state_call("AccountNonceApi_account_nonce", account.encode(), Some(at))
            .await?;
        Ok(nonce.into())
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
        let index = index.ok_or_else(|| ChainError::UnknownBlock(format!("{hash} with the transaction")))?;
        let mut events = self.events(hash).await?;
        events.retain(|event| event.extrinsic == Some(index));
        match sent.runtime.failure(&events) {
            Some(failure) => Err(ChainError::Dispatch(failure)),
            None => Ok(Included { block, index, events }),
        }
    }
}
