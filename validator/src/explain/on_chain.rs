//! Whether the receipts of a bundle are those to which the validator committed on chain.
use super::bundle::{Bundle, Commitment, Place};
use laurel_chain::{AccountId, BlockHash, ChainClient, ChainError, Event};
use laurel_protocol::Hash;
use laurel_types::{BlockNumber, EpochIndex, Metagraph, NetUid, Uid};

/// Steps in which an epoch's blocks are looked for; each is right at once where the tempo was always the same.
const STEPS: usize = 64;
/// Blocks by which an epoch may end later than it is due, where blocks are full.
const LATE: BlockNumber = 20;

/// What the chain says of one epoch's receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnChain {
    /// The validator put this root there.
    Same(BlockNumber),
    /// The validator put another root there.
    Other(BlockNumber, Hash),
    /// It was not compared, and why.
    NotCompared(String),
}

/// The subnet at one block.
type State = Metagraph<AccountId>;

/// Whether this is the chain on which the bundle's validator judges.
///
/// # Errors
/// When it is another one.
pub fn expect_genesis(client: &ChainClient, bundle: &Bundle) -> Result<(), ChainError> {
    let (found, expected) = (client.genesis_hash(), BlockHash(bundle.genesis));
    if found == expected {
        return Ok(());
    }
    Err(ChainError::WrongChain {
        url: "--chain".into(),
        found,
        expected,
    })
}

/// Looks up the root of an epoch's receipts.
///
/// # Errors
/// When the chain is not reached, or is not the bundle's.
pub async fn compare(client: &ChainClient, bundle: &Bundle, commitment: &Commitment) -> Result<OnChain, ChainError> {
    let Some(place) = commitment.place else {
        return Ok(OnChain::NotCompared(
            "there was no commit to it when the bundle was made".into(),
        ));
    };
    match search(client, bundle, commitment.root(), place).await {
        // The node has the block, but not what the chain was at it.
        Err(ChainError::UnknownBlock(what)) => Ok(OnChain::NotCompared(format!(
            "the node no longer knows block {what}: ask one that keeps all states (--state-pruning archive)"
        ))),
        other => other,
    }
}

async fn search(client: &ChainClient, bundle: &Bundle, root: Hash, place: Place) -> Result<OnChain, ChainError> {
    let mut other = None;
    // By reveal; or, where the subnet has it so, directly in the epoch itself.
    for (epoch, name) in [(place.revealed, "WeightsRevealed"), (place.committed, "WeightsSet")] {
        let (blocks, due) = match blocks_of(client, bundle.netuid, epoch).await? {
            Found::Blocks { first, due, last } => (first..=last, due),
            Found::Future(running) => {
                return Ok(OnChain::NotCompared(format!(
                    "it is revealed in epoch {epoch}, this is epoch {running}"
                )))
            }
            Found::Unknown => continue,
        };
        for number in blocks {
            let hash = block_hash(client, number).await?;
            let events = client.events(hash).await?;
            for event in events.iter().filter(|event| event.is("Scoring", name)) {
                let Some((uid, written)) = written(event, bundle.netuid) else {
                    continue;
                };
                if holder(client, bundle.netuid, uid, hash).await? != Some(AccountId(bundle.validator)) {
                    continue;
                }
                if written == root {
                    return Ok(OnChain::Same(number));
                }
                // Later ones may be of the next epoch.
                if number < due {
                    other = Some(OnChain::Other(number, written));
                }
            }
        }
    }
    Ok(other.unwrap_or_else(|| {
        OnChain::NotCompared(format!(
            "this validator put no weights on chain in epoch {}",
            place.revealed
        ))
    }))
}

enum Found {
    /// First block of the epoch, the one in which its end is due, and the last one that can belong to it and is there.
    Blocks {
        first: BlockNumber,
        due: BlockNumber,
        last: BlockNumber,
    },
    /// It has not begun.
    Future(EpochIndex),
    /// It could not be found.
    Unknown,
}

/// The blocks of an epoch, by going back as many tempos as there are epochs, and again from there.
async fn blocks_of(client: &ChainClient, netuid: NetUid, epoch: EpochIndex) -> Result<Found, ChainError> {
    let head = client.finalized_block().await?;
    let mut state = subnet(client, netuid, head.hash).await?;
    if state.subnet.epoch < epoch {
        return Ok(Found::Future(state.subnet.epoch));
    }
    for _ in 0..STEPS {
        let running = &state.subnet;
        let tempo = u64::from(running.hyperparameters.tempo);
        let at = match running.epoch.cmp(&epoch) {
            std::cmp::Ordering::Equal => {
                return Ok(Found::Blocks {
                    first: running.epoch_started_at,
                    due: running.next_epoch_at,
                    last: running.next_epoch_at.saturating_add(LATE).min(head.number),
                });
            }
            std::cmp::Ordering::Greater => {
                let blocks = (running.epoch.0 - epoch.0 - 1).saturating_mul(tempo).saturating_add(1);
                u64::from(running.epoch_started_at).saturating_sub(blocks)
            }
            std::cmp::Ordering::Less => {
                let blocks = (epoch.0 - running.epoch.0 - 1).saturating_mul(tempo);
                u64::from(running.next_epoch_at)
                    .saturating_add(blocks)
                    .min(head.number.into())
            }
        };
        // Not above the head's number, which is a u32.
        let at = block_hash(client, at as BlockNumber).await?;
        state = subnet(client, netuid, at).await?;
    }
    Ok(Found::Unknown)
}

async fn subnet(client: &ChainClient, netuid: NetUid, at: BlockHash) -> Result<State, ChainError> {
    let state = client.metagraph(netuid, Some(at)).await?;
    state.ok_or_else(|| ChainError::UnknownBlock(format!("{at} with subnet {netuid}")))
}

async fn block_hash(client: &ChainClient, number: BlockNumber) -> Result<BlockHash, ChainError> {
    let hash = client.block_hash(number).await?;
    hash.ok_or_else(|| ChainError::UnknownBlock(number.to_string()))
}

/// Who holds a uid at a block.
async fn holder(
    client: &ChainClient,
    netuid: NetUid,
    uid: Uid,
    at: BlockHash,
) -> Result<Option<AccountId>, ChainError> {
    let neurons = subnet(client, netuid, at).await?.neurons;
    Ok(neurons
        .iter()
        .find(|neuron| neuron.uid == uid)
        .map(|neuron| neuron.hotkey))
}

/// Uid and root of an event of this subnet.
fn written(event: &Event, netuid: NetUid) -> Option<(Uid, Hash)> {
    let number = |field| event.number(field).and_then(|number| u16::try_from(number).ok());
    let of_subnet = number("netuid")? == netuid.0;
    let root = event.fields().get("receipts_root")?.as_str()?.strip_prefix("0x")?;
    let root = hex::decode(root).ok()?.try_into().ok()?;
    of_subnet.then_some((Uid(number("uid")?), root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_root_in_an_event_counts_for_its_own_subnet_alone() {
        let root = format!("0x{}", "07".repeat(32));
        let fields = json!({ "netuid": 3, "uid": 5, "receipts_root": root });
        let event = Event::of_hook("Scoring", "WeightsRevealed", fields);
        assert_eq!(written(&event, NetUid(3)), Some((Uid(5), [7; 32])));
        assert_eq!(written(&event, NetUid(4)), None);
        let without = Event::of_hook("Scoring", "WeightsRevealed", json!({ "netuid": 3, "uid": 5 }));
        assert_eq!(written(&without, NetUid(3)), None);
    }
}
