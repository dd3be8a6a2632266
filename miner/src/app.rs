//! A miner that serves.
use crate::{
    keeper::Standing, listener::BoundedListener, metrics as names, routes, Backend, FrontDoor, Keeper, Membership,
    Start,
};
use anyhow::Context;
use laurel_chain::Keypair;
use laurel_protocol::{Admitted, Receipt, Work};
use laurel_types::ModelRoot;
use metrics::gauge;
use std::{future::IntoFuture, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

/// What is served.
#[derive(Clone, Debug)]
pub struct Service {
    /// What answers.
    pub backend: Backend,
    /// Root of the model, as receipts and the axon state it.
    pub root: ModelRoot,
    /// Name of the model in answers; requests may name it.
    pub name: String,
}

/// What every request handler shares.
pub(crate) struct Shared {
    pub(crate) door: FrontDoor,
    pub(crate) service: Service,
    pub(crate) standing: watch::Receiver<Standing>,
    pub(crate) membership: watch::Receiver<Membership>,
    pub(crate) stopping: CancellationToken,
    pub(crate) in_work: AtWork,
    keypair: Keypair,
}

/// Counts the requests in work.
pub(crate) type AtWork = Arc<std::sync::atomic::AtomicUsize>;

impl Shared {
    /// The signed receipt of an answer, as the header or event carries it.
    pub(crate) fn receipt(&self, request: &Admitted, work: &Work) -> String {
        Receipt::new(request.envelope(), work).sign(&self.keypair).to_text()
    }
}

/// The HTTP server and the [`Keeper`] beside it.
pub struct App {
    shared: Arc<Shared>,
    keeper: Keeper,
    listener: BoundedListener,
    address: SocketAddr,
    drain: Duration,
    stop: CancellationToken,
}

impl App {
    /// Puts the parts together; nothing is served before [`run`](Self::run). `stop` ends it.
    pub fn build(start: Start, service: Service, stop: CancellationToken) -> anyhow::Result<Self> {
        names::describe();
        let address = start.listener.local_addr().context("the listener has no address")?;
        let (membership, who_may_ask) = watch::channel(start.membership());
        let (standing, seen) = watch::channel(Standing::default());
        let keeper = Keeper::new(&start, service.root, membership, standing);
        let shared = Shared {
            door: FrontDoor::new(start.identity, start.limits, who_may_ask.clone()),
            service,
            standing: seen,
            membership: who_may_ask,
            stopping: stop.clone(),
            in_work: AtWork::default(),
            keypair: start.keypair,
        };
        Ok(Self {
            shared: Arc::new(shared),
            keeper,
            listener: BoundedListener::new(start.listener, start.limits.connections),
            address,
            drain: Duration::from_secs(start.limits.drain.into()),
            stop,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until stopped: then takes no more connections, and gives the requests in work their time to end.
    pub async fn run(self) -> anyhow::Result<()> {
        let root = hex::encode(self.shared.service.root.0);
        tracing::info!(address = %self.address, model = self.shared.service.name, root, "serving");
        let stop = self.stop.clone();
        let keeper = tokio::spawn(self.keeper.run(stop.clone()));
        let router = routes::router(self.shared.clone());
        let mut server = tokio::spawn(
            axum::serve(self.listener, router)
                .with_graceful_shutdown(stop.clone().cancelled_owned())
                .into_future(),
        );
        tokio::select! {
            () = stop.cancelled() => {}
            ended = &mut server => return ended.context("the server failed")?.context("the server failed"),
        }
        tracing::info!(seconds = self.drain.as_secs(), "stopping, requests in work may end");
        if timeout(self.drain, &mut server).await.is_err() {
            let left = self.shared.in_work.load(std::sync::atomic::Ordering::Relaxed);
            tracing::warn!(requests = left, "stopped before all requests had ended");
            server.abort();
        }
        keeper.await.context("the keeper failed")?;
        gauge!(names::IN_WORK).set(0.0);
        Ok(())
    }
}
