//! Runs what the command line asks for.
use crate::{
    chain_spec::{self, Purpose},
    cli::{Cli, Subcommand},
    disk::Disk,
    logging, ports,
    service::{self, Parts},
};
use clap::{CommandFactory, FromArgMatches};
use laurel_daemon::{config, LogFormat};
use laurel_runtime::OpaqueBlock as Block;
use sc_cli::SubstrateCli;
use sc_network::config::NetworkBackendType;

/// How the node's variables begin: those of the programs around it have none of its own between.
pub const VARIABLES: &str = "LAUREL_NODE";

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Laurel Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        "The Laurel chain: makes blocks, votes on finality, answers JSON-RPC.".into()
    }

    fn author() -> String {
        "the Laurel authors".into()
    }

    fn support_url() -> String {
        "see README.md".into()
    }

    fn copyright_start_year() -> i32 {
        2025
    }

    fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
        let purpose = match self.subcommand {
            Some(Subcommand::ExportChainSpec(_) | Subcommand::BuildSpec(_)) => Purpose::Exporting,
            _ => Purpose::Running,
        };
        chain_spec::load(id, purpose)
    }
}

/// Parses the command line and does what it says.
pub fn run() -> sc_cli::Result<()> {
    let matches = config::matches_or_exit(Cli::setup_command(Cli::command()), VARIABLES);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match &cli.subcommand {
        None => run_node(&cli),
        Some(Subcommand::Key(cmd)) => cmd.run(&cli),
        Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
        Some(Subcommand::BuildSpec(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run(config.chain_spec, config.network)),
        Some(Subcommand::PurgeChain(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.database)),
        Some(Subcommand::ChainInfo(cmd)) => cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config)),
        Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let Parts {
                client,
                task_manager,
                import_queue,
                ..
            } = service::parts(&config)?;
            Ok((cmd.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let Parts {
                client, task_manager, ..
            } = service::parts(&config)?;
            Ok((cmd.run(client, config.database), task_manager))
        }),
        Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let Parts {
                client, task_manager, ..
            } = service::parts(&config)?;
            Ok((cmd.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let Parts {
                client,
                task_manager,
                import_queue,
                ..
            } = service::parts(&config)?;
            Ok((cmd.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
            let Parts {
                client,
                task_manager,
                backend,
                ..
            } = service::parts(&config)?;
            let revert_aux = Box::new(|client, _, blocks| {
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((cmd.run(client, backend, Some(revert_aux)), task_manager))
        }),
    }
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
    let runner = match cli.log_format {
        LogFormat::Text => cli.create_runner(&cli.run)?,
        LogFormat::Json => logging::runner_with_json(cli)?,
    };
    let disk = Disk::of(runner.config().base_path.path());
    let watched = disk.clone();
    let ended = runner.run_node_until_exit(|config| async move {
        watched.require_room()?;
        ports::check_free(&config)?;
        let tasks = match config.network.network_backend {
            NetworkBackendType::Litep2p => service::start::<sc_network::Litep2pNetworkBackend>(config),
            NetworkBackendType::Libp2p => {
                service::start::<sc_network::NetworkWorker<Block, laurel_runtime::Hash>>(config)
            }
        }?;
        tasks
            .spawn_essential_handle()
            .spawn("disk-space", None, watched.until_full());
        Ok(tasks)
    });
    // A full disk is why a task failed, whichever it was that noticed first.
    ended.map_err(|error: sc_cli::Error| disk.require_room().err().map_or(error, sc_cli::Error::Service))
}
