//! The command line.
use laurel_daemon::LogFormat;
use sc_cli::RunCmd;

/// Transactions that wait in the pool at most: two full blocks of transfers on the slowest chain.
const POOL_LIMIT: &str = "32768";

/// Kilobytes of them: as many weights calls of full subnets.
const POOL_KBYTES: &str = "49152";

/// What `laurel-node` was asked to do.
#[derive(Debug, clap::Parser)]
#[command(
    mut_arg("pool_limit", |arg| arg.default_value(POOL_LIMIT)),
    mut_arg("pool_kbytes", |arg| arg.default_value(POOL_KBYTES)),
    // Secrets, which --print-config leaves out.
    mut_arg("node_key", |arg| arg.hide_env_values(true)),
    mut_arg("password", |arg| arg.hide_env_values(true))
)]
pub struct Cli {
    /// Anything but running the node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run the node.
    #[clap(flatten)]
    pub run: RunCmd,

    /// Format of the log lines on standard error.
    #[arg(long, value_enum, default_value = "text")]
    pub log_format: LogFormat,
}

/// Anything but running the node.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum Subcommand {
    /// Key management.
    #[command(subcommand)]
    Key(sc_cli::KeySubcommand),

    /// Write the chain specification of a chain as JSON: `dev`, `local`, `production` or a file.
    ExportChainSpec(sc_cli::ExportChainSpecCmd),

    /// As export-chain-spec, with a bootnode for this machine; older tools expect it.
    BuildSpec(sc_cli::BuildSpecCmd),

    /// Check the block with this number or hash again.
    CheckBlock(sc_cli::CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(sc_cli::ExportBlocksCmd),

    /// Write the state at a block into a chain specification.
    ExportState(sc_cli::ExportStateCmd),

    /// Import blocks from a file.
    ImportBlocks(sc_cli::ImportBlocksCmd),

    /// Remove the database of a chain.
    PurgeChain(sc_cli::PurgeChainCmd),

    /// Undo the last blocks that are not final.
    Revert(sc_cli::RevertCmd),

    /// Print the best and finalized block in the database.
    ChainInfo(sc_cli::ChainInfoCmd),
}
