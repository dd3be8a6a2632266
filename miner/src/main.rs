//! Serves a subnet's model over HTTP.
use clap::Parser;
use laurel_daemon::{finish, stop_signal, LogArgs, MetricsArgs};
use laurel_miner::{connect, identify_all, load, App, Args, EngineOptions, Service, Services, Start};
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
        let upstream = args.upstream()?;
        let keypair = args.wallet.open_hotkey()?;
        let models = identify_all(&args.model).await?;
        let start = Start::connect(&args, keypair).await?;
        let roots: Vec<_> = models.iter().map(|model| model.root).collect();
        start.require_one_of(&roots)?;
        let mut services = Vec::with_capacity(models.len());
        for model in models {
            let backend = match &upstream {
                Some(upstream) => {
                    start.permit_upstream(model.kind)?;
                    connect(&model, upstream.clone()).await?
                }
                None => load(&model.folder, model.kind, EngineOptions::new(&args, &model)).await?,
            };
            services.push(Service::new(backend, &model));
        }
        anyhow::Ok((start, Services::new(services)?))
    };
    let (start, services) = tokio::select! {
        prepared = prepare => prepared?,
        () = stop.cancelled() => return Ok(()),
    };
    App::build(start, services, stop)?.run().await
}
