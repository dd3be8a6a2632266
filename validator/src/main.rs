//! `laurel-validator`: asks, verifies, scores, commits and reveals.
use clap::Parser;
use laurel_daemon::{finish, stop_signal, LogArgs, MetricsArgs};
use laurel_validator::config::ValidatorArgs;
use std::process::ExitCode;

/// Judge the miners of one subnet and set weights.
#[derive(Parser, Debug)]
#[command(name = "laurel-validator", version)]
struct Cli {
    #[command(flatten)]
    validator: ValidatorArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
    #[command(flatten)]
    log: LogArgs,
}

#[tokio::main]
async fn main() -> ExitCode {
    finish(run(Cli::parse()).await)
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    cli.log.init()?;
    let shutdown = stop_signal()?;
    cli.metrics.start(shutdown.clone()).await?;
    let validator = tokio::select! {
        built = cli.validator.build() => built?,
        () = shutdown.cancelled() => return Ok(()),
    };
    validator.run(shutdown).await
}
