//! A server for `--engine openai` that behaves as the test says.
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
    Json, Router,
};
use futures::{stream, Stream, StreamExt};
use laurel_miner::UpstreamOptions;
use serde_json::{json, Value};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Runtime, sync::watch};

/// How the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// vLLM, with ids of their own.
    Vllm,
    /// vLLM before that, with ids in place of the tokens' texts.
    OlderVllm,
    /// llama.cpp's own server.
    LlamaServer,
    /// llama-cpp-python: prompts as text, tokens as text.
    LlamaPython,
    /// TGI's own API.
    Tgi,
    /// A server that writes texts only.
    TextOnly,
}

/// What it does with a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Honest,
    /// Writes one token, then 39, which ends a text.
    EndsText,
    /// The same, and does not show the token that ends it.
    EndsTextSilently,
    NeverBegins,
    StallsAfterOne,
    /// Goes on for ever.
    Endless,
    DiesAfterOne,
    ClosesAfterOne,
    BrokenUtf8,
    BrokenJson,
    LongLine,
    TextWithoutIds,
    Fails,
    ReportsError,
    /// Says that it has reached the limit, after two tokens.
    StopsShort,
    OtherText,
    Miscounts,
    /// Says that it read another prompt.
    OtherPrompt,
    UnknownToken,
}

pub struct Upstream {
    pub dialect: Dialect,
    pub manner: Mutex<Manner>,
    /// Bodies of the completions asked for.
    pub asked: Mutex<Vec<Value>>,
    /// Whether it makes the same tokens of a text.
    pub reads_well: Mutex<bool>,
    /// Answers on their way.
    pub open: watch::Sender<usize>,
    pub address: SocketAddr,
    /// A runtime of its own, so that its connections end with it.
    runtime: Mutex<Option<Runtime>>,
}

impl Upstream {
    pub fn start(dialect: Dialect) -> Arc<Self> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Arc::new(Self {
            dialect,
            manner: Mutex::new(Manner::Honest),
            asked: Mutex::default(),
            reads_well: Mutex::new(true),
            open: watch::Sender::new(0),
            address: listener.local_addr().unwrap(),
            runtime: Mutex::new(None),
        });
        server.serve(listener);
        server
    }

    fn serve(self: &Arc<Self>, listener: std::net::TcpListener) {
        let router = Router::new()
            .route("/health", get(|| async { "{}" }))
            .route(
                "/v1/models",
                get(|| async { Json(json!({"data": [{"id": "served"}]})) }),
            )
            .route("/v1/completions", post(completions))
            .route("/v1/embeddings", post(embeddings))
            .route("/generate_stream", post(generate))
            .route("/tokenize", post(tokenize))
            .route("/extras/tokenize", post(tokenize))
            .with_state(self.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        listener.set_nonblocking(true).unwrap();
        runtime.spawn(async {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        *self.runtime.lock().unwrap() = Some(runtime);
    }

    /// Goes away, with all its connections.
    pub async fn fall(&self) {
        let runtime = self.runtime.lock().unwrap().take().unwrap();
        let ended = tokio::task::spawn_blocking(|| runtime.shutdown_timeout(Duration::from_secs(5)));
        ended.await.unwrap();
    }

    /// Comes back where it was.
    pub fn rise(self: &Arc<Self>) {
        self.serve(std::net::TcpListener::bind(self.address).unwrap());
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// Waits until so many answers are on their way.
    pub async fn until_open(&self, count: usize) {
        self.open.subscribe().wait_for(|open| *open == count).await.unwrap();
    }

    pub fn options(&self) -> UpstreamOptions {
        UpstreamOptions {
            url: format!("http://{}/v1", self.address),
            model: None,
            key_file: None,
            first_token: Duration::from_millis(1_500),
            next_token: Duration::from_millis(1_500),
            watch: Duration::from_secs(3_600),
            requests: 8,
        }
    }

    /// The event of one token.
    fn token(&self, id: u64, text: &str) -> Value {
        let choice = match self.dialect {
            Dialect::Vllm => json!({"index": 0, "text": text, "token_ids": [id]}),
            Dialect::OlderVllm => {
                json!({"index": 0, "text": text, "logprobs": {"tokens": [format!("token_id:{id}")]}})
            }
            Dialect::LlamaServer => {
                json!({"text": text, "logprobs": {"content": [{"id": id, "token": text, "bytes": text.as_bytes()}]}})
            }
            Dialect::LlamaPython => json!({"text": text, "logprobs": {"tokens": [text], "text_offset": [7]}}),
            Dialect::TextOnly => json!({"text": text, "logprobs": null}),
            Dialect::Tgi => return json!({"token": {"id": id, "text": text, "special": false}, "details": null}),
        };
        json!({"choices": [choice], "usage": null})
    }

    /// The events at the end, and the counts in them.
    fn end(&self, reason: &str, (prompt, completion): (usize, usize)) -> Vec<Value> {
        match self.dialect {
            Dialect::Tgi => {
                let reason = if reason == "stop" { "eos_token" } else { reason };
                vec![json!({"details": {"finish_reason": reason, "generated_tokens": completion}})]
            }
            _ => vec![
                json!({"choices": [{"text": "", "logprobs": null, "finish_reason": reason}]}),
                json!({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}),
            ],
        }
    }

    /// An answer to a prompt of these ids. After the prompt's last token come the ones that follow it in the vocabulary.
    fn answer(self: Arc<Self>, prompt: &[u64], max_tokens: usize) -> Response {
        let manner = *self.manner.lock().unwrap();
        let from = prompt.last().copied().unwrap_or(0);
        let ids: Vec<u64> = (1..=max_tokens as u64).map(|step| (from + step) % 38).collect();
        let token = |id: u64| self.token(id, &format!(" w{id}"));
        let mut events: Vec<Value> = ids.iter().map(|id| token(*id)).collect();
        let mut end = self.end("length", (prompt.len(), max_tokens));
        let line = |event: &Value| Bytes::from(format!("data: {event}\n\n"));
        let mut after = None;
        match manner {
            Manner::Fails => return (StatusCode::INTERNAL_SERVER_ERROR, "secret trouble").into_response(),
            Manner::Honest => {}
            Manner::EndsText => {
                events.truncate(1);
                events.push(self.token(39, ""));
                end = self.end("stop", (prompt.len(), 2));
            }
            Manner::EndsTextSilently => {
                events.truncate(1);
                end = self.end("stop", (prompt.len(), 1));
            }
            Manner::NeverBegins => events.clear(),
            Manner::StallsAfterOne | Manner::DiesAfterOne | Manner::ClosesAfterOne => events.truncate(1),
            Manner::Endless => {
                let more = stream::repeat_with({
                    let event = line(&events[0]);
                    move || Ok(event.clone())
                });
                return self.respond(more.then(|event| async move {
                    tokio::task::yield_now().await;
                    event
                }));
            }
            Manner::BrokenUtf8 => after = Some(Bytes::from_static(b"data: \xff\xfe\n\n")),
            Manner::BrokenJson => after = Some(Bytes::from_static(b"data: {\"choices\": [\n\n")),
            Manner::LongLine => after = Some(Bytes::from(vec![b'x'; 300_000])),
            Manner::TextWithoutIds => after = Some(line(&json!({"choices": [{"text": " w1"}]}))),
            Manner::ReportsError => after = Some(line(&json!({"error": {"message": "out of memory"}}))),
            Manner::StopsShort => events.truncate(2),
            Manner::OtherText => events[0] = self.token(ids[0], " something else"),
            Manner::Miscounts => end = self.end("length", (prompt.len() + 7, max_tokens + 9)),
            Manner::OtherPrompt => events[0]["choices"][0]["prompt_token_ids"] = json!([1, 2, 3]),
            Manner::UnknownToken => after = Some(line(&self.token(0, "w1w2"))),
        }
        if after.is_some() {
            events.truncate(1);
        }
        let mut bytes: Vec<std::io::Result<Bytes>> = events.iter().map(|event| Ok(line(event))).collect();
        bytes.insert(0, Ok(Bytes::from_static(b": a comment\r\n\r\n")));
        bytes.extend(after.map(Ok));
        match manner {
            Manner::NeverBegins | Manner::StallsAfterOne => {
                return self.respond(stream::iter(bytes).chain(stream::pending()));
            }
            Manner::DiesAfterOne => bytes.push(Err(std::io::Error::other("dead"))),
            Manner::ClosesAfterOne => {}
            _ => {
                bytes.extend(end.iter().map(|event| Ok(line(event))));
                bytes.push(Ok(Bytes::from_static(b"data: [DONE]\n\n")));
            }
        }
        // One at a time, so that what comes before an error is seen.
        self.respond(stream::iter(bytes).then(|piece| async move {
            tokio::task::yield_now().await;
            piece
        }))
    }

    fn respond(&self, bytes: impl Stream<Item = std::io::Result<Bytes>> + Send + 'static) -> Response {
        struct Open(watch::Sender<usize>);
        impl Drop for Open {
            fn drop(&mut self) {
                self.0.send_modify(|open| *open -= 1);
            }
        }
        self.open.send_modify(|open| *open += 1);
        let open = Open(self.open.clone());
        let counted = bytes.map(move |piece| {
            let _ = &open;
            piece
        });
        ([("content-type", "text/event-stream")], Body::from_stream(counted)).into_response()
    }
}

/// Ids of a text of the test's vocabulary.
fn ids(text: &str) -> Vec<u64> {
    text.split_whitespace()
        .map(|word| word.trim_start_matches('w').parse().unwrap_or(0))
        .collect()
}

async fn completions(State(server): State<Arc<Upstream>>, Json(body): Json<Value>) -> Response {
    let unprocessable = |why: &str| (StatusCode::UNPROCESSABLE_ENTITY, why.to_owned()).into_response();
    let takes_text = matches!(server.dialect, Dialect::LlamaPython | Dialect::TextOnly);
    let prompt = match (&body["prompt"], takes_text) {
        (Value::Array(ids), false) => ids.iter().map(|id| id.as_u64().unwrap()).collect(),
        (Value::String(text), true) => ids(text),
        _ => return unprocessable("the prompt has another type"),
    };
    if server.dialect == Dialect::Tgi {
        return unprocessable("not this way");
    }
    assert_eq!(
        (&body["stream"], &body["temperature"], &body["model"]),
        (&json!(true), &json!(0), &json!("served"))
    );
    let max_tokens = body["max_tokens"].as_u64().unwrap() as usize;
    server.asked.lock().unwrap().push(body);
    server.answer(&prompt, max_tokens)
}

async fn generate(State(server): State<Arc<Upstream>>, Json(body): Json<Value>) -> Response {
    if server.dialect != Dialect::Tgi {
        return StatusCode::NOT_FOUND.into_response();
    }
    assert_eq!(body["parameters"]["do_sample"], false);
    let max_tokens = body["parameters"]["max_new_tokens"].as_u64().unwrap() as usize;
    let prompt = ids(body["inputs"].as_str().unwrap());
    server.asked.lock().unwrap().push(body);
    server.answer(&prompt, max_tokens)
}

async fn tokenize(State(server): State<Arc<Upstream>>, Json(body): Json<Value>) -> Response {
    let mut ids = ids(body.get("input").or(body.get("inputs")).unwrap().as_str().unwrap());
    if !*server.reads_well.lock().unwrap() {
        ids.push(1);
    }
    match server.dialect {
        Dialect::LlamaPython | Dialect::TextOnly => Json(json!({"tokens": ids})).into_response(),
        _ => Json(ids.iter().map(|id| json!({"id": id, "text": ""})).collect::<Vec<_>>()).into_response(),
    }
}

async fn embeddings(State(server): State<Arc<Upstream>>, Json(body): Json<Value>) -> Response {
    let inputs = body["input"].as_array().unwrap();
    let manner = *server.manner.lock().unwrap();
    let vector = |(index, text): (usize, &Value)| {
        let length = text.as_str().unwrap().len() as f64;
        let vector = match manner {
            Manner::StopsShort => json!([length]),
            Manner::BrokenJson => json!([length, 1e60]),
            _ => json!([length, 0.5]),
        };
        json!({"index": index, "embedding": vector})
    };
    // In another order than asked for; the numbers say which is which.
    let mut data: Vec<Value> = inputs.iter().enumerate().map(vector).rev().collect();
    match manner {
        Manner::Fails => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Manner::NeverBegins => std::future::pending().await,
        Manner::OtherText => drop(data.pop()),
        _ => {}
    }
    Json(json!({"data": data, "usage": {"prompt_tokens": 9}})).into_response()
}

impl Drop for Upstream {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.get_mut().ok().and_then(Option::take) {
            runtime.shutdown_background();
        }
    }
}
