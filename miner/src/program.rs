//! The whole program around a miner of custom work.
use crate::{App, ServeArgs, Service, Services, Solve, Start};
use clap::Parser;
use laurel_daemon::{config, finish, stop_signal, Health, LogArgs, MetricsArgs};
use std::process::ExitCode;

/// Do a subnet's own kind of work, and be paid for good answers.
#[derive(Parser)]
struct CustomCommand {
    #[command(flatten)]
    serve: ServeArgs,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
}

/// The `main` of a miner of custom work: the flags of `laurel-miner`, without those about models.
pub async fn solve<S: Solve>(solver: S) -> ExitCode {
    finish(run(config::parse(), solver).await)
}

async fn run<S: Solve>(command: CustomCommand, solver: S) -> anyhow::Result<()> {
    command.log.init()?;
    let stop = stop_signal()?;
    let health = Health::new();
    let starting = health.part("start", "looking at the chain and loading the model");
    command
        .metrics
        .start(&[crate::metrics::METRICS], &health, stop.clone())
        .await?;
    let service = Service::custom(solver, command.serve.limits.queue);
    let prepare = async {
        let keypair = command.serve.wallet.open_hotkey()?;
        let start = Start::connect(&command.serve, keypair).await?;
        start.require_one_of(&[service.root])?;
        anyhow::Ok(start)
    };
    let start = tokio::select! {
        prepared = prepare => prepared?,
        () = stop.cancelled() => return Ok(()),
    };
    let app = App::build(start, Services::new(vec![service])?, health, stop)?;
    starting.is_ready();
    app.run().await
}
