//! `/v1/completions` and `/v1/chat/completions`, whole or streamed.
use super::outcome::{count_tokens, Outcome, Route};
use crate::{
    app::{Service, Shared},
    front_door::now_ms,
    metrics as names, stream, Backend, Generation, TextJob, TextPiece, TextPrompt, Visitor,
};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
    Json,
};
use futures::StreamExt;
use laurel_protocol::{
    openai::{
        ChatChoice, ChatChunk, ChatChunkChoice, ChatDelta, ChatMessage, ChatRequest, ChatResponse, CompletionChoice,
        CompletionRequest, CompletionResponse, FinishReason, SinglePrompt, TextExtension, TextParameters, Usage,
    },
    output_hash_text, proof_hash, Admitted, RequestError, Work, RECEIPT_HEADER,
};
use laurel_types::ModelRoot;
use metrics::gauge;
use serde_json::Value;
use std::sync::Arc;

/// Which of the two APIs is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Completion,
    Chat,
}

/// A request in either dialect.
struct Asked {
    service: Arc<Service>,
    prompt: TextPrompt,
    parameters: TextParameters,
    is_streamed: bool,
    with_usage: bool,
}

/// What every piece of an answer repeats, and the receipt.
#[derive(Clone, Debug)]
pub(crate) struct Masthead {
    dialect: Dialect,
    id: String,
    created: u64,
    model: String,
    root: ModelRoot,
}

/// One piece of an answer, whole or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    pub text: String,
    pub finish: Option<FinishReason>,
    pub extension: Option<TextExtension>,
    pub is_first: bool,
}

pub(super) async fn serve(shared: Arc<Shared>, dialect: Dialect, request: Request) -> Response {
    let route = match dialect {
        Dialect::Completion => Route::Completions,
        Dialect::Chat => Route::Chat,
    };
    let mut outcome = Outcome::begin(route, &shared);
    let visitor = match super::admit(&shared, request, &mut outcome).await {
        Ok(visitor) => visitor,
        Err(error) => return outcome.finish(Err(error)),
    };
    match begin(&shared, dialect, &visitor.request).await {
        Err(error) => outcome.finish(Err(error)),
        Ok((asked, generation)) => {
            let masthead = Masthead::new(dialect, &asked.service, &visitor.request);
            if asked.is_streamed {
                return stream::respond(shared, visitor, masthead, generation, (asked.with_usage, outcome));
            }
            let answer = collect(&shared, &visitor, &masthead, generation).await;
            outcome.finish(answer)
        }
    }
}

/// Reads the body and hands the job to the model.
async fn begin(shared: &Shared, dialect: Dialect, request: &Admitted) -> Result<(Asked, Generation), RequestError> {
    let asked = match dialect {
        Dialect::Completion => completion(shared, request.json()?)?,
        Dialect::Chat => chat(shared, request.json()?)?,
    };
    let Backend::Text(backend) = &asked.service.backend else {
        return Err(RequestError::WrongKind {
            ours: asked.service.backend.what(),
        });
    };
    let proof = shared.membership.borrow().activation_proofs;
    if proof && !backend.can_prove() {
        return Err(RequestError::ModelUnavailable {
            why: "its subnet asks for activation proofs, which the server behind it cannot make",
        });
    }
    let job = TextJob::new(request, asked.prompt.clone(), asked.parameters.clone(), proof);
    gauge!(names::QUEUE).set(backend.queue_depth() as f64);
    let generation = backend.generate(job).await?;
    Ok((asked, generation))
}

fn completion(shared: &Shared, request: CompletionRequest) -> Result<Asked, RequestError> {
    let service = shared.service(request.model.as_deref())?;
    let parameters = request.parameters()?;
    let prompt = match request.prompt.single()? {
        SinglePrompt::Text(text) => TextPrompt::Text(text),
        SinglePrompt::Tokens(ids) => TextPrompt::Tokens(ids),
    };
    let with_usage = request.stream_options.is_some_and(|options| options.include_usage);
    Ok(Asked {
        service,
        prompt,
        parameters,
        is_streamed: request.stream,
        with_usage,
    })
}

fn chat(shared: &Shared, request: ChatRequest) -> Result<Asked, RequestError> {
    let service = shared.service(request.model.as_deref())?;
    let parameters = request.parameters()?;
    let messages = request.messages.into_iter().map(|message| laurel_engine::ChatMessage {
        content: message.content.to_text(),
        role: message.role,
    });
    let with_usage = request.stream_options.is_some_and(|options| options.include_usage);
    Ok(Asked {
        service,
        prompt: TextPrompt::Chat(messages.collect()),
        parameters,
        is_streamed: request.stream,
        with_usage,
    })
}

/// Waits for the whole text.
async fn collect(
    shared: &Shared,
    visitor: &Visitor,
    masthead: &Masthead,
    mut generation: Generation,
) -> Result<Response, RequestError> {
    let mut text = String::new();
    let (finish, completion, proof) = loop {
        match generation.pieces.next().await {
            Some(Ok(TextPiece::Token { text: more, .. })) => text.push_str(&more),
            Some(Ok(TextPiece::Done {
                finish,
                completion,
                proof,
            })) => break (finish, completion, proof),
            Some(Err(error)) => return Err(error),
            None => return Err(RequestError::Internal),
        }
    };
    let work = work_of(masthead, visitor, &generation.prompt, (&completion, proof.as_deref()));
    let extension = TextExtension {
        token_ids: completion,
        prompt_token_ids: Some(generation.prompt),
        activation_proof: proof,
    };
    let piece = Piece {
        text,
        finish: Some(finish),
        extension: Some(extension),
        is_first: true,
    };
    let body = masthead.whole(piece, Usage::new(work.prompt_tokens, work.completion_tokens));
    Ok(([(RECEIPT_HEADER, shared.receipt(&visitor.request, &work))], Json(body)).into_response())
}

/// What the receipt of a text says. Also counts its tokens.
pub(crate) fn work_of(
    masthead: &Masthead,
    visitor: &Visitor,
    prompt: &[u32],
    (completion, proof): (&[u32], Option<&[u8]>),
) -> Work {
    let work = Work {
        model: masthead.root,
        output_hash: output_hash_text(completion),
        proof_hash: proof.map(proof_hash),
        // A context of 2³² tokens does not exist.
        prompt_tokens: prompt.len() as u32,
        completion_tokens: completion.len() as u32,
        received_ms: visitor.received_ms,
        completed_ms: now_ms(),
    };
    count_tokens(work.prompt_tokens, work.completion_tokens);
    work
}

impl Masthead {
    fn new(dialect: Dialect, service: &Service, request: &Admitted) -> Self {
        let prefix = match dialect {
            Dialect::Completion => "cmpl",
            Dialect::Chat => "chatcmpl",
        };
        Self {
            dialect,
            id: format!("{prefix}-{}", hex::encode(&request.envelope().request_hash()[..16])),
            created: now_ms() / 1_000,
            model: service.name.clone(),
            root: service.root,
        }
    }

    /// The answer in one piece.
    fn whole(&self, piece: Piece, usage: Usage) -> Value {
        match self.dialect {
            Dialect::Completion => json_of(self.completion(Some(piece), Some(usage))),
            Dialect::Chat => json_of(ChatResponse {
                id: self.id.clone(),
                object: "chat.completion".into(),
                created: self.created,
                model: self.model.clone(),
                choices: vec![ChatChoice {
                    index: 0,
                    message: ChatMessage::new("assistant", piece.text),
                    finish_reason: piece.finish,
                }],
                usage,
                laurel: piece.extension,
            }),
        }
    }

    /// The next piece of a streamed answer.
    pub(crate) fn chunk(&self, piece: Piece) -> Value {
        match self.dialect {
            Dialect::Completion => json_of(self.completion(Some(piece), None)),
            Dialect::Chat => json_of(self.chat_chunk(Some(piece), None)),
        }
    }

    /// The last piece of a streamed answer, if it was asked for: only the usage.
    pub(crate) fn usage_chunk(&self, usage: Usage) -> Value {
        match self.dialect {
            Dialect::Completion => json_of(self.completion(None, Some(usage))),
            Dialect::Chat => json_of(self.chat_chunk(None, Some(usage))),
        }
    }

    fn completion(&self, piece: Option<Piece>, usage: Option<Usage>) -> CompletionResponse {
        let (choices, laurel) = piece.map_or((vec![], None), |piece| {
            let choice = CompletionChoice {
                index: 0,
                text: piece.text,
                finish_reason: piece.finish,
            };
            (vec![choice], piece.extension)
        });
        CompletionResponse {
            id: self.id.clone(),
            object: "text_completion".into(),
            created: self.created,
            model: self.model.clone(),
            choices,
            usage,
            laurel,
        }
    }

    fn chat_chunk(&self, piece: Option<Piece>, usage: Option<Usage>) -> ChatChunk {
        let (choices, laurel) = piece.map_or((vec![], None), |piece| {
            let delta = ChatDelta {
                role: piece.is_first.then(|| "assistant".to_owned()),
                content: (!piece.text.is_empty()).then_some(piece.text),
            };
            (
                vec![ChatChunkChoice {
                    index: 0,
                    delta,
                    finish_reason: piece.finish,
                }],
                piece.extension,
            )
        });
        ChatChunk {
            id: self.id.clone(),
            object: "chat.completion.chunk".into(),
            created: self.created,
            model: self.model.clone(),
            choices,
            usage,
            laurel,
        }
    }
}

fn json_of<T: serde::Serialize>(body: T) -> Value {
    serde_json::to_value(body).expect("strings, numbers and lists are JSON; qed")
}
