//! The whole program around a validator: logs, metrics, the signal to stop.
use crate::{
    config::{ModelArgs, ValidatorArgs},
    explain::{bundle::Bundle, on_chain, recount},
    gateway::{self, accounts},
    metrics,
    work::{CustomKind, Judge, Works},
};
use clap::{Args, Parser};
use laurel_chain::{ChainClient, ConnectOptions};
use laurel_daemon::{config as settings, finish, stop_signal, Health, LogArgs, MetricsArgs};
use laurel_protocol::Hash;
use std::{
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// How long users' answers may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(3);
/// The word that asks for the past to be recomputed.
const RECOMPUTE: &str = "recompute";
/// The exit code where something comes out otherwise, as of `laurel explain --bundle`.
const DIFFERS: u8 = 5;

/// What every validator is told, whatever it judges.
#[derive(Args, Debug)]
pub struct ProgramArgs {
    /// The validator itself.
    #[command(flatten)]
    pub validator: ValidatorArgs,
    /// Where metrics are served.
    #[command(flatten)]
    pub metrics: MetricsArgs,
    /// What is logged, and how.
    #[command(flatten)]
    pub log: LogArgs,
}

/// Judge the miners of one subnet and set weights.
#[derive(Parser, Debug)]
#[command(name = "laurel-validator", version)]
pub struct Command {
    /// What every validator is told.
    #[command(flatten)]
    pub program: ProgramArgs,
    /// The models that it judges by.
    #[command(flatten)]
    pub models: ModelArgs,
}

/// Judge the miners of one subnet's own kind of work and set weights.
#[derive(Parser, Debug)]
#[command(
    after_help = "`recompute FILE` in the place of all options recomputes the scores that `laurel explain --export FILE` wrote."
)]
struct CustomCommand {
    #[command(flatten)]
    program: ProgramArgs,
}

/// Recompute every score in a file that `laurel explain --export` wrote. Ends with 5 if anything comes out otherwise.
#[derive(Parser, Debug)]
struct RecomputeCommand {
    /// The file.
    file: PathBuf,
    /// Endpoints of the chain on which the validator committed to the receipts.
    #[arg(long, value_name = "URL", value_delimiter = ',')]
    chain: Vec<String>,
}

/// Runs a validator until it is told to stop. `load` says what it judges, given the secret from which tasks follow.
///
/// # Errors
/// What ended it before, or kept it from starting.
pub async fn run(program: ProgramArgs, load: impl FnOnce(Hash) -> anyhow::Result<Works>) -> anyhow::Result<()> {
    program.log.init()?;
    let shutdown = stop_signal()?;
    let health = Health::new();
    let starting = health.part("start", "looking at the chain and loading the model");
    program
        .metrics
        .start(
            &[metrics::METRICS, gateway::METRICS, accounts::METRICS],
            &health,
            shutdown.clone(),
        )
        .await?;
    let (validator, gateway) = tokio::select! {
        built = program.validator.build(load, &health) => built?,
        () = shutdown.cancelled() => return Ok(()),
    };
    starting.is_ready();
    let serving = gateway.map(|gateway| tokio::spawn(gateway.serve(shutdown.clone().cancelled_owned())));
    validator.run(shutdown).await?;
    if let Some(serving) = serving {
        // What users are still being told ends with the program.
        let _ = tokio::time::timeout(DRAIN, serving).await;
    }
    Ok(())
}

/// The `main` of a validator of custom work: the flags of `laurel-validator`, without those about models. With `recompute FILE` in their
/// place it recomputes what another one has judged.
pub async fn judge<J: Judge>(judge: J) -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == RECOMPUTE) {
        arguments.remove(1);
        return match recompute(judge, RecomputeCommand::parse_from(arguments)).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(DIFFERS),
            Err(error) => finish(Err(error)),
        };
    }
    let CustomCommand { program } = settings::parse();
    let load = |task_key| Ok(Works::new(vec![Arc::new(CustomKind::new(judge, task_key))]));
    finish(run(program, load).await)
}

/// Whether all comes out as it is written.
async fn recompute<J: Judge>(judge: J, command: RecomputeCommand) -> anyhow::Result<bool> {
    let bundle = Bundle::read(&command.file)?;
    // No task is made here.
    let works = Works::new(vec![Arc::new(CustomKind::new(judge, Hash::default()))]);
    let mut recount = recount::recount(&bundle, &works).await;
    if !command.chain.is_empty() {
        let client = ChainClient::connect(&command.chain, ConnectOptions::default()).await?;
        on_chain::expect_genesis(&client, &bundle)?;
        for (commitment, epoch) in bundle.epochs.iter().zip(&mut recount.epochs) {
            epoch.on_chain = on_chain::compare(&client, &bundle, commitment).await?;
        }
    }
    write!(io::stdout(), "{recount}")?;
    Ok(!recount.differs())
}
