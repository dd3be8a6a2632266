//! The chain: whether it answers, is the one that is meant, goes on, and is read by this program; and whether this machine's clock agrees.
use super::report::Report;
use anyhow::{Context, Result};
use futures::StreamExt;
use laurel_chain::{Block, BlockHash, ChainClient, ConnectOptions};
use serde_json::{json, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::timeout;

/// How long one endpoint may take to answer.
const ENDPOINT_DEADLINE: Duration = Duration::from_secs(5);
/// What every runtime of this chain is called.
const SPEC_NAME: &str = "laurel";
/// Finality so many blocks behind is late.
const LATE_FINALITY: u32 = 16;
/// So many blocks behind, transactions expire before they are final.
const LOST_FINALITY: u32 = 64;
/// Slots for which the next block is waited for, and at least so long.
const PATIENCE: (u32, Duration) = (4, Duration::from_secs(30));
/// A clock that is off by more makes requests late or early; by less nobody notices.
const CLOCK_SLACK: Duration = Duration::from_secs(2);
/// A clock that is off by more has its signed requests refused, whose lifetime is at most a minute.
const CLOCK_LIMIT: Duration = Duration::from_secs(20);

/// Looks at every endpoint, and by the first that answers at the chain. None where none answers.
pub async fn look(endpoints: &[String], report: &mut Report) -> Option<ChainClient> {
    let client = connect(endpoints, report).await?;
    runtime(&client, report).await;
    sync(&client, report).await;
    finality(&client, report).await;
    clock(&client, report).await;
    Some(client)
}

/// Tries each endpoint, so that one that is down is noticed before it is needed.
async fn connect(endpoints: &[String], report: &mut Report) -> Option<ChainClient> {
    let mut first: Option<ChainClient> = None;
    let mut refused = Vec::new();
    for url in endpoints {
        let options = ConnectOptions {
            deadline: ENDPOINT_DEADLINE,
            genesis: None,
            ..ConnectOptions::default()
        };
        match ChainClient::connect(std::slice::from_ref(url), options).await {
            Err(error) => refused.push((url, anyhow::Error::new(error))),
            Ok(client) => {
                let genesis = client.genesis_hash();
                let name = client.rpc("system_chain", &[]).await.ok();
                let name = name
                    .as_ref()
                    .and_then(Value::as_str)
                    .unwrap_or("a chain without a name");
                match &first {
                    Some(other) if other.genesis_hash() != genesis => report.fail(
                        "chain",
                        format!("{url} is another chain: {name}, genesis {genesis}"),
                        "leave that endpoint out of --chain",
                    ),
                    _ => report.ok("chain", format!("{url} answers: {name}, genesis {genesis}")),
                }
                first.get_or_insert(client);
            }
        }
    }
    for (url, error) in refused {
        if first.is_some() {
            report.warn(
                "chain",
                format!("{url} does not answer"),
                "start that node, or leave it out of --chain",
            );
        } else {
            report.failed("chain", &error);
        }
    }
    first
}

async fn runtime(client: &ChainClient, report: &mut Report) {
    match read_runtime(client).await {
        Err(error) => report.failed("runtime", &error),
        Ok((name, version)) if name != SPEC_NAME => report.fail(
            "runtime",
            format!("the chain runs {name} {version}"),
            format!("name an endpoint of a chain that runs {SPEC_NAME} with --chain"),
        ),
        Ok((name, version)) => report.ok("runtime", format!("{name} {version}, which this program reads")),
    }
}

/// Name and version, once records of every kind could be read: what this program knows is decided by their shape.
async fn read_runtime(client: &ChainClient) -> Result<(String, u64)> {
    let version = client.rpc("state_getRuntimeVersion", &[]).await?;
    let name = version["specName"].as_str().unwrap_or_default().to_owned();
    if name == SPEC_NAME {
        let subnets = client.subnets(None).await?;
        if let Some(subnet) = subnets.first() {
            client.metagraph(subnet.netuid, None).await?;
        }
        client.root(None).await?;
        client.supply(None).await?;
    }
    Ok((name, version["specVersion"].as_u64().unwrap_or_default()))
}

async fn sync(client: &ChainClient, report: &mut Report) {
    let health = match client.rpc("system_health", &[]).await {
        Ok(health) => health,
        Err(error) => return report.failed("sync", &error.into()),
    };
    let peers = health["peers"].as_u64().unwrap_or_default();
    if health["isSyncing"] == true {
        report.fail(
            "sync",
            format!("the node is still catching up, with {peers} peers"),
            "wait until it has all blocks, or name another endpoint with --chain",
        );
    } else if peers == 0 && health["shouldHavePeers"] == true {
        report.warn(
            "sync",
            "the node has no peers",
            "check its network and boot nodes: it may be alone on a fork",
        );
    } else {
        report.ok("sync", format!("the node has all blocks, and {peers} peers"));
    }
}

async fn finality(client: &ChainClient, report: &mut Report) {
    let (best, last) = match tokio::try_join!(client.best_block(), client.finalized_block()) {
        Ok(blocks) => blocks,
        Err(error) => return report.failed("finality", &error.into()),
    };
    let behind = best.number.saturating_sub(last.number);
    let says = format!("block {}, final up to {}", best.number, last.number);
    if behind > LOST_FINALITY {
        report.fail(
            "finality",
            says,
            "nothing is final now: see whether two thirds of the authorities are up",
        );
    } else if behind > LATE_FINALITY {
        report.warn(
            "finality",
            says,
            "commands wait for finality: have patience, or see which authorities are down",
        );
    } else {
        report.ok("finality", says);
    }
}

/// Milliseconds since 1970 by this machine.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Waits for a block that is made now, and compares its timestamp with this machine's clock.
async fn clock(client: &ChainClient, report: &mut Report) {
    let slot = slot(client).await.unwrap_or(Duration::from_secs(12));
    let patience = slot.saturating_mul(PATIENCE.0).max(PATIENCE.1);
    let Ok(Some((block, arrived))) = timeout(patience, next_block(client)).await else {
        report.fail(
            "blocks",
            format!("no new block in {} s", patience.as_secs()),
            "the chain stands still, or the node hears of no blocks: check its log",
        );
        return;
    };
    report.ok(
        "blocks",
        format!("block {} came within {} s", block.number, patience.as_secs()),
    );
    match timestamp(client, block.hash).await {
        Ok(made) => compare(made, arrived, slot, report),
        Err(error) => report.failed("clock", &error),
    }
}

/// How far apart blocks are.
async fn slot(client: &ChainClient) -> Option<Duration> {
    let bytes = client
        .rpc("state_call", &[json!("AuraApi_slot_duration"), json!("0x")])
        .await
        .ok()?;
    let bytes = crate::transaction::from_hex(bytes.as_str()?).ok()?;
    Some(Duration::from_millis(u64::from_le_bytes(bytes.try_into().ok()?)))
}

/// The next block, and when it came. None if the chain ends, which it does not.
async fn next_block(client: &ChainClient) -> Option<(Block, u64)> {
    let mut blocks = client.blocks();
    let seen = blocks.next().await?.number;
    while let Some(block) = blocks.next().await {
        if block.number > seen {
            return Some((block, now_ms()));
        }
    }
    None
}

async fn timestamp(client: &ChainClient, at: BlockHash) -> Result<u64> {
    let now = client.storage("Timestamp", "Now", &[], Some(at)).await?;
    let now = now
        .as_ref()
        .and_then(Value::as_str)
        .and_then(|digits| digits.parse().ok());
    now.context("the chain keeps no time: use the release that fits its runtime")
}

/// Says how far the clock is off. A block's time is that of its making, and it arrives within its slot.
fn compare(made: u64, arrived: u64, slot: Duration, report: &mut Report) {
    let behind = Duration::from_millis(made.saturating_sub(arrived));
    let ahead = Duration::from_millis(arrived.saturating_sub(made)).saturating_sub(slot);
    let (off, word) = if behind > ahead {
        (behind, "behind")
    } else {
        (ahead, "ahead of")
    };
    let says = || format!("{:.1} s {word} the chain's time", off.as_secs_f64());
    let remedy = "set this machine's clock by NTP, for example with `timedatectl set-ntp true`";
    if off > CLOCK_LIMIT {
        report.fail("clock", says(), remedy);
    } else if off > CLOCK_SLACK {
        report.warn("clock", says(), remedy);
    } else {
        report.ok("clock", "agrees with the chain's time");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_off_by_little() {
        let slot = Duration::from_secs(1);
        let state = |made: u64, arrived: u64| {
            let mut report = Report::default();
            compare(made, arrived, slot, &mut report);
            (report.json()["checks"][0]["state"].clone(), report.to_string())
        };
        assert_eq!(state(100_000, 100_900).0, "ok", "a block takes time");
        assert_eq!(state(100_000, 99_000).0, "ok");
        let (warned, text) = state(100_000, 95_000);
        assert!(warned == "warn" && text.contains("5.0 s behind"), "{text}");
        let (failed, text) = state(100_000, 141_000);
        assert!(failed == "fail" && text.contains("40.0 s ahead of"), "{text}");
    }
}
