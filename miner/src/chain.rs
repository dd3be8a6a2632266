//! The chain as a miner sees it, behind a trait so that tests can put a chain of their own in its place.
use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use laurel_chain::{AccountId, Call, ChainClient, ChainError, Keypair, SubmitOptions};
use laurel_types::{AxonAddress, BlockNumber, Metagraph, ModelRoot, NetUid, AXON_PROTOCOL_VERSION};

/// What a miner reads from the chain and writes to it.
#[async_trait]
pub trait Chain: Send + Sync + 'static {
    /// Hash of block 0.
    fn genesis(&self) -> [u8; 32];

    /// Whether the node still fetches blocks that others have.
    async fn is_syncing(&self) -> Result<bool, ChainError>;

    /// The subnet and its neurons at the best block; none if it does not exist.
    async fn metagraph(&self, netuid: NetUid) -> Result<Option<Metagraph<AccountId>>, ChainError>;

    /// Heights of new best blocks. Does not end: it is silent while the chain cannot be reached.
    fn blocks(&self) -> BoxStream<'static, BlockNumber>;

    /// Publishes or renews the miner's endpoint and waits until a block has it.
    async fn publish_axon(&self, netuid: NetUid, address: AxonAddress, model: ModelRoot) -> Result<(), ChainError>;
}

/// The real chain.
#[derive(Clone, Debug)]
pub struct LaurelChain {
    client: ChainClient,
    hotkey: Keypair,
}

impl LaurelChain {
    /// Signs what it sends with `hotkey`.
    pub fn new(client: ChainClient, hotkey: Keypair) -> Self {
        Self { client, hotkey }
    }
}

#[async_trait]
impl Chain for LaurelChain {
    fn genesis(&self) -> [u8; 32] {
        self.client.genesis_hash().0
    }

    async fn is_syncing(&self) -> Result<bool, ChainError> {
        self.client.is_syncing().await
    }

    async fn metagraph(&self, netuid: NetUid) -> Result<Option<Metagraph<AccountId>>, ChainError> {
        self.client.metagraph(netuid, None).await
    }

    fn blocks(&self) -> BoxStream<'static, BlockNumber> {
        self.client.blocks().map(|block| block.number).boxed()
    }

    async fn publish_axon(&self, netuid: NetUid, address: AxonAddress, model: ModelRoot) -> Result<(), ChainError> {
        let call = Call::PublishAxon {
            netuid,
            address,
            protocol: AXON_PROTOCOL_VERSION,
            model,
        };
        self.client
            .submit(&self.hotkey, call, SubmitOptions::default())
            .await
            .map(drop)
    }
}
