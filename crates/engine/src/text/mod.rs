//! The text engine: one model on one worker thread behind a bounded queue.
mod sequence;
mod worker;

use crate::activations::{ActivationProof, WindowDeviation};
use crate::blocks::Blocks;
use crate::completion::{read_completion, validate_stops, Completeness, FinishReason};
use crate::decoder::{Architecture, Decoder};
use crate::kernels::{isa, with_isa, with_threads, Isa, KV_BLOCK};
use crate::prompt::answer_limit;
use crate::queue::Queue;
use crate::sampler::{SamplerKey, SamplingParams, TokenCheck};
use crate::tokenizer::FromWeights;
use crate::{
    checkpoint::{Checkpoint, StoredTensor, StoredType},
    DeviceName, EngineError, ModelDir, TextTokenizer,
};
use sequence::{CheckJob, CheckResult, GenerateJob, Job};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use worker::{Pace, Worker};

/// Longest context that is taken when the caller names none.
const DEFAULT_CONTEXT: usize = 4096;
/// Memory for keys and values when the caller names none: this, or as much as one text of the whole context needs.
const DEFAULT_CACHE_BYTES: usize = 1 << 30;

/// How to run a text model.
#[derive(Clone, Debug)]
pub struct TextOptions {
    /// Requests that may wait; more are refused.
    pub queue: usize,
    /// Threads that compute; all cores if not given.
    pub threads: Option<usize>,
    /// Longest prompt plus answer, in tokens; the model's own limit, but at most 4096, if not given.
    pub max_context: Option<usize>,
    /// Most memory for keys and values, in bytes, taken at load; it must hold one text of the whole context. If not given: what
    /// `batch` such texts need, but at most 1 GiB or what one needs. A request waits until there is room for its prompt and all of
    /// its `max_tokens`.
    pub cache_bytes: Option<usize>,
    /// Most requests computed at once.
    pub batch: usize,
    /// Most tokens of prompts and checks that are read between two tokens of an answer.
    pub prefill: usize,
    /// Whether a text that begins as an earlier one reads that one's keys and values instead of computing them.
    pub reuse_prefixes: bool,
    /// The instructions to compute with, for comparisons; the fastest that the processor has, if not given.
    pub isa: Option<Isa>,
    /// What computes.
    pub device: DeviceName,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            queue: 16,
            threads: None,
            max_context: None,
            cache_bytes: None,
            batch: 16,
            prefill: 256,
            reuse_prefixes: true,
            isa: None,
            device: DeviceName::Cpu,
        }
    }
}

impl TextOptions {
    /// Blocks of the cache for texts of `context` tokens, if a block takes `block_bytes`.
    fn cache_blocks(&self, context: usize, block_bytes: usize) -> Result<usize, EngineError> {
        let one = context.div_ceil(KV_BLOCK);
        let Some(bytes) = self.cache_bytes else {
            let most = one.saturating_mul(self.batch.max(1));
            return Ok(most.min((DEFAULT_CACHE_BYTES / block_bytes).max(one)));
        };
        if bytes / block_bytes < one {
            return Err(EngineError::CacheTooSmall {
                given: bytes,
                needed: one.saturating_mul(block_bytes),
                context,
            });
        }
        Ok(bytes / block_bytes)
    }
}

/// On whose behalf a request is: requests of one caller do not hold up those of another. All zeros for one's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CallerId(pub [u8; 32]);

/// A text to go on with.
#[derive(Clone, Debug)]
pub struct TextRequest {
    /// Tokens of the prompt; at least one.
    pub prompt: Vec<u32>,
    /// Most tokens of the answer; together with the prompt they must fit the context.
    pub max_tokens: usize,
    /// Strings before which the answer ends.
    pub stop: Vec<String>,
    /// How tokens are chosen.
    pub sampling: SamplingParams,
    /// Seed of this request's draws.
    pub key: SamplerKey,
    /// On whose behalf it is.
    pub caller: CallerId,
    /// Whether to commit to the states that the answer's tokens are picked from.
    pub proof: bool,
}

/// What the engine tells about a request, in order; after [`TextEvent::Done`] or [`TextEvent::Failed`] nothing follows.
#[derive(Debug)]
pub enum TextEvent {
    /// One more token.
    Token {
        /// Its id.
        id: u32,
        /// Text that can be shown because of it; may be empty, and may belong to earlier tokens.
        text: String,
    },
    /// The answer is whole.
    Done {
        /// Why it ended.
        finish: FinishReason,
        /// Tokens of the prompt.
        prompt_tokens: usize,
        /// All tokens of the answer, the one that ended it included.
        completion: Vec<u32>,
        /// The commitment to the states, if the request asked for one.
        proof: Option<ActivationProof>,
    },
    /// The answer cannot be finished.
    Failed(EngineError),
}

/// What a check finds.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// One for each token of the answer.
    pub tokens: Vec<TokenCheck>,
    /// One for each window of the proof; none if no proof was given.
    pub windows: Vec<WindowDeviation>,
}

/// A loaded text model. Dropping it ends its thread after the token in work.
pub struct TextEngine {
    tokenizer: Arc<TextTokenizer>,
    vocab_size: usize,
    hidden_size: usize,
    layers: usize,
    is_quantised: bool,
    context: usize,
    memory: (usize, usize),
    queue: Queue<Job>,
    generated: Arc<AtomicU64>,
}

impl TextEngine {
    /// Loads the model of a folder and starts its thread. Takes seconds for a large model: call it off the async threads.
    pub fn load(dir: &Path, options: TextOptions) -> Result<Self, EngineError> {
        let dir = ModelDir::open(dir)?;
        let checkpoint = Checkpoint::open(&dir)?;
        let mut architecture = Architecture::of(&dir, &checkpoint)?;
        let tokenizer = Arc::new(TextTokenizer::read_beside(&dir, FromWeights::of(&checkpoint))?);
        let vocab_size = architecture.vocab_size;
        if tokenizer.text_ids() > vocab_size {
            let reason = format!(
                "its ids go up to {}, the model knows {vocab_size} tokens",
                tokenizer.text_ids()
            );
            return Err(EngineError::bad_file(tokenizer.file(), reason));
        }
        let limit = options.max_context.unwrap_or(DEFAULT_CONTEXT).max(2);
        architecture.context = architecture.context.min(limit);
        let (context, hidden_size) = (architecture.context, architecture.hidden_size);
        let layers = architecture.layers.len();
        let of_integers = |tensor: &StoredTensor| match tensor.stored {
            StoredType::Weights(format) => format.is_integer(),
            _ => false,
        };
        let is_quantised = checkpoint.tensors().values().any(of_integers);
        let model = Decoder::assemble(options.device, &checkpoint, architecture)?;
        let blocks = options.cache_blocks(context, model.block_bytes())?;
        let memory = (model.weight_bytes(), blocks * model.block_bytes());
        let generated = Arc::new(AtomicU64::new(0));
        let worker = Worker {
            cache: model
                .new_cache(blocks)
                .map_err(|error| error.on_device(options.device, "the cache"))?,
            blocks: Blocks::new(blocks, options.reuse_prefixes),
            model,
            tokenizer: tokenizer.clone(),
            pace: Pace {
                batch: options.batch.max(1),
                prefill: options.prefill.max(1),
            },
            generated: generated.clone(),
        };
        let (threads, isa) = (options.threads, options.isa.unwrap_or_else(isa));
        let queue = Queue::start("laurel-text", options.queue, move |jobs| {
            with_isa(isa, || match threads {
                Some(threads) => with_threads(threads, || worker.run(jobs)),
                None => worker.run(jobs),
            })
        })?;
        Ok(Self {
            tokenizer,
            vocab_size,
            hidden_size,
            layers,
            is_quantised,
            context,
            memory,
            queue,
            generated,
        })
    }

    /// Memory of the weights, and of keys and values, in bytes. Both are taken at load and do not grow.
    pub fn memory(&self) -> (usize, usize) {
        self.memory
    }

    /// The model's tokenizer.
    pub fn tokenizer(&self) -> &TextTokenizer {
        &self.tokenizer
    }

    /// Longest prompt plus answer, in tokens.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Layers of the model.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// Whether weights are integers with scales, so that activations are rounded to 8 bits before they meet them.
    pub fn is_quantised(&self) -> bool {
        self.is_quantised
    }

    /// Values of a state.
    pub fn hidden_size(&self) -> usize {
        self.hidden_size
    }

    /// Reads the bytes of a proof that is said to be of an answer of so many tokens of this model.
    ///
    /// # Errors
    /// [`EngineError::BadRequest`] if they cannot be one.
    pub fn read_proof(&self, bytes: &[u8], tokens: usize) -> Result<ActivationProof, EngineError> {
        ActivationProof::from_bytes(bytes, tokens, self.hidden_size)
    }

    /// Requests that wait for the worker.
    pub fn queue_depth(&self) -> usize {
        self.queue.depth()
    }

    /// Tokens generated since the model was loaded.
    pub fn generated_tokens(&self) -> u64 {
        self.generated.load(Ordering::Relaxed)
    }

    /// The most tokens that an answer to this prompt may have, by [`answer_limit`].
    ///
    /// # Errors
    /// [`EngineError::BadRequest`] if the request can never be answered.
    pub fn admit(&self, prompt: &[u32], max_tokens: Option<u32>, stop: &[String]) -> Result<usize, EngineError> {
        validate_stops(stop)?;
        self.validate_ids(prompt)?;
        answer_limit(self.context, prompt.len(), max_tokens)
    }

    /// Queues a request; its events come through the receiver. Dropping the receiver ends the computing at the next token.
    ///
    /// # Errors
    /// [`EngineError::BadRequest`] if it can never be answered, [`EngineError::Overloaded`] if the queue is full.
    pub fn submit(&self, request: TextRequest) -> Result<mpsc::UnboundedReceiver<TextEvent>, EngineError> {
        request.sampling.validate()?;
        validate_stops(&request.stop)?;
        if request.max_tokens == 0 {
            return Err(EngineError::BadRequest("max_tokens must be at least 1".into()));
        }
        self.validate_length(request.prompt.len(), request.max_tokens)?;
        self.validate_ids(&request.prompt)?;
        // Unbounded is bounded here: a request has at most one event a token, and so at most `context` of them.
        let (events, receiver) = mpsc::unbounded_channel();
        self.queue.offer(Job::Generate(GenerateJob { request, events }))?;
        Ok(receiver)
    }

    /// Compares every token of an answer with the one that the canonical sampler picks, and a proof with the states, by one pass over
    /// prompt and answer.
    /// Blocks until the worker is done; waits for room in the queue. Must not be called on an async thread.
    ///
    /// # Errors
    /// [`EngineError::BadRequest`] if the tokens do not fit the context or the vocabulary, or the proof is not of so many tokens and
    /// such a model: no honest model answers these.
    pub fn check(
        &self,
        prompt: &[u32],
        completion: &[u32],
        sampling: &SamplingParams,
        key: &SamplerKey,
        proof: Option<&ActivationProof>,
    ) -> Result<CheckReport, EngineError> {
        let (job, result) = self.check_job((prompt, completion), (sampling, key), proof)?;
        self.queue.push(Job::Check(job))?;
        result.blocking_recv().map_err(|_| EngineError::Stopped)?
    }

    /// As [`Self::check`], for async callers; refuses with [`EngineError::Overloaded`] if the queue is full.
    pub async fn check_async(
        &self,
        prompt: &[u32],
        completion: &[u32],
        sampling: &SamplingParams,
        key: &SamplerKey,
        proof: Option<&ActivationProof>,
    ) -> Result<CheckReport, EngineError> {
        let (job, result) = self.check_job((prompt, completion), (sampling, key), proof)?;
        self.queue.offer(Job::Check(job))?;
        result.await.map_err(|_| EngineError::Stopped)?
    }

    /// Whether a completion ends where the rules of [`crate::completion`] say: not cut short, and not run on.
    pub fn is_complete(&self, completion: &[u32], max_tokens: usize, stop: &[String]) -> Result<bool, EngineError> {
        Ok(matches!(
            self.read_completion(completion, max_tokens, stop)?.0,
            Completeness::Whole(_)
        ))
    }

    /// How a completion ends, and its text.
    pub fn read_completion(
        &self,
        completion: &[u32],
        max_tokens: usize,
        stop: &[String],
    ) -> Result<(Completeness, String), EngineError> {
        read_completion(&self.tokenizer, completion, max_tokens, stop)
    }

    fn check_job(
        &self,
        (prompt, completion): (&[u32], &[u32]),
        (sampling, key): (&SamplingParams, &SamplerKey),
        proof: Option<&ActivationProof>,
    ) -> Result<(CheckJob, oneshot::Receiver<CheckResult>), EngineError> {
        sampling.validate()?;
        if completion.is_empty() {
            return Err(EngineError::BadRequest("the answer has no tokens".into()));
        }
        self.validate_length(prompt.len(), completion.len())?;
        self.validate_ids(prompt)?;
        self.validate_ids(completion)?;
        if let Some(proof) = proof {
            proof.validate(completion.len(), self.hidden_size)?;
        }
        let (reply, result) = oneshot::channel();
        let job = CheckJob {
            prompt: prompt.to_vec(),
            completion: completion.to_vec(),
            sampling: *sampling,
            key: *key,
            proof: proof.cloned(),
            reply,
        };
        Ok((job, result))
    }

    fn validate_length(&self, prompt: usize, answer: usize) -> Result<(), EngineError> {
        if prompt == 0 {
            return Err(EngineError::BadRequest("the prompt has no tokens".into()));
        }
        if prompt.saturating_add(answer) > self.context {
            let context = self.context;
            return Err(EngineError::BadRequest(format!(
                "{prompt} tokens of prompt and {answer} of answer do not fit the context of {context}: shorten one"
            )));
        }
        Ok(())
    }

    fn validate_ids(&self, ids: &[u32]) -> Result<(), EngineError> {
        match ids.iter().find(|id| **id as usize >= self.vocab_size) {
            None => Ok(()),
            Some(id) => Err(EngineError::BadRequest(format!(
                "token {id} is not in the vocabulary of {}",
                self.vocab_size
            ))),
        }
    }
}
