//! Structured logs on standard error.
mod json;

use anyhow::{anyhow, Context};
use clap::{Args, ValueEnum};
use json::JsonLine;
use std::{
    io::IsTerminal,
    panic::PanicHookInfo,
    sync::atomic::{AtomicBool, Ordering},
};
use tracing_subscriber::EnvFilter;

/// Whether what this process says to people is JSON too, its last error included.
static JSON: AtomicBool = AtomicBool::new(false);

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The flags by which logging is set.
#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// Format of the log lines on standard error.
    #[arg(long, value_enum, default_value = "text", env = "LAUREL_LOG_FORMAT")]
    pub log_format: LogFormat,
    /// What to log: a level, or `module=level` with commas between.
    #[arg(long, default_value = "info", env = "LAUREL_LOG")]
    pub log: String,
}

impl LogArgs {
    /// Starts logging for the whole process.
    pub fn init(&self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.log)
            .with_context(|| format!("--log {}: write for example info or laurel_miner=debug", self.log))?;
        match self.log_format {
            LogFormat::Text => tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_ansi(std::io::stderr().is_terminal())
                .with_writer(std::io::stderr)
                .try_init()
                .map_err(|error| anyhow!("cannot start logging: {error}")),
            LogFormat::Json => start_json(filter),
        }
    }
}

/// Logs what passes the filter as JSON, one object a line: `timestamp` (UTC, RFC 3339), `level`, `target`, `message`, and the data of the
/// event beside them; a datum by the name of one of the first three gets a `_` at its end. Records of the `log` crate and panics come the same way, and so does the error with which the program ends.
///
/// # Errors
/// When this process logs already.
pub fn start_json(filter: EnvFilter) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .event_format(JsonLine)
        .try_init()
        .map_err(|error| anyhow!("cannot start logging: {error}"))?;
    JSON.store(true, Ordering::Relaxed);
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Whether the process logs JSON.
pub(crate) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// A panic on one line, where the usual hook writes several.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string);
    let reason = panic.payload_as_str().unwrap_or("no reason given");
    tracing::error!(location, reason, "a thread panicked");
}
