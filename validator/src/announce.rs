//! Telling the chain: commit near the end of an epoch, reveal at the beginning of the next, or of a later one where the subnet
//! hides weights for longer.
//!
//! Row, salt and receipts root are on disk before the commit is sent, so a validator that dies at any moment reveals after its restart as
//! if nothing had happened. A prepared commit may or may not have reached the chain; the chain's answer to the reveal tells.
use crate::{
    evidence::receipts_root,
    metrics,
    store::{CommitState, Store, StoreError, StoredCommit},
    weights::VERSION_KEY,
};
use async_trait::async_trait;
use laurel_chain::{AccountId, Call, ChainClient, ChainError, Keypair, SubmitOptions};
use laurel_protocol::{blake2b_256, Hash};
use laurel_types::{
    commit_hash_preimage, BlockNumber, EpochIndex, Metagraph, NetUid, NeuronInfo, RegistrationId, SubnetInfo, WeightRow,
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// How long a transaction may take; after that the next block's state tells what became of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the chain wrote down of a commit. A later change of the subnet's `reveal_period` moves neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The epoch in which it counts.
    pub epoch: EpochIndex,
    /// The one epoch in which it can be revealed.
    pub reveal_epoch: EpochIndex,
}

/// Sends calls of the validator's hotkey to the chain.
#[async_trait]
pub trait Sends: Send + Sync + 'static {
    /// Sends a call and waits until it is in a block. Of a commit, returns what the chain wrote down.
    async fn send(&self, call: Call) -> Result<Option<Committed>, ChainError>;
}

/// The real chain.
pub struct Signed {
    /// The chain.
    pub client: ChainClient,
    /// The hotkey.
    pub key: Keypair,
}

#[async_trait]
impl Sends for Signed {
    async fn send(&self, call: Call) -> Result<Option<Committed>, ChainError> {
        let options = SubmitOptions {
            deadline: PATIENCE,
            ..Default::default()
        };
        let included = self.client.submit(&self.key, call, options).await?;
        Ok(included.event("Scoring", "WeightsCommitted").and_then(|event| {
            let epoch = |field| {
                event
                    .number(field)
                    .and_then(|epoch| u64::try_from(epoch).ok())
                    .map(EpochIndex)
            };
            Some(Committed {
                epoch: epoch("epoch")?,
                reveal_epoch: epoch("reveal_epoch")?,
            })
        }))
    }
}

/// Where the subnet is in its epoch, and who this validator is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Best block.
    pub block: BlockNumber,
    /// The running epoch.
    pub epoch: EpochIndex,
    /// Block in which it ends.
    pub next_epoch_at: BlockNumber,
    /// Blocks of an epoch.
    pub tempo: u16,
    /// Whether weights go by commit and reveal.
    pub commit_reveal: bool,
    /// Epochs between commit and reveal.
    pub reveal_period: u16,
    /// This validator's registration.
    pub registration: RegistrationId,
    /// Whether this validator may speak in this epoch.
    pub permitted: bool,
    /// Block from which direct weights are admitted again.
    pub direct_from: BlockNumber,
}

impl Moment {
    /// The moment of a neuron.
    pub fn of(metagraph: &Metagraph<AccountId>, own: &NeuronInfo<AccountId>) -> Self {
        let SubnetInfo {
            epoch,
            next_epoch_at,
            hyperparameters,
            ..
        } = &metagraph.subnet;
        // Before any epoch gave permits, the chain ranks by stake at the moment of the call.
        let given = metagraph.neurons.iter().any(|neuron| neuron.scores.permit);
        Self {
            block: metagraph.block,
            epoch: *epoch,
            next_epoch_at: *next_epoch_at,
            tempo: hyperparameters.tempo,
            commit_reveal: hyperparameters.commit_reveal,
            reveal_period: hyperparameters.reveal_period,
            registration: own.registration,
            permitted: own.scores.permit || !given,
            direct_from: own.last_update.saturating_add(hyperparameters.weights_rate_limit),
        }
    }

    /// The epoch in which a commit that is made now can be revealed.
    fn reveal_epoch(&self) -> EpochIndex {
        EpochIndex(self.epoch.0.saturating_add(self.reveal_period.into()))
    }

    /// Whether so few blocks are left that the weights must go out now: a quarter of the epoch, at least 3 blocks, at most 20.
    pub fn is_closing(&self) -> bool {
        let lead = (u32::from(self.tempo) / 4).clamp(3, 20);
        self.next_epoch_at.saturating_sub(self.block) <= lead
    }
}

/// What a transaction under way was for.
enum Step {
    Commit(EpochIndex),
    Reveal(EpochIndex),
    Direct(EpochIndex),
}

impl Step {
    fn name(&self) -> &'static str {
        match self {
            Self::Commit(_) => "commit",
            Self::Reveal(_) => "reveal",
            Self::Direct(_) => "direct",
        }
    }
}

type Sent = (Step, Result<Option<Committed>, ChainError>);

/// Commits and reveals for one validator in one subnet.
pub struct Announcer {
    netuid: NetUid,
    chain: Arc<dyn Sends>,
    store: Arc<Store>,
    /// At most one transaction at a time.
    under_way: JoinSet<Sent>,
}

impl Announcer {
    /// An announcer; what it was doing before a restart, it reads from the store.
    pub fn new(netuid: NetUid, chain: Arc<dyn Sends>, store: Arc<Store>) -> Self {
        Self {
            netuid,
            chain,
            store,
            under_way: JoinSet::new(),
        }
    }

    /// The epoch in whose commit a receipt of this moment counts: the running one until its weights are fixed, then the next.
    pub fn epoch_of_receipts(&self, running: EpochIndex) -> Result<EpochIndex, StoreError> {
        Ok(if self.store.commit_of(running)?.is_some() {
            running.next()
        } else {
            running
        })
    }

    /// Whether this moment's weights are still to be fixed.
    pub fn wants_weights(&self, moment: &Moment) -> Result<bool, StoreError> {
        let admitted = moment.permitted && (moment.commit_reveal || moment.block >= moment.direct_from);
        Ok(admitted
            && moment.is_closing()
            && self.under_way.is_empty()
            && self.store.commit_of(moment.epoch)?.is_none())
    }

    /// Does what is due: reveals an earlier epoch's commit, or sends again what was prepared and perhaps not sent.
    pub fn advance(&mut self, moment: &Moment) -> Result<(), StoreError> {
        for commit in self.store.open_commits(moment.epoch)? {
            let due = commit.reveal_epoch;
            if due < moment.epoch {
                tracing::error!(epoch = %commit.epoch, "a commit was not revealed in time, its weights do not count");
                self.store.set_state(commit.epoch, CommitState::Void)?;
            } else if !self.under_way.is_empty() {
                return Ok(());
            } else if due == moment.epoch {
                if moment.commit_reveal {
                    self.spawn(Step::Reveal(commit.epoch), reveal(self.netuid, &commit));
                }
            } else if commit.state == CommitState::Prepared {
                self.send_prepared(moment, &commit);
            }
        }
        Ok(())
    }

    /// Fixes this epoch's weights: writes them down, then sends them.
    pub fn announce(&mut self, moment: &Moment, row: WeightRow) -> Result<(), StoreError> {
        let leaves = self.store.leaves(moment.epoch)?;
        let commit = StoredCommit {
            epoch: moment.epoch,
            reveal_epoch: moment.reveal_epoch(),
            registration: moment.registration,
            row,
            receipts_root: receipts_root(&leaves),
            version_key: VERSION_KEY,
            salt: rand::random(),
            state: CommitState::Prepared,
        };
        self.store.put_commit(&commit)?;
        tracing::info!(epoch = %moment.epoch, block = moment.block, receipts = leaves.len(), weights = ?commit.row.entries(),
            "weights are fixed");
        self.send_prepared(moment, &commit);
        Ok(())
    }

    fn send_prepared(&mut self, moment: &Moment, commit: &StoredCommit) {
        let StoredCommit {
            epoch,
            row,
            receipts_root,
            version_key,
            ..
        } = commit.clone();
        let netuid = self.netuid;
        if moment.commit_reveal {
            self.spawn(
                Step::Commit(epoch),
                Call::CommitWeights {
                    netuid,
                    hash: commit_hash(netuid, commit),
                },
            );
        } else {
            self.spawn(
                Step::Direct(epoch),
                Call::SetWeights {
                    netuid,
                    row,
                    receipts_root,
                    version_key,
                },
            );
        }
    }

    fn spawn(&mut self, step: Step, call: Call) {
        let chain = self.chain.clone();
        self.under_way.spawn(async move {
            let result = chain.send(call).await;
            (step, result)
        });
    }

    /// Waits for the transaction under way, if there is one, and notes what became of it; else waits for ever.
    pub async fn settled(&mut self) -> Result<(), StoreError> {
        match self.under_way.join_next().await {
            Some(Ok((step, result))) => self.note(step, result),
            // A panic in the transaction: the next block starts it anew from the store.
            Some(Err(error)) => {
                tracing::error!(%error, "a transaction task ended abnormally");
                Ok(())
            }
            None => std::future::pending().await,
        }
    }

    /// Waits for the transaction under way, but not longer than this.
    pub async fn drain(&mut self, patience: Duration) -> Result<(), StoreError> {
        if self.under_way.is_empty() {
            return Ok(());
        }
        // What is not settled by then is on disk and goes on after the restart.
        tokio::time::timeout(patience, self.settled()).await.unwrap_or(Ok(()))
    }

    fn note(&self, step: Step, result: Result<Option<Committed>, ChainError>) -> Result<(), StoreError> {
        let name = step.name();
        let error = match result {
            Ok(committed) => {
                metrics::weights(name, "ok");
                return self.note_success(&step, committed);
            }
            Err(error) => error,
        };
        let outcome = match (&step, error.dispatch_name()) {
            // It was sent before a restart, and that one is in.
            (Step::Commit(epoch), Some("AlreadyCommitted")) => self.store.set_state(*epoch, CommitState::Committed),
            // It was included an epoch later than meant, and nobody was there to be told.
            (Step::Reveal(epoch), Some("RevealTooEarly")) => self.store.put_off(*epoch),
            (Step::Reveal(epoch), Some("NoCommit")) => {
                tracing::warn!(%epoch, "the commit is not on chain: it was revealed before, or never got there");
                self.store.set_state(*epoch, CommitState::Void)
            }
            (_, None) if error.is_retryable() => {
                metrics::weights(name, "retried");
                tracing::warn!(step = name, %error, "the transaction did not get through, trying again");
                return Ok(());
            }
            (Step::Commit(epoch) | Step::Reveal(epoch) | Step::Direct(epoch), _) => {
                metrics::weights(name, "failed");
                tracing::error!(step = name, %epoch, %error, "weights do not count in this epoch");
                return self.store.set_state(*epoch, CommitState::Void);
            }
        };
        metrics::weights(name, "ok");
        outcome
    }

    fn note_success(&self, step: &Step, committed: Option<Committed>) -> Result<(), StoreError> {
        match step {
            Step::Commit(prepared) => {
                let Some(committed) = committed else {
                    return self.store.set_state(*prepared, CommitState::Committed);
                };
                let Committed { epoch, reveal_epoch } = committed;
                tracing::info!(%epoch, %reveal_epoch, "weights are committed");
                self.store.move_commit(*prepared, epoch, reveal_epoch)?;
                self.store.set_state(epoch, CommitState::Committed)
            }
            Step::Reveal(epoch) | Step::Direct(epoch) => {
                tracing::info!(%epoch, step = step.name(), "weights are on chain");
                self.store.set_state(*epoch, CommitState::Revealed)
            }
        }
    }
}

/// The hash that a commit puts on chain.
fn commit_hash(netuid: NetUid, commit: &StoredCommit) -> Hash {
    let StoredCommit {
        registration,
        row,
        receipts_root,
        version_key,
        salt,
        ..
    } = commit;
    blake2b_256(&[&commit_hash_preimage(
        netuid,
        *registration,
        row,
        receipts_root,
        *version_key,
        salt,
    )])
}

fn reveal(netuid: NetUid, commit: &StoredCommit) -> Call {
    let StoredCommit {
        row,
        receipts_root,
        version_key,
        salt,
        ..
    } = commit.clone();
    Call::RevealWeights {
        netuid,
        row,
        receipts_root,
        version_key,
        salt,
    }
}
