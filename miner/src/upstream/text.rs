//! Text by a server.
use super::{
    events::{Deadline, Events},
    tokens::{Chunk, End, Said, Vocabulary},
    Server, UpstreamError, Watched,
};
use crate::{
    model::{refusal, tokenizing},
    Generation, TextBackend, TextJob, TextPiece, TextPrompt,
};
use async_trait::async_trait;
use futures::{stream, StreamExt};
use laurel_engine::{answer_limit, completion::CompletionText, EngineError, TextTokenizer};
use laurel_protocol::{openai::FinishReason, RequestError};
use serde::Deserialize;
use serde_json::{json, Value};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Pieces that may wait for a slow client.
const PIECES: usize = 64;
/// Bytes by which the server's text may be ahead of that of its tokens: an event holds a few tokens.
const MAX_AHEAD: usize = 64 * 1024;
/// How long a finished answer waits for the server's own count.
const COUNT: Duration = Duration::from_secs(1);

/// How a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wire {
    /// `/v1/completions` with the prompt as token ids: vLLM, llama.cpp's `llama-server`.
    Ids,
    /// `/v1/completions` with the prompt as text: llama-cpp-python.
    Text,
    /// `/generate_stream`: TGI.
    Generate,
}

/// A prompt in both forms.
struct Prompt {
    ids: Vec<u32>,
    text: String,
}

/// What a request asks of the server.
struct Order {
    prompt: Prompt,
    max_tokens: usize,
    stop: Vec<String>,
}

pub(super) struct UpstreamText {
    server: Server,
    tokenizer: Arc<TextTokenizer>,
    vocabulary: Vocabulary,
    wire: Wire,
    context: usize,
}

impl UpstreamText {
    /// Finds out how the server is to be asked, by asking for one token.
    pub(super) async fn start(
        server: Server,
        tokenizer: Arc<TextTokenizer>,
        vocabulary: Vocabulary,
        context: usize,
    ) -> Result<Self, UpstreamError> {
        let mut backend = Self {
            server,
            tokenizer,
            vocabulary,
            wire: Wire::Ids,
            context,
        };
        let mut tried = Vec::new();
        for wire in [Wire::Ids, Wire::Text, Wire::Generate] {
            backend.wire = wire;
            match backend.try_out().await {
                Ok(()) => {
                    tracing::info!(model = backend.server.client.model, ?wire, "the upstream answers");
                    return Ok(backend);
                }
                Err(error) if error.is_refusal() => tried.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Err(UpstreamError::NoTokens { why: tried.join("; ") })
    }

    /// The request's body and path.
    fn question(&self, order: &Order) -> (&'static str, Value) {
        let (model, max_tokens) = (&self.server.client.model, order.max_tokens);
        if self.wire == Wire::Generate {
            let parameters = json!({ "max_new_tokens": max_tokens, "do_sample": false, "details": true });
            return (
                "/generate_stream",
                json!({ "inputs": order.prompt.text, "parameters": parameters }),
            );
        }
        let prompt = match self.wire {
            Wire::Ids => json!(order.prompt.ids),
            _ => json!(order.prompt.text),
        };
        // Stop strings are not sent: where an answer ends is found here, as validators find it.
        let body = json!({
            "model": model, "prompt": prompt, "max_tokens": max_tokens, "stream": true,
            "stream_options": { "include_usage": true },
            // The likeliest token, untouched by the server's own defaults.
            "temperature": 0, "top_p": 1, "repeat_penalty": 1, "repetition_penalty": 1,
            "presence_penalty": 0, "frequency_penalty": 0,
            // All the ways to be told the ids; a server takes those that it knows.
            "logprobs": 1, "return_tokens_as_token_ids": true, "return_token_ids": true,
            "skip_special_tokens": true, "add_special_tokens": false,
        });
        ("/v1/completions", body)
    }

    /// Asks a server that takes text which tokens it makes of this one.
    async fn server_reads(&self, prompt: &Prompt) -> Result<bool, UpstreamError> {
        #[derive(Deserialize)]
        struct Tokens {
            tokens: Vec<u32>,
        }
        #[derive(Deserialize)]
        struct Token {
            id: u32,
        }
        let client = &self.server.client;
        let ids = match self.wire {
            Wire::Ids => return Ok(true),
            Wire::Text => {
                let body = json!({ "model": client.model, "input": prompt.text });
                client.question::<Tokens>("/extras/tokenize", &body).await?.tokens
            }
            Wire::Generate => {
                let body = json!({ "inputs": prompt.text, "add_special_tokens": true });
                let tokens: Vec<Token> = client.question("/tokenize", &body).await?;
                tokens.into_iter().map(|token| token.id).collect()
            }
        };
        Ok(ids == prompt.ids)
    }

    async fn prompt(&self, prompt: TextPrompt) -> Result<Prompt, RequestError> {
        let tokenizer = self.tokenizer.clone();
        tokenizing(prompt.size(), move || read_prompt(&tokenizer, prompt)).await
    }

    /// What is to be written, if it can be.
    async fn order(&self, job: TextJob) -> Result<Order, RequestError> {
        if job.sampling.temperature_milli > 0 {
            return Err(RequestError::InvalidParameter {
                name: "temperature",
                why: "it must be 0: the server behind this miner does not draw as the canonical sampler does".into(),
            });
        }
        let prompt = self.prompt(job.prompt).await?;
        let vocabulary = self.tokenizer.vocab_size();
        if let Some(id) = prompt.ids.iter().find(|id| **id as usize >= vocabulary) {
            let why = format!("token {id} is not one of the {vocabulary} of the vocabulary");
            return Err(RequestError::InvalidInput { why });
        }
        let max_tokens = answer_limit(self.context, prompt.ids.len(), job.max_tokens).map_err(refusal)?;
        // Says what is wrong with a stop string, before anything is asked.
        CompletionText::new(&self.tokenizer, &job.stop, max_tokens).map_err(refusal)?;
        Ok(Order {
            prompt,
            max_tokens,
            stop: job.stop,
        })
    }

    /// Sends the question.
    async fn ask(&self, order: &Order) -> Result<(Events, Deadline), UpstreamError> {
        let (path, body) = self.question(order);
        let deadline = Deadline::new("first token", self.server.options.first_token);
        let events = self.server.client.stream(path, &body, deadline).await?;
        Ok((events, deadline))
    }

    /// Passes the answer on, token by token; the last piece is the end.
    async fn write(
        &self,
        order: &Order,
        (mut events, mut deadline): (Events, Deadline),
        pieces: &mpsc::Sender<Result<TextPiece, RequestError>>,
    ) -> Result<TextPiece, UpstreamError> {
        let broken = |error: EngineError| UpstreamError::Malformed { why: error.to_string() };
        let mut answer = CompletionText::new(&self.tokenizer, &order.stop, order.max_tokens).map_err(broken)?;
        let (mut completion, mut theirs) = (Vec::new(), String::new());
        let mut said = Said::default();
        while answer.finish().is_none() {
            let Some(data) = events.next(deadline).await? else {
                let why = "the stream ended".into();
                return Err(UpstreamError::BrokeOff { why });
            };
            said = Chunk::read(&data)?.said(&self.vocabulary)?;
            if said.prompt.as_ref().is_some_and(|read| *read != order.prompt.ids) {
                return Err(UpstreamError::OtherPrompt);
            }
            theirs.push_str(&said.text);
            if theirs.len() > answer.text().len() + MAX_AHEAD {
                return Err(UpstreamError::OtherText);
            }
            let mut ids = std::mem::take(&mut said.ids);
            if said.end.is_some() && completion.len() + ids.len() < order.max_tokens {
                ids.extend(self.end_token(&said, &ids, (completion.len(), order.max_tokens))?);
            }
            for id in ids {
                if answer.finish().is_some() {
                    break;
                }
                let text = answer.push(id).map_err(broken)?;
                completion.push(id);
                deadline = Deadline::new("next token", self.server.options.next_token);
                // An error: the client has gone, and the task is about to end.
                let _ = pieces.send(Ok(TextPiece::Token { id, text })).await;
            }
        }
        if !is_same_text(&theirs, answer.text()) {
            return Err(UpstreamError::OtherText);
        }
        let finish = match answer.finish() {
            Some(laurel_engine::FinishReason::Length) => FinishReason::Length,
            _ => FinishReason::Stop,
        };
        let ended_by_us = finish == FinishReason::Stop && !self.ends_text(&completion);
        if !ended_by_us {
            self.settle(events, said, (&order.prompt.ids, &completion)).await;
        }
        Ok(TextPiece::Done {
            finish,
            completion,
            proof: None,
        })
    }

    fn ends_text(&self, ids: &[u32]) -> bool {
        ids.last().is_some_and(|id| self.tokenizer.eos_ids().contains(id))
    }

    /// The token that ended the text, where the server ends it and does not say with which.
    fn end_token(&self, said: &Said, ids: &[u32], (before, of): (usize, usize)) -> Result<Option<u32>, UpstreamError> {
        if self.ends_text(ids) {
            return Ok(None);
        }
        match (said.end, self.tokenizer.eos_ids()) {
            (Some(End::Model), [only]) => Ok(Some(*only)),
            _ => Err(UpstreamError::EndedEarly {
                after: before + ids.len(),
                of,
            }),
        }
    }

    /// Compares the server's counts with ours, as far as it gives them soon.
    async fn settle(&self, mut events: Events, mut last: Said, (prompt, completion): (&[u32], &[u32])) {
        let deadline = Deadline::new("count", COUNT.min(self.server.options.next_token));
        let mut more = 0;
        while last.usage.is_none() {
            let Ok(Some(data)) = events.next(deadline).await else {
                break;
            };
            let Ok(said) = Chunk::read(&data).and_then(|chunk| chunk.said(&self.vocabulary)) else {
                break;
            };
            more += said.ids.len();
            last = said;
        }
        let usage = last.usage;
        self.server
            .compare("prompt", usage.and_then(|usage| usage.prompt_tokens), prompt.len());
        let theirs = usage.and_then(|usage| usage.completion_tokens);
        // Servers differ in whether the end token counts.
        let without_end = self.ends_text(completion)
            && theirs.is_some_and(|theirs| theirs.saturating_add(1) == completion.len() as u64);
        let theirs = theirs.filter(|_| !without_end);
        self.server.compare("completion", theirs, completion.len());
        if more > 0 {
            self.server.compare("more than asked for", Some(more as u64), 0);
        }
    }
}

fn read_prompt(tokenizer: &TextTokenizer, prompt: TextPrompt) -> Result<Prompt, EngineError> {
    let ids = prompt.ids(tokenizer)?;
    let text = match prompt {
        TextPrompt::Text(text) => text,
        TextPrompt::Tokens(_) => tokenizer.decode(&ids)?,
        TextPrompt::Chat(messages) => tokenizer.apply_chat_template(&messages)?,
    };
    Ok(Prompt { ids, text })
}

/// Whether the server's text begins with ours. Servers differ in the space before the first word, in how they write a broken character, and
/// go on after a stop string.
fn is_same_text(theirs: &str, ours: &str) -> bool {
    let plain = |text: &str| text.trim_start().replace('\u{FFFD}', "");
    plain(theirs).starts_with(plain(ours).trim_end())
}

#[async_trait]
impl Watched for UpstreamText {
    fn server(&self) -> &Server {
        &self.server
    }

    /// One token.
    async fn try_out(&self) -> Result<(), UpstreamError> {
        let prompt = read_prompt(&self.tokenizer, TextPrompt::Text("The".into()));
        let prompt = prompt.map_err(|error| UpstreamError::Malformed { why: error.to_string() })?;
        if !self.server_reads(&prompt).await? {
            return Err(UpstreamError::OtherPrompt);
        }
        let order = Order {
            prompt,
            max_tokens: 1,
            stop: Vec::new(),
        };
        let asked = self.ask(&order).await?;
        // One token and no more: nobody need take it out.
        let (pieces, _kept) = mpsc::channel(PIECES);
        self.write(&order, asked, &pieces).await.map(drop)
    }
}

/// Behind an `Arc`, because the task that writes an answer outlives the call that begins it.
#[async_trait]
impl TextBackend for Arc<UpstreamText> {
    async fn generate(&self, job: TextJob) -> Result<Generation, RequestError> {
        let order = self.order(job).await?;
        let permit = self.server.admit()?;
        let reads = self.server_reads(&order.prompt).await;
        if !reads.map_err(|error| self.server.failed(&error))? {
            let why = "the server behind this miner reads it as other tokens".into();
            return Err(RequestError::InvalidInput { why });
        }
        let asked = self.ask(&order).await.map_err(|error| self.server.failed(&error))?;
        let (pieces, taken) = mpsc::channel(PIECES);
        let prompt = order.prompt.ids.clone();
        let backend = self.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let last = tokio::select! {
                // The client has gone: the question to the server is dropped with its connection.
                () = pieces.closed() => return,
                written = backend.write(&order, asked, &pieces) => written,
            };
            let last = match last {
                Ok(done) => {
                    backend.server.is_well();
                    Ok(done)
                }
                Err(error) => Err(backend.server.failed(&error)),
            };
            // As above.
            let _ = pieces.send(last).await;
        });
        let pieces = stream::unfold(taken, |mut taken| async move { Some((taken.recv().await?, taken)) });
        Ok(Generation {
            prompt,
            pieces: pieces.boxed(),
        })
    }

    /// The API of these servers has no states.
    fn can_prove(&self) -> bool {
        false
    }

    fn queue_depth(&self) -> usize {
        self.server.in_work()
    }

    fn trouble(&self) -> Option<&'static str> {
        self.server.trouble()
    }
}
