//! A model that another server runs: vLLM, llama.cpp's server or TGI, behind `--engine openai --upstream URL`.
//!
//! The model folder is still read: it names the model (its root), cuts prompts into tokens and says where an answer ends, all by the code
//! that validators check with. The server only computes. It is sent token ids where it takes them; where it takes text, it is asked first
//! which tokens it makes of it. It must say which tokens it wrote. What it says about counts is compared, never believed.
//!
//! A server draws with its own generator, so only the likeliest token is the same as the canonical sampler's: other temperatures than 0 are
//! refused. docs/miner-upstream.md has the commands and the limits.
mod client;
mod embedding;
mod error;
mod events;
mod text;
mod tokens;

pub use error::UpstreamError;

use crate::{metrics as names, Backend, ModelIdentity};
use anyhow::Context;
use async_trait::async_trait;
use client::Client;
use embedding::UpstreamEmbedding;
use laurel_engine::{ModelDir, TextTokenizer};
use laurel_protocol::RequestError;
use laurel_types::ModelKind;
use metrics::{counter, gauge};
use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};
use text::UpstreamText;
use tokens::Vocabulary;
use tokio::sync::{watch, OwnedSemaphorePermit, Semaphore};

/// Where the server is, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct UpstreamOptions {
    /// `http://host:port`, with or without a path before `/v1`.
    pub url: String,
    /// Its name for the model; none: the first that it offers.
    pub model: Option<String>,
    /// A file with a key to send as bearer token.
    pub key_file: Option<PathBuf>,
    /// From the request to the first token.
    pub first_token: Duration,
    /// From one token to the next.
    pub next_token: Duration,
    /// Time between two looks at whether it is there, while nothing is asked of it.
    pub watch: Duration,
    /// Requests that it gets at one time; more are refused.
    pub requests: usize,
}

/// The backend of a server that holds the model of this folder.
///
/// # Errors
/// When the server is not there, does not have the model, or does not say what is needed to check its answers.
pub async fn connect(model: &ModelIdentity, options: UpstreamOptions) -> anyhow::Result<Backend> {
    let (folder, kind) = (model.folder.clone(), model.kind);
    let reading = tokio::task::spawn_blocking(move || {
        let tokenizer = TextTokenizer::read(&ModelDir::open(&folder)?)?;
        // Whoever embeds is told no tokens, and a large vocabulary takes a moment.
        let vocabulary = (kind == ModelKind::Text)
            .then(|| Vocabulary::new(&tokenizer))
            .transpose()?;
        anyhow::Ok((Arc::new(tokenizer), vocabulary))
    });
    let (tokenizer, vocabulary) = reading.await.context("reading the tokenizer failed")??;
    let client = Client::open(&options).await?;
    let (context, every) = (model.context as usize, options.watch);
    let server = Server::new(client, options);
    gauge!(names::UPSTREAM_UP).set(1.0);
    Ok(match vocabulary {
        Some(vocabulary) => {
            let backend = Arc::new(UpstreamText::start(server, tokenizer, vocabulary, context).await?);
            tokio::spawn(keep_watch(Arc::downgrade(&backend), every));
            Backend::Text(Arc::new(backend))
        }
        None => {
            let backend = Arc::new(UpstreamEmbedding::start(server, tokenizer, context).await?);
            tokio::spawn(keep_watch(Arc::downgrade(&backend), every));
            Backend::Embedding(backend)
        }
    })
}

/// The server, how many requests it has, and whether it is in trouble.
struct Server {
    client: Client,
    options: UpstreamOptions,
    room: Arc<Semaphore>,
    /// Permits of `room`.
    requests: usize,
    /// What is wrong, if something is: the code of the error.
    trouble: watch::Sender<Option<&'static str>>,
}

impl Server {
    fn new(client: Client, options: UpstreamOptions) -> Self {
        let requests = options.requests.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            client,
            options,
            room: Arc::new(Semaphore::new(requests)),
            requests,
            trouble: watch::Sender::new(None),
        }
    }

    /// Room for one more request, given back when dropped.
    fn admit(&self) -> Result<OwnedSemaphorePermit, RequestError> {
        let room = self.room.clone().try_acquire_owned();
        room.map_err(|_| RequestError::Overloaded { retry_after_s: 1 })
    }

    fn in_work(&self) -> usize {
        self.requests.saturating_sub(self.room.available_permits())
    }

    fn trouble(&self) -> Option<&'static str> {
        *self.trouble.borrow()
    }

    /// Counts what went wrong with a request; answers what its caller hears.
    fn failed(&self, error: &UpstreamError) -> RequestError {
        self.count(error);
        if error.is_trouble() {
            self.is_in_trouble(error);
        }
        error.for_caller()
    }

    fn count(&self, error: &UpstreamError) {
        tracing::error!(%error, "the upstream failed");
        counter!(names::UPSTREAM_FAULTS, "fault" => error.code()).increment(1);
    }

    fn is_in_trouble(&self, error: &UpstreamError) {
        gauge!(names::UPSTREAM_UP).set(0.0);
        self.trouble.send_replace(Some(error.code()));
    }

    /// An answer came whole.
    fn is_well(&self) {
        if self.trouble.send_replace(None).is_some() {
            tracing::info!("the upstream works again");
        }
        gauge!(names::UPSTREAM_UP).set(1.0);
    }

    /// A count of the server that is not ours. What we counted counts.
    fn compare(&self, what: &'static str, theirs: Option<u64>, ours: usize) {
        if let Some(theirs) = theirs.filter(|theirs| *theirs != ours as u64) {
            tracing::error!(
                what,
                theirs,
                ours,
                "the upstream's count of tokens is wrong, ours is used"
            );
            counter!(names::UPSTREAM_FAULTS, "fault" => "miscounted").increment(1);
        }
    }
}

/// A backend that can be looked after.
#[async_trait]
trait Watched: Send + Sync + 'static {
    fn server(&self) -> &Server;
    /// The least work that shows that the server works.
    async fn try_out(&self) -> Result<(), UpstreamError>;
}

/// Looks whether the server is there while nothing is asked of it, and finds out when it works again. Ends with the backend.
async fn keep_watch<T: Watched>(backend: Weak<T>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(backend) = backend.upgrade() else { return };
        let server = backend.server();
        let was_well = server.trouble.borrow().is_none();
        // A server that works for us is there; some answer one request at a time.
        if was_well && server.in_work() > 0 {
            continue;
        }
        let looked = match was_well {
            true => server.client.models().await.map(drop),
            false => backend.try_out().await,
        };
        match looked {
            Ok(()) => server.is_well(),
            Err(error) => {
                if was_well {
                    server.count(&error);
                }
                server.is_in_trouble(&error);
            }
        }
    }
}
