//! One connection to one of several endpoints, replaced when it breaks.
use crate::{error::one_line, nonce::NonceSlots, runtime::Runtime, BlockHash, ChainError};
use rand::Rng;
use std::{
    fmt,
    future::Future,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::Duration,
};
use subxt::{
    config::{RpcConfigFor, SubstrateConfig},
    ext::jsonrpsee::{
        core::client::async_client::PingConfig,
        ws_client::{WsClient, WsClientBuilder},
    },
    rpcs::{LegacyRpcMethods, RpcClient},
};
use tokio::{
    sync::Mutex,
    time::{timeout, Instant},
};

pub(crate) type Rpc = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

/// First and longest pause between two attempts to connect; each is drawn from half to all of its length.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// How long to try, and which chain to accept.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// How long connecting, or reconnecting during a read, may take over all endpoints.
    pub deadline: Duration,
    /// How long one request may take.
    pub request_deadline: Duration,
    /// Without a block for so long, the next endpoint is asked. Longer than any block time.
    pub stall: Duration,
    /// The only genesis to accept; none accepts the first chain that answers, and later no other.
    pub genesis: Option<BlockHash>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            request_deadline: Duration::from_secs(15),
            stall: Duration::from_secs(60),
            genesis: None,
        }
    }
}

/// A client of one chain. Clones share the connection.
#[derive(Clone)]
pub struct ChainClient {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    urls: Vec<String>,
    pub(crate) options: ConnectOptions,
    genesis: BlockHash,
    connection: Mutex<Arc<Connection>>,
    pub(crate) runtime: Mutex<Option<Arc<Runtime>>>,
    pub(crate) nonces: NonceSlots,
}

pub(crate) struct Connection {
    pub(crate) rpc: Rpc,
    pub(crate) socket: Arc<WsClient>,
    genesis: BlockHash,
    /// Which of the endpoints it is to.
    endpoint: usize,
    /// Whether the next endpoint is to be tried although this one answers.
    given_up: AtomicBool,
}

impl fmt::Debug for ChainClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainClient")
            .field("urls", &self.inner.urls)
            .field("genesis", &self.inner.genesis)
            .finish()
    }
}

impl ChainClient {
    /// Connects to the first endpoint that answers, trying each again until the deadline.
    ///
    /// # Errors
    /// [`ChainError::InvalidUrl`] and [`ChainError::WrongChain`] at once, [`ChainError::Unreachable`] after the deadline.
    pub async fn connect(urls: &[String], options: ConnectOptions) -> Result<Self, ChainError> {
        for url in urls {
            if !url.starts_with("ws://") && !url.starts_with("wss://") {
                return Err(ChainError::InvalidUrl(url.clone()));
            }
        }
        let first = Order { urls, first: 0 };
        let connection = dial(first, &options, options.genesis, WrongChain::Fails).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                urls: urls.to_vec(),
                genesis: connection.genesis,
                connection: Mutex::new(Arc::new(connection)),
                options,
                runtime: Mutex::default(),
                nonces: NonceSlots::default(),
            }),
        })
    }

    /// Hash of block 0, which names the chain.
    pub fn genesis_hash(&self) -> BlockHash {
        self.inner.genesis
    }

    /// The connection, made anew if it broke.
    pub(crate) async fn connection(&self) -> Result<Arc<Connection>, ChainError> {
        // Held while dialling, so that one task dials and the others wait for it.
        let mut current = self.inner.connection.lock().await;
        if !current.socket.is_connected() || current.given_up.load(Ordering::Relaxed) {
            let inner = &self.inner;
            let urls = Order {
                urls: &inner.urls,
                first: current.endpoint + 1,
            };
            tracing::warn!(urls = ?inner.urls, "the connection to the chain broke or stalled, reconnecting");
            let fresh = dial(urls, &inner.options, Some(inner.genesis), WrongChain::IsSkipped).await?;
            *current = Arc::new(fresh);
        }
        Ok(current.clone())
    }

    /// Lets the next request go to the next endpoint: this one answers, but has no blocks to tell of.
    pub(crate) async fn give_up_endpoint(&self) {
        let current = self.inner.connection.lock().await;
        current.given_up.store(self.inner.urls.len() > 1, Ordering::Relaxed);
    }

    /// Makes a request that changes nothing, and repeats it on a new connection if the connection breaks.
    pub(crate) async fn request<T, F, Fut>(&self, what: &str, ask: F) -> Result<T, ChainError>
    where
        F: Fn(Rpc) -> Fut,
        Fut: Future<Output = Result<T, subxt::rpcs::Error>>,
    {
        let give_up = Instant::now() + self.inner.options.deadline;
        let mut backoff = Backoff::default();
        loop {
            let result = self.request_once(what, &ask).await;
            match result {
                Err(e @ ChainError::Disconnected { .. }) if Instant::now() < give_up => {
                    tracing::debug!(what, error = %e, "repeating the request");
                    backoff.pause().await;
                }
                result => return result,
            }
        }
    }

    /// Makes a request once.
    pub(crate) async fn request_once<T, F, Fut>(&self, what: &str, ask: F) -> Result<T, ChainError>
    where
        F: FnOnce(Rpc) -> Fut,
        Fut: Future<Output = Result<T, subxt::rpcs::Error>>,
    {
        let limit = self.inner.options.request_deadline;
        let connection = self.connection().await?;
        match timeout(limit, ask(connection.rpc.clone())).await {
            Ok(result) => result.map_err(|e| ChainError::from_rpc(what, e, limit)),
            Err(_) => Err(ChainError::Deadline {
                what: what.into(),
                after: limit,
            }),
        }
    }
}

/// What an endpoint with another genesis means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WrongChain {
    /// The caller named the wrong endpoint and should hear of it.
    Fails,
    /// One endpoint of several is wrong; the others may be right.
    IsSkipped,
}

/// In which order endpoints are tried.
#[derive(Clone, Copy)]
struct Order<'a> {
    urls: &'a [String],
    /// Counted on beyond the last, which is followed by the first.
    first: usize,
}

impl<'a> Order<'a> {
    fn endpoints(self) -> impl Iterator<Item = (usize, &'a String)> {
        let count = self.urls.len();
        (0..count).map(move |at| {
            let at = (self.first + at) % count;
            (at, &self.urls[at])
        })
    }
}

/// Tries each endpoint in turn until one answers or the deadline passes.
async fn dial(
    order: Order<'_>,
    options: &ConnectOptions,
    genesis: Option<BlockHash>,
    wrong_chain: WrongChain,
) -> Result<Connection, ChainError> {
    let give_up = Instant::now() + options.deadline;
    let mut backoff = Backoff::default();
    let mut reason = String::from("no endpoint given");
    loop {
        for (endpoint, url) in order.endpoints() {
            let left = give_up
                .saturating_duration_since(Instant::now())
                .max(Duration::from_secs(1));
            match timeout(left.min(options.request_deadline), open(url, options, genesis)).await {
                Ok(Ok(connection)) => return Ok(Connection { endpoint, ..connection }),
                Ok(Err(e @ ChainError::WrongChain { .. })) if wrong_chain == WrongChain::Fails => return Err(e),
                Ok(Err(ChainError::Disconnected { reason: r, .. })) => reason = r,
                Ok(Err(e)) => reason = e.to_string(),
                Err(_) => reason = "no answer in time".into(),
            }
            tracing::debug!(url, reason, "endpoint does not serve the chain");
        }
        if order.urls.is_empty() || Instant::now() >= give_up {
            return Err(ChainError::Unreachable {
                urls: order.urls.join(", "),
                reason,
            });
        }
        backoff.pause().await;
    }
}

async fn open(url: &str, options: &ConnectOptions, expected: Option<BlockHash>) -> Result<Connection, ChainError> {
    let ping = PingConfig::new()
        .ping_interval(Duration::from_secs(10))
        .inactive_limit(Duration::from_secs(30));
    let socket = WsClientBuilder::new()
        .connection_timeout(options.request_deadline)
        .request_timeout(options.request_deadline)
        .max_response_size(64 * 1024 * 1024)
        .max_buffer_capacity_per_subscription(4096)
        .enable_ws_ping(ping)
        .build(url)
        .await
        .map_err(|e| ChainError::Disconnected {
            what: "connecting".into(),
            reason: one_line(&e),
        })?;
    let socket = Arc::new(socket);
    let rpc = Rpc::new(RpcClient::new(socket.clone()));
    let genesis = rpc
        .genesis_hash()
        .await
        .map_err(|e| ChainError::from_rpc("reading the genesis", e, options.request_deadline))?
        .into();
    match expected {
        Some(expected) if expected != genesis => Err(ChainError::WrongChain {
            url: url.into(),
            found: genesis,
            expected,
        }),
        _ => Ok(Connection {
            rpc,
            socket,
            genesis,
            endpoint: 0,
            given_up: AtomicBool::new(false),
        }),
    }
}

/// Pauses that double up to a cap, jittered so that many clients do not return at once.
pub(crate) struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(BACKOFF.0)
    }
}

impl Backoff {
    pub(crate) async fn pause(&mut self) {
        let pause = self.0.mul_f64(rand::rng().random_range(0.5..1.0));
        self.0 = (self.0 * 2).min(BACKOFF.1);
        tokio::time::sleep(pause).await;
    }
}
