//! The validator: watches the chain, asks miners, judges, keeps receipts, announces weights.
use crate::{
    announce::{Announcer, Moment, Sends},
    ask::Asker,
    asking::{absence, standing, Outcome, Round, Standing},
    evidence::{Evidence, Subject},
    metrics,
    store::Store,
    weights::weight_row,
    work::Works,
    Judgement, Score,
};
use anyhow::{anyhow, bail, Context};
use futures::StreamExt;
use laurel_chain::{AccountId, Block, ChainClient};
use laurel_protocol::blake2b_256;
use laurel_types::{EpochIndex, Metagraph, NetUid, NeuronInfo, Uid};
use std::{sync::Arc, time::Duration};
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
    /// The models with which it can judge.
    pub works: Works,
    /// What must not be forgotten.
    pub store: Arc<Store>,
    /// Miners asked at one time.
    pub concurrency: usize,
}

/// A validator of one subnet.
pub struct Validator {
    client: ChainClient,
    hotkey: AccountId,
    netuid: NetUid,
    works: Works,
    store: Arc<Store>,
    round: Round,
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
            works,
            store,
            concurrency,
        } = parts;
        Self {
            round: Round::new(client.genesis_hash().0, asker, works.clone(), concurrency),
            announcer: Announcer::new(netuid, sender, store.clone()),
            client,
            hotkey,
            netuid,
            works,
            store,
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
                return Ok(());
            }
        };
        let own = own_neuron(&metagraph, &self.hotkey)?;
        let moment = Moment::of(&metagraph, own);
        let own = own.uid;
        metrics::position(metagraph.block, metagraph.subnet.epoch.0);
        check_models(&metagraph, &self.works)?;
        self.announcer.advance(&moment)?;
        if self.announcer.wants_weights(&moment)? {
            self.announce(&metagraph, &moment, own)?;
        }
        if !moment.permitted && self.silence_said != Some(moment.epoch) {
            self.silence_said = Some(moment.epoch);
            tracing::warn!(epoch = %moment.epoch, "no validator permit: stake more on this hotkey; its weights do not count");
        }
        self.last = Some(metagraph);
        self.ask_more()
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
            let Some(work) = self.works.of(miner.subject.model) else {
                continue;
            };
            let number = self.store.take_task_numbers(work.stride())?;
            match work.task(number) {
                Ok(task) => self.round.ask(miner, work.clone(), task, metagraph.block),
                Err(error) => tracing::error!(%error, "cannot make a task"),
            }
        }
        Ok(())
    }

    fn on_outcome(&mut self, outcome: Outcome) -> anyhow::Result<()> {
        let Outcome {
            subject,
            task,
            answer,
            judgement,
        } = outcome;
        let judgement = match judgement {
            Ok(judgement) => judgement,
            Err(error) => {
                metrics::unchecked();
                tracing::error!(uid = %subject.uid, %error, "nothing is said about this answer");
                return Ok(());
            }
        };
        let mut evidence = self.evidence(&subject, &judgement)?;
        evidence.task = (task.path.into(), task.body);
        if let Some(answer) = &answer {
            metrics::latency(Duration::from_millis(answer.latency_ms));
            evidence.request_hash = Some(answer.envelope.request_hash());
            evidence.answer_hash = Some(blake2b_256(&[&answer.body]));
            evidence.receipt = answer.receipt.clone();
            (evidence.latency_ms, evidence.deadline_ms) = (answer.latency_ms, answer.deadline_ms);
        }
        self.keep(
            &evidence,
            &task.summary,
            answer.as_ref().map(|answer| answer.body.as_slice()),
        )
    }

    fn evidence(&self, subject: &Subject, judgement: &Judgement) -> anyhow::Result<Evidence> {
        let metagraph = self
            .last
            .as_ref()
            .ok_or_else(|| anyhow!("no block was seen before an answer"))?;
        let epoch = self.announcer.epoch_of_receipts(metagraph.subnet.epoch)?;
        let before = self.store.rating(subject.registration)?;
        Ok(Evidence::new(subject, epoch, metagraph.block, judgement, before))
    }

    fn keep(&self, evidence: &Evidence, summary: &str, answer: Option<&[u8]>) -> anyhow::Result<()> {
        metrics::task(evidence.verdict);
        tracing::info!(
            uid = %evidence.uid, verdict = %evidence.verdict, score = %evidence.score, rating = %evidence.after.value,
            latency_ms = evidence.latency_ms, reason = evidence.reason, "judged"
        );
        self.store.record(evidence, summary, answer)?;
        Ok(())
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
            ratings.push((neuron.uid, self.store.rating(neuron.registration)?.value));
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
        standing(neuron, metagraph.block, &metagraph.subnet.models, &self.works)
    }

    /// Lowers the rating of miners that cannot be asked any more.
    fn note_absences(&self, metagraph: &Metagraph<AccountId>) -> anyhow::Result<()> {
        for neuron in metagraph.neurons.iter().filter(|neuron| neuron.hotkey != self.hotkey) {
            if self.store.rating(neuron.registration)?.value == Score::ZERO {
                continue;
            }
            if let Some(judgement) = absence(self.standing(metagraph, neuron)) {
                let evidence = self.evidence(&self.round.subject(metagraph, neuron), &judgement)?;
                self.keep(&evidence, "nothing could be asked", None)?;
            }
        }
        Ok(())
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
        "subnet {} accepts none of the models given with --model ({}): start again with one of [{}]",
        metagraph.subnet.netuid,
        works.roots(),
        accepted.join(", ")
    )
}
