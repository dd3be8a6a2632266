//! What is made of an answer: a glance, a draw, and a check by the model if the lot falls on it.
use crate::{
    evidence::{Answered, Case, Origin, Sent, Subject},
    metrics,
    pace::{speed, Medians, Pace},
    rate::{Draw, EpochSecret, Policy},
    store::{Store, StoreError},
    work::{Amount, Answer, CannotCheck, Findings, Task, Work, Works},
    Fault, Judgement, Score,
};
use laurel_protocol::{blake2b_256, Hash};
use laurel_types::EpochIndex;
use std::{sync::Arc, time::Instant};
use tokio::sync::Semaphore;

/// Answers that may wait to be checked, the one that is being checked included. The validator's own tasks wait for a place; a user's answer
/// that finds none is left alone.
const PLACES: usize = 16;

/// What became of a request, not yet judged.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whom it was for.
    pub subject: Subject,
    /// Whose it was.
    pub origin: Origin,
    /// What was asked.
    pub task: Task,
    /// The answer, or why there is none.
    pub answer: Result<Answer, Fault>,
}

/// What is found in an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It looks right, and the lot did not fall on it.
    Unchecked,
    /// It was checked and, by itself, is right.
    Right(Findings),
    /// It is wrong, or there is none.
    Wrong(Fault),
}

/// Why nothing is said about an answer. It counts neither for nor against the miner.
#[derive(Debug, thiserror::Error)]
pub enum Unjudged {
    /// This validator could not.
    #[error(transparent)]
    CannotCheck(#[from] CannotCheck),
    /// It was to be checked, and too many others are.
    #[error("{PLACES} answers wait to be checked")]
    Crowded,
    /// The miner's record cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of one request.
#[derive(Debug)]
pub struct Outcome {
    /// Whom it was for.
    pub subject: Subject,
    /// Whose it was.
    pub origin: Origin,
    /// What was asked.
    pub task: Task,
    /// The answer, if there was one.
    pub answer: Option<Answer>,
    /// How much work it was; nothing where the glance found a fault.
    pub amount: Amount,
    /// Whether it was to be checked; none where nothing was left to check.
    pub draw: Option<Draw>,
    /// What was found.
    pub finding: Result<Finding, Unjudged>,
}

/// What is kept of an outcome. Of a user's, no word of what was asked or answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// For the receipt.
    pub case: Case,
    /// The task in a few words.
    pub summary: String,
    /// The answer's body.
    pub answer: Option<Vec<u8>>,
}

impl Outcome {
    /// What is to be kept, with the speed compared with what others take.
    ///
    /// # Errors
    /// When nothing is to be said about the miner.
    pub fn file(self, pace: &Pace) -> Result<Dossier, Unjudged> {
        let finding = self.finding?;
        let (origin, task) = (self.origin, self.task);
        let answered = self.answer.as_ref().map(|answer| Answered::new(answer, self.amount));
        let timing = answered.as_ref().map(|answered| answered.timing).unwrap_or_default();
        let medians = match finding {
            Finding::Wrong(_) => Medians::default(),
            _ => pace.medians(self.subject.model, &timing),
        };
        let judgement = match finding {
            Finding::Unchecked => Judgement::unchecked(speed(&timing, &medians)),
            Finding::Right(findings) => Judgement::correct(findings, speed(&timing, &medians)),
            Finding::Wrong(fault) => Judgement::fault(fault),
        };
        let sent = self
            .answer
            .as_ref()
            .map(|answer| Sent::new(&answer.envelope, &task.body));
        let mut dossier = Dossier {
            case: Case {
                origin,
                task: (task.path.into(), task.body),
                wants_proof: task.wants_proof,
                sent,
                answered,
                draw: self.draw,
                medians,
                judgement,
            },
            summary: task.summary,
            answer: self.answer.map(|answer| answer.body),
        };
        if origin == Origin::User {
            dossier.case.forget_words();
            dossier.summary = "a user's request".into();
            dossier.answer = None;
        }
        Ok(dossier)
    }
}

/// Judges answers by themselves.
#[derive(Clone)]
pub struct Checker {
    works: Works,
    store: Arc<Store>,
    policy: Policy,
    task_key: Hash,
    places: Arc<Semaphore>,
}

impl Checker {
    /// One for these models, with the secret that the store keeps.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub fn new(works: Works, store: Arc<Store>, policy: Policy) -> Result<Self, StoreError> {
        let task_key = store.task_key()?;
        Ok(Self {
            works,
            store,
            policy,
            task_key,
            places: Arc::new(Semaphore::new(PLACES)),
        })
    }

    /// The models.
    pub fn works(&self) -> &Works {
        &self.works
    }

    /// The rules.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Judges what became of a request in this epoch.
    pub async fn judge(&self, asked: Asked, epoch: EpochIndex) -> Outcome {
        let (mut amount, mut draw) = (Amount::default(), None);
        let finding = match &asked.answer {
            Err(fault) => Ok(Finding::Wrong(fault.clone())),
            Ok(answer) => self.look(&asked, answer, epoch, (&mut amount, &mut draw)).await,
        };
        Outcome {
            subject: asked.subject,
            origin: asked.origin,
            task: asked.task,
            answer: asked.answer.ok(),
            amount,
            draw,
            finding,
        }
    }

    /// Fills in how much work it was and what was drawn, as far as it comes.
    async fn look(
        &self,
        asked: &Asked,
        answer: &Answer,
        epoch: EpochIndex,
        (amount, drawn): (&mut Amount, &mut Option<Draw>),
    ) -> Result<Finding, Unjudged> {
        let model = asked.subject.model;
        let work = self
            .works
            .of(model)
            .ok_or_else(|| CannotCheck(format!("model {} is not loaded", hex::encode(model.0))))?;
        *amount = match work.glance(&asked.task, answer).await? {
            Ok(amount) => amount,
            Err(fault) => return Ok(Finding::Wrong(fault)),
        };
        let rating = self.store.record_of(asked.subject.registration)?.rating;
        let rate = if work.checks_every_answer() {
            Score::ONE
        } else {
            self.policy.rate_of(&rating)
        };
        // Only now, when the miner has signed: nothing that it does can depend on what is drawn.
        let draw = EpochSecret::new(&self.task_key, epoch).draw(
            &answer.envelope.request_hash(),
            &blake2b_256(&[&answer.body]),
            rate,
        );
        *drawn = Some(draw);
        if !draw.is_check() {
            return Ok(Finding::Unchecked);
        }
        self.check(&**work, asked, (answer, draw.lot)).await
    }

    async fn check(
        &self,
        work: &dyn Work,
        asked: &Asked,
        (answer, lot): (&Answer, Score),
    ) -> Result<Finding, Unjudged> {
        let place = match asked.origin {
            Origin::Task => self.places.acquire().await.map_err(|_| Unjudged::Crowded),
            Origin::User => self.places.try_acquire().map_err(|_| Unjudged::Crowded),
        };
        let _place = place?;
        let begun = Instant::now();
        let found = work.check_drawn(&asked.task, answer, lot).await?;
        metrics::check(begun.elapsed());
        Ok(match found {
            Ok(findings) => Finding::Right(findings),
            Err(fault) => Finding::Wrong(fault),
        })
    }
}
