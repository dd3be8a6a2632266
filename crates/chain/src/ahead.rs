//! Transactions that are signed ahead, so that they can be written down before they are sent, and found again whatever happens then.
use crate::{
    sign::{sign, LIFETIME},
    AccountId, Block, Call, ChainClient, ChainError, Included, Keypair,
};
use laurel_types::BlockNumber;
use subxt::utils::AccountId32;

/// A transaction that is signed and not sent. The chain takes the same bytes once at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAhead {
    /// The extrinsic, as it is sent.
    pub bytes: Vec<u8>,
    /// The last block that cannot hold it yet.
    pub after: BlockNumber,
    /// The last block that can hold it.
    pub until: BlockNumber,
}

impl ChainClient {
    /// Signs a call with the account's next nonce. Where another transaction of the account takes that nonce first, this one is never
    /// included.
    pub async fn sign_ahead(&self, key: &Keypair, call: &Call) -> Result<SignedAhead, ChainError> {
        let runtime = self.runtime().await?;
        let account = AccountId::from(key);
        let nonce = self
            .request("the nonce", |rpc| async move {
                rpc.system_account_next_index(&AccountId32(account.0)).await
            })
            .await?;
        let (_, birth) = self.birth().await?;
        Ok(SignedAhead {
            bytes: sign(&runtime, key, call, nonce, 0, birth)?,
            after: birth.number,
            until: birth.number.saturating_add(LIFETIME),
        })
    }

    /// Hands a signed transaction to the node's pool, and does not wait for a block. It does no harm to do it again.
    ///
    /// # Errors
    /// [`ChainError::Refused`] also where it is in a block already.
    pub async fn send_ahead(&self, bytes: &[u8]) -> Result<(), ChainError> {
        let sent = self
            .request("sending", |rpc| async move { rpc.author_submit_extrinsic(bytes).await })
            .await;
        match sent {
            Err(ChainError::Refused(refusal)) if refusal.name == "AlreadyImported" => Ok(()),
            sent => sent.map(drop),
        }
    }

    /// Looks for a transaction in a block; none if it is not there.
    ///
    /// # Errors
    /// [`ChainError::Dispatch`] if it is there and failed.
    pub async fn find_ahead(&self, bytes: &[u8], block: Block) -> Result<Option<Included>, ChainError> {
        let found = self
            .request("a block", |rpc| async move {
                rpc.chain_get_block(Some(block.hash.into())).await
            })
            .await?
            .ok_or_else(|| ChainError::UnknownBlock(block.hash.to_string()))?;
        let Some(index) = found.block.extrinsics.iter().position(|other| other.0 == bytes) else {
            return Ok(None);
        };
        // A block holds far fewer than 2³² extrinsics.
        let index = index as u32;
        let mut events = self.events(block.hash).await?;
        events.retain(|event| event.extrinsic == Some(index));
        match self.runtime().await?.failure(&events) {
            Some(failure) => Err(ChainError::Dispatch(failure)),
            None => Ok(Some(Included { block, index, events })),
        }
    }
}
