//! The gateway: users' requests as the OpenAI API takes them, passed on to miners as this validator's.
//!
//! A request is read, admitted by the [`accounts`], written anew in the one spelling that tasks have too, signed by the validator's [`Asker`],
//! and sent to a miner that `choice` picks. If that fails before there is anything to hand on, another one is asked; if it is slow, another
//! one too. What comes back is handed to the user with a receipt that can be checked without us, and to the validator, which judges it as
//! if it had asked itself. So a miner that serves users badly loses what a miner loses that serves validators badly.
pub mod accounts;
mod args;
mod catalogue;
mod choice;
mod metrics;
mod passing;
mod published;
mod race;
mod refusal;
mod routes;
mod session;
mod traffic;

pub use args::GatewayArgs;
pub use metrics::METRICS;
pub use published::Published;

use crate::{ask::Asker, asking::Directory, checking::Asked, work::Works};
use accounts::Accounts;
use laurel_daemon::BoundedListener;
use laurel_protocol::Hash;
use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, watch, Semaphore};
use tokio_util::sync::CancellationToken;
use traffic::Traffic;

/// Requests that are served at one time; more are refused. Each holds an answer of at most some megabytes.
const REQUESTS: usize = 64;
/// What came back that may wait for the validator.
const WAITING: usize = 64;
/// Connections at one time; further ones wait.
const CONNECTIONS: usize = 1_024;
/// How long a connection may be quiet: longer than any answer takes.
const IDLE: Duration = Duration::from_secs(900);
/// How long a user may refuse to take what is there.
const STALL: Duration = Duration::from_secs(30);

/// What the validator hears from its gateway, and what it tells it.
pub type Line = (mpsc::Receiver<Asked>, watch::Sender<Directory>);

/// What a gateway is made of.
pub struct Setup {
    /// The chain.
    pub genesis: Hash,
    /// Sends requests in the validator's name.
    pub asker: Asker,
    /// The models by which answers are glanced at.
    pub works: Works,
    /// Who may ask how much.
    pub accounts: Accounts,
    /// The receipts that everybody may read, if any.
    pub published: Option<Published>,
    /// Folder of the dashboard's files, if they are to be served.
    pub dashboard: Option<PathBuf>,
}

/// Serves users.
pub struct Gateway {
    listener: TcpListener,
    shared: Arc<Shared>,
    dashboard: Option<PathBuf>,
}

/// What every request needs.
struct Shared {
    genesis: Hash,
    asker: Asker,
    works: Works,
    accounts: Accounts,
    published: Option<Published>,
    directory: watch::Receiver<Directory>,
    back: mpsc::Sender<Asked>,
    places: Arc<Semaphore>,
    traffic: Arc<Traffic>,
}

impl Gateway {
    /// A gateway at this address, and the validator's end of the line to it. Until the validator publishes miners there are none.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn bind(address: SocketAddr, setup: Setup) -> io::Result<(Self, Line)> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let (publish, directory) = watch::channel(Directory::default());
        let (back, asked) = mpsc::channel(WAITING);
        let shared = Shared {
            genesis: setup.genesis,
            asker: setup.asker,
            works: setup.works,
            accounts: setup.accounts,
            published: setup.published,
            directory,
            back,
            places: Arc::new(Semaphore::new(REQUESTS)),
            traffic: Arc::default(),
        };
        let gateway = Self {
            listener,
            shared: Arc::new(shared),
            dashboard: setup.dashboard,
        };
        Ok((gateway, (asked, publish)))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`, then ends what is begun.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let listener = BoundedListener::new(listener, CONNECTIONS).with_patience(IDLE, STALL);
        let ended = CancellationToken::new();
        let accounts = tokio::spawn(self.shared.accounts.clone().run(ended.clone()));
        listener.serve(routes::router(self.shared, self.dashboard), stop).await;
        // What is being served is settled first.
        ended.cancel();
        // It ends at once, and panics nowhere.
        let _ = accounts.await;
        Ok(())
    }
}
