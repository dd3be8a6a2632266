//! What every long-running binary needs besides its job: key files, logging, metrics, a clean end.
//!
//! A wallet is a folder with one coldkey and any number of hotkeys, see [`wallet`]. A program starts logging with
//! [`LogArgs`], serves its metrics with [`MetricsArgs`], stops by the token that [`stop_signal`] returns, and
//! turns its last error into one line and an exit code with [`finish`].
#![deny(missing_docs)]

mod exit;
mod logging;
mod metrics;
mod shutdown;
pub mod wallet;

pub use exit::{complain, finish, one_line};
pub use logging::{LogArgs, LogFormat};
pub use metrics::{MetricsArgs, MetricsServer};
pub use shutdown::stop_signal;
