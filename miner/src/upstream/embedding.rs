//! Embeddings by a server.
use super::{events::Deadline, tokens::Usage, Server, UpstreamError, Watched};
use crate::{model::tokenizing, Embedded, EmbeddingBackend, EmbeddingJob};
use async_trait::async_trait;
use laurel_engine::TextTokenizer;
use laurel_protocol::RequestError;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

pub(super) struct UpstreamEmbedding {
    server: Server,
    tokenizer: Arc<TextTokenizer>,
    context: usize,
    /// Numbers in a vector, as the first answer had them.
    width: usize,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Vector>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Vector {
    index: usize,
    embedding: Vec<f32>,
}

impl UpstreamEmbedding {
    /// Finds out how long its vectors are.
    pub(super) async fn start(
        server: Server,
        tokenizer: Arc<TextTokenizer>,
        context: usize,
    ) -> Result<Self, UpstreamError> {
        let mut backend = Self {
            server,
            tokenizer,
            context,
            width: 0,
        };
        let (vectors, _) = backend.ask(&["a".to_owned()]).await?;
        backend.width = vectors.first().map_or(0, Vec::len);
        if backend.width == 0 {
            return Err(UpstreamError::Malformed {
                why: "a vector without numbers".into(),
            });
        }
        Ok(backend)
    }

    async fn ask(&self, inputs: &[String]) -> Result<(Vec<Vec<f32>>, Option<u64>), UpstreamError> {
        let client = &self.server.client;
        let body = json!({ "model": client.model, "input": inputs, "encoding_format": "float" });
        let deadline = Deadline::new("vectors", self.server.options.first_token);
        let mut answer: Answer = client.whole("/v1/embeddings", &body, deadline).await?;
        answer.data.sort_by_key(|vector| vector.index);
        let in_order = answer.data.iter().map(|vector| vector.index).eq(0..inputs.len());
        let whole = |vector: &Vector| {
            let width = vector.embedding.len();
            (self.width == 0 || width == self.width) && vector.embedding.iter().all(|number| number.is_finite())
        };
        if !in_order || !answer.data.iter().all(whole) {
            let why = format!(
                "{} texts do not get as many vectors of {} numbers",
                inputs.len(),
                self.width
            );
            return Err(UpstreamError::Malformed { why });
        }
        let vectors = answer.data.into_iter().map(|vector| vector.embedding).collect();
        Ok((vectors, answer.usage.and_then(|usage| usage.prompt_tokens)))
    }
}

#[async_trait]
impl Watched for UpstreamEmbedding {
    fn server(&self) -> &Server {
        &self.server
    }

    async fn try_out(&self) -> Result<(), UpstreamError> {
        self.ask(&["a".to_owned()]).await.map(drop)
    }
}

#[async_trait]
impl EmbeddingBackend for UpstreamEmbedding {
    async fn embed(&self, job: EmbeddingJob) -> Result<Embedded, RequestError> {
        let _permit = self.server.admit()?;
        let asked = self.ask(&job.inputs).await;
        let (vectors, theirs) = asked.map_err(|error| self.server.failed(&error))?;
        self.server.is_well();
        let (tokenizer, context) = (self.tokenizer.clone(), self.context);
        let bytes = job.inputs.iter().map(String::len).sum();
        let count = move || {
            let read = |text: &String| tokenizer.encode(text).map(|ids| ids.len().min(context));
            job.inputs.iter().map(read).sum::<Result<usize, _>>()
        };
        let prompt_tokens = tokenizing(bytes, count).await?;
        self.server.compare("prompt", theirs, prompt_tokens);
        Ok(Embedded {
            vectors,
            prompt_tokens: u32::try_from(prompt_tokens).unwrap_or(u32::MAX),
        })
    }

    fn queue_depth(&self) -> usize {
        self.server.in_work()
    }

    fn trouble(&self) -> Option<&'static str> {
        self.server.trouble()
    }
}
