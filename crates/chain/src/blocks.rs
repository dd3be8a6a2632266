//! Blocks and the streams of them, which outlive the connection.
use crate::{connection::Backoff, connection::Rpc, ChainClient, ChainError};
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;
use futures::{stream, stream::BoxStream, StreamExt};
use laurel_types::BlockNumber;
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, fmt, str::FromStr};
use subxt::{
    config::substrate::{SubstrateHeader, H256},
    rpcs::client::RpcSubscription,
};
use tokio::time::timeout;

/// Hash of a block's header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BlockHash(pub [u8; 32]);

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlockHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a block hash: write 0x and 64 hexadecimal digits");
        let digits = text
            .strip_prefix("0x")
            .filter(|d| d.len() == 64 && d.is_ascii())
            .ok_or_else(wrong)?;
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for BlockHash {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<BlockHash> for String {
    fn from(hash: BlockHash) -> Self {
        hash.to_string()
    }
}

impl From<H256> for BlockHash {
    fn from(hash: H256) -> Self {
        Self(hash.0)
    }
}

impl From<BlockHash> for H256 {
    fn from(hash: BlockHash) -> Self {
        Self(hash.0)
    }
}

/// A block, by both of its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// Height.
    pub number: BlockNumber,
    /// Hash of the header.
    pub hash: BlockHash,
}

type Header = SubstrateHeader<H256>;

impl From<&Header> for Block {
    fn from(header: &Header) -> Self {
        let hash = Blake2b::<U32>::digest(header.encode());
        // Heights are u32 on this chain; the RPC type is wider.
        Self {
            number: header.number as BlockNumber,
            hash: BlockHash(hash.into()),
        }
    }
}

/// Which head a stream follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Head {
    Best,
    Finalized,
}

impl ChainClient {
    /// The head of the best chain.
    pub async fn best_block(&self) -> Result<Block, ChainError> {
        self.header(None).await
    }

    /// The last finalized block.
    pub async fn finalized_block(&self) -> Result<Block, ChainError> {
        let hash = self
            .request("the finalized head", |rpc| async move {
                rpc.chain_get_finalized_head().await
            })
            .await?;
        self.header(Some(hash.into())).await
    }

    /// Whether the node still fetches blocks that others have, so that what it says is behind.
    pub async fn is_syncing(&self) -> Result<bool, ChainError> {
        let health = self
            .request("its health", |rpc| async move { rpc.system_health().await })
            .await?;
        Ok(health.is_syncing)
    }

    /// Hash of the best chain's block at this height; none if it is not there yet.
    pub async fn block_hash(&self, number: BlockNumber) -> Result<Option<BlockHash>, ChainError> {
        let hash = self
            .request("a block hash", |rpc| async move {
                rpc.chain_get_block_hash(Some(number.into())).await
            })
            .await?;
        Ok(hash.map(Into::into))
    }

    pub(crate) async fn header(&self, at: Option<BlockHash>) -> Result<Block, ChainError> {
        let header = self
            .request("a header", |rpc| async move {
                rpc.chain_get_header(at.map(Into::into)).await
            })
            .await?
            .ok_or_else(|| ChainError::UnknownBlock(at.map_or_else(|| "head".into(), |h| h.to_string())))?;
        Ok(Block::from(&header))
    }

    /// Each new head of the best chain, beginning with the present one. Reconnects for ever; skips blocks that were
    /// imported while the connection was down, and goes back when the chain reorganises.
    pub fn blocks(&self) -> BoxStream<'static, Block> {
        self.follow(Head::Best)
    }

    /// Each finalized block in order, without gaps, beginning with the last one. Reconnects for ever.
    pub fn finalized_blocks(&self) -> BoxStream<'static, Block> {
        self.follow(Head::Finalized)
    }

    fn follow(&self, head: Head) -> BoxStream<'static, Block> {
        let follower = Follower {
            client: self.clone(),
            head,
            subscription: None,
            last: None,
            ready: VecDeque::new(),
        };
        stream::unfold(follower, |mut follower| async move {
            let block = follower.next().await;
            Some((block, follower))
        })
        .boxed()
    }
}

/// State of one stream.
struct Follower {
    client: ChainClient,
    head: Head,
    subscription: Option<RpcSubscription<Header>>,
    last: Option<Block>,
    ready: VecDeque<Block>,
}

impl Follower {
    async fn next(&mut self) -> Block {
        let mut backoff = Backoff::default();
        loop {
            if let Some(block) = self.ready.pop_front() {
                self.last = Some(block);
                return block;
            }
            if let Err(error) = self.fetch().await {
                self.subscription = None;
                tracing::warn!(head = ?self.head, %error, "no blocks from the chain, asking again");
                backoff.pause().await;
            }
        }
    }

    /// Waits for one header and queues the blocks that it brings.
    async fn fetch(&mut self) -> Result<(), ChainError> {
        let broken = |reason: String| ChainError::Disconnected {
            what: "following blocks".into(),
            reason,
        };
        if self.subscription.is_none() {
            let head = self.head;
            let subscribe = |rpc: Rpc| async move {
                match head {
                    Head::Best => rpc.chain_subscribe_new_heads().await,
                    Head::Finalized => rpc.chain_subscribe_finalized_heads().await,
                }
            };
            self.subscription = Some(self.client.request_once("following blocks", subscribe).await?);
        }
        let Some(subscription) = &mut self.subscription else {
            return Ok(());
        };
        let header = match timeout(self.client.inner.options.stall, subscription.next()).await {
            Ok(Some(Ok(header))) => header,
            Ok(Some(Err(e))) => return Err(broken(e.to_string())),
            Ok(None) => return Err(broken("the node ended the subscription".into())),
            Err(_) => {
                self.client.give_up_endpoint().await;
                return Err(broken("no new block for too long".into()));
            }
        };
        let block = Block::from(&header);
        if self.last == Some(block) {
            return Ok(());
        }
        if let (Head::Finalized, Some(last)) = (self.head, self.last) {
            // The node reports only the newest of several blocks finalized at once.
            for number in last.number.saturating_add(1)..block.number {
                if let Some(hash) = self.client.block_hash(number).await? {
                    self.ready.push_back(Block { number, hash });
                }
            }
            if block.number <= last.number {
                return Ok(());
            }
        }
        self.ready.push_back(block);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_hash_survives_being_written_and_read() {
        let hash = BlockHash(core::array::from_fn(|i| i as u8 * 7));
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("0x12".parse::<BlockHash>().is_err());
        assert!(format!("0x{}", "é".repeat(32)).parse::<BlockHash>().is_err());
    }
}
