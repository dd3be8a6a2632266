//! Users' requests through the gateway.
use crate::support::{embedding_work, miner_key, nobody, serve, text_work, Conduct, DEADLINE, GENESIS, MODEL, NETUID};
use axum::http::StatusCode;
use laurel_protocol::{blake2b_256, ErrorBody, Hotkey, RECEIPT_HEADER};
use laurel_types::{AxonAddress, RegistrationId, Uid};
use laurel_validator::{
    ask::Asker,
    asking::{Directory, LiveMiner},
    checking::Asked,
    evidence::{Origin, Subject},
    gateway::{Gateway, Line},
    work::{Work, Works},
    Score, Verdict,
};
use reqwest::{Client, Response};
use serde_json::{json, Value};
use std::sync::Arc;
use subxt_signer::sr25519::dev;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const CHAT: &str = "/v1/chat/completions";

fn live(uid: u16, address: AxonAddress) -> LiveMiner {
    let subject = Subject {
        netuid: NETUID,
        uid: Uid(uid),
        registration: RegistrationId(u64::from(uid)),
        hotkey: Hotkey::of(&miner_key()).0,
        model: MODEL,
    };
    LiveMiner { subject, address }
}

/// A gateway with some miners, the first of which is rated so high that it is nearly always asked first.
struct Bench {
    url: String,
    line: Line,
}

impl Bench {
    fn new(work: Arc<dyn Work>, miners: &[AxonAddress]) -> Self {
        let asker = Asker::new(dev::alice(), DEADLINE).unwrap();
        let local = "127.0.0.1:0".parse().unwrap();
        let (gateway, line) = Gateway::bind(local, GENESIS, asker, Works::new(vec![work])).unwrap();
        let url = format!("http://{}", gateway.address().unwrap());
        tokio::spawn(gateway.serve(std::future::pending()));
        let miners = miners.iter().zip(0u16..).map(|(address, uid)| {
            let rating = if uid == 0 { Score::ONE } else { Score(1) };
            (live(uid, *address), rating)
        });
        line.1.send_replace(Directory {
            miners: miners.collect(),
            ..Directory::default()
        });
        Self { url, line }
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let client = Client::builder().no_proxy().build().unwrap();
        let asking = client.post(format!("{}{path}", self.url)).body(body.to_string());
        asking.header("content-type", "application/json").send().await.unwrap()
    }

    async fn asked(&mut self) -> Asked {
        self.line.0.recv().await.unwrap()
    }
}

fn chat(stream: bool) -> Value {
    json!({ "model": hex::encode(MODEL.0), "messages": [{ "role": "user", "content": "my secret" }], "max_tokens": 12, "stream": stream })
}

async fn error_of(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body: ErrorBody = response.json().await.unwrap();
    assert!(!body.error.message.is_empty() && !body.error.kind.is_empty());
    (status, body.error.code)
}

#[tokio::test]
async fn a_user_gets_a_whole_answer_as_the_miner_sent_it_and_the_validator_gets_it_to_judge() {
    for (work, path, body) in [
        (text_work(), CHAT, chat(false)),
        (text_work(), "/v1/completions", json!({ "prompt": "once" })),
        (
            embedding_work(),
            "/v1/embeddings",
            json!({ "input": "once", "model": hex::encode(MODEL.0) }),
        ),
    ] {
        let mut bench = Bench::new(work.clone(), &[serve(Conduct::Honest).await]);
        let response = bench.post(path, &body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/json");
        let receipt = response.headers()[RECEIPT_HEADER].to_str().unwrap().to_owned();
        let got = response.bytes().await.unwrap();
        let asked = bench.asked().await;
        let answer = asked.answer.unwrap();
        assert_eq!((asked.origin, asked.subject.uid), (Origin::User, Uid(0)));
        assert_eq!((&answer.body[..], answer.receipt.as_ref()), (&got[..], Some(&receipt)));
        work.glance(&asked.task, &answer).await.unwrap().unwrap();
        work.check(&asked.task, &answer).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_streamed_answer_comes_through_byte_for_byte_and_is_judged_too() {
    let work = text_work();
    let mut bench = Bench::new(work.clone(), &[serve(Conduct::Honest).await]);
    let response = bench.post(CHAT, &chat(true)).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let got = response.text().await.unwrap();
    let asked = bench.asked().await;
    let answer = asked.answer.unwrap();
    assert_eq!(answer.body, got.as_bytes());
    assert!(answer.is_streamed && answer.first_ms <= answer.latency_ms);
    work.glance(&asked.task, &answer).await.unwrap().unwrap();
    // What a client of the API reads: JSON after `data: `, to `[DONE]`.
    let data: Vec<&str> = got.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let done = data.iter().position(|data| *data == "[DONE]").unwrap();
    let chunks: Vec<Value> = data[..done]
        .iter()
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let text: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text.len(), 12);
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn a_miner_that_fails_before_the_first_token_is_replaced_and_does_not_get_away_with_it() {
    for (conduct, verdict) in [
        (Conduct::Busy, Some(Verdict::Busy)),
        (Conduct::Garbage, None),
        (Conduct::Late, Some(Verdict::Late)),
        (Conduct::Truncates, None),
    ] {
        for stream in [false, true] {
            // A stream of which only the end is wrong is on its way when that is seen.
            if stream && conduct == Conduct::Truncates {
                continue;
            }
            let miners = [serve(conduct).await, serve(Conduct::Honest).await];
            let mut bench = Bench::new(text_work(), &miners);
            let response = bench.post(CHAT, &chat(stream)).await;
            assert_eq!(response.status(), StatusCode::OK, "{conduct:?} {stream}");
            assert!(response.text().await.unwrap().contains("length"));
            let first = bench.asked().await;
            // One time in a million the other one is asked first.
            assert_eq!(first.subject.uid, Uid(0));
            if let Some(verdict) = verdict {
                assert_eq!(first.answer.unwrap_err().verdict, verdict);
            }
            let second = bench.asked().await;
            assert_eq!(second.subject.uid, Uid(1));
            assert!(second.answer.is_ok());
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_ends_in_an_error_event_and_the_miner_is_judged_for_it() {
    for (conduct, verdict) in [
        (Conduct::Dies, Verdict::Down),
        (Conduct::Stalls, Verdict::Late),
        (Conduct::NotText, Verdict::Malformed),
    ] {
        let mut bench = Bench::new(text_work(), &[serve(conduct).await, serve(Conduct::Honest).await]);
        let got = bench.post(CHAT, &chat(true)).await.text().await.unwrap();
        let last = got.trim_end().lines().last().unwrap().strip_prefix("data: ").unwrap();
        let error: ErrorBody = serde_json::from_str(last).unwrap();
        assert_eq!(error.error.code, "broke_off", "{conduct:?}");
        assert!(!got.contains("[DONE]"));
        assert_eq!(bench.asked().await.answer.unwrap_err().verdict, verdict);
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_the_apis_form_without_asking_a_miner() {
    let mut bench = Bench::new(text_work(), &[nobody().await]);
    let refused = [
        (CHAT, json!({ "messages": [] }), 400, "invalid_parameter"),
        (CHAT, json!({ "messages": "hello" }), 400, "malformed_body"),
        (
            CHAT,
            json!({ "model": "gpt-x", "messages": [] }),
            404,
            "model_not_found",
        ),
        (
            "/v1/completions",
            json!({ "prompt": "x".repeat(5_000) }),
            400,
            "invalid_input",
        ),
        (
            "/v1/completions",
            json!({ "prompt": "x".repeat(1_100_000) }),
            413,
            "body_too_large",
        ),
        ("/v1/embeddings", json!({ "input": "a" }), 404, "model_not_found"),
        ("/v1/images", json!({}), 404, "not_found"),
    ];
    for (path, body, status, code) in refused {
        let got = error_of(bench.post(path, &body).await).await;
        assert_eq!(got, (StatusCode::from_u16(status).unwrap(), code.into()), "{path}");
    }
    let wrong = bench.post("/v1/models", &json!({})).await;
    assert_eq!(error_of(wrong).await.1, "method_not_allowed");
    assert!(bench.line.0.try_recv().is_err(), "nobody was asked");

    let failed = error_of(bench.post(CHAT, &chat(false)).await).await;
    assert_eq!(failed, (StatusCode::BAD_GATEWAY, "miners_failed".into()));
    assert_eq!(bench.asked().await.answer.unwrap_err().verdict, Verdict::Down);
    bench.line.1.send_replace(Directory::default());
    assert_eq!(error_of(bench.post(CHAT, &chat(true)).await).await.1, "no_miner");
}

#[tokio::test]
async fn the_models_are_those_that_live_miners_serve() {
    let bench = Bench::new(text_work(), &[nobody().await, nobody().await]);
    let models: Value = reqwest::get(format!("{}/v1/models", bench.url))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(models["object"], "list");
    assert_eq!(models["data"].as_array().unwrap().len(), 1);
    assert_eq!(models["data"][0]["id"], hex::encode(MODEL.0));
    bench.line.1.send_replace(Directory::default());
    let models: Value = reqwest::get(format!("{}/v1/models", bench.url))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(models["data"], json!([]));
}

/// A miner that shows what it gets, byte by byte, and says that it is busy.
async fn eavesdropper() -> (AxonAddress, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hear) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = request(&mut stream).await;
            let reply = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(reply).await;
            heard.send(request).unwrap();
        }
    });
    (address.into(), hear)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut more = [0; 4_096];
        let count = stream.read(&mut more).await.unwrap();
        bytes.extend_from_slice(&more[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        if count == 0 || body.len() >= length.parse().unwrap() {
            return text;
        }
    }
}

/// Header names and JSON field names, in their order.
fn looks(request: &str) -> (Vec<String>, Vec<String>) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut names = vec![head.lines().next().unwrap().to_owned()];
    names.extend(
        head.lines()
            .skip(1)
            .map(|line| line.split(':').next().unwrap().to_owned()),
    );
    let body: Value = serde_json::from_str(body).unwrap();
    (names, body.as_object().unwrap().keys().cloned().collect())
}

#[tokio::test]
async fn a_miner_sees_the_same_headers_and_fields_from_a_user_as_from_a_validator() {
    for (work, path) in [
        (text_work(), CHAT),
        (text_work(), "/v1/completions"),
        (embedding_work(), "/v1/embeddings"),
    ] {
        let (address, mut heard) = eavesdropper().await;
        let bench = Bench::new(work.clone(), &[address]);
        let asker = Asker::new(dev::alice(), DEADLINE).unwrap();
        for task in (0..200)
            .map(|index| work.task(index).unwrap())
            .filter(|task| task.path == path)
            .take(10)
        {
            let recipient = crate::support::recipient();
            asker.ask(address, &recipient, &task).await.unwrap_err();
            let from_validator = heard.recv().await.unwrap();
            // A user whose client spells it otherwise and says more.
            let mut body: Value = serde_json::from_slice(&task.body).unwrap();
            body["user"] = json!("me");
            body["n"] = if path == "/v1/embeddings" {
                Value::Null
            } else {
                json!(1)
            };
            let pretty = serde_json::to_vec_pretty(&body).unwrap();
            let client = Client::builder().no_proxy().build().unwrap();
            let asking = client
                .post(format!("{}{path}", bench.url))
                .header("x-mine", "1")
                .body(pretty);
            let refused = asking.header("user-agent", "OpenAI/Python 1.0").send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::BAD_GATEWAY);
            let from_user = heard.recv().await.unwrap();
            assert_eq!(looks(&from_user), looks(&from_validator));
            let body = |request: &str| request.split_once("\r\n\r\n").unwrap().1.to_owned();
            assert_eq!(blake2b_256(&[body(&from_user).as_bytes()]), blake2b_256(&[&task.body]));
        }
    }
}

#[tokio::test]
async fn a_user_who_hangs_up_cancels_the_miner() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: AxonAddress = listener.local_addr().unwrap().into();
    let bench = Bench::new(text_work(), &[address]);
    for stream in [false, true] {
        let asking = tokio::spawn({
            let (url, body) = (format!("{}{CHAT}", bench.url), chat(stream).to_string());
            async move {
                Client::builder()
                    .no_proxy()
                    .build()
                    .unwrap()
                    .post(url)
                    .body(body)
                    .send()
                    .await
            }
        });
        let (mut miner, _) = listener.accept().await.unwrap();
        request(&mut miner).await;
        if stream {
            let token = json!({ "laurel": { "token_ids": [5] }, "choices": [] });
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
            miner
                .write_all(format!("{head}data: {token}\n\n").as_bytes())
                .await
                .unwrap();
            drop(asking.await.unwrap().unwrap());
        } else {
            asking.abort();
        }
        // The connection to the miner ends.
        let ended = tokio::time::timeout(DEADLINE / 2, miner.read(&mut [0; 16])).await;
        assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    }
}
