//! Follows the chain: who may ask, where the miner stands, and an axon that does not expire.
use crate::{
    metrics as names,
    standing::Standing,
    start::{Identity, Roots},
    Chain, Limits, Membership, Services, Start,
};
use futures::StreamExt;
use laurel_types::{Axon, AxonAddress, BlockNumber, ModelRoot, AXON_PROTOCOL_VERSION};
use metrics::{counter, gauge};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

/// Without a block for so long, the chain counts as lost. Longer than any block time.
const SILENCE: Duration = Duration::from_secs(60);
/// Blocks until a failed publication is tried again: doubled each time, from the first number to the second.
const RETRY_BLOCKS: (BlockNumber, BlockNumber) = (2, 64);

/// The miner's eyes and hand on the chain. It outlives every failure of the chain; only the stop signal ends it.
pub struct Keeper {
    chain: Arc<dyn Chain>,
    identity: Identity,
    limits: Limits,
    address: AxonAddress,
    services: Services,
    membership: watch::Sender<Membership>,
    standing: Standing,
    next_look: BlockNumber,
    next_try: BlockNumber,
    retry: BlockNumber,
}

impl Keeper {
    pub(crate) fn new(
        start: &Start,
        services: Services,
        membership: watch::Sender<Membership>,
        standing: Standing,
    ) -> Self {
        Self {
            chain: start.chain.clone(),
            identity: start.identity,
            limits: start.limits,
            address: start.address,
            services,
            membership,
            standing,
            next_look: 0,
            next_try: 0,
            retry: RETRY_BLOCKS.0,
        }
    }

    /// Follows the chain until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&mut self) {
        let mut blocks = self.chain.blocks();
        loop {
            match timeout(SILENCE, blocks.next()).await {
                Ok(Some(block)) => {
                    self.chain_is(true);
                    gauge!(names::BLOCK).set(block);
                    self.at(block).await;
                }
                Ok(None) => {
                    tracing::error!("the stream of blocks ended: restart the miner");
                    return self.chain_is(false);
                }
                Err(_) => {
                    tracing::warn!(seconds = SILENCE.as_secs(), "no block from the chain, still serving");
                    self.chain_is(false);
                }
            }
        }
    }

    fn chain_is(&self, up: bool) {
        gauge!(names::CHAIN_UP).set(f64::from(u8::from(up)));
        self.standing.blocks_come(up);
    }

    async fn at(&mut self, block: BlockNumber) {
        // A best chain that went back may be lower than the block at which to look next, but never by much.
        if block >= self.next_look {
            self.look(block).await;
        }
        if block >= self.next_try && self.is_axon_due(block) {
            self.publish(block).await;
        }
    }

    /// Reads the subnet.
    async fn look(&mut self, block: BlockNumber) {
        // Where that cannot be asked, the subnet cannot either, and what is missing is said below.
        if let Ok(behind) = self.chain.is_syncing().await {
            self.standing.node_is_behind(behind);
        }
        let metagraph = match self.chain.metagraph(self.identity.netuid).await {
            Ok(Some(metagraph)) => metagraph,
            Ok(None) => {
                tracing::error!(netuid = %self.identity.netuid, "the subnet was dissolved: serve another one");
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "cannot read the subnet, asking again at the next block");
                return;
            }
        };
        // What changes with the end of an epoch, as the models do, shows in the block that ends it.
        let epoch_ends = metagraph.subnet.next_epoch_at.max(block.saturating_add(1));
        self.next_look = block.saturating_add(self.limits.refresh.max(1)).min(epoch_ends);
        let seen = Membership::new(&metagraph, self.identity.hotkey, self.limits.min_sender_stake);
        self.tell_changes(&seen);
        gauge!(names::SENDERS).set(seen.senders() as f64);
        let axon = seen.own.and_then(|own| own.axon);
        gauge!(names::AXON_EXPIRES).set(axon.map_or(0, |axon| axon.expires_at));
        self.standing.registered(self.identity.netuid, seen.own.is_some());
        self.standing
            .published(axon.is_some_and(|axon| self.is_ours(&axon, &seen) && axon.is_live(block)));
        self.membership.send_replace(seen);
    }

    /// Says what a person must act on, once.
    fn tell_changes(&self, seen: &Membership) {
        let before = self.membership.borrow();
        let netuid = self.identity.netuid;
        if before.own.is_some() && seen.own.is_none() {
            tracing::error!(%netuid, "the hotkey lost its uid: run `laurel register --netuid {netuid}`");
        }
        match (self.offered(&before), self.offered(seen)) {
            (Some(old), None) => {
                let (root, accepted) = (hex::encode(old.0), Roots(&seen.models));
                tracing::error!(%netuid, root, %accepted, "the subnet no longer pays for this model: start again with one that it accepts");
            }
            (old, Some(new)) if old != Some(new) => {
                tracing::info!(%netuid, root = hex::encode(new.0), "the subnet changed its models, serving this one");
            }
            _ => {}
        }
        if self.cannot_prove(seen) && !self.cannot_prove(&before) {
            tracing::error!(%netuid, "the subnet now asks for activation proofs, which a server behind --engine openai cannot make, so \
                requests are refused: start again with --engine candle, or serve another subnet");
        }
    }

    /// Whether the subnet asks for proofs that what is on offer cannot make.
    fn cannot_prove(&self, membership: &Membership) -> bool {
        let offered = self.services.paid(&membership.models);
        membership.activation_proofs && offered.is_some_and(|service| !service.backend.can_prove())
    }

    /// The model to publish: the first of those loaded that the subnet pays for.
    fn offered(&self, membership: &Membership) -> Option<ModelRoot> {
        self.services.paid(&membership.models).map(|service| service.root)
    }

    fn is_ours(&self, axon: &Axon, membership: &Membership) -> bool {
        (axon.address, axon.protocol, Some(axon.model))
            == (self.address, AXON_PROTOCOL_VERSION, self.offered(membership))
    }

    /// Whether the record is missing, says something else, or has little of its life left: between three eighths and
    /// half of it, by hotkey, so that miners which start together do not renew in the same block. The chain accepts a
    /// renewal at half-life at the latest.
    fn is_axon_due(&self, block: BlockNumber) -> bool {
        let membership = self.membership.borrow();
        let Some(own) = membership.own.filter(|_| self.offered(&membership).is_some()) else {
            return false;
        };
        own.axon.is_none_or(|axon| {
            let eighth = axon.expires_at.saturating_sub(axon.published_at) / 8;
            let due_when_left = 3 * eighth + eighth * u32::from(self.identity.hotkey.0[0]) / 256;
            !self.is_ours(&axon, &membership) || axon.expires_at.saturating_sub(block) <= due_when_left
        })
    }

    async fn publish(&mut self, block: BlockNumber) {
        let Some(model) = self.offered(&self.membership.borrow()) else {
            return;
        };
        let published = self.chain.publish_axon(self.identity.netuid, self.address, model).await;
        // Look at the next block, which shows the new record.
        self.next_look = 0;
        match published {
            Ok(()) => {
                tracing::info!(address = %self.address, "published the axon");
                counter!(names::AXON_PUBLICATIONS, "outcome" => "ok").increment(1);
                self.retry = RETRY_BLOCKS.0;
                // Time for the record to show; otherwise the same state would ask for another publication.
                self.next_try = block.saturating_add(RETRY_BLOCKS.0);
            }
            Err(error) => {
                tracing::warn!(%error, again_in_blocks = self.retry, "cannot publish the axon");
                counter!(names::AXON_PUBLICATIONS, "outcome" => "failed").increment(1);
                self.next_try = block.saturating_add(self.retry);
                self.retry = (self.retry * 2).min(RETRY_BLOCKS.1);
            }
        }
    }
}
