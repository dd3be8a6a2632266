//! Whom to ask when: every live miner a few times an epoch, the longest unasked first, few at a time.
use crate::{
    ask::Asker,
    checking::{Asked, Checker, Outcome},
    evidence::{Origin, Subject},
    metrics,
    pace::{Tail, Usual},
    work::{Task, Works},
    Fault, Judgement, Score, Verdict,
};
use laurel_chain::AccountId;
use laurel_protocol::{Hash, Hotkey, Recipient, PROTOCOL_VERSION};
use laurel_types::{
    AcceptedModel, AxonAddress, BlockNumber, EpochIndex, Metagraph, ModelRoot, NeuronInfo, RegistrationId,
};
use rand::Rng;
use std::collections::HashMap;
use tokio::task::JoinSet;

/// Tasks for each miner in an epoch, where the epoch is long enough.
const TASKS_PER_EPOCH: u32 = 12;
/// Least blocks between two tasks for one miner.
const LEAST_INTERVAL: u32 = 4;
/// Users' answers that are judged at one time; more wait in the gateway's channel.
const USERS: usize = 64;

/// A miner that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveMiner {
    /// Who it is.
    pub subject: Subject,
    /// Where it serves.
    pub address: AxonAddress,
}

/// What a neuron's axon says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It serves a model that this validator has loaded.
    Live(AxonAddress),
    /// It published no axon, or the record expired.
    NoAxon,
    /// It says that it serves a model, or speaks a protocol, that the subnet does not take, or no longer takes.
    Unacceptable,
    /// It serves another accepted model, which this validator has not loaded and cannot judge.
    OtherModel,
}

/// Reads a neuron's axon.
pub fn standing(
    neuron: &NeuronInfo<AccountId>,
    now: BlockNumber,
    accepted: &[AcceptedModel],
    works: &Works,
) -> Standing {
    let Some(axon) = neuron.axon.filter(|axon| axon.is_live(now)) else {
        return Standing::NoAxon;
    };
    if axon.protocol != PROTOCOL_VERSION || !accepted.iter().any(|model| model.root == axon.model) {
        return Standing::Unacceptable;
    }
    if works.of(axon.model).is_none() {
        return Standing::OtherModel;
    }
    Standing::Live(axon.address)
}

impl Standing {
    /// Whether the miner can be paid for now: what it was rated for before is no work for whoever cannot be asked today.
    pub fn can_be_asked(self) -> bool {
        matches!(self, Self::Live(_) | Self::OtherModel)
    }
}

/// The miners that can be asked, as of a block: what users' requests are passed on by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The block.
    pub block: BlockNumber,
    /// Whether the subnet asks for activation proofs.
    pub activation_proofs: bool,
    /// The live miners; none that owes answers for having cheated.
    pub miners: Vec<Listed>,
    /// What the slowest answers of each model take.
    pub tails: HashMap<ModelRoot, Tail>,
}

/// A miner that can be asked, and what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Who and where it is.
    pub miner: LiveMiner,
    /// What this validator found its answers to be worth.
    pub rating: Score,
    /// What all validators together say: its part of the last epoch's incentive, in 65535ths.
    pub incentive: u16,
    /// How long it usually takes.
    pub usual: Usual,
}

/// The requests under way, and the answers that are being judged.
pub struct Round {
    genesis: Hash,
    asker: Asker,
    checker: Checker,
    concurrency: usize,
    /// The validator's own tasks.
    tasks: JoinSet<Outcome>,
    /// What came back for users.
    users: JoinSet<Outcome>,
    /// When each registration was last asked, or became known.
    asked_at: HashMap<RegistrationId, BlockNumber>,
}

impl Round {
    /// A round that asks at most `concurrency` miners at a time.
    pub fn new(genesis: Hash, asker: Asker, checker: Checker, concurrency: usize) -> Self {
        Self {
            genesis,
            asker,
            checker,
            concurrency,
            tasks: JoinSet::new(),
            users: JoinSet::new(),
            asked_at: HashMap::new(),
        }
    }

    fn works(&self) -> &Works {
        self.checker.works()
    }

    /// The live miners of a subnet, without the validator's own uid.
    pub fn live_miners(&self, metagraph: &Metagraph<AccountId>, own: &AccountId) -> Vec<LiveMiner> {
        let accepted = &metagraph.subnet.models;
        let live = metagraph
            .neurons
            .iter()
            .filter(|neuron| neuron.hotkey != *own)
            .filter_map(
                |neuron| match standing(neuron, metagraph.block, accepted, self.works()) {
                    Standing::Live(address) => Some(LiveMiner {
                        subject: self.subject(metagraph, neuron),
                        address,
                    }),
                    _ => None,
                },
            );
        live.collect()
    }

    /// The neuron as the subject of a receipt. One that names no model could have served the first that is accepted.
    pub fn subject(&self, metagraph: &Metagraph<AccountId>, neuron: &NeuronInfo<AccountId>) -> Subject {
        let first = || self.works().accepted(&metagraph.subnet.models).next();
        let model = match neuron.axon {
            Some(axon) => axon.model,
            None => first().map_or_else(ModelRoot::default, |work| work.model()),
        };
        Subject {
            netuid: metagraph.subnet.netuid,
            uid: neuron.uid,
            registration: neuron.registration,
            hotkey: neuron.hotkey.0,
            model,
        }
    }

    /// How many more tasks may begin now.
    pub fn free(&self) -> usize {
        self.concurrency.saturating_sub(self.tasks.len())
    }

    /// The miners to ask at this block, at most `free` of them: due ones, the longest unasked first, among equals by lot.
    pub fn due(&mut self, miners: &[LiveMiner], block: BlockNumber, tempo: u16) -> Vec<LiveMiner> {
        self.asked_at
            .retain(|registration, _| miners.iter().any(|m| m.subject.registration == *registration));
        let interval = (u32::from(tempo) / TASKS_PER_EPOCH).max(LEAST_INTERVAL);
        let mut due: Vec<(BlockNumber, u32, LiveMiner)> = miners
            .iter()
            .filter_map(|miner| match self.asked_at.get(&miner.subject.registration) {
                // After a reorganisation `block` can be before the last question.
                Some(last) if block.saturating_sub(*last) < interval => None,
                last => Some((last.copied().unwrap_or(0), rand::rng().random(), *miner)),
            })
            .collect();
        due.sort_by_key(|(last, lot, _)| (*last, *lot));
        due.truncate(self.free());
        due.into_iter().map(|(_, _, miner)| miner).collect()
    }

    /// Begins a task at this block of an epoch.
    pub fn ask(&mut self, miner: LiveMiner, task: Task, (epoch, block): (EpochIndex, BlockNumber)) {
        let LiveMiner { subject, address } = miner;
        self.asked_at.insert(subject.registration, block);
        let (asker, checker) = (self.asker.clone(), self.checker.clone());
        let recipient = Recipient {
            genesis: self.genesis,
            netuid: subject.netuid,
            hotkey: Hotkey(subject.hotkey),
        };
        self.tasks.spawn(async move {
            let asked = Asked {
                answer: asker.ask(address, &recipient, &task).await,
                subject,
                origin: Origin::Task,
                task,
            };
            checker.judge(asked, epoch).await
        });
        metrics::asking(self.tasks.len());
    }

    /// Whether one more user's answer can be taken up.
    pub fn has_room(&self) -> bool {
        self.users.len() < USERS
    }

    /// Takes up what came back for a user, in this epoch.
    pub fn take_up(&mut self, asked: Asked, epoch: EpochIndex) {
        let checker = self.checker.clone();
        self.users.spawn(async move { checker.judge(asked, epoch).await });
    }

    /// Waits for the next outcome; for ever if nothing is under way.
    pub async fn next(&mut self) -> Outcome {
        loop {
            let ended = tokio::select! {
                Some(ended) = self.tasks.join_next() => ended,
                Some(ended) = self.users.join_next() => ended,
                else => std::future::pending().await,
            };
            metrics::asking(self.tasks.len());
            match ended {
                Ok(outcome) => return outcome,
                Err(error) => tracing::error!(%error, "a task ended abnormally"),
            }
        }
    }

    /// Drops what is under way. Nothing is said about miners that were being asked.
    pub fn abort(&mut self) {
        self.tasks.abort_all();
        self.users.abort_all();
    }
}

/// What is said, once an epoch, of a rated miner that cannot be asked.
pub fn absence(standing: Standing) -> Option<Judgement> {
    let fault = match standing {
        Standing::NoAxon => Fault::new(Verdict::NoAxon, "no axon is published, or it expired"),
        Standing::Unacceptable => Fault::new(
            Verdict::NotAccepted,
            "the axon names a model or protocol that the subnet does not take",
        ),
        Standing::Live(_) | Standing::OtherModel => return None,
    };
    Some(Judgement::fault(fault))
}
