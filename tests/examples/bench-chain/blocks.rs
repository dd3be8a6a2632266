//! What the chain's blocks hold, read over RPC.
use crate::genesis::decode;
use anyhow::{ensure, Context, Result};
use frame_support::{dispatch::PerDispatchClass, weights::Weight};
use frame_system::EventRecord;
use laurel_runtime::{signing::ChainFacts, Hash, RuntimeEvent, VERSION};
use serde_json::Value;
use subxt::rpcs::{client::rpc_params, RpcClient};

/// A block of the measured chain.
pub struct Block {
    pub number: u64,
    pub hash: String,
    /// Without inherents.
    pub transactions: u64,
    /// What its author's clock said, in milliseconds.
    pub time_ms: u64,
    /// Declared compute of ordinary transactions, in picoseconds.
    pub normal_weight: u64,
    /// The same as a part of the limit.
    pub fill: f64,
    /// Whether there was more to send when it came.
    pub flooded: bool,
}

/// Reads blocks of one node.
pub struct Reader {
    client: RpcClient,
    normal_limit: u64,
}

/// Inherents of each block: the time.
const INHERENTS: u64 = 1;

impl Reader {
    pub async fn connect(rpc: &str, normal_limit: u64) -> Result<Self> {
        Ok(Self {
            client: RpcClient::from_insecure_url(rpc).await?,
            normal_limit,
        })
    }

    pub fn normal_limit(&self) -> u64 {
        self.normal_limit
    }

    pub async fn chain(&self) -> Result<ChainFacts> {
        let version: Value = self.client.request("state_getRuntimeVersion", rpc_params![]).await?;
        ensure!(
            version["specVersion"] == VERSION.spec_version,
            "the node runs another runtime than this program was built with: build both from the same tree"
        );
        let genesis: String = self.client.request("chain_getBlockHash", rpc_params![0]).await?;
        Ok(ChainFacts {
            genesis: decode(&genesis)?,
            spec_version: VERSION.spec_version,
            transaction_version: VERSION.transaction_version,
        })
    }

    pub async fn block(&self, number: u64, flooded: bool) -> Result<Block> {
        let hash: String = self.client.request("chain_getBlockHash", rpc_params![number]).await?;
        let block: Value = self.client.request("chain_getBlock", rpc_params![&hash]).await?;
        let extrinsics = block["block"]["extrinsics"]
            .as_array()
            .context("a block has no transactions")?;
        let weight: PerDispatchClass<Weight> = self.stored("System", "BlockWeight", &hash).await?;
        let normal = weight.get(frame_support::dispatch::DispatchClass::Normal).ref_time();
        Ok(Block {
            number,
            transactions: extrinsics.len() as u64 - INHERENTS,
            time_ms: self.stored("Timestamp", "Now", &hash).await?,
            normal_weight: normal,
            fill: normal as f64 / self.normal_limit as f64,
            flooded,
            hash,
        })
    }

    /// Transactions that the blocks included although they failed.
    pub async fn failed(&self, blocks: &[Block]) -> Result<u64> {
        let mut failed = 0;
        for block in blocks.iter().filter(|block| block.transactions > 0) {
            let events: Vec<EventRecord<RuntimeEvent, Hash>> = self.stored("System", "Events", &block.hash).await?;
            let is_failure = |event: &RuntimeEvent| {
                matches!(event, RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { .. }))
            };
            failed += events.iter().filter(|record| is_failure(&record.event)).count() as u64;
        }
        Ok(failed)
    }

    async fn stored<T: codec::Decode>(&self, pallet: &str, item: &str, hash: &str) -> Result<T> {
        let key = [pallet, item]
            .map(|name| sp_io::hashing::twox_128(name.as_bytes()))
            .concat();
        let key = format!("0x{}", hex::encode(key));
        let value: Option<String> = self.client.request("state_getStorage", rpc_params![key, hash]).await?;
        decode(&value.with_context(|| format!("{pallet}.{item} is not stored"))?)
    }
}
