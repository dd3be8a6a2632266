//! A miner on a chain and a backend of the test's own, and a client that signs.

mod backends;
mod chain;
mod server;

pub use backends::{EndlessText, FixedEmbedding, OneAtATime, ScriptedText, PROOF};
pub use chain::{FakeChain, MODEL};
pub use server::{Dialect, Manner, Upstream};

use laurel_chain::Keypair;
use laurel_daemon::Health;
use laurel_miner::{App, Args, Backend, Service, Services, Start};
use laurel_protocol::{Envelope, ErrorBody, Hotkey, Recipient, SignedRequest, Target};
use metrics::LocalRecorderGuard;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use subxt_signer::sr25519::dev;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub const MAX_BODY: usize = 10_000;

pub fn args(extra: &[&str]) -> Args {
    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }
    let max_body = format!("--max-body={MAX_BODY}");
    let base = [
        "miner",
        "--wallet=w",
        "--netuid=3",
        "--model=m",
        "--listen=127.0.0.1:0",
        &max_body,
    ];
    let refresh = (!extra.iter().any(|flag| flag.starts_with("--refresh"))).then_some("--refresh=1");
    let command: Command = clap::Parser::parse_from(base.iter().copied().chain(refresh).chain(extra.iter().copied()));
    command.args
}

/// A miner that serves, and what is needed to talk to it.
pub struct Miner {
    pub chain: Arc<FakeChain>,
    pub address: SocketAddr,
    pub client: reqwest::Client,
    pub stop: CancellationToken,
    pub app: JoinHandle<anyhow::Result<()>>,
    metrics: PrometheusHandle,
    _recording: LocalRecorderGuard<'static>,
}

impl Miner {
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, &[]).await
    }

    pub async fn start_with(backend: Backend, extra: &[&str]) -> Self {
        let service = Service {
            backend,
            root: MODEL,
            name: "tiny".into(),
        };
        Self::start_all(vec![service], extra).await
    }

    pub async fn start_all(services: Vec<Service>, extra: &[&str]) -> Self {
        // One recorder a test: they share the process. It has to live as long as its thread.
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let handle = recorder.handle();
        let recording = metrics::set_default_local_recorder(recorder);
        let chain = FakeChain::new();
        let start = Start::on(chain.clone(), dev::alice(), &args(extra).serve)
            .await
            .unwrap();
        let stop = CancellationToken::new();
        let app = App::build(start, Services::new(services).unwrap(), Health::new(), stop.clone()).unwrap();
        let address = app.address();
        let app = tokio::spawn(app.run());
        Self {
            chain,
            address,
            client: reqwest::Client::new(),
            stop,
            app,
            metrics: handle,
            _recording: recording,
        }
    }

    pub fn recipient(&self) -> Recipient {
        Recipient {
            genesis: chain::GENESIS,
            netuid: chain::NETUID,
            hotkey: Hotkey::of(&dev::alice()),
        }
    }

    pub fn envelope(&self, path: &str, body: &[u8], by: &Keypair) -> Envelope {
        let target = Target { method: "POST", path };
        Envelope::new(&self.recipient(), target, body, Hotkey::of(by), now_ms() + 20_000)
    }

    /// Signs as the validator and sends.
    pub async fn ask(&self, path: &str, body: &str) -> (Envelope, reqwest::Response) {
        let envelope = self.envelope(path, body.as_bytes(), &dev::bob());
        let response = self
            .send(&envelope.clone().sign(&dev::bob()), body.as_bytes().to_vec())
            .await;
        (envelope, response)
    }

    pub async fn send(&self, request: &SignedRequest, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let url = format!("http://{}{}", self.address, request.envelope().path);
        self.client
            .post(url)
            .headers(request.headers())
            .body(body)
            .send()
            .await
            .unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client
            .get(format!("http://{}{path}", self.address))
            .send()
            .await
            .unwrap()
    }

    /// How often a request on this route ended so.
    pub fn counted(&self, route: &str, outcome: &str) -> u64 {
        let series = format!("laurel_miner_requests_total{{route=\"{route}\",outcome=\"{outcome}\"}} ");
        self.value(&series)
    }

    /// The value of the series with this beginning; 0 if there is none.
    pub fn value(&self, series: &str) -> u64 {
        let page = self.metrics.render();
        page.lines()
            .find_map(|line| line.strip_prefix(series)?.parse().ok())
            .unwrap_or(0)
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.app.await.unwrap().unwrap();
    }
}

pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// Status and error code of an answer, whose body must be the documented JSON.
pub async fn refusal(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: ErrorBody = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert!(
        !body.error.message.is_empty() && !body.error.remedy.is_empty(),
        "{body:?}"
    );
    (status, body.error.code)
}
