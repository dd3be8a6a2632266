//! Users' requests through the gateway.
mod alone;
mod passing;
mod routing;
mod serving;

use crate::support::{miner_key, DEADLINE, GENESIS, MODEL, NETUID};
use axum::http::StatusCode;
use laurel_protocol::{ErrorBody, Hotkey};
use laurel_types::{AxonAddress, RegistrationId, Uid};
use laurel_validator::{
    ask::Asker,
    asking::{Directory, Listed, LiveMiner},
    checking::Asked,
    evidence::Subject,
    gateway::{accounts::Accounts, Gateway, Line, Setup},
    pace::{Tail, Usual},
    work::{Work, Works},
    Score,
};
use reqwest::{Client, Response};
use serde_json::{json, Value};
use std::sync::Arc;
use subxt_signer::sr25519::dev;
use tokio::{io::AsyncReadExt, net::TcpStream};

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

fn listed(uid: u16, address: AxonAddress, rating: Score) -> Listed {
    Listed {
        miner: live(uid, address),
        rating,
        incentive: 0,
        usual: Usual::default(),
    }
}

/// A gateway with some miners, the first of which is rated so high that it is nearly always asked first.
struct Bench {
    url: String,
    line: Line,
}

fn setup(work: Arc<dyn Work>) -> Setup {
    Setup {
        genesis: GENESIS,
        asker: Asker::new(dev::alice(), DEADLINE).unwrap(),
        works: Works::new(vec![work]).with_names(vec![(MODEL, "hash".into())]),
        accounts: Accounts::open(),
        published: None,
        dashboard: None,
    }
}

impl Bench {
    fn new(work: Arc<dyn Work>, miners: &[AxonAddress]) -> Self {
        let miners = miners.iter().zip(0u16..).map(|(address, uid)| {
            let rating = if uid == 0 { Score::ONE } else { Score(1) };
            listed(uid, *address, rating)
        });
        Self::of(setup(work), miners.collect())
    }

    fn of(setup: Setup, miners: Vec<Listed>) -> Self {
        let local = "127.0.0.1:0".parse().unwrap();
        let (gateway, line) = Gateway::bind(local, setup).unwrap();
        let url = format!("http://{}", gateway.address().unwrap());
        tokio::spawn(gateway.serve(std::future::pending()));
        line.1.send_replace(Directory {
            miners,
            ..Directory::default()
        });
        Self { url, line }
    }

    /// The time after which another miner is asked too, which is else half of what a miner may take.
    fn slow_after(&self, ms: u64) {
        let tail = Tail {
            first_us: Some(ms * 1_000),
            whole_us: Some(ms * 1_000),
        };
        self.line.1.send_modify(|directory| {
            directory.tails.insert(MODEL, tail);
        });
    }

    async fn get(&self, path: &str) -> Response {
        let client = Client::builder().no_proxy().build().unwrap();
        client.get(format!("{}{path}", self.url)).send().await.unwrap()
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
