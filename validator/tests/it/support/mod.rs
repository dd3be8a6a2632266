//! Miners of our own making, honest and not, with models that cost nothing.
use async_trait::async_trait;
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
    Router,
};
use laurel_engine::{CheckReport, Completeness, TokenCheck};
use laurel_protocol::{
    blake2b_256,
    openai::{
        CompletionChoice, CompletionRequest, CompletionResponse, Embedding, EmbeddingRequest, EmbeddingResponse,
        EmbeddingVector, EncodingFormat, FinishReason, Prompt, Sampling, TextExtension, Usage,
    },
    output_hash_embeddings, output_hash_text, Envelope, Expected, Hash, Hotkey, Receipt, Recipient, SignedRequest,
    Target, Work as Done, RECEIPT_HEADER,
};
use laurel_types::{AxonAddress, ModelRoot, NetUid};
use laurel_validator::{
    ask::Asker,
    corpus::{Corpus, Phrases},
    work::{CannotCheck, ChecksText, EmbeddingWork, Embeds, TextWork, Work},
    Judgement,
};
use std::{sync::Arc, time::Duration};
use subxt_signer::sr25519::{dev, Keypair};
use tokio::net::TcpListener;

pub const MODEL: ModelRoot = ModelRoot([7; 32]);
pub const NETUID: NetUid = NetUid(3);
pub const GENESIS: Hash = [5; 32];
/// Short, so that a late miner is late soon; honest answers take a few milliseconds.
const DEADLINE: Duration = Duration::from_millis(1_500);

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
}

/// A "model" whose vector is a function of the text.
pub struct HashEmbedder;

pub fn embed(text: &str) -> Vec<f32> {
    let digest = blake2b_256(&[text.as_bytes()]);
    let raw: Vec<f32> = digest.iter().map(|byte| f32::from(*byte) - 127.5).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    raw.iter().map(|x| x / length).collect()
}

#[async_trait]
impl Embeds for HashEmbedder {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, CannotCheck> {
        Ok(texts.iter().map(|text| embed(text)).collect())
    }

    fn count(&self, text: &str) -> Result<usize, CannotCheck> {
        Ok(text.split_whitespace().count())
    }
}

/// A "model" whose tokens are bytes and whose next token is a function of key and position; token 0 ends a text.
pub struct HashSpeaker;

fn token(key: &Hash, position: usize) -> u32 {
    u32::from(blake2b_256(&[key, &position.to_le_bytes()])[0] % 26) + 97
}

pub fn speak(key: &Hash, count: u32) -> Vec<u32> {
    (0..count as usize).map(|position| token(key, position)).collect()
}

fn text(tokens: &[u32]) -> String {
    tokens.iter().filter_map(|token| char::from_u32(*token)).collect()
}

#[async_trait]
impl ChecksText for HashSpeaker {
    fn context(&self) -> usize {
        1_000
    }

    fn encode(&self, prompt: &str) -> Result<Vec<u32>, CannotCheck> {
        Ok(prompt.bytes().map(u32::from).collect())
    }

    fn read(&self, tokens: &[u32], max_tokens: u32) -> Result<(Completeness, String), CannotCheck> {
        let limit = max_tokens as usize;
        let end = match tokens.len() {
            count if count < limit => Completeness::EndedEarly,
            count if count > limit => Completeness::RanOn { after: limit },
            _ => Completeness::Whole(laurel_engine::FinishReason::Length),
        };
        Ok((end, text(tokens)))
    }

    async fn compare(&self, _: Vec<u32>, answer: Vec<u32>, _: Sampling, key: Hash) -> Result<CheckReport, CannotCheck> {
        let verdict = |(position, claimed): (usize, u32)| {
            let expected = token(&key, position);
            let margin = if claimed == expected { 0.0 } else { 3.0 };
            TokenCheck {
                claimed,
                expected,
                margin,
            }
        };
        Ok(CheckReport {
            tokens: answer.into_iter().enumerate().map(verdict).collect(),
            windows: Vec::new(),
        })
    }
}

pub fn embedding_work() -> Arc<dyn Work> {
    embedding_work_with(MODEL)
}

pub fn embedding_work_with(model: ModelRoot) -> Arc<dyn Work> {
    Arc::new(EmbeddingWork::new(
        HashEmbedder,
        model,
        Phrases::new(Corpus::built_in(), [1; 32]),
    ))
}

pub fn text_work() -> Arc<dyn Work> {
    Arc::new(TextWork::new(
        HashSpeaker,
        MODEL,
        Phrases::new(Corpus::built_in(), [1; 32]),
    ))
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
        .route("/v1/completions", post(completions))
        .with_state(conduct);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address.into()
}

/// An address at which nobody listens.
pub async fn nobody() -> AxonAddress {
    TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .into()
}

/// Asks once and judges.
pub async fn judge(work: &dyn Work, address: AxonAddress, index: u64) -> Judgement {
    let asker = Asker::new(dev::alice(), DEADLINE).unwrap();
    let recipient = Recipient {
        genesis: GENESIS,
        netuid: NETUID,
        hotkey: Hotkey::of(&miner_key()),
    };
    let task = work.task(index).unwrap();
    match asker.ask(address, &recipient, &task).await {
        Ok(answer) => work.judge(&task, &answer).await.unwrap(),
        Err(fault) => Judgement::fault(fault),
    }
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

fn sign(conduct: Conduct, envelope: &Envelope, output_hash: Hash, json: Vec<u8>) -> Response {
    let model = if conduct == Conduct::WrongModel {
        ModelRoot([8; 32])
    } else {
        MODEL
    };
    let output_hash = if conduct == Conduct::Mismatched {
        [0; 32]
    } else {
        output_hash
    };
    let key = if conduct == Conduct::SignedByAnother {
        dev::eve()
    } else {
        miner_key()
    };
    let done = Done {
        model,
        output_hash,
        proof_hash: None,
        prompt_tokens: 1,
        completion_tokens: 1,
        received_ms: 1_000,
        completed_ms: 1_001,
    };
    let receipt = Receipt::new(envelope, &done).sign(&key).to_text();
    if conduct == Conduct::Unsigned {
        return json.into_response();
    }
    ([(RECEIPT_HEADER, receipt)], json).into_response()
}

async fn embeddings(State(conduct): State<Conduct>, headers: HeaderMap, body: Bytes) -> Response {
    let envelope = envelope(&headers, "/v1/embeddings", &body);
    if let Some(response) = refusal(conduct).await {
        return response;
    }
    let request: EmbeddingRequest = serde_json::from_slice(&body).unwrap();
    let inputs = request.inputs().unwrap();
    let mut vectors: Vec<Vec<f32>> = inputs.iter().map(|input| embed(input)).collect();
    match conduct {
        Conduct::Wrong => vectors = inputs.iter().map(|input| embed(&format!("{input}?"))).collect(),
        Conduct::Copies => vectors = vec![vectors[0].clone(); inputs.len()],
        Conduct::Truncates => vectors.truncate(1),
        _ => {}
    }
    let output_hash = output_hash_embeddings(&vectors);
    let data = vectors.into_iter().enumerate().map(|(index, vector)| Embedding {
        object: "embedding".into(),
        index: index as u32,
        embedding: EmbeddingVector::encode(vector, EncodingFormat::Base64),
    });
    let response = EmbeddingResponse {
        object: "list".into(),
        data: data.collect(),
        model: "hash".into(),
        usage: Usage::new(1, 0),
    };
    sign(conduct, &envelope, output_hash, serde_json::to_vec(&response).unwrap())
}

async fn completions(State(conduct): State<Conduct>, headers: HeaderMap, body: Bytes) -> Response {
    let envelope = envelope(&headers, "/v1/completions", &body);
    if let Some(response) = refusal(conduct).await {
        return response;
    }
    let request: CompletionRequest = serde_json::from_slice(&body).unwrap();
    let Prompt::Text(prompt) = &request.prompt else {
        panic!("the validator sends text")
    };
    assert!(prompt.split_whitespace().count() >= 6);
    let mut tokens = speak(
        &envelope.sampler_key(),
        request.parameters().unwrap().max_tokens.unwrap(),
    );
    match conduct {
        Conduct::Wrong => tokens = speak(&[0; 32], tokens.len() as u32),
        Conduct::Copies => tokens = vec![tokens[0]; tokens.len()],
        Conduct::Truncates => tokens.truncate(tokens.len() / 2),
        _ => {}
    }
    let response = CompletionResponse {
        id: "cmpl-1".into(),
        object: "text_completion".into(),
        created: 1,
        model: "hash".into(),
        choices: vec![CompletionChoice {
            index: 0,
            text: text(&tokens),
            finish_reason: Some(FinishReason::Length),
        }],
        usage: None,
        laurel: Some(TextExtension {
            token_ids: tokens.clone(),
            ..TextExtension::default()
        }),
    };
    sign(
        conduct,
        &envelope,
        output_hash_text(&tokens),
        serde_json::to_vec(&response).unwrap(),
    )
}
