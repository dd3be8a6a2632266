//! Recomputes what is in a [bundle](super::bundle), with the code by which validators judge.
//!
//! What follows from receipts, answers and model is computed again to the last digit: what the miner signed, what the answer is worth,
//! whether it was to be checked, what it does to the rating. What only the validator saw is taken from its receipts: times, and that
//! nobody answered.
use super::{
    bundle::{Bundle, Commitment, Leaf},
    on_chain::OnChain,
};
use crate::{
    corpus::{Corpus, Phrases},
    engines::load_work,
    evidence::{Answered, Evidence, Origin, EVIDENCE_VERSION},
    pace::speed,
    rate::EpochSecret,
    rating::Record,
    statistic::Window,
    work::{Amount, Answer, Task, Work, Works},
    Judgement, Rating, Score, Verdict,
};
use anyhow::{ensure, Context, Result};
use laurel_engine::DeviceName;
use laurel_protocol::{blake2b_256, Hash};
use laurel_types::{BlockNumber, EpochIndex, NetUid, RegistrationId, Uid};
use std::{collections::HashMap, path::PathBuf};

/// What comes out of one receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same, to the last digit.
    Same,
    /// Something else; what.
    Differs(Vec<String>),
    /// It cannot be said; why.
    Cannot(String),
}

/// A receipt of the uid that the bundle is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recounted {
    /// The epoch in whose commit it counts.
    pub epoch: EpochIndex,
    /// Its place among the leaves, from 0.
    pub leaf: usize,
    /// The best block when it was recorded.
    pub block: BlockNumber,
    /// The task in a few words.
    pub summary: String,
    /// What the validator wrote down: verdict, score and rating.
    pub written: (Verdict, Score, Rating),
    /// What comes out.
    pub comparison: Comparison,
}

/// The receipts of an epoch as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecountedEpoch {
    /// The epoch.
    pub epoch: EpochIndex,
    /// How many there are, of all miners.
    pub leaves: usize,
    /// Their root.
    pub root: Hash,
    /// What is wrong with them together.
    pub differences: Vec<String>,
    /// What the chain says of the root.
    pub on_chain: OnChain,
}

/// What comes out of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recount {
    /// The subnet.
    pub netuid: NetUid,
    /// The uid that it is about.
    pub uid: Uid,
    /// The validator's hotkey.
    pub validator: [u8; 32],
    /// Its epochs, oldest first.
    pub epochs: Vec<RecountedEpoch>,
    /// The uid's receipts, oldest first.
    pub receipts: Vec<Recounted>,
}

impl Recount {
    /// Whether anything comes out otherwise than it is written.
    pub fn differs(&self) -> bool {
        let epoch =
            |epoch: &RecountedEpoch| !epoch.differences.is_empty() || matches!(epoch.on_chain, OnChain::Other(..));
        let receipt = |receipt: &Recounted| matches!(receipt.comparison, Comparison::Differs(_));
        self.epochs.iter().any(epoch) || self.receipts.iter().any(receipt)
    }
}

/// Loads models to recompute with.
///
/// # Errors
/// When a folder holds no model that this program runs.
pub fn load(folders: &[PathBuf], threads: Option<usize>) -> Result<Works> {
    let works = folders.iter().map(|folder| {
        let manifest = laurel_models::manifest(folder)?;
        // No task is made here.
        let phrases = Phrases::new(Corpus::built_in(), Hash::default());
        load_work(folder, &manifest, phrases, (DeviceName::Cpu, threads))
            .with_context(|| format!("cannot load {}", folder.display()))
    });
    Ok(Works::new(works.collect::<Result<_>>()?))
}

/// Recomputes every receipt of the uid that the bundle is about. The chain is not asked: [`super::on_chain::compare`] does.
pub async fn recount(bundle: &Bundle, works: &Works) -> Recount {
    let mut recount = Recount {
        netuid: bundle.netuid,
        uid: bundle.uid,
        validator: bundle.validator,
        epochs: Vec::new(),
        receipts: Vec::new(),
    };
    let mut accounts = Accounts::default();
    for commitment in &bundle.epochs {
        let mut epoch = RecountedEpoch {
            epoch: commitment.epoch,
            leaves: commitment.leaves.len(),
            root: commitment.root(),
            differences: Vec::new(),
            on_chain: OnChain::NotCompared("no chain is given".into()),
        };
        if commitment.place.is_some_and(|place| place.root != epoch.root) {
            epoch
                .differences
                .push("the receipts have another root than the commit: some were left out, added or altered".into());
        }
        for (at, leaf) in commitment.leaves.iter().enumerate() {
            match Evidence::read(&leaf.receipt) {
                Err(_) => epoch
                    .differences
                    .push(format!("leaf {at} is no receipt that this release knows")),
                Ok(evidence) if evidence.uid == bundle.uid => {
                    let examiner = Examiner {
                        bundle,
                        works,
                        commitment,
                        leaf,
                        evidence: &evidence,
                    };
                    recount.receipts.push(Recounted {
                        epoch: commitment.epoch,
                        leaf: at,
                        block: evidence.block,
                        summary: leaf.summary.clone(),
                        written: (evidence.verdict, evidence.score, evidence.after),
                        comparison: examiner.examine(&mut accounts).await,
                    });
                }
                Ok(_) => {}
            }
        }
        recount.epochs.push(epoch);
    }
    recount
}

/// Rating and window as the receipts so far leave them. A window is not known until a checked answer shows it.
type Account = (Rating, Option<Window>);

/// The accounts of the registrations that have had a receipt.
#[derive(Default)]
struct Accounts(HashMap<RegistrationId, Account>);

impl Accounts {
    /// What the receipt begins with and should not. What was before the first receipt of the bundle is taken from that.
    fn enter(&mut self, evidence: &Evidence) -> Vec<String> {
        // A newcomer inherits nothing from who held the uid before.
        let newcomer = || (Rating::default(), Some(Window::default()));
        let is_first = self.0.is_empty();
        let known = self.0.remove(&evidence.registration);
        let (rating, window) = match known {
            None if is_first => (evidence.before, evidence.window.clone()),
            None => newcomer(),
            Some(known) => known,
        };
        let mut wrong = Vec::new();
        if rating != evidence.before {
            wrong.push("rating before: it is not the one after the receipt before".into());
        }
        if let (Some(before), Some(written)) = (&window, &evidence.window) {
            if before != written {
                wrong.push("window: it is not the one after the receipt before".into());
            }
        }
        let window = if evidence.verdict.is_proof_of_cheating() {
            Some(Window::default())
        } else if evidence.deviation.is_some() {
            evidence.window_after()
        } else {
            window
        };
        self.0.insert(evidence.registration, (evidence.after, window));
        wrong
    }
}

/// Looks at one receipt.
struct Examiner<'a> {
    bundle: &'a Bundle,
    works: &'a Works,
    commitment: &'a Commitment,
    leaf: &'a Leaf,
    evidence: &'a Evidence,
}

impl Examiner<'_> {
    async fn examine(&self, accounts: &mut Accounts) -> Comparison {
        let evidence = self.evidence;
        if evidence.version != EVIDENCE_VERSION {
            return Comparison::Cannot(format!(
                "it is of version {}, whose rules this release no longer has",
                evidence.version
            ));
        }
        let mut wrong = accounts.enter(evidence);
        wrong.extend(self.misplaced());
        wrong.extend(evidence.contradiction(&self.bundle.genesis).map(str::to_owned));
        wrong.extend(self.draw());
        let judged = self.judge().await;
        match judged {
            Ok(differences) => wrong.extend(differences),
            Err(why) if wrong.is_empty() => return Comparison::Cannot(why),
            Err(_) => {}
        }
        if wrong.is_empty() {
            Comparison::Same
        } else {
            Comparison::Differs(wrong)
        }
    }

    /// What it says of itself that does not fit the bundle.
    fn misplaced(&self) -> Option<String> {
        let evidence = self.evidence;
        if (evidence.netuid, evidence.epoch) != (self.bundle.netuid, self.commitment.epoch) {
            return Some(format!("it is of subnet {}, epoch {}", evidence.netuid, evidence.epoch));
        }
        let sender = evidence.sent.as_ref().map(|sent| sent.sender);
        sender
            .is_some_and(|sender| sender != self.bundle.validator)
            .then(|| "another hotkey than the validator's asked".into())
    }

    /// Whether the lot was that of the epoch's secret, where that is shown.
    fn draw(&self) -> Option<String> {
        let draw = self.evidence.draw?;
        let secret = self.bundle.secrets.iter().find(|(epoch, _)| *epoch == draw.epoch)?;
        let envelope = self.evidence.envelope(self.bundle.genesis)?;
        let answered = self.evidence.answered.as_ref()?;
        let secret = EpochSecret::shown(secret.0, secret.1);
        let drawn = secret.draw(&envelope.request_hash(), &answered.hash, draw.rate);
        (drawn != draw).then(|| format!("draw: {} is written, {} comes out", draw.lot.exact(), drawn.lot.exact()))
    }

    /// What comes out otherwise when the answer is judged again; or why it cannot be.
    async fn judge(&self) -> Result<Vec<String>, String> {
        let evidence = self.evidence;
        let verdict = evidence.verdict;
        let Some(answered) = &evidence.answered else {
            return Err(format!(
                "{verdict}: nothing came back that could be kept; this is the validator's word"
            ));
        };
        if evidence.origin == Origin::User {
            return Err("a user's request: its text and the answer's were not kept".into());
        }
        let Some(body) = &self.leaf.answer else {
            return Err("the answer is no longer kept".into());
        };
        if blake2b_256(&[body]) != answered.hash {
            return Ok(vec!["answer: it is not the one of the receipt".into()]);
        }
        let Some(work) = self.works.of(evidence.model) else {
            let model = hex::encode(evidence.model.0);
            return Err(match self.works.roots() {
                none if none.is_empty() => format!("model {model} is needed: give its folder with --model"),
                given => format!("model {model} is needed, given is {given}"),
            });
        };
        let again = self
            .again(work.as_ref(), answered, body)
            .await
            .map_err(|e| e.to_string())?;
        Ok(self.compare(again))
    }

    /// Judges the answer as the validator did.
    async fn again(&self, work: &dyn Work, answered: &Answered, body: &[u8]) -> Result<Again> {
        let evidence = self.evidence;
        let envelope = evidence
            .envelope(self.bundle.genesis)
            .context("the request is not kept")?;
        let timing = &answered.timing;
        let answer = Answer {
            envelope,
            receipt: answered.receipt.as_ref().map(|signed| signed.to_text()),
            body: body.to_vec(),
            is_streamed: timing.is_streamed,
            first_ms: timing.first_ms,
            latency_ms: timing.latency_ms,
            deadline_ms: timing.deadline_ms,
        };
        let (path, asked) = &evidence.task;
        let task = work.request(path, asked).context("the task cannot be read")?;
        ensure!(
            task.body == *asked,
            "the task is in another spelling than this release's"
        );
        let task = Task {
            wants_proof: evidence.wants_proof,
            ..task
        };
        let speed = speed(timing, &evidence.medians);
        let glanced = work.glance(&task, &answer).await?;
        let amount = glanced.as_ref().ok().copied();
        let judgement = match glanced {
            Err(fault) => Judgement::fault(fault),
            Ok(_) if evidence.verdict == Verdict::Unchecked => Judgement::unchecked(speed),
            Ok(_) => {
                let checked = match evidence.draw {
                    Some(draw) => work.check_drawn(&task, &answer, draw.lot).await?,
                    // A fault was said to be seen at a glance; there is none.
                    None => work.check(&task, &answer).await?,
                };
                match checked {
                    Ok(findings) => Judgement::correct(findings, speed),
                    Err(fault) => Judgement::fault(fault),
                }
            }
        };
        let before = Record {
            rating: evidence.before,
            window: evidence.window.clone().unwrap_or_default(),
        };
        let (judgement, after) = before.with(judgement, &evidence.policy);
        Ok(Again {
            judgement,
            rating: after.rating,
            amount,
        })
    }

    /// Everything that is not as it is written.
    fn compare(&self, again: Again) -> Vec<String> {
        let evidence = self.evidence;
        let Again {
            judgement,
            rating,
            amount,
        } = again;
        let mut wrong = Vec::new();
        let mut other = |what: &str, written: String, comes_out: String| {
            if written != comes_out {
                wrong.push(format!("{what}: {written} is written, {comes_out} comes out"));
            }
        };
        let verdict = judgement.verdict;
        other("verdict", evidence.verdict.to_string(), verdict.to_string());
        other(
            "correctness",
            evidence.correctness.exact(),
            judgement.correctness.exact(),
        );
        other("speed", evidence.speed.exact(), judgement.speed.exact());
        other("score", evidence.score.exact(), judgement.score.exact());
        other("rating", format!("{:?}", evidence.after), format!("{rating:?}"));
        // Exact with the same build on the same kind of processor; rounding of another one shows here first.
        other(
            "deviation",
            format!("{:?}", evidence.deviation),
            format!("{:?}", judgement.deviation),
        );
        if let (Some(amount), Some(answered)) = (amount, &evidence.answered) {
            other(
                "amount of work",
                format!("{:?}", answered.timing.amount),
                format!("{amount:?}"),
            );
        }
        if wrong.iter().any(|difference| difference.starts_with("verdict")) {
            wrong.push(format!("because: {}", judgement.reason));
        }
        wrong
    }
}

/// What comes out of an answer.
struct Again {
    judgement: Judgement,
    rating: Rating,
    amount: Option<Amount>,
}
