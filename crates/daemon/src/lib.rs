//! What every long-running binary needs besides its job: settings, key files, logging, metrics, health, a clean end.
//!
//! A wallet is a folder with one coldkey and any number of hotkeys, see [`wallet`]. A program reads its settings with
//! [`config::parse`], starts logging with [`LogArgs`], serves its metrics and its [`Health`] with [`MetricsArgs`], stops by the token
//! that [`stop_signal`] returns, and turns its last error into one line and an exit code with [`finish`].
#![deny(missing_docs)]

pub mod config;
mod exit;
mod health;
mod listener;
mod logging;
mod metrics;
mod page;
pub mod reference;
mod shutdown;
pub mod wallet;

pub use exit::{complain, finish, one_line};
pub use health::{Health, Lack, Part};
pub use listener::BoundedListener;
pub use logging::{start_json, LogArgs, LogFormat};
pub use metrics::{Metric, MetricKind, MetricsArgs, MetricsServer, COMMON};
pub use page::as_page;
pub use shutdown::stop_signal;
