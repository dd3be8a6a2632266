//! The thread that owns a text model and its cache.
use super::{TextEvent, TextRequest};
use crate::completion::CompletionText;
use crate::llama::{KvCache, Llama};
use crate::queue::Jobs;
use crate::sampler::{check_token, sample, SamplerKey, SamplingParams, TokenCheck};
use crate::{EngineError, TextTokenizer};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

pub(super) enum Job {
    Generate(GenerateJob),
    Check(CheckJob),
}

pub(super) struct GenerateJob {
    pub(super) request: TextRequest,
    pub(super) events: mpsc::UnboundedSender<TextEvent>,
}

pub(super) type CheckResult = Result<Vec<TokenCheck>, EngineError>;

pub(super) struct CheckJob {
    pub(super) prompt: Vec<u32>,
    pub(super) completion: Vec<u32>,
    pub(super) sampling: SamplingParams,
    pub(super) key: SamplerKey,
    pub(super) reply: oneshot::Sender<CheckResult>,
}

pub(super) struct Worker {
    model: Llama,
    tokenizer: Arc<TextTokenizer>,
    cache: KvCache,
    generated: Arc<AtomicU64>,
}

impl Worker {
    pub(super) fn new(
        model: Llama,
        tokenizer: Arc<TextTokenizer>,
        generated: Arc<AtomicU64>,
    ) -> Result<Self, EngineError> {
        let cache = model.new_cache()?;
        Ok(Self {
            model,
            tokenizer,
            cache,
            generated,
        })
    }

    pub(super) fn run(mut self, jobs: Jobs<Job>) {
        while let Some(job) = jobs.next() {
            self.cache.clear();
            match job {
                Job::Generate(job) => {
                    if let Err(error) = self.generate(&job, &jobs) {
                        // The client may be gone; then nobody needs to know.
                        let _ = job.events.send(TextEvent::Failed(error));
                    }
                }
                Job::Check(job) => {
                    if !job.reply.is_closed() {
                        let result = self.check(&job);
                        let _ = job.reply.send(result);
                    }
                }
            }
        }
    }

    fn generate(&mut self, job: &GenerateJob, jobs: &Jobs<Job>) -> Result<(), EngineError> {
        let GenerateJob { request, events } = job;
        if events.is_closed() {
            return Ok(());
        }
        let prompt = &request.prompt;
        let mut text = CompletionText::new(&self.tokenizer, &request.stop, request.max_tokens)?;
        let mut completion = Vec::with_capacity(request.max_tokens);
        let mut logits = self.model.forward(prompt, &mut self.cache, prompt.len() - 1)?;
        loop {
            if jobs.closed() {
                return Err(EngineError::Stopped);
            }
            let id = sample(&logits[0], &request.sampling, &request.key, completion.len())?;
            completion.push(id);
            self.generated.fetch_add(1, Ordering::Relaxed);
            let shown = text.push(id)?;
            if events.send(TextEvent::Token { id, text: shown }).is_err() {
                tracing::debug!(tokens = completion.len(), "the client is gone, generation stops");
                return Ok(());
            }
            if let Some(finish) = text.finish() {
                let _ = events.send(TextEvent::Done {
                    finish,
                    prompt_tokens: prompt.len(),
                    completion,
                });
                return Ok(());
            }
            logits = self.model.forward(&[id], &mut self.cache, 0)?;
        }
    }

    fn check(&mut self, job: &CheckJob) -> CheckResult {
        // The last token is only compared; nothing follows from it.
        let mut ids = job.prompt.clone();
        ids.extend(&job.completion[..job.completion.len() - 1]);
        let logits = self.model.forward(&ids, &mut self.cache, job.prompt.len() - 1)?;
        let positions = logits.iter().zip(&job.completion).enumerate();
        positions
            .map(|(position, (logits, claimed))| check_token(logits, &job.sampling, &job.key, position, *claimed))
            .collect()
    }
}
