//! Structured logs on standard error.
use anyhow::{anyhow, Context};
use clap::{Args, ValueEnum};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

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
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr);
        let result = match self.log_format {
            LogFormat::Text => builder.try_init(),
            LogFormat::Json => builder.json().try_init(),
        };
        result.map_err(|error| anyhow!("cannot start logging: {error}"))
    }
}
