//! Backends whose answers, and whose end, a test can see.
use async_trait::async_trait;
use futures::{stream, StreamExt};
use laurel_miner::{Backend, Embedded, EmbeddingBackend, EmbeddingJob, Generation, TextBackend, TextJob, TextPiece};
use laurel_protocol::{openai::FinishReason, RequestError};
use std::sync::{
    atomic::{AtomicUsize, Ordering},
    Arc,
};
use tokio::sync::{watch, Semaphore};

/// Counts what reached the model.
#[derive(Clone, Default)]
pub struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Answers each text with its length and its number in the list.
#[derive(Clone, Default)]
pub struct FixedEmbedding {
    pub jobs: Counted,
}

#[async_trait]
impl EmbeddingBackend for FixedEmbedding {
    async fn embed(&self, job: EmbeddingJob) -> Result<Embedded, RequestError> {
        self.jobs.add();
        let vectors = job
            .inputs
            .iter()
            .zip(0u8..)
            .map(|(text, at)| vec![text.len() as f32 / 3.0, at.into()])
            .collect();
        Ok(Embedded {
            vectors,
            prompt_tokens: 2 * job.inputs.len() as u32,
        })
    }

    fn queue_depth(&self) -> usize {
        0
    }
}

impl From<FixedEmbedding> for Backend {
    fn from(backend: FixedEmbedding) -> Self {
        Self::Embedding(Arc::new(backend))
    }
}

/// Answers every prompt with the same three tokens; the last has no text, as an end token.
#[derive(Clone, Default)]
pub struct ScriptedText {
    pub jobs: Counted,
}

/// What it gives as proof where one is wanted.
pub const PROOF: [u8; 5] = [1, 2, 3, 4, 5];
pub const SCRIPT: [(u32, &str); 3] = [(11, "Once"), (12, " upon"), (2, "")];

#[async_trait]
impl TextBackend for ScriptedText {
    async fn generate(&self, job: TextJob) -> Result<Generation, RequestError> {
        self.jobs.add();
        let tokens = SCRIPT.map(|(id, text)| Ok(TextPiece::Token { id, text: text.into() }));
        let completion = SCRIPT.iter().map(|(id, _)| *id).collect();
        let done = Ok(TextPiece::Done {
            finish: FinishReason::Stop,
            completion,
            proof: job.proof.then(|| PROOF.to_vec()),
        });
        Ok(Generation {
            prompt: vec![1, 7],
            pieces: stream::iter(tokens.into_iter().chain([done])).boxed(),
        })
    }

    fn can_prove(&self) -> bool {
        true
    }

    fn queue_depth(&self) -> usize {
        0
    }
}

impl From<ScriptedText> for Backend {
    fn from(backend: ScriptedText) -> Self {
        Self::Text(Arc::new(backend))
    }
}

/// Writes for ever, and says how many of its computations run.
#[derive(Clone)]
pub struct EndlessText {
    pub running: watch::Sender<usize>,
}

struct Running(watch::Sender<usize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

impl EndlessText {
    pub fn new() -> Self {
        Self {
            running: watch::Sender::new(0),
        }
    }

    /// Waits until so many run.
    pub async fn until(&self, count: usize) {
        self.running
            .subscribe()
            .wait_for(|running| *running == count)
            .await
            .unwrap();
    }
}

#[async_trait]
impl TextBackend for EndlessText {
    async fn generate(&self, _: TextJob) -> Result<Generation, RequestError> {
        self.running.send_modify(|running| *running += 1);
        let pieces = stream::unfold(Running(self.running.clone()), |running| async move {
            tokio::task::yield_now().await;
            Some((
                Ok(TextPiece::Token {
                    id: 1,
                    text: "and ".into(),
                }),
                running,
            ))
        });
        Ok(Generation {
            prompt: vec![1],
            pieces: pieces.boxed(),
        })
    }

    fn can_prove(&self) -> bool {
        true
    }

    fn queue_depth(&self) -> usize {
        0
    }
}

impl From<EndlessText> for Backend {
    fn from(backend: EndlessText) -> Self {
        Self::Text(Arc::new(backend))
    }
}

/// Embeds when it is told to, and has room for one request.
#[derive(Clone)]
pub struct OneAtATime {
    pub go: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl OneAtATime {
    pub fn new() -> Self {
        Self {
            go: Arc::new(Semaphore::new(0)),
            room: Arc::new(Semaphore::new(1)),
        }
    }

    /// Waits until a request is in work.
    pub async fn is_busy(&self) {
        while self.room.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl EmbeddingBackend for OneAtATime {
    async fn embed(&self, job: EmbeddingJob) -> Result<Embedded, RequestError> {
        let Ok(_room) = self.room.try_acquire() else {
            return Err(RequestError::Overloaded { retry_after_s: 1 });
        };
        self.go.acquire().await.unwrap().forget();
        Ok(Embedded {
            vectors: vec![vec![1.0]; job.inputs.len()],
            prompt_tokens: 1,
        })
    }

    fn queue_depth(&self) -> usize {
        1 - self.room.available_permits()
    }
}

impl From<OneAtATime> for Backend {
    fn from(backend: OneAtATime) -> Self {
        Self::Embedding(Arc::new(backend))
    }
}
