//! The gateway: users' requests in the API's own JSON, passed on to miners as this validator's.
//!
//! A request is read, written anew in the one spelling that tasks have too, signed by the validator's [`Asker`], and sent to a miner that
//! is chosen in proportion to its rating. What comes back is handed to the user as it came, and to the validator, which judges it as if
//! it had asked itself. So a miner that serves users badly loses what a miner loses that serves validators badly.
//!
//! Whoever can reach the gateway can use it: there are no keys and no quotas yet. It belongs on a loopback address.
pub mod accounts;
mod choice;
mod passing;
mod refusal;
mod routes;

use crate::{
    ask::Asker,
    asking::{Directory, LiveMiner},
    checking::Asked,
    evidence::Origin,
    metrics,
    work::{Answer, Task, Work, Works},
    Fault,
};
use laurel_protocol::{Hash, Hotkey, Recipient};
use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};
use tokio::sync::{mpsc, watch, Semaphore};

/// Requests that are served at one time; more are refused. Each holds an answer of at most some megabytes.
const REQUESTS: usize = 64;
/// What came back that may wait for the validator.
const WAITING: usize = 64;

/// What the validator hears from its gateway, and what it tells it.
pub type Line = (mpsc::Receiver<Asked>, watch::Sender<Directory>);

/// Serves users.
pub struct Gateway {
    listener: TcpListener,
    shared: Arc<Shared>,
}

/// What every request needs.
struct Shared {
    genesis: Hash,
    asker: Asker,
    works: Works,
    directory: watch::Receiver<Directory>,
    back: mpsc::Sender<Asked>,
    places: Arc<Semaphore>,
}

impl Gateway {
    /// A gateway at this address, and the validator's end of the line to it. Until the validator publishes miners there are none.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub fn bind(address: SocketAddr, genesis: Hash, asker: Asker, works: Works) -> io::Result<(Self, Line)> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let (publish, directory) = watch::channel(Directory::default());
        let (back, asked) = mpsc::channel(WAITING);
        let shared = Shared {
            genesis,
            asker,
            works,
            directory,
            back,
            places: Arc::new(Semaphore::new(REQUESTS)),
        };
        let gateway = Self {
            listener,
            shared: Arc::new(shared),
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
        axum::serve(listener, routes::router(self.shared))
            .with_graceful_shutdown(stop)
            .await
    }
}

/// A user's request on its way to one miner.
struct Errand {
    shared: Arc<Shared>,
    miner: LiveMiner,
    task: Task,
}

impl Errand {
    fn recipient(&self) -> Recipient {
        Recipient {
            genesis: self.shared.genesis,
            netuid: self.miner.subject.netuid,
            hotkey: Hotkey(self.miner.subject.hotkey),
        }
    }

    /// Hands what came back to the validator. If too much waits there, nothing is said about the miner.
    fn report(self, answer: Result<Answer, Fault>) {
        if let Err(fault) = &answer {
            tracing::debug!(uid = %self.miner.subject.uid, verdict = %fault.verdict, "a miner failed a user");
        }
        let asked = Asked {
            subject: self.miner.subject,
            origin: Origin::User,
            task: self.task,
            answer,
        };
        if self.shared.back.try_send(asked).is_err() {
            metrics::crowded();
        }
    }
}

/// The work for requests to `path` that name this model, or none, among those that live miners do.
fn work_for<'a>(works: &'a Works, directory: &Directory, path: &str, model: Option<&str>) -> Option<&'a Arc<dyn Work>> {
    let kind = routes::kind_of(path);
    let served = directory
        .miners
        .iter()
        .filter_map(|(miner, _)| works.of(miner.subject.model));
    let mut served = served.filter(|work| match model {
        Some(model) => hex::encode(work.model().0) == model,
        None => work.kind() == kind,
    });
    served.next()
}
