//! What the miner knows of its subnet: who may ask, and where it stands itself.
use laurel_chain::AccountId;
use laurel_protocol::Hotkey;
use laurel_types::{Axon, BlockNumber, Metagraph, ModelRoot, Uid};
use std::collections::HashSet;

/// The miner's own neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnNeuron {
    /// Its slot.
    pub uid: Uid,
    /// Its axon, if one is published and has not expired.
    pub axon: Option<Axon>,
}

/// The subnet as it was at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The block that was read.
    pub block: BlockNumber,
    /// The miner's neuron; none if it is not registered.
    pub own: Option<OwnNeuron>,
    /// Roots of the models that the subnet pays for.
    pub models: Vec<ModelRoot>,
    /// Whether every text answer must carry an activation proof.
    pub activation_proofs: bool,
    senders: HashSet<Hotkey>,
}

impl Membership {
    /// What `metagraph` says from the point of view of `hotkey`. Those with at least `min_stake` leaves may ask.
    pub fn new(metagraph: &Metagraph<AccountId>, hotkey: Hotkey, min_stake: u64) -> Self {
        let own = metagraph.neurons.iter().find(|neuron| neuron.hotkey.0 == hotkey.0);
        Self {
            block: metagraph.block,
            own: own.map(|neuron| OwnNeuron {
                uid: neuron.uid,
                axon: neuron.axon,
            }),
            models: metagraph.subnet.models.iter().map(|model| model.root).collect(),
            activation_proofs: metagraph.subnet.hyperparameters.activation_proofs,
            senders: metagraph
                .neurons
                .iter()
                .filter(|neuron| neuron.stake >= min_stake)
                .map(|neuron| Hotkey(neuron.hotkey.0))
                .collect(),
        }
    }

    /// Whether this hotkey may ask.
    pub fn permits(&self, sender: &Hotkey) -> bool {
        self.senders.contains(sender)
    }

    /// How many hotkeys may ask.
    pub fn senders(&self) -> usize {
        self.senders.len()
    }
}
