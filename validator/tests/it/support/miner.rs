//! What miners do, over HTTP.
use super::{
    models::{count, embed, HashSpeaker},
    GENESIS, MODEL, NETUID,
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{header::CONTENT_TYPE, HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
    Router,
};
use futures::{stream, StreamExt};
use laurel_engine::FinishReason;
use laurel_protocol::{
    openai::{self, Embedding, EmbeddingRequest, EmbeddingResponse, EmbeddingVector, Usage},
    output_hash_embeddings, output_hash_text, Envelope, Expected, Hash, Hotkey, Receipt, SignedRequest, Target,
    Work as Done, RECEIPT_HEADER,
};
use laurel_types::{AxonAddress, ModelRoot};
use laurel_validator::work::{Answer, ChecksText, Dialect, TextQuestion};
use serde_json::{json, Value};
use std::{io, time::Duration};
use subxt_signer::sr25519::{dev, Keypair};
use tokio::net::TcpListener;

/// What a miner does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    Honest,
    /// Never answers.
    Late,
    /// Answers without a receipt.
    Unsigned,
    /// Signs with a key that is not its hotkey.
    SignedByAnother,
    /// Signs for another answer than it sends.
    Mismatched,
    /// Signs that it ran another model.
    WrongModel,
    /// Signs that it read more tokens than it did.
    CountsTooMuch,
    /// Says in the answer that it read more tokens than it signs.
    Contradicts,
    /// Gives answers that are not the model's.
    Wrong,
    /// Gives every item the first item's answer.
    Copies,
    /// Leaves the end of the answer out.
    Truncates,
    /// Says that its queue is full.
    Busy,
    /// Refuses.
    Refuses,
    /// Sends something else.
    Garbage,
    /// Streams half an answer, then nothing.
    Stalls,
    /// Streams half an answer, then breaks the connection.
    Dies,
    /// Streams half an answer, then an error.
    Fails,
    /// Streams half an answer and ends.
    Stops,
    /// Streams what is no UTF-8.
    NotText,
    /// Streams an event that does not end.
    Endless,
    /// Streams on behind its receipt.
    GoesOn,
    /// Leaves the stream open behind its receipt.
    StaysOpen,
}

pub fn miner_key() -> Keypair {
    dev::bob()
}

/// Starts a miner; returns where it serves.
pub async fn serve(conduct: Conduct) -> AxonAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Router::new()
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/completions", post(text))
        .route("/v1/chat/completions", post(text))
        .with_state(conduct);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address.into()
}

/// What every honest miner checks first.
fn envelope(headers: &HeaderMap, path: &str, body: &Bytes) -> Envelope {
    let now_ms = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64;
    let expected = Expected {
        genesis: GENESIS,
        netuid: NETUID,
        receiver: Hotkey::of(&miner_key()),
        now_ms,
        max_lifetime_ms: 60_000,
    };
    let target = Target { method: "POST", path };
    let verified =
        SignedRequest::verify(headers, target, body.clone(), &expected).expect("the validator signs properly");
    assert_eq!(verified.envelope().sender, Hotkey::of(&dev::alice()));
    verified.envelope().clone()
}

/// Faults that have nothing to do with the kind of work.
async fn refusal(conduct: Conduct) -> Option<Response> {
    match conduct {
        Conduct::Late => std::future::pending().await,
        Conduct::Busy => Some((StatusCode::TOO_MANY_REQUESTS, "the queue is full").into_response()),
        Conduct::Refuses => Some((StatusCode::FORBIDDEN, "go away").into_response()),
        Conduct::Garbage => Some("once upon a time".into_response()),
        _ => None,
    }
}

fn receipt(conduct: Conduct, envelope: &Envelope, output_hash: Hash, (read, written): (u32, u32)) -> Option<String> {
    let model = match conduct {
        Conduct::WrongModel => ModelRoot([8; 32]),
        _ => MODEL,
    };
    let key = match conduct {
        Conduct::SignedByAnother => dev::eve(),
        _ => miner_key(),
    };
    let done = Done {
        model,
        output_hash: if conduct == Conduct::Mismatched {
            [0; 32]
        } else {
            output_hash
        },
        proof_hash: None,
        prompt_tokens: read + u32::from(conduct == Conduct::CountsTooMuch),
        completion_tokens: written,
        received_ms: 1_000,
        completed_ms: 1_001,
    };
    (conduct != Conduct::Unsigned).then(|| Receipt::new(envelope, &done).sign(&key).to_text())
}

fn whole(json: &Value, receipt: Option<String>) -> Response {
    let json = ([(CONTENT_TYPE, "application/json")], json.to_string());
    match receipt {
        Some(receipt) => ([(RECEIPT_HEADER, receipt)], json).into_response(),
        None => json.into_response(),
    }
}

async fn embeddings(State(conduct): State<Conduct>, headers: HeaderMap, body: Bytes) -> Response {
    let envelope = envelope(&headers, "/v1/embeddings", &body);
    if let Some(response) = refusal(conduct).await {
        return response;
    }
    let request: EmbeddingRequest = serde_json::from_slice(&body).unwrap();
    let format = request.encoding_format;
    let inputs = request.inputs().unwrap();
    let mut vectors: Vec<Vec<f32>> = inputs.iter().map(|input| embed(input)).collect();
    match conduct {
        Conduct::Wrong => vectors = inputs.iter().map(|input| embed(&format!("{input}?"))).collect(),
        Conduct::Copies => vectors = vec![vectors[0].clone(); inputs.len()],
        Conduct::Truncates => drop(vectors.pop()),
        _ => {}
    }
    let output_hash = output_hash_embeddings(&vectors);
    let read = inputs.iter().map(|input| count(input) as u32).sum();
    let data = vectors.into_iter().enumerate().map(|(index, vector)| Embedding {
        object: "embedding".into(),
        index: index as u32,
        embedding: EmbeddingVector::encode(vector, format),
    });
    let response = EmbeddingResponse {
        object: "list".into(),
        data: data.collect(),
        model: "hash".into(),
        usage: Usage::new(read + u32::from(conduct == Conduct::Contradicts), 0),
    };
    let receipt = receipt(conduct, &envelope, output_hash, (read, 0));
    whole(&serde_json::to_value(response).unwrap(), receipt)
}

/// A text that a model wrote, as its miner sends it.
#[derive(Clone, Debug)]
pub struct Spoken {
    pub prompt: Vec<u32>,
    pub tokens: Vec<u32>,
    /// What each token adds to the text.
    pub pieces: Vec<String>,
    pub finish: FinishReason,
    /// What the answer says it read and wrote.
    pub usage: Usage,
}

impl Spoken {
    fn finish(&self) -> openai::FinishReason {
        match self.finish {
            FinishReason::Stop => openai::FinishReason::Stop,
            FinishReason::Length => openai::FinishReason::Length,
        }
    }

    /// In one piece.
    pub fn whole(&self, dialect: Dialect) -> Value {
        let (text, finish) = (self.pieces.concat(), self.finish());
        let choice = match dialect {
            Dialect::Completion => json!({ "index": 0, "text": text, "finish_reason": finish }),
            Dialect::Chat => {
                json!({ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": finish })
            }
        };
        json!({
            "id": "cmpl-1", "object": "text_completion", "created": 1, "model": "hash", "choices": [choice],
            "usage": self.usage, "laurel": { "token_ids": self.tokens, "prompt_token_ids": self.prompt },
        })
    }

    /// Token by token, without receipt.
    pub fn events(&self, dialect: Dialect, with_usage: bool) -> Vec<String> {
        let chunk = |choices: Value, laurel: Value, usage: Value| {
            let chunk = json!({
                "id": "cmpl-1", "object": "chunk", "created": 1, "model": "hash", "choices": choices,
                "laurel": laurel, "usage": usage,
            });
            format!("data: {chunk}\n\n")
        };
        let piece = |text: &str, finish: Value| match dialect {
            Dialect::Completion => json!([{ "index": 0, "text": text, "finish_reason": finish }]),
            Dialect::Chat => json!([{ "index": 0, "delta": { "content": text }, "finish_reason": finish }]),
        };
        let mut events = Vec::new();
        for (at, (token, text)) in self.tokens.iter().zip(&self.pieces).enumerate() {
            let mut laurel = json!({ "token_ids": [token] });
            if at == 0 {
                laurel["prompt_token_ids"] = json!(self.prompt);
            }
            events.push(chunk(piece(text, Value::Null), laurel, Value::Null));
        }
        events.push(chunk(
            piece("", json!(self.finish())),
            json!({ "token_ids": [] }),
            Value::Null,
        ));
        if with_usage {
            events.push(chunk(json!([]), Value::Null, json!(self.usage)));
        }
        events.push("data: [DONE]\n\n".into());
        events
    }
}

/// The answer that the validator has when an honest miner said this.
pub fn answer_of(envelope: &Envelope, question: &TextQuestion, spoken: &Spoken) -> Answer {
    let counts = (spoken.prompt.len() as u32, spoken.tokens.len() as u32);
    let receipt = receipt(Conduct::Honest, envelope, output_hash_text(&spoken.tokens), counts);
    let body = if question.is_streamed {
        let receipt = receipt.clone().unwrap();
        let events = spoken.events(question.dialect, question.with_usage).concat();
        format!("{events}event: laurel-receipt\ndata: {receipt}\n\n")
    } else {
        spoken.whole(question.dialect).to_string()
    };
    Answer {
        envelope: envelope.clone(),
        receipt,
        body: body.into(),
        is_streamed: question.is_streamed,
        first_ms: 1,
        latency_ms: 2,
        deadline_ms: 1_000,
    }
}

async fn text(State(conduct): State<Conduct>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let envelope = envelope(&headers, uri.path(), &body);
    if let Some(response) = refusal(conduct).await {
        return response;
    }
    let question = TextQuestion::read(uri.path(), &body).unwrap();
    let spoken = speak(conduct, &question, &envelope);
    let counts = (spoken.prompt.len() as u32, spoken.tokens.len() as u32);
    let receipt = receipt(conduct, &envelope, output_hash_text(&spoken.tokens), counts);
    if !question.is_streamed {
        return whole(&spoken.whole(question.dialect), receipt);
    }
    let mut events = spoken.events(question.dialect, question.with_usage);
    events.extend(receipt.map(|receipt| format!("event: laurel-receipt\ndata: {receipt}\n\n")));
    stream_out(conduct, events)
}

fn speak(conduct: Conduct, question: &TextQuestion, envelope: &Envelope) -> Spoken {
    let prompt = HashSpeaker.ids(&question.prompt).unwrap();
    let (stop, key) = (&question.parameters.stop, envelope.sampler_key());
    let limit = HashSpeaker
        .admit(&prompt, question.parameters.max_tokens, stop)
        .unwrap();
    let (mut tokens, finish) = HashSpeaker::speak(&key, limit, stop);
    match conduct {
        Conduct::Wrong => tokens = HashSpeaker::speak(&[0; 32], limit, &[]).0,
        Conduct::Copies => tokens = vec![tokens[0]; tokens.len()],
        Conduct::Truncates => tokens.truncate(tokens.len() / 2),
        _ => {}
    }
    let (_, text) = HashSpeaker.read(&tokens, limit, stop).unwrap();
    let mut letters = text.chars();
    Spoken {
        pieces: tokens
            .iter()
            .map(|_| letters.next().map(String::from).unwrap_or_default())
            .collect(),
        usage: Usage::new(
            prompt.len() as u32 + u32::from(conduct == Conduct::Contradicts),
            tokens.len() as u32,
        ),
        prompt,
        tokens,
        finish,
    }
}

/// Sends events, some kinds of miners only half of them.
fn stream_out(conduct: Conduct, mut events: Vec<String>) -> Response {
    const ERROR: &str = r#"{"error":{"message":"x","type":"server_error","code":"overloaded"}}"#;
    let half = events.len() / 2;
    let mut end: Vec<Result<Vec<u8>, io::Error>> = Vec::new();
    match conduct {
        Conduct::Stalls | Conduct::Stops => events.truncate(half),
        Conduct::Dies => {
            events.truncate(half);
            end.push(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Conduct::Fails => {
            events.truncate(half);
            end.push(Ok(format!("data: {ERROR}\n\n").into()));
        }
        Conduct::NotText => {
            events.truncate(half);
            end.push(Ok(b"data: \xff\xfe\n\n".to_vec()));
        }
        Conduct::Endless => {
            events.truncate(half);
            end.extend((0..2_000).map(|_| Ok(vec![b'x'; 1_024])));
        }
        Conduct::GoesOn => end.push(Ok(b"data: {}\n\n".to_vec())),
        _ => {}
    }
    let rest = stream::iter(end);
    let pieces = stream::iter(events).map(|event| Ok(event.into_bytes())).chain(rest);
    // The answer begins before it breaks.
    let pieces = pieces.then(|piece| async {
        if piece.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        piece
    });
    let body = match conduct {
        Conduct::Stalls | Conduct::StaysOpen => Body::from_stream(pieces.chain(stream::pending())),
        _ => Body::from_stream(pieces),
    };
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}
