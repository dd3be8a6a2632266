//! Metrics for Prometheus over HTTP, on an address of their own.
use anyhow::Context;
use axum::{http::header, routing::get, Router};
use clap::Args;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Upper bounds of the buckets of every histogram, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// How often idle histograms are folded; without it their raw samples would pile up between two scrapes.
const UPKEEP: Duration = Duration::from_secs(5);

/// The flag by which metrics are turned on.
#[derive(Args, Clone, Debug)]
pub struct MetricsArgs {
    /// Address on which to serve metrics for Prometheus, under /metrics. Off if absent.
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
}

impl MetricsArgs {
    /// Serves metrics if the flag is there, until `shutdown`.
    pub async fn start(&self, shutdown: CancellationToken) -> anyhow::Result<Option<MetricsServer>> {
        match self.metrics {
            Some(address) => MetricsServer::start(address, shutdown).await.map(Some),
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
    /// Makes this the process's recorder and serves it.
    pub async fn start(address: SocketAddr, shutdown: CancellationToken) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot serve metrics on {address}, choose another --metrics address"))?;
        let address = listener.local_addr()?;
        let handle = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .context("cannot start metrics")?;
        tokio::spawn(upkeep(handle.clone(), shutdown.clone()));
        let page = move || {
            let text = handle.render();
            async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
        };
        let app = Router::new().route("/metrics", get(page));
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

    #[tokio::test]
    async fn metrics_are_served_and_a_taken_port_is_an_error() {
        let shutdown = CancellationToken::new();
        let server = MetricsServer::start(([127, 0, 0, 1], 0).into(), shutdown.clone())
            .await
            .unwrap();
        metrics::counter!("laurel_daemon_test_total").increment(3);

        let mut socket = TcpStream::connect(server.address()).await.unwrap();
        socket
            .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut page = String::new();
        socket.read_to_string(&mut page).await.unwrap();
        assert!(page.contains("laurel_daemon_test_total 3"), "{page}");

        let error = MetricsServer::start(server.address(), shutdown.clone())
            .await
            .unwrap_err();
        assert!(crate::one_line(&error).contains("choose another --metrics address"));
        shutdown.cancel();
    }
}
