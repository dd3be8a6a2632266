//! Whether validators can find and use this miner, for `/ready`.
use crate::{Membership, Services};
use laurel_daemon::{Health, Part};
use laurel_types::NetUid;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What the [`Keeper`](crate::Keeper) tells of the chain's side.
pub(crate) struct Standing {
    chain: Part,
    registration: Part,
    axon: Part,
    behind: bool,
}

impl Standing {
    /// Adds the parts of a miner to its health: those told here, and those that can be asked at any time.
    pub(crate) fn on(
        health: &Health,
        services: Services,
        membership: watch::Receiver<Membership>,
        stop: CancellationToken,
    ) -> Self {
        health.check("model", move || {
            model_lack(&services, &membership.borrow()).map(Into::into)
        });
        health.check("process", move || stop.is_cancelled().then(|| "stopping".into()));
        Self {
            chain: health.part("chain", "no block yet"),
            registration: health.part("registration", "the subnet was not read yet"),
            axon: health.part("axon", "no axon is published"),
            behind: false,
        }
    }

    /// A block came, or none for too long.
    pub(crate) fn blocks_come(&self, come: bool) {
        match (come, self.behind) {
            (false, _) => self.chain.is_not_ready("no blocks from the chain: check the node"),
            (true, true) => self.chain.is_not_ready("the node is behind, it still fetches blocks"),
            (true, false) => self.chain.is_ready(),
        }
    }

    /// Whether the node that was asked knows all blocks.
    pub(crate) fn node_is_behind(&mut self, behind: bool) {
        self.behind = behind;
        self.blocks_come(true);
    }

    /// Whether the hotkey holds a uid.
    pub(crate) fn registered(&self, netuid: NetUid, registered: bool) {
        match registered {
            true => self.registration.is_ready(),
            false => self.registration.is_not_ready(format!(
                "the hotkey is not registered: run `laurel register --netuid {netuid}`"
            )),
        }
    }

    /// Whether an axon with the miner's address and model is live.
    pub(crate) fn published(&self, published: bool) {
        match published {
            true => self.axon.is_ready(),
            false => self.axon.is_not_ready("no axon is published"),
        }
    }
}

/// What is wrong with the model on offer.
fn model_lack(services: &Services, membership: &Membership) -> Option<&'static str> {
    let Some(paid) = services.paid(&membership.models) else {
        return Some("the subnet pays for none of the models given: start again with one that it accepts");
    };
    if paid.backend.trouble().is_some() {
        return Some("the model is not available");
    }
    let cannot_prove = membership.activation_proofs && !paid.backend.can_prove();
    cannot_prove.then_some("the subnet asks for activation proofs, which the server behind the miner cannot make")
}
