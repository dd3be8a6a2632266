//! `laurel-validator`: asks, verifies, scores, commits and reveals.
use clap::Parser;
use laurel_daemon::{finish, stop_signal, LogArgs, MetricsArgs};
use laurel_validator::config::ValidatorArgs;
use std::{process::ExitCode, time::Duration};

/// How long users' answers may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(3);

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
    let (validator, gateway) = tokio::select! {
        built = cli.validator.build() => built?,
        () = shutdown.cancelled() => return Ok(()),
    };
    let serving = gateway.map(|gateway| tokio::spawn(gateway.serve(shutdown.clone().cancelled_owned())));
    validator.run(shutdown).await?;
    if let Some(serving) = serving {
        // What users are still being told ends with the program.
        let _ = tokio::time::timeout(DRAIN, serving).await;
    }
    Ok(())
}
