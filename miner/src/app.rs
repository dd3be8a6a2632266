//! A miner that serves.
use crate::{
    custom, metrics as names, routes, standing::Standing, Backend, FrontDoor, Keeper, Membership, ModelIdentity, Solve,
    Start,
};
use anyhow::{ensure, Context};
use laurel_chain::Keypair;
use laurel_daemon::BoundedListener;
use laurel_daemon::Health;
use laurel_protocol::{specification_root, Admitted, Nonce, Receipt, Recipient, RequestError, Work};
use laurel_types::ModelRoot;
use metrics::gauge;
use std::{net::SocketAddr, sync::Arc, time::Duration};
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

impl Service {
    /// A loaded model.
    pub fn new(backend: Backend, model: &ModelIdentity) -> Self {
        Self {
            backend,
            root: model.root,
            name: model.name.clone(),
        }
    }

    /// Custom work, answered by this solver, with so many tasks waiting at most.
    pub fn custom<S: Solve>(solver: S, queue: usize) -> Self {
        let root = specification_root(S::SPECIFICATION);
        Self {
            backend: custom::backend(solver, queue),
            root,
            name: hex::encode(root.0),
        }
    }

    /// Whether a request that names `model` means this one: by name, or by root in hexadecimal.
    fn is_called(&self, model: &str) -> bool {
        model == self.name || model.strip_prefix("0x").unwrap_or(model) == hex::encode(self.root.0)
    }
}

/// The models that a miner has loaded, the one that it prefers to serve first. Never empty.
#[derive(Clone, Debug)]
pub struct Services(Vec<Arc<Service>>);

impl Services {
    /// These, in the order of preference.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(services: Vec<Service>) -> anyhow::Result<Self> {
        ensure!(
            !services.is_empty(),
            "there is no model to serve: name one with --model"
        );
        Ok(Self(services.into_iter().map(Arc::new).collect()))
    }

    /// The first that a subnet which accepts these pays for.
    pub(crate) fn paid(&self, accepted: &[ModelRoot]) -> Option<&Arc<Service>> {
        self.0.iter().find(|service| accepted.contains(&service.root))
    }

    /// The one on offer in such a subnet: that, or the first of all while the subnet pays for none.
    fn offered(&self, accepted: &[ModelRoot]) -> &Arc<Service> {
        self.paid(accepted).unwrap_or(&self.0[0])
    }
}

/// What every request handler shares.
pub(crate) struct Shared {
    pub(crate) door: FrontDoor,
    services: Services,
    pub(crate) health: Health,
    pub(crate) membership: watch::Receiver<Membership>,
    pub(crate) stopping: CancellationToken,
    pub(crate) in_work: AtWork,
    identity: Recipient,
    keypair: Keypair,
}

/// Counts the requests in work.
pub(crate) type AtWork = Arc<std::sync::atomic::AtomicUsize>;

impl Shared {
    /// The model on offer.
    pub(crate) fn offered(&self) -> Arc<Service> {
        self.services.offered(&self.membership.borrow().models).clone()
    }

    /// The model that a request names, or the one on offer. Whoever names one gets no other, also in the moment in which the subnet
    /// changes its models.
    pub(crate) fn service(&self, named: Option<&str>) -> Result<Arc<Service>, RequestError> {
        let Some(name) = named else {
            return Ok(self.offered());
        };
        let called = self.services.0.iter().find(|service| service.is_called(name));
        called.cloned().ok_or_else(|| RequestError::ModelNotFound {
            ours: self.offered().name.clone(),
        })
    }

    /// The signed receipt of an answer, as the header or event carries it.
    pub(crate) fn receipt(&self, request: &Admitted, work: &Work) -> String {
        Receipt::new(request.envelope(), work).sign(&self.keypair).to_text()
    }

    /// Whose answers these are.
    pub(crate) fn identity(&self) -> &Recipient {
        &self.identity
    }

    /// The signature of a health answer to somebody who wants to know who gives it.
    pub(crate) fn prove_presence(&self, nonce: Nonce, body: &[u8]) -> String {
        self.identity.prove_presence(nonce, body, &self.keypair)
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
    /// Puts the parts together; nothing is served before [`run`](Self::run). `stop` ends it. `health` gets to know whether validators can
    /// use the miner.
    pub fn build(start: Start, services: Services, health: Health, stop: CancellationToken) -> anyhow::Result<Self> {
        let address = start.listener.local_addr().context("the listener has no address")?;
        let (membership, who_may_ask) = watch::channel(start.membership());
        let standing = Standing::on(&health, services.clone(), who_may_ask.clone(), stop.clone());
        let keeper = Keeper::new(&start, services.clone(), membership, standing);
        let shared = Shared {
            door: FrontDoor::new(start.identity, start.limits, who_may_ask.clone()),
            services,
            health,
            membership: who_may_ask,
            stopping: stop.clone(),
            in_work: AtWork::default(),
            identity: start.identity.into(),
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
        let offered = self.shared.offered();
        let root = hex::encode(offered.root.0);
        tracing::info!(address = %self.address, model = offered.name, root, "serving");
        let stop = self.stop.clone();
        let keeper = tokio::spawn(self.keeper.run(stop.clone()));
        let router = routes::router(self.shared.clone());
        let mut server = tokio::spawn(self.listener.serve(router, stop.clone().cancelled_owned()));
        tokio::select! {
            () = stop.cancelled() => {}
            ended = &mut server => return ended.context("the server failed"),
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
