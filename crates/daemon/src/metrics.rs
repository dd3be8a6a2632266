//! Metrics for Prometheus and the program's health over HTTP, on an address of their own.
use crate::Health;
use anyhow::Context;
use axum::{http::header, routing::get, Router};
use clap::Args;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, Label, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{fmt::Write, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Upper bounds of the buckets of every histogram, in seconds.
const BUCKETS: [f64; 15] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
/// How often idle histograms are folded; without it their raw samples would pile up between two scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// What a metric measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// A number that only grows.
    Counter,
    /// A number as it is now.
    Gauge,
    /// How long something took, in seconds.
    Histogram,
}

/// A metric that a program has. A label takes few values, whatever others send.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, as Prometheus knows it.
    pub name: &'static str,
    /// What it measures.
    pub kind: MetricKind,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// What it says, for a person.
    pub help: &'static str,
    /// Series of a counter that begin at 0, each by the values of its labels.
    pub begun: &'static [&'static [&'static str]],
}

impl MetricKind {
    /// As Prometheus calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl Metric {
    /// A number that only grows.
    pub const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self::new(name, MetricKind::Counter, labels, help)
    }

    /// A number as it is now.
    pub const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self::new(name, MetricKind::Gauge, labels, help)
    }

    /// How long something took, in seconds.
    pub const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Self {
        Self::new(name, MetricKind::Histogram, labels, help)
    }

    const fn new(name: &'static str, kind: MetricKind, labels: &'static [&'static str], help: &'static str) -> Self {
        Self {
            name,
            kind,
            labels,
            help,
            begun: &[],
        }
    }

    /// The same counter, with series that begin at 0: what `increase` makes of a series that begins at 1 is nothing, so an alert would
    /// miss the first.
    #[must_use]
    pub const fn begun(self, begun: &'static [&'static [&'static str]]) -> Self {
        Self { begun, ..self }
    }

    /// Tells the recorder of it. A counter without labels begins at 0, too.
    fn declare(&self) {
        match self.kind {
            MetricKind::Counter => {
                describe_counter!(self.name, self.help);
                if self.labels.is_empty() {
                    counter!(self.name).absolute(0);
                }
                for values in self.begun {
                    let labels = self.labels.iter().zip(*values);
                    let labels: Vec<Label> = labels
                        .map(|(name, value)| Label::from_static_parts(name, value))
                        .collect();
                    counter!(self.name, labels).absolute(0);
                }
            }
            MetricKind::Gauge => describe_gauge!(self.name, self.help),
            MetricKind::Histogram => describe_histogram!(self.name, Unit::Seconds, self.help),
        }
    }
}

/// What every program has.
pub const COMMON: &[Metric] = &[READY, BUILD];
const READY: Metric = Metric::gauge(
    "laurel_ready",
    &["part"],
    "1 where a part of the program can do its job, 0 where /ready says why not",
);
const BUILD: Metric = Metric::gauge(
    "laurel_build_info",
    &["version"],
    "Always 1; the label is the program's version",
);

/// The flag by which metrics are turned on.
#[derive(Args, Clone, Debug)]
pub struct MetricsArgs {
    /// Address on which to serve metrics for Prometheus under /metrics, and /health and /ready. Off if absent.
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
}

impl MetricsArgs {
    /// Serves these metrics and the health if the flag is there, until `shutdown`.
    pub async fn start(
        &self,
        metrics: &[&'static [Metric]],
        health: &Health,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Option<MetricsServer>> {
        match self.metrics {
            Some(address) => MetricsServer::start(address, metrics, health, shutdown).await.map(Some),
            None => Ok(None),
        }
    }
}

/// A running endpoint.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
}

impl MetricsServer {
    /// Makes this the process's recorder and serves it: the metrics that are declared here, each with its meaning from the start on.
    pub async fn start(
        address: SocketAddr,
        metrics: &[&'static [Metric]],
        health: &Health,
        shutdown: CancellationToken,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot serve metrics on {address}, choose another --metrics address"))?;
        let address = listener.local_addr()?;
        let handle = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .context("cannot start metrics")?;
        tokio::spawn(upkeep(handle.clone(), shutdown.clone()));
        let page = Page::new(handle, metrics, health);
        let app = Router::new()
            .route("/metrics", get(move || async move { page.render() }))
            .merge(health.router());
        tokio::spawn(async move {
            let served = axum::serve(listener, app)
                .with_graceful_shutdown(shutdown.cancelled_owned())
                .await;
            if let Err(error) = served {
                tracing::warn!(%error, "metrics are no longer served");
            }
        });
        tracing::info!(%address, "serving metrics");
        Ok(Self { address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// What `/metrics` shows.
#[derive(Clone)]
struct Page {
    handle: PrometheusHandle,
    metrics: Vec<Metric>,
    health: Health,
}

impl Page {
    fn new(handle: PrometheusHandle, metrics: &[&'static [Metric]], health: &Health) -> Self {
        let metrics: Vec<Metric> = [COMMON].iter().chain(metrics).copied().flatten().copied().collect();
        metrics.iter().for_each(Metric::declare);
        gauge!(BUILD.name, "version" => env!("CARGO_PKG_VERSION")).set(1);
        Self {
            handle,
            metrics,
            health: health.clone(),
        }
    }

    /// All that was recorded, and the heads of what has not been yet: who reads the page sees every metric that there is.
    fn render(&self) -> impl axum::response::IntoResponse {
        for (part, lack) in self.health.parts() {
            gauge!(READY.name, "part" => part).set(f64::from(u8::from(lack.is_none())));
        }
        let mut text = self.handle.render();
        for metric in &self.metrics {
            let head = format!("# TYPE {} ", metric.name);
            if !text.contains(&head) {
                // Writing to a string cannot fail.
                let _ = write!(
                    text,
                    "# HELP {} {}\n{head}{}\n\n",
                    metric.name,
                    metric.help,
                    metric.kind.name()
                );
            }
        }
        ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
    }
}

async fn upkeep(handle: PrometheusHandle, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = ticks.tick() => handle.run_upkeep(),
            () = shutdown.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    const DECLARED: &[Metric] = &[
        Metric::counter("laurel_daemon_test_total", &[], "Steps"),
        Metric::counter("laurel_daemon_idle_total", &[], "Nothing yet"),
        Metric::counter("laurel_daemon_draws_total", &["step", "result"], "Draws").begun(&[&["draw", "failed"]]),
        Metric::gauge("laurel_daemon_unset", &["of"], "Nothing yet either"),
    ];

    async fn get(address: SocketAddr, path: &str) -> String {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut page = String::new();
        socket.read_to_string(&mut page).await.unwrap();
        page
    }

    #[tokio::test]
    async fn metrics_and_health_are_served_and_a_taken_port_is_an_error() {
        let shutdown = CancellationToken::new();
        let health = Health::new();
        let chain = health.part("chain", "not connected yet");
        let start = |address| MetricsServer::start(address, &[DECLARED], &health, shutdown.clone());
        let server = start(([127, 0, 0, 1], 0).into()).await.unwrap();
        metrics::counter!("laurel_daemon_test_total").increment(3);

        let page = get(server.address(), "/metrics").await;
        for line in [
            "laurel_daemon_test_total 3",
            "laurel_daemon_idle_total 0",
            "laurel_daemon_draws_total{step=\"draw\",result=\"failed\"} 0",
            "# TYPE laurel_daemon_unset gauge",
            "laurel_ready{part=\"chain\"} 0",
            &format!("laurel_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
        ] {
            assert_eq!(page.lines().filter(|shown| *shown == line).count(), 1, "{line}\n{page}");
        }
        assert!(get(server.address(), "/health").await.starts_with("HTTP/1.1 200"));
        let unready = get(server.address(), "/ready").await;
        assert!(
            unready.starts_with("HTTP/1.1 503") && unready.contains("chain: not connected yet"),
            "{unready}"
        );
        chain.is_ready();
        assert!(get(server.address(), "/ready").await.starts_with("HTTP/1.1 200"));
        assert!(get(server.address(), "/metrics")
            .await
            .contains("laurel_ready{part=\"chain\"} 1"));

        let error = start(server.address()).await.unwrap_err();
        assert!(crate::one_line(&error).contains("choose another --metrics address"));
        shutdown.cancel();
    }
}
