//! What answers a request that the front door let in.
use async_trait::async_trait;
use futures::stream::BoxStream;
use laurel_engine::TextPrompt;
use laurel_protocol::{
    openai::{FinishReason, Sampling, TextParameters},
    Admitted, Hotkey, RequestError,
};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// A text to write. Made from an admitted request only.
#[derive(Clone, Debug)]
pub struct TextJob {
    /// What to continue.
    pub prompt: TextPrompt,
    /// Most tokens; none: as many as the context holds.
    pub max_tokens: Option<u32>,
    /// Strings at which to stop.
    pub stop: Vec<String>,
    /// How to draw.
    pub sampling: Sampling,
    /// Whether the answer must carry an activation proof.
    pub proof: bool,
    key: [u8; 32],
    sender: Hotkey,
}

impl TextJob {
    /// The job of a request, with an activation proof or without.
    pub fn new(request: &Admitted, prompt: TextPrompt, parameters: TextParameters, proof: bool) -> Self {
        Self {
            prompt,
            max_tokens: parameters.max_tokens,
            stop: parameters.stop,
            sampling: parameters.sampling,
            proof,
            key: request.envelope().sampler_key(),
            sender: request.sender(),
        }
    }

    /// Who asks.
    pub fn sender(&self) -> Hotkey {
        self.sender
    }

    /// Key of the canonical sampler.
    pub fn key(&self) -> [u8; 32] {
        self.key
    }
}

/// A step of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPiece {
    /// One more token.
    Token {
        /// Its id.
        id: u32,
        /// The text that it adds; empty while a character or a stop string is incomplete.
        text: String,
    },
    /// The end; nothing follows.
    Done {
        /// Why.
        finish: FinishReason,
        /// All tokens written, in order.
        completion: Vec<u32>,
        /// The activation proof, if the job asked for one.
        proof: Option<Vec<u8>>,
    },
}

/// The steps of a text, an error at most as the last of them. Dropping the stream stops the computation.
pub type TextPieces = BoxStream<'static, Result<TextPiece, RequestError>>;

/// A text being written.
pub struct Generation {
    /// Ids of the tokens read.
    pub prompt: Vec<u32>,
    /// The steps.
    pub pieces: TextPieces,
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation")
            .field("prompt", &self.prompt)
            .finish_non_exhaustive()
    }
}

/// Writes texts.
#[async_trait]
pub trait TextBackend: Send + Sync + 'static {
    /// Begins to write. [`RequestError::Overloaded`] if too many are waiting.
    async fn generate(&self, job: TextJob) -> Result<Generation, RequestError>;

    /// Whether its answers can carry activation proofs.
    fn can_prove(&self) -> bool;

    /// Requests that wait.
    fn queue_depth(&self) -> usize;

    /// What keeps it from working, in one word, if something does.
    fn trouble(&self) -> Option<&'static str> {
        None
    }
}

/// Texts to embed. Made from an admitted request only.
#[derive(Clone, Debug)]
#[allow(clippy::manual_non_exhaustive)] // Only the front door can make one, in this crate too.
pub struct EmbeddingJob {
    /// The texts, none empty.
    pub inputs: Vec<String>,
    _admitted: (),
}

impl EmbeddingJob {
    /// The job of a request.
    pub fn new(_request: &Admitted, inputs: Vec<String>) -> Self {
        Self { inputs, _admitted: () }
    }
}

/// The vectors of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// One an input, in order.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub prompt_tokens: u32,
}

/// Embeds texts.
#[async_trait]
pub trait EmbeddingBackend: Send + Sync + 'static {
    /// Embeds all inputs. Dropping the future stops the computation. [`RequestError::Overloaded`] if too many are waiting.
    async fn embed(&self, job: EmbeddingJob) -> Result<Embedded, RequestError>;

    /// Requests that wait.
    fn queue_depth(&self) -> usize;

    /// What keeps it from working, in one word, if something does.
    fn trouble(&self) -> Option<&'static str> {
        None
    }
}

/// A task of custom work. Made from an admitted request only.
#[derive(Clone, Debug)]
#[allow(clippy::manual_non_exhaustive)] // Only the front door can make one, in this crate too.
pub struct CustomJob {
    /// What is asked.
    pub task: Value,
    _admitted: (),
}

impl CustomJob {
    /// The job of a request.
    pub fn new(_request: &Admitted, task: Value) -> Self {
        Self { task, _admitted: () }
    }
}

/// Does custom work.
#[async_trait]
pub trait CustomBackend: Send + Sync + 'static {
    /// Answers a task with JSON. [`RequestError::Overloaded`] if too many are waiting.
    async fn work(&self, job: CustomJob) -> Result<Vec<u8>, RequestError>;

    /// Requests that wait.
    fn queue_depth(&self) -> usize;
}

/// The one kind of work that a miner does.
#[derive(Clone)]
pub enum Backend {
    /// Text.
    Text(Arc<dyn TextBackend>),
    /// Embeddings.
    Embedding(Arc<dyn EmbeddingBackend>),
    /// Work of the subnet's own.
    Custom(Arc<dyn CustomBackend>),
}

impl Backend {
    /// What it does, in the words of refusals.
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Embedding(_) => "embeddings",
            Self::Custom(_) => "custom work",
        }
    }

    /// Requests that wait.
    pub fn queue_depth(&self) -> usize {
        match self {
            Self::Text(backend) => backend.queue_depth(),
            Self::Embedding(backend) => backend.queue_depth(),
            Self::Custom(backend) => backend.queue_depth(),
        }
    }

    /// Whether its answers can carry what a subnet that asks for activation proofs wants of them. Only text needs a proof.
    pub fn can_prove(&self) -> bool {
        match self {
            Self::Text(backend) => backend.can_prove(),
            Self::Embedding(_) | Self::Custom(_) => true,
        }
    }

    /// What keeps it from working, in one word, if something does.
    pub fn trouble(&self) -> Option<&'static str> {
        match self {
            Self::Text(backend) => backend.trouble(),
            Self::Embedding(backend) => backend.trouble(),
            Self::Custom(_) => None,
        }
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Backend::Text",
            Self::Embedding(_) => "Backend::Embedding",
            Self::Custom(_) => "Backend::Custom",
        })
    }
}
