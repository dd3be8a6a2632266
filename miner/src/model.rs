//! The honest backends: the model of a folder, run by the engine.
use crate::{
    Args, Backend, Embedded, EmbeddingBackend, EmbeddingJob, Generation, TextBackend, TextJob, TextPiece, TextPrompt,
};
use anyhow::Context;
use async_trait::async_trait;
use futures::{stream, StreamExt};
use laurel_engine::{
    CallerId, DeviceName, EmbeddingEngine, EmbeddingOptions, EngineError, SamplerKey, SamplingParams, TextEngine,
    TextEvent, TextOptions, TextRequest,
};
use laurel_protocol::{openai, RequestError};
use laurel_types::{ModelKind, ModelRoot};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// When a caller that met a full queue should try again. Answers take about this long.
const RETRY_AFTER_S: u32 = 1;
/// Prompts above this many bytes are tokenized off the async pool.
const INLINE_BYTES: usize = 8 * 1024;

/// What a model folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Its root.
    pub root: ModelRoot,
    /// What it does.
    pub kind: ModelKind,
    /// The folder's name.
    pub name: String,
    /// Where it is.
    pub folder: PathBuf,
    /// Longest input plus output, in tokens.
    pub context: u32,
}

/// Reads the folders of `--model`, in the order given.
pub async fn identify_all(folders: &[PathBuf]) -> anyhow::Result<Vec<ModelIdentity>> {
    let mut models = Vec::with_capacity(folders.len());
    for folder in folders {
        models.push(identify(folder).await?);
    }
    Ok(models)
}

/// Reads the folder and works out its root.
pub async fn identify(folder: &Path) -> anyhow::Result<ModelIdentity> {
    let path = folder.to_owned();
    let manifest = tokio::task::spawn_blocking(move || laurel_models::manifest(&path)).await??;
    let name = folder
        .file_name()
        .map_or("model".into(), |name| name.to_string_lossy().into_owned());
    Ok(ModelIdentity {
        root: manifest.root,
        kind: manifest.kind,
        name,
        folder: folder.to_owned(),
        context: manifest.accepted().context,
    })
}

/// How to run a model.
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    /// Requests that may wait.
    pub queue: usize,
    /// Threads; none: one for each core.
    pub threads: Option<usize>,
    /// Longest input plus output, in tokens.
    pub context: usize,
    /// Texts written at once.
    pub batch: usize,
    /// What computes.
    pub device: DeviceName,
    /// Most memory for keys and values, in bytes; none: the engine's own bound.
    pub cache_bytes: Option<usize>,
}

impl EngineOptions {
    /// As the command line says, for a model whose root fixes its context.
    pub fn new(args: &Args, model: &ModelIdentity) -> Self {
        Self {
            queue: args.serve.limits.queue,
            threads: args.threads,
            context: model.context as usize,
            batch: TextOptions::default().batch,
            device: args.device,
            cache_bytes: args.cache_bytes,
        }
    }
}

/// Loads the model of a folder.
pub async fn load(folder: &Path, kind: ModelKind, options: EngineOptions) -> anyhow::Result<Backend> {
    let path = folder.to_owned();
    let loading = tokio::task::spawn_blocking(move || match kind {
        ModelKind::Text => {
            let options = TextOptions {
                queue: options.queue,
                threads: options.threads,
                max_context: Some(options.context),
                batch: options.batch,
                device: options.device,
                cache_bytes: options.cache_bytes,
                ..Default::default()
            };
            Ok(Backend::Text(Arc::new(HonestText(Arc::new(TextEngine::load(
                &path, options,
            )?)))))
        }
        ModelKind::Embedding => {
            let options = EmbeddingOptions {
                queue: options.queue,
                threads: options.threads,
                device: options.device,
            };
            Ok(Backend::Embedding(Arc::new(HonestEmbedding(Arc::new(
                EmbeddingEngine::load(&path, options)?,
            )))))
        }
        // No folder is of this kind: such work comes as a program of its own.
        ModelKind::Custom => Err(EngineError::Unsupported {
            path,
            reason: "no engine does custom work".into(),
        }),
    });
    let loaded: Result<Backend, EngineError> = loading.await.context("loading the model failed")?;
    Ok(loaded?)
}

/// What the caller hears of an engine's error.
pub(crate) fn refusal(error: EngineError) -> RequestError {
    if error.is_overloaded() {
        return RequestError::Overloaded {
            retry_after_s: RETRY_AFTER_S,
        };
    }
    if error.is_bad_request() {
        return RequestError::InvalidInput { why: error.to_string() };
    }
    tracing::error!(%error, "the engine failed");
    RequestError::Internal
}

/// Runs `work` here if it is short, else where it holds nobody up.
pub(crate) async fn tokenizing<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, RequestError> {
    let done = match bytes {
        0..=INLINE_BYTES => work(),
        _ => tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| RequestError::Internal)?,
    };
    done.map_err(refusal)
}

struct HonestText(Arc<TextEngine>);

impl HonestText {
    async fn tokens(&self, prompt: TextPrompt) -> Result<Vec<u32>, RequestError> {
        let engine = self.0.clone();
        tokenizing(prompt.size(), move || prompt.ids(engine.tokenizer())).await
    }
}

#[async_trait]
impl TextBackend for HonestText {
    async fn generate(&self, job: TextJob) -> Result<Generation, RequestError> {
        let key = SamplerKey(job.key());
        let caller = CallerId(job.sender().0);
        let prompt = self.tokens(job.prompt).await?;
        let max_tokens = self.0.admit(&prompt, job.max_tokens, &job.stop).map_err(refusal)?;
        let request = TextRequest {
            prompt: prompt.clone(),
            max_tokens,
            stop: job.stop,
            sampling: SamplingParams {
                temperature_milli: job.sampling.temperature_milli,
                top_k: job.sampling.top_k,
                top_p_milli: job.sampling.top_p_milli,
            },
            key,
            caller,
            proof: job.proof,
        };
        let events = self.0.submit(request).map_err(refusal)?;
        let pieces = stream::unfold(events, |mut events| async move {
            let event = events.recv().await?;
            Some((piece(event), events))
        });
        Ok(Generation {
            prompt,
            pieces: pieces.boxed(),
        })
    }

    fn can_prove(&self) -> bool {
        true
    }

    fn queue_depth(&self) -> usize {
        self.0.queue_depth()
    }
}

fn piece(event: TextEvent) -> Result<TextPiece, RequestError> {
    match event {
        TextEvent::Token { id, text } => Ok(TextPiece::Token { id, text }),
        TextEvent::Done {
            finish,
            completion,
            proof,
            ..
        } => {
            let finish = match finish {
                laurel_engine::FinishReason::Stop => openai::FinishReason::Stop,
                laurel_engine::FinishReason::Length => openai::FinishReason::Length,
            };
            Ok(TextPiece::Done {
                finish,
                completion,
                proof: proof.map(|proof| proof.to_bytes()),
            })
        }
        TextEvent::Failed(error) => Err(refusal(error)),
    }
}

struct HonestEmbedding(Arc<EmbeddingEngine>);

#[async_trait]
impl EmbeddingBackend for HonestEmbedding {
    async fn embed(&self, job: EmbeddingJob) -> Result<Embedded, RequestError> {
        let vectors = self.0.embed(job.inputs.clone()).await.map_err(refusal)?;
        let engine = self.0.clone();
        let bytes = job.inputs.iter().map(String::len).sum();
        let count = move || {
            job.inputs
                .iter()
                .map(|input| engine.count_tokens(input))
                .sum::<Result<usize, _>>()
        };
        let tokens = tokenizing(bytes, count).await?;
        Ok(Embedded {
            vectors,
            prompt_tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
        })
    }

    fn queue_depth(&self) -> usize {
        self.0.queue_depth()
    }
}
