//! Serves a subnet's model over HTTP.
use laurel_daemon::{config, finish, stop_signal, Health};
use laurel_miner::{connect, identify_all, load, App, Command, EngineOptions, Service, Services, Start};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    finish(run(config::parse()).await)
}

async fn run(command: Command) -> anyhow::Result<()> {
    command.log.init()?;
    let stop = stop_signal()?;
    let health = Health::new();
    let starting = health.part("start", "looking at the chain and loading the model");
    command
        .metrics
        .start(&[laurel_miner::metrics::METRICS], &health, stop.clone())
        .await?;
    let args = command.args;

    let prepare = async {
        let upstream = args.upstream()?;
        let keypair = args.serve.wallet.open_hotkey()?;
        let models = identify_all(&args.model).await?;
        let start = Start::connect(&args.serve, keypair).await?;
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
    let app = App::build(start, services, health, stop)?;
    starting.is_ready();
    app.run().await
}
