//! Sends as fast as the chain takes, and watches the blocks that come of it.
use crate::{
    blocks::{Block, Reader},
    transactions::Bytes,
};
use anyhow::{ensure, Context, Result};
use futures::{future::try_join_all, stream, StreamExt, TryStreamExt};
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use subxt::rpcs::{client::rpc_params, RpcClient};
use tokio::sync::watch;

/// Requests that wait for an answer on one connection.
const UNANSWERED: usize = 48;

/// Blocks without anything new after which what is missing is lost.
const PATIENCE: u32 = 5;

/// How hard to send.
pub struct Flood {
    connections: usize,
    waiting: u64,
}

/// What senders and the watcher share; all run on one thread.
struct State {
    left: RefCell<std::vec::IntoIter<Bytes>>,
    sent: Cell<u64>,
    ended: Cell<bool>,
}

impl State {
    fn next(&self) -> Option<Bytes> {
        match self.ended.get() {
            true => None,
            false => self.left.borrow_mut().next(),
        }
    }

    fn is_flooding(&self) -> bool {
        !self.ended.get() && self.left.borrow().len() > 0
    }
}

impl Flood {
    /// Never more than `waiting` transactions are sent and not yet in a block.
    pub fn new(connections: usize, waiting: u64) -> Self {
        Self { connections, waiting }
    }

    /// Sends until `slots` blocks came or nothing is left, waits until all that was sent is in blocks, and returns these. Fails where
    /// the node refuses a transaction or one is lost.
    pub async fn run(
        &self,
        rpc: &str,
        reader: &Reader,
        transactions: Vec<Bytes>,
        slots: Option<u64>,
    ) -> Result<Vec<Block>> {
        let state = Rc::new(State {
            left: RefCell::new(transactions.into_iter()),
            sent: Cell::new(0),
            ended: Cell::new(false),
        });
        let (included, _) = watch::channel(None);
        let senders = (0..self.connections).map(|_| self.send(rpc, &state, included.subscribe()));
        let senders = try_join_all(senders);
        let watching = watch_blocks(rpc, reader, &state, &included, slots);
        let (_, blocks) = futures::future::try_join(senders, watching).await?;
        Ok(blocks)
    }

    async fn send(&self, rpc: &str, state: &Rc<State>, included: watch::Receiver<Option<u64>>) -> Result<()> {
        let client = RpcClient::from_insecure_url(rpc).await?;
        let turns = stream::unfold(included, |mut included| async move {
            // Nothing before the first block, so that there is an empty one to compare with.
            let may_send = |included: &Option<u64>| {
                included.is_some_and(|included| state.sent.get() < included + self.waiting || state.ended.get())
            };
            // The sender of this channel lives as long as this future does.
            included.wait_for(may_send).await.ok()?;
            let bytes = state.next()?;
            state.sent.set(state.sent.get() + 1);
            Some((bytes, included))
        });
        turns
            .map(Ok)
            .try_for_each_concurrent(UNANSWERED, |bytes| {
                let client = client.clone();
                async move {
                    let transaction = format!("0x{}", hex::encode(bytes));
                    let answer: Result<String, _> =
                        client.request("author_submitExtrinsic", rpc_params![transaction]).await;
                    answer.map(|_| ()).context("the node refused a transaction")
                }
            })
            .await
    }
}

/// Reads each new block, until all that was sent is in blocks.
async fn watch_blocks(
    rpc: &str,
    reader: &Reader,
    state: &State,
    included: &watch::Sender<Option<u64>>,
    slots: Option<u64>,
) -> Result<Vec<Block>> {
    let client = RpcClient::from_insecure_url(rpc).await?;
    let subscribe = client.subscribe::<Value>("chain_subscribeNewHeads", rpc_params![], "chain_unsubscribeNewHeads");
    let mut heads = subscribe.await?;
    let mut blocks: Vec<Block> = Vec::new();
    let mut total = 0;
    let mut empty = 0;
    while let Some(head) = heads.next().await {
        let head = head?;
        let number = head["number"].as_str().context("a head has no number")?;
        let number = u64::from_str_radix(number.trim_start_matches("0x"), 16)?;
        let next = blocks.last().map_or(number, |last| last.number + 1);
        // The genesis block is a head like any other.
        for number in next.max(1)..=number {
            let block = reader.block(number, state.is_flooding()).await?;
            total += block.transactions;
            empty = if block.transactions == 0 { empty + 1 } else { 0 };
            eprintln!(
                "block {number}: {} transactions, {:.0} % full",
                block.transactions,
                block.fill * 100.0
            );
            blocks.push(block);
        }
        let filled = blocks.iter().filter(|block| block.transactions > 0).count() as u64;
        if slots.is_some_and(|slots| filled >= slots) {
            state.ended.set(true);
        }
        if !blocks.is_empty() {
            included.send_replace(Some(total));
        }
        if !state.is_flooding() && total >= state.sent.get() {
            return Ok(blocks);
        }
        ensure!(
            empty < PATIENCE,
            "{} of {} transactions never came into a block",
            state.sent.get() - total,
            state.sent.get()
        );
    }
    anyhow::bail!("the node closed the subscription to its blocks")
}
