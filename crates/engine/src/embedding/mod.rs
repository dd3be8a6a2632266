//! The embedding engine: BERT-shaped sentence models, batched, pooled, normalised.
mod bert;
mod encoder;

use crate::guard::guarded;
use crate::kernels::with_threads;
use crate::queue::{Jobs, Queue};
use crate::tokenizer::read_tokenizer_json;
use crate::{DeviceName, EngineError, ModelDir};
use bert::BertConfig;
pub use encoder::Encoder;
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;
use tokenizers::{Tokenizer, TruncationParams};
use tokio::sync::oneshot;

/// Longest text that is read, in tokens.
const MAX_TOKENS: usize = 512;
/// The same where a model does not say its own; sentence models are trained on no more.
const USUAL_TOKENS: usize = 256;
/// Most texts of one request.
pub const MAX_TEXTS: usize = 2048;
/// Most texts computed at once.
const BATCH_TEXTS: usize = 32;
/// Jobs are gathered until they hold so many texts.
const GATHER_TEXTS: usize = 64;

/// How to run an embedding model.
#[derive(Clone, Debug)]
pub struct EmbeddingOptions {
    /// Requests that may wait; more are refused.
    pub queue: usize,
    /// Threads that compute; all cores if not given.
    pub threads: Option<usize>,
    /// What computes.
    pub device: DeviceName,
}

impl Default for EmbeddingOptions {
    fn default() -> Self {
        Self {
            queue: 64,
            threads: None,
            device: DeviceName::Cpu,
        }
    }
}

/// A loaded embedding model.
pub struct EmbeddingEngine {
    tokenizer: Arc<Tokenizer>,
    dims: usize,
    max_tokens: usize,
    queue: Queue<Job>,
}

type EmbeddingResult = Result<Vec<Vec<f32>>, EngineError>;

struct Job {
    texts: Vec<String>,
    reply: oneshot::Sender<EmbeddingResult>,
}

impl EmbeddingEngine {
    /// Loads the model of a folder and starts its thread. Takes a second or so: call it off the async threads.
    pub fn load(dir: &Path, options: EmbeddingOptions) -> Result<Self, EngineError> {
        let dir = ModelDir::open(dir)?;
        let config = BertConfig::read(&dir)?;
        let max_tokens = max_tokens(&dir, &config)?;
        let tokenizer = Arc::new(read_tokenizer(&dir, max_tokens)?);
        if tokenizer.get_vocab_size(true) > config.vocab_size {
            let reason = format!(
                "{} tokens, the model knows {}",
                tokenizer.get_vocab_size(true),
                config.vocab_size
            );
            return Err(EngineError::bad_file(&dir.path("tokenizer.json"), reason));
        }
        let worker = Worker {
            encoder: Encoder::load_on(options.device, &dir)?,
            tokenizer: tokenizer.clone(),
        };
        let threads = options.threads;
        let queue = Queue::start("laurel-embedding", options.queue, move |jobs| match threads {
            Some(threads) => with_threads(threads, || worker.run(jobs)),
            None => worker.run(jobs),
        })?;
        Ok(Self {
            tokenizer,
            dims: config.hidden_size,
            max_tokens,
            queue,
        })
    }

    /// The embeddings of texts, in their order, each of [`Self::dims`] numbers and of length 1. What goes beyond
    /// [`Self::max_tokens`] is not read.
    ///
    /// # Errors
    /// [`EngineError::BadRequest`] for no texts or more than [`MAX_TEXTS`], [`EngineError::Overloaded`] if the queue is full.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EngineError> {
        self.submit(texts)?.await.map_err(|_| EngineError::Stopped)?
    }

    /// As [`Self::embed`], for callers that are not async. Must not be called on an async thread.
    pub fn embed_blocking(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EngineError> {
        self.submit(texts)?.blocking_recv().map_err(|_| EngineError::Stopped)?
    }

    /// Tokens that the model reads of a text, the two around it included.
    pub fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        encode(&self.tokenizer, text).map(|ids| ids.len())
    }

    /// Numbers in an embedding.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// Longest text that is read, in tokens.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Requests that wait for the worker.
    pub fn queue_depth(&self) -> usize {
        self.queue.depth()
    }

    fn submit(&self, texts: Vec<String>) -> Result<oneshot::Receiver<EmbeddingResult>, EngineError> {
        if texts.is_empty() || texts.len() > MAX_TEXTS {
            return Err(EngineError::BadRequest(format!(
                "{} texts: give 1 to {MAX_TEXTS}",
                texts.len()
            )));
        }
        let (reply, result) = oneshot::channel();
        self.queue.offer(Job { texts, reply })?;
        Ok(result)
    }
}

/// Longest text that the model of a folder reads, in tokens.
pub fn read_limit(dir: &ModelDir) -> Result<usize, EngineError> {
    max_tokens(dir, &BertConfig::read(dir)?)
}

/// Whether this engine runs models of a `model_type`.
pub fn runs(model_type: &str) -> bool {
    bert::MODEL_TYPES.contains(&model_type)
}

fn max_tokens(dir: &ModelDir, config: &BertConfig) -> Result<usize, EngineError> {
    #[derive(Deserialize)]
    struct SentenceConfig {
        max_seq_length: Option<usize>,
    }
    let sentence: Option<SentenceConfig> = dir.optional_json("sentence_bert_config.json")?;
    let wanted = sentence
        .and_then(|sentence| sentence.max_seq_length)
        .unwrap_or(USUAL_TOKENS);
    Ok(wanted.min(MAX_TOKENS).min(config.positions()).max(3))
}

/// A published tokenizer may cut elsewhere and pad; cutting is set to the model's limit, padding is done a batch at a time.
fn read_tokenizer(dir: &ModelDir, max_tokens: usize) -> Result<Tokenizer, EngineError> {
    let path = dir.path("tokenizer.json");
    let mut tokenizer = read_tokenizer_json(dir)?;
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(Some(TruncationParams {
            max_length: max_tokens,
            ..Default::default()
        }))
        .map_err(|error| EngineError::bad_file(&path, error))?;
    Ok(tokenizer)
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>, EngineError> {
    let encoding = guarded(|| tokenizer.encode_fast(text, true));
    let encoding =
        encoding.map_err(|reason| EngineError::BadRequest(format!("a text cannot be tokenized: {reason}")))?;
    Ok(encoding.get_ids().to_vec())
}

struct Worker {
    encoder: Encoder,
    tokenizer: Arc<Tokenizer>,
}

/// A request whose texts are tokens; `None` where an embedding is not computed yet.
struct Tokenized {
    ids: Vec<Vec<u32>>,
    embeddings: Vec<Option<Vec<f32>>>,
    reply: oneshot::Sender<EmbeddingResult>,
}

impl Worker {
    fn run(&self, jobs: Jobs<Job>) {
        while let Some(first) = jobs.next() {
            let mut gathered = vec![first];
            while gathered.iter().map(|job| job.texts.len()).sum::<usize>() < GATHER_TEXTS {
                let Some(job) = jobs.next_waiting() else { break };
                gathered.push(job);
            }
            self.answer(gathered.into_iter().filter_map(|job| self.tokenize(job)).collect());
        }
    }

    /// A text that cannot be tokenized fails its own request only.
    fn tokenize(&self, job: Job) -> Option<Tokenized> {
        if job.reply.is_closed() {
            return None;
        }
        let ids: Result<Vec<_>, _> = job.texts.iter().map(|text| encode(&self.tokenizer, text)).collect();
        match ids {
            Ok(ids) => Some(Tokenized {
                embeddings: vec![None; ids.len()],
                ids,
                reply: job.reply,
            }),
            Err(error) => {
                let _ = job.reply.send(Err(error));
                None
            }
        }
    }

    /// Texts of all requests are sorted by length, so that those of a batch take about as long.
    fn answer(&self, mut requests: Vec<Tokenized>) {
        let mut places: Vec<(usize, usize)> = requests
            .iter()
            .enumerate()
            .flat_map(|(request, tokenized)| (0..tokenized.ids.len()).map(move |text| (request, text)))
            .collect();
        places.sort_by_key(|(request, text)| requests[*request].ids[*text].len());
        for batch in places.chunks(BATCH_TEXTS) {
            // Every client of this batch may have gone while earlier ones were computed.
            if batch.iter().all(|(request, _)| requests[*request].reply.is_closed()) {
                continue;
            }
            let ids: Vec<&[u32]> = batch
                .iter()
                .map(|(request, text)| requests[*request].ids[*text].as_slice())
                .collect();
            let embeddings = match self.encoder.embed(&ids) {
                Ok(embeddings) => embeddings.into_iter().map(Some).collect(),
                // One text may be to blame for it; the others' callers shall not hear of it.
                Err(_) => ids.iter().map(|text| self.embed_alone(text)).collect::<Vec<_>>(),
            };
            for ((request, text), embedding) in batch.iter().zip(embeddings) {
                requests[*request].embeddings[*text] = embedding;
            }
        }
        for request in requests {
            let embeddings: Option<Vec<_>> = request.embeddings.into_iter().collect();
            let result = embeddings.ok_or_else(|| EngineError::Compute("an embedding could not be computed".into()));
            let _ = request.reply.send(result);
        }
    }

    fn embed_alone(&self, text: &[u32]) -> Option<Vec<f32>> {
        match self.encoder.embed(&[text]) {
            Ok(mut embeddings) => embeddings.pop(),
            Err(error) => {
                tracing::error!(%error, tokens = text.len(), "computing an embedding failed");
                None
            }
        }
    }
}
