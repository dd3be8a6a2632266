//! Serves a subnet's model over HTTP.
use clap::Parser;
use laurel_daemon::{finish, stop_signal, LogArgs, MetricsArgs};
use laurel_miner::{identify, load, App, Args, EngineOptions, Service, Start};
use std::process::ExitCode;

/// Serves a subnet's model over HTTP and is paid for good answers.
#[derive(Parser)]
#[command(name = "laurel-miner", version)]
struct Command {
    #[command(flatten)]
    args: Args,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
}

#[tokio::main]
async fn main() -> ExitCode {
    finish(run(Command::parse()).await)
}

async fn run(command: Command) -> anyhow::Result<()> {
    command.log.init()?;
    let stop = stop_signal()?;
    command.metrics.start(stop.clone()).await?;
    let args = command.args;

    let prepare = async {
        let keypair = args.wallet.open_hotkey()?;
        let model = identify(&args.model).await?;
        let start = Start::connect(&args, keypair).await?;
        let accepted = start.require_model(model.root)?;
        let backend = load(&args.model, model.kind, EngineOptions::new(&args, &accepted)).await?;
        anyhow::Ok((
            start,
            Service {
                backend,
                root: model.root,
                name: model.name,
            },
        ))
    };
    let (start, service) = tokio::select! {
        prepared = prepare => prepared?,
        () = stop.cancelled() => return Ok(()),
    };
    App::build(start, service, stop)?.run().await
}
