//! The validator: watches the chain, asks miners, judges, keeps receipts, announces weights.
use crate::{
    announce::{Announcer, Moment, Sends},
    ask::Asker,
    asking::{absence, standing, Directory, Listed, LiveMiner, Round, Standing},
    checking::{Asked, Checker, Dossier, Outcome, Unjudged},
    evidence::{Evidence, Origin, Subject},
    metrics,
    pace::Pace,
    readiness::Readiness,
    store::{Kept, Store},
    weights::weight_row,
    work::Works,
    Score, Verdict,
};
use anyhow::{anyhow, bail, Context};
use futures::StreamExt;
use laurel_chain::{AccountId, Block, ChainClient};
use laurel_types::{EpochIndex, Metagraph, NetUid, NeuronInfo, Uid};
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// How long a transaction under way may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(3);

/// What a validator is made of.
pub struct Parts {
    /// The chain.
    pub client: ChainClient,
    /// Sends the hotkey's transactions.
    pub sender: Arc<dyn Sends>,
    /// The validator's hotkey.
    pub hotkey: AccountId,
    /// The subnet.
    pub netuid: NetUid,
    /// Sends requests.
    pub asker: Asker,
    /// Judges answers.
    pub checker: Checker,
    /// What must not be forgotten.
    pub store: Arc<Store>,
    /// Miners asked at one time.
    pub concurrency: usize,
    /// Where the validator says whether it can do its job.
    pub readiness: Readiness,
    /// What came back for users, and where the gateway reads whom it can ask; none without a gateway.
    pub gateway: Option<(mpsc::Receiver<Asked>, watch::Sender<Directory>)>,
}

/// A validator of one subnet.
pub struct Validator {
    client: ChainClient,
    hotkey: AccountId,
    netuid: NetUid,
    checker: Checker,
    store: Arc<Store>,
    round: Round,
    readiness: Readiness,
    gateway: Option<(mpsc::Receiver<Asked>, watch::Sender<Directory>)>,
    pace: Pace,
    announcer: Announcer,
    /// The subnet at the last block.
    last: Option<Metagraph<AccountId>>,
    /// The last epoch in which absent miners were noted.
    absences_noted: Option<EpochIndex>,
    /// The last epoch in which it was said that this validator may not speak.
    silence_said: Option<EpochIndex>,
}

impl Validator {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            client,
            sender,
            hotkey,
            netuid,
            asker,
            checker,
            store,
            concurrency,
            readiness,
            gateway,
        } = parts;
        Self {
            round: Round::new(client.genesis_hash().0, asker, checker.clone(), concurrency),
            announcer: Announcer::new(netuid, sender, store.clone()),
            client,
            hotkey,
            netuid,
            checker,
            store,
            readiness,
            gateway,
            pace: Pace::default(),
            last: None,
            absences_noted: None,
            silence_said: None,
        }
    }

    /// Runs until `shutdown`, or until it can do no more.
    pub async fn run(mut self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let mut blocks = self.client.blocks();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                block = blocks.next() => match block {
                    Some(block) => self.on_block(block).await?,
                    None => bail!("the stream of blocks ended: start the validator again"),
                },
                outcome = self.round.next() => {
                    self.on_outcome(outcome)?;
                    self.ask_more()?;
                }
                asked = next_for_a_user(&mut self.gateway), if self.round.has_room() => match (asked, &self.last) {
                    (Some(asked), Some(metagraph)) => self.round.take_up(asked, metagraph.subnet.epoch),
                    // The gateway knows no miner before the first block is here.
                    (Some(_), None) => {}
                    (None, _) => self.gateway = None,
                },
                settled = self.announcer.settled() => settled?,
            }
        }
        self.round.abort();
        self.announcer.drain(DRAIN).await?;
        tracing::info!("stopped");
        Ok(())
    }

    async fn on_block(&mut self, block: Block) -> anyhow::Result<()> {
        let metagraph = match self.client.metagraph(self.netuid, Some(block.hash)).await {
            Ok(Some(metagraph)) => metagraph,
            Ok(None) => bail!("subnet {} no longer exists: validate another one", self.netuid),
            Err(error @ laurel_chain::ChainError::Incompatible { .. }) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(block = block.number, %error, "cannot read the subnet at this block");
                self.readiness.unreadable();
                return Ok(());
            }
        };
        // A node that cannot say is not behind for certain; the subnet was read from it just now.
        self.readiness.block(self.client.is_syncing().await.unwrap_or(false));
        let own = own_neuron(&metagraph, &self.hotkey)?;
        let moment = Moment::of(&metagraph, own);
        match moment.permitted {
            true => self.readiness.permitted(),
            false => self.readiness.not_permitted(),
        }
        metrics::permit(moment.permitted);
        let own = own.uid;
        metrics::position(metagraph.block, metagraph.subnet.epoch.0);
        check_models(&metagraph, self.checker.works())?;
        self.announcer.advance(&moment)?;
        if self.announcer.wants_weights(&moment)? {
            self.announce(&metagraph, &moment, own)?;
        }
        if !moment.permitted && self.silence_said != Some(moment.epoch) {
            self.silence_said = Some(moment.epoch);
            tracing::warn!(epoch = %moment.epoch, "no validator permit: stake more on this hotkey; its weights do not count");
        }
        self.pace.keep(|registration| {
            metagraph
                .neurons
                .iter()
                .any(|neuron| neuron.registration == registration)
        });
        self.publish(&metagraph)?;
        self.last = Some(metagraph);
        self.ask_more()
    }

    /// Tells the gateway whom it can ask.
    fn publish(&self, metagraph: &Metagraph<AccountId>) -> anyhow::Result<()> {
        let Some((_, directory)) = &self.gateway else {
            return Ok(());
        };
        let mut miners = Vec::new();
        for miner in self.round.live_miners(metagraph, &self.hotkey) {
            let LiveMiner { subject, .. } = miner;
            let rating = self.store.record_of(subject.registration)?.rating;
            if rating.probation > 0 {
                continue;
            }
            let neuron = metagraph.neurons.iter().find(|neuron| neuron.uid == subject.uid);
            miners.push(Listed {
                miner,
                rating: rating.value,
                incentive: neuron.map_or(0, |neuron| neuron.scores.incentive),
                usual: self.pace.usual(subject.model, subject.registration),
            });
        }
        let models = miners.iter().map(|listed| listed.miner.subject.model);
        let tails = models.map(|model| (model, self.pace.tail(model))).collect();
        directory.send_replace(Directory {
            block: metagraph.block,
            activation_proofs: metagraph.subnet.hyperparameters.activation_proofs,
            miners,
            tails,
        });
        Ok(())
    }

    /// Begins tasks for miners that are due, as many as may run.
    fn ask_more(&mut self) -> anyhow::Result<()> {
        let Some(metagraph) = &self.last else { return Ok(()) };
        let miners = self.round.live_miners(metagraph, &self.hotkey);
        metrics::live_miners(miners.len());
        for miner in self
            .round
            .due(&miners, metagraph.block, metagraph.subnet.hyperparameters.tempo)
        {
            // Only miners of a loaded model are live.
            let Some(work) = self.checker.works().of(miner.subject.model) else {
                continue;
            };
            let number = self.store.take_task_number()?;
            match work.task(number) {
                Ok(mut task) => {
                    task.wants_proof = metagraph.subnet.hyperparameters.activation_proofs;
                    self.round.ask(miner, task, (metagraph.subnet.epoch, metagraph.block));
                }
                Err(error) => tracing::error!(%error, "cannot make a task"),
            }
        }
        Ok(())
    }

    fn on_outcome(&mut self, outcome: Outcome) -> anyhow::Result<()> {
        let (subject, origin) = (outcome.subject, outcome.origin);
        let dossier = match outcome.file(&self.pace) {
            Ok(dossier) => dossier,
            Err(why) => return say_nothing(why, subject.uid, origin),
        };
        let evidence = self.keep(&subject, dossier)?;
        let counts = matches!(evidence.verdict, Verdict::Correct | Verdict::Unchecked) && evidence.after.probation == 0;
        if let Some(answered) = evidence.answered.as_ref().filter(|_| counts) {
            self.pace.note(evidence.model, evidence.registration, &answered.timing);
        }
        Ok(())
    }

    /// Adds a case to the miner's record.
    fn keep(&self, subject: &Subject, dossier: Dossier) -> anyhow::Result<Evidence> {
        let metagraph = self
            .last
            .as_ref()
            .ok_or_else(|| anyhow!("no block was seen before an answer"))?;
        let epoch = self.announcer.epoch_of_receipts(metagraph.subnet.epoch)?;
        let record = self.store.record_of(subject.registration)?;
        let policy = self.checker.policy();
        let moment = (epoch, metagraph.block);
        let (evidence, record) = Evidence::new(subject, moment, dossier.case, &record, policy);
        let kept = Kept {
            summary: &dossier.summary,
            answer: dossier.answer.as_deref(),
        };
        self.store.record(&evidence, &record, &kept)?;
        let timing = evidence.answered.as_ref().map(|answered| answered.timing);
        metrics::outcome(&evidence);
        tracing::info!(
            uid = %evidence.uid, verdict = %evidence.verdict, score = %evidence.score, rating = %evidence.after.value,
            rate = %evidence.after.rate, latency_ms = timing.map(|timing| timing.latency_ms), reason = evidence.reason, "judged"
        );
        Ok(evidence)
    }

    /// Fixes the weights of this epoch, if anybody deserves any.
    fn announce(&mut self, metagraph: &Metagraph<AccountId>, moment: &Moment, own: Uid) -> anyhow::Result<()> {
        self.last = Some(metagraph.clone());
        if self.absences_noted != Some(moment.epoch) {
            self.absences_noted = Some(moment.epoch);
            self.note_absences(metagraph)?;
        }
        let mut ratings: Vec<(Uid, Score)> = Vec::with_capacity(metagraph.neurons.len());
        for neuron in metagraph
            .neurons
            .iter()
            .filter(|neuron| self.standing(metagraph, neuron).can_be_asked())
        {
            ratings.push((neuron.uid, self.store.record_of(neuron.registration)?.rating.value));
        }
        // At most MAX_UIDS neurons.
        let neurons = metagraph.neurons.len() as u16;
        match weight_row(&ratings, own, neurons, &metagraph.subnet.hyperparameters) {
            Some(row) => self.announcer.announce(moment, row)?,
            None => {
                tracing::info!(epoch = %moment.epoch, block = moment.block, "no miner has a rating, no weights to set")
            }
        }
        Ok(())
    }

    fn standing(&self, metagraph: &Metagraph<AccountId>, neuron: &NeuronInfo<AccountId>) -> Standing {
        standing(neuron, metagraph.block, &metagraph.subnet.models, self.checker.works())
    }

    /// Lowers the rating of miners that cannot be asked any more.
    fn note_absences(&self, metagraph: &Metagraph<AccountId>) -> anyhow::Result<()> {
        for neuron in metagraph.neurons.iter().filter(|neuron| neuron.hotkey != self.hotkey) {
            if self.store.record_of(neuron.registration)?.rating.value == Score::ZERO {
                continue;
            }
            if let Some(judgement) = absence(self.standing(metagraph, neuron)) {
                let dossier = Dossier {
                    case: judgement.into(),
                    summary: "nothing could be asked".into(),
                    answer: None,
                };
                self.keep(&self.round.subject(metagraph, neuron), dossier)?;
            }
        }
        Ok(())
    }
}

/// Tells why nothing is said about an answer. An error of the check could quote a user, so of those it is left out.
fn say_nothing(why: Unjudged, uid: Uid, origin: Origin) -> anyhow::Result<()> {
    match (why, origin) {
        (Unjudged::Store(error), _) => return Err(error.into()),
        (Unjudged::Crowded, _) => {
            metrics::crowded();
            tracing::warn!(%uid, "too many answers wait to be checked: nothing is said about a user's");
        }
        (Unjudged::CannotCheck(error), Origin::Task) => {
            metrics::unjudged();
            tracing::error!(%uid, %error, "nothing is said about this answer");
        }
        (Unjudged::CannotCheck(_), Origin::User) => {
            metrics::unjudged();
            tracing::error!(%uid, "a user's answer cannot be checked, nothing is said about it");
        }
    }
    Ok(())
}

/// What came back for the next user; for ever if there is no gateway.
async fn next_for_a_user(gateway: &mut Option<(mpsc::Receiver<Asked>, watch::Sender<Directory>)>) -> Option<Asked> {
    match gateway {
        Some((asked, _)) => asked.recv().await,
        None => std::future::pending().await,
    }
}

/// The validator's own neuron.
///
/// # Errors
/// When the hotkey holds no uid.
pub fn own_neuron<'a>(
    metagraph: &'a Metagraph<AccountId>,
    hotkey: &AccountId,
) -> anyhow::Result<&'a NeuronInfo<AccountId>> {
    metagraph
        .neurons
        .iter()
        .find(|neuron| neuron.hotkey == *hotkey)
        .with_context(|| {
            let netuid = metagraph.subnet.netuid;
            format!("hotkey {hotkey} is not registered in subnet {netuid}: run `laurel register --netuid {netuid}`")
        })
}

/// Checks that the subnet pays for a model with which this validator can check answers.
///
/// # Errors
/// When none of the loaded models is accepted.
pub fn check_models(metagraph: &Metagraph<AccountId>, works: &Works) -> anyhow::Result<()> {
    let models = &metagraph.subnet.models;
    if works.accepted(models).next().is_some() {
        return Ok(());
    }
    let accepted: Vec<String> = models.iter().map(|model| hex::encode(model.root.0)).collect();
    bail!(
        "subnet {} accepts nothing that this validator judges ({}): start again with what it accepts, [{}]",
        metagraph.subnet.netuid,
        works.roots(),
        accepted.join(", ")
    )
}
