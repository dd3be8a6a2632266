//! A text that is being read or written.
use super::{CallerId, CheckReport, TextEvent, TextRequest};
use crate::activations::{ActivationProof, Committer, Comparer};
use crate::blocks::Table;
use crate::completion::CompletionText;
use crate::sampler::{check_token, sample, SamplerKey, SamplingParams, TokenCheck};
use crate::{EngineError, TextTokenizer};
use tokio::sync::{mpsc, oneshot};

/// Work that waits for the worker.
pub(super) enum Job {
    Generate(GenerateJob),
    Check(CheckJob),
}

pub(super) struct GenerateJob {
    pub(super) request: TextRequest,
    pub(super) events: mpsc::UnboundedSender<TextEvent>,
}

pub(super) type CheckResult = Result<CheckReport, EngineError>;

pub(super) struct CheckJob {
    pub(super) prompt: Vec<u32>,
    pub(super) completion: Vec<u32>,
    pub(super) sampling: SamplingParams,
    pub(super) key: SamplerKey,
    pub(super) proof: Option<ActivationProof>,
    pub(super) reply: oneshot::Sender<CheckResult>,
}

impl Job {
    /// On whose behalf it is.
    pub(super) fn caller(&self) -> CallerId {
        match self {
            Self::Generate(job) => job.request.caller,
            Self::Check(_) => CallerId::default(),
        }
    }

    /// Whether nobody waits for its result any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Generate(job) => job.events.is_closed(),
            Self::Check(job) => job.reply.is_closed(),
        }
    }

    /// Tokens that are known, and positions that it may come to fill.
    pub(super) fn extent(&self) -> (Vec<u32>, usize) {
        match self {
            Self::Generate(GenerateJob { request, .. }) => {
                // The last token of an answer is never read.
                (request.prompt.clone(), request.prompt.len() + request.max_tokens - 1)
            }
            Self::Check(job) => {
                let known = job.prompt.iter().chain(&job.completion[..job.completion.len() - 1]);
                let known: Vec<u32> = known.copied().collect();
                let positions = known.len();
                (known, positions)
            }
        }
    }

    /// Positions whose logits are not needed, from the beginning.
    pub(super) fn silent(&self) -> usize {
        match self {
            Self::Generate(job) => job.request.prompt.len() - 1,
            Self::Check(job) => job.prompt.len() - 1,
        }
    }
}

/// A job with its place in the cache.
pub(super) struct Sequence<'a> {
    caller: CallerId,
    pub(super) tokens: Vec<u32>,
    /// Tokens that the cache has seen.
    pub(super) seen: usize,
    pub(super) table: Table,
    silent: usize,
    goal: Goal<'a>,
}

enum Goal<'a> {
    Write {
        sampling: SamplingParams,
        key: SamplerKey,
        prompt_tokens: usize,
        completion: Vec<u32>,
        proof: Option<Committer>,
        text: CompletionText<'a>,
        events: mpsc::UnboundedSender<TextEvent>,
    },
    Check {
        job: CheckJob,
        checks: Vec<TokenCheck>,
        proof: Option<Comparer>,
    },
}

/// What follows from a row of logits.
pub(super) enum Judged {
    Picked(u32),
    Checked(TokenCheck),
}

impl<'a> Sequence<'a> {
    pub(super) fn new(
        job: Job,
        tokens: Vec<u32>,
        (table, seen): (Table, usize),
        tokenizer: &'a TextTokenizer,
    ) -> Result<Self, EngineError> {
        let (caller, silent) = (job.caller(), job.silent());
        let goal = match job {
            Job::Generate(GenerateJob { request, events }) => Goal::Write {
                sampling: request.sampling,
                key: request.key,
                prompt_tokens: request.prompt.len(),
                completion: Vec::new(),
                proof: request.proof.then(Committer::default),
                text: CompletionText::new(tokenizer, &request.stop, request.max_tokens)?,
                events,
            },
            Job::Check(mut job) => Goal::Check {
                checks: Vec::with_capacity(job.completion.len()),
                proof: job.proof.take().map(Comparer::new),
                job,
            },
        };
        Ok(Self {
            caller,
            tokens,
            seen,
            table,
            silent,
            goal,
        })
    }

    pub(super) fn caller(&self) -> CallerId {
        self.caller
    }

    /// Tokens that are known and not read.
    pub(super) fn ahead(&self) -> usize {
        self.tokens.len() - self.seen
    }

    /// First of the next `count` tokens whose logits are needed; `count` if none are.
    pub(super) fn first_wanted(&self, count: usize) -> usize {
        self.silent.saturating_sub(self.seen).min(count)
    }

    /// Whether nobody waits for its result any more.
    pub(super) fn is_abandoned(&self) -> bool {
        match &self.goal {
            Goal::Write { events, .. } => events.is_closed(),
            Goal::Check { job, .. } => job.reply.is_closed(),
        }
    }

    /// Whether it wants the states that its logits come from.
    pub(super) fn wants_states(&self) -> bool {
        match &self.goal {
            Goal::Write { proof, .. } => proof.is_some(),
            Goal::Check { proof, .. } => proof.is_some(),
        }
    }

    /// Takes the state behind the next position whose logits are needed.
    pub(super) fn observe(&mut self, state: &[f32]) -> Result<(), EngineError> {
        match &mut self.goal {
            Goal::Write { proof, .. } => proof.as_mut().map_or(Ok(()), |proof| proof.push(state)),
            Goal::Check { proof, .. } => proof.as_mut().map_or(Ok(()), |proof| proof.push(state)),
        }
    }

    /// What follows from the logits behind the token at `position`.
    pub(super) fn judge(&self, position: usize, logits: &[f32]) -> Result<Judged, EngineError> {
        let place = position - self.silent;
        match &self.goal {
            Goal::Write { sampling, key, .. } => sample(logits, sampling, key, place).map(Judged::Picked),
            Goal::Check { job, .. } => {
                let claimed = job.completion[place];
                check_token(logits, &job.sampling, &job.key, place, claimed).map(Judged::Checked)
            }
        }
    }

    /// Takes what follows; answers whether the job is done. A new token is told and becomes the next to be read.
    pub(super) fn accept(&mut self, judged: Judged) -> Result<bool, EngineError> {
        match (&mut self.goal, judged) {
            (
                Goal::Write {
                    prompt_tokens,
                    completion,
                    proof,
                    text,
                    events,
                    ..
                },
                Judged::Picked(id),
            ) => {
                completion.push(id);
                self.tokens.push(id);
                let shown = text.push(id)?;
                if events.send(TextEvent::Token { id, text: shown }).is_err() {
                    tracing::debug!(tokens = completion.len(), "the client is gone, generation stops");
                    return Ok(true);
                }
                let Some(finish) = text.finish() else { return Ok(false) };
                let proof = proof.as_mut().map(Committer::finish).transpose()?;
                let _ = events.send(TextEvent::Done {
                    finish,
                    prompt_tokens: *prompt_tokens,
                    completion: std::mem::take(completion),
                    proof,
                });
                Ok(true)
            }
            (Goal::Check { checks, job, .. }, Judged::Checked(check)) => {
                checks.push(check);
                Ok(checks.len() == job.completion.len())
            }
            _ => Err(EngineError::Compute("a result of another kind of job".into())),
        }
    }

    /// Tells the caller of a check its result, or any caller why there is none; gives the blocks back.
    pub(super) fn end(self, failure: Option<EngineError>) -> Table {
        // The caller may be gone; then nobody needs to know.
        match (self.goal, failure) {
            (Goal::Write { .. }, None) => (),
            (Goal::Write { events, .. }, Some(error)) => drop(events.send(TextEvent::Failed(error))),
            (Goal::Check { job, checks, proof }, None) => {
                let windows = proof.map(|mut proof| proof.finish()).unwrap_or_default();
                let report = CheckReport {
                    tokens: checks,
                    windows,
                };
                drop(job.reply.send(Ok(report)));
            }
            (Goal::Check { job, .. }, Some(error)) => drop(job.reply.send(Err(error))),
        }
        self.table
    }
}
