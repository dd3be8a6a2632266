//! A whole network on this machine: `laurel localnet`.
mod cast;
mod checks;
mod explaining;
mod founding;
mod lending;
mod model_change;
mod models;
mod nodes;
mod participants;
mod payday;
mod processes;
mod report;
mod table;
mod user;
mod wallets;
mod watch;

use anyhow::{bail, Context, Result};
use cast::SUBNETS;
use clap::Args;
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use laurel_chain::ChainClient;
use model_change::EPOCHS_TO_SEE_IT;
use models::Models;
use processes::Processes;
use report::{Report, SCHEMA};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use table::Screen;
use user::Served;
use wallets::Wallets;
use watch::Watch;

/// Ports used from the base port on.
const PORTS: u16 = 22;
/// Bytes that a network writes in its first hour, and that its nodes insist on having free.
const ROOM: u64 = 256 << 20;
/// How often processes are looked at while nothing else happens.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Start two authorities, two subnets, their validators and miners, and watch who earns what.
#[derive(Args, Debug)]
pub struct LocalnetArgs {
    /// Stop after this many paid epochs of every subnet, and fail unless every check holds.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Write what happened to this file (docs/localnet.md has the schema).
    #[arg(long)]
    json: Option<PathBuf>,
    /// Start from genesis with new wallets.
    #[arg(long)]
    fresh: bool,
    /// First of the ports to use, all on 127.0.0.1.
    #[arg(long, default_value_t = 9944, value_parser = clap::value_parser!(u16).range(1024..=65000))]
    base_port: u16,
    /// Where chain, wallets, logs and receipts are kept.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Folder of the text model.
    #[arg(long)]
    text_model: PathBuf,
    /// Folder of the embedding model.
    #[arg(long)]
    embedding_model: PathBuf,
}

/// What the parts of the network are started with.
struct Setting {
    dir: PathBuf,
    binaries: PathBuf,
    base_port: u16,
    text_model: PathBuf,
    embedding_model: PathBuf,
}

impl Setting {
    fn from_args(args: &LocalnetArgs) -> Result<Self> {
        let dir = match &args.dir {
            Some(dir) => dir.clone(),
            None => default_dir()?,
        };
        let binaries = std::env::current_exe().context("cannot tell where this program is")?;
        let binaries = binaries.parent().map(Path::to_path_buf).unwrap_or_default();
        for model in [&args.text_model, &args.embedding_model] {
            if !model.is_dir() {
                bail!("there is no model in {}: run scripts/setup.sh", model.display());
            }
        }
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}: choose another --dir", dir.display()))?;
        Ok(Self {
            dir: fs::canonicalize(&dir)?,
            binaries,
            base_port: args.base_port,
            text_model: args.text_model.clone(),
            embedding_model: args.embedding_model.clone(),
        })
    }

    fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    fn port(&self, offset: u16) -> u16 {
        self.base_port + offset
    }
}

fn default_dir() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")))
        .context("neither HOME nor XDG_CACHE_HOME is set: name a folder with --dir")?;
    Ok(cache.join("laurel/localnet"))
}

/// Runs the network until it has paid enough, or until it is told to stop. Succeeds if every check held, or none was asked for.
pub async fn run(args: LocalnetArgs) -> Result<()> {
    let setting = Setting::from_args(&args)?;
    let mut processes = Processes::new(&setting.dir)?;
    if args.fresh {
        wallets::forget(&setting.dir)?;
    }
    check_room(&setting.dir)?;
    check_ports(&setting)?;
    // Stopping is the same whether the run ended, failed or was told to: the processes end when they are dropped.
    tokio::select! {
        result = operate(&args, &setting, &mut processes) => result,
        signal = stop_signal() => {
            signal?;
            eprintln!("\nstopping");
            if args.epochs.is_some() {
                bail!("stopped before the epochs that were asked for had been paid");
            }
            Ok(())
        }
    }
}

async fn stop_signal() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => Ok(result?),
        _ = terminate.recv() => Ok(()),
    }
}

fn check_ports(setting: &Setting) -> Result<()> {
    for port in setting.base_port..setting.base_port + PORTS {
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            bail!("port {port} is in use: stop what uses it, or choose others with --base-port");
        }
    }
    Ok(())
}

fn check_room(dir: &Path) -> Result<()> {
    let disk =
        nix::sys::statvfs::statvfs(dir).with_context(|| format!("cannot look at the disk of {}", dir.display()))?;
    let free = disk.blocks_available().saturating_mul(disk.fragment_size());
    if free < ROOM {
        bail!(
            "the disk of {} has {} MiB left, a network needs {}: free some space, or choose another --dir",
            dir.display(),
            free >> 20,
            ROOM >> 20
        );
    }
    Ok(())
}

async fn operate(args: &LocalnetArgs, setting: &Setting, processes: &mut Processes) -> Result<()> {
    let started = Instant::now();
    let progress = spinner();
    let step = |text: &str| {
        progress.set_message(text.to_owned());
        if progress.is_hidden() {
            eprintln!("{:>5.1} s  {text}", started.elapsed().as_secs_f64());
        }
    };
    step("preparing wallets and models");
    let wallets = Wallets::open_or_create(&setting.dir)?;
    let models = Models::prepare(setting)?;
    step("starting the authorities");
    nodes::start(setting, processes)?;
    let authorities = alive(processes, nodes::connect(setting)).await?;
    let client = authorities[0].1.clone();
    step("waiting for finality");
    alive(processes, first_finalized(&client)).await?;
    if founding::is_founded(&client).await? {
        step("the network of the last run goes on");
    } else {
        alive(processes, founding::found(&client, &wallets, &models, step)).await?;
    }
    step("announcing the next text model");
    let change = alive(processes, model_change::announce(&client, &wallets, &models)).await?;
    step("starting miners and validators");
    participants::start(setting, processes, &models, &change)?;
    step("waiting for the first block");
    progress.finish_and_clear();

    let folders = models.folders();
    let watch = Watch::new(client.clone(), &wallets, models, change)?;
    let followed = follow(setting, &client, watch, args.epochs, started);
    let (watch, seconds_to_first_paid_epoch, served) = alive(processes, followed).await?;
    let mut record = watch.finish(&authorities).await?;
    record.served = Some(served);
    record.explained = explaining::explain(setting, &client, &record.epochs, folders).await?;
    let netuids = SUBNETS.map(|subnet| subnet.netuid);
    let checks = checks::all(&record, &netuids, args.epochs.unwrap_or(1));
    let ok = checks.iter().all(|check| check.ok);
    println!();
    for check in &checks {
        println!(
            "{} {}: {}",
            if check.ok { "ok    " } else { "FAILED" },
            check.name,
            check.detail
        );
    }
    let report = Report {
        schema: SCHEMA,
        ok,
        genesis: client.genesis_hash().to_string(),
        seconds_to_first_paid_epoch,
        checks,
        record,
    };
    if let Some(file) = &args.json {
        write_json(file, &report)?;
    }
    if !ok {
        bail!(
            "not every check held; the logs are in {}",
            setting.dir.join("logs").display()
        );
    }
    Ok(())
}

/// Shows the network block by block; returns once the asked-for epochs have been paid, and the change of models with them if they are
/// enough for it; never if none were asked for.
async fn follow(
    setting: &Setting,
    client: &ChainClient,
    mut watch: Watch,
    epochs: Option<u32>,
    started: Instant,
) -> Result<(Watch, f64, Served)> {
    let mut screen = Screen::new();
    screen.begin();
    let (mut first_paid, mut served) = (None, Served::default());
    let mut blocks = client.finalized_blocks();
    while let Some(block) = blocks.next().await {
        let (headline, rows) = watch.advance(block).await?;
        screen.draw(&headline, &rows);
        // Until the validator knows whom to ask, and in the block in which the model changes, the gateway says to come back.
        if !served.is_answered() {
            served = user::ask(setting).await;
        }
        if watch.epochs_paid() >= 1 && first_paid.is_none() {
            first_paid = Some(started.elapsed().as_secs_f64());
        }
        if let (Some(wanted), Some(seconds)) = (epochs, first_paid) {
            // On a machine so slow that the first epochs passed unpaid, the change is paid for later.
            if watch.epochs_paid() >= wanted && (wanted < EPOCHS_TO_SEE_IT || watch.change_is_paid()) {
                return Ok((watch, seconds, served));
            }
        }
    }
    bail!("the chain ended")
}

async fn first_finalized(client: &ChainClient) -> Result<()> {
    let mut blocks = client.finalized_blocks();
    while let Some(block) = blocks.next().await {
        if block.number > 0 {
            return Ok(());
        }
    }
    bail!("the chain ended before it finalised a block")
}

/// Runs `work` as long as no process dies.
async fn alive<T>(processes: &mut Processes, work: impl std::future::Future<Output = Result<T>>) -> Result<T> {
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    tokio::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            _ = heartbeat.tick() => processes.check()?,
        }
    }
}

fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4}  {msg}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// Writes beside the file first, so that a full disk leaves no half of one.
fn write_json(file: &Path, report: &Report) -> Result<()> {
    let partial = file.with_extension("partial");
    let write = || -> Result<()> {
        fs::write(&partial, serde_json::to_vec_pretty(report)?)?;
        fs::rename(&partial, file)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", file.display()))
}
