//! `laurel`: wallets, registration, staking, the metagraph, explanations, and a whole network on one machine.
mod amount;
mod commands;
mod localnet;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "laurel", version, about = "The command line of the Laurel network")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make and look at wallets.
    #[command(subcommand)]
    Wallet(commands::wallet::WalletCommand),
    /// Show what an account holds.
    Balance(commands::balance::BalanceArgs),
    /// Send tokens.
    Transfer(commands::balance::TransferArgs),
    /// Register a hotkey in a subnet.
    Register(commands::register::RegisterArgs),
    /// Add, remove and list stake.
    #[command(subcommand)]
    Stake(commands::stake::StakeCommand),
    /// List the subnets.
    Subnets(commands::metagraph::SubnetsArgs),
    /// Show a subnet with its neurons.
    Metagraph(commands::metagraph::MetagraphArgs),
    /// Show the root network, or set a seat's weights.
    #[command(subcommand)]
    Root(commands::root::RootCommand),
    /// Show why a neuron scored as it did, from a validator's receipts.
    Explain(commands::explain::ExplainArgs),
    /// Run a whole network on this machine.
    Localnet(localnet::LocalnetArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    laurel_daemon::finish(run(Cli::parse().command).await)
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Wallet(command) => commands::wallet::run(command),
        Command::Balance(args) => commands::balance::show(args).await,
        Command::Transfer(args) => commands::balance::transfer(args).await,
        Command::Register(args) => commands::register::run(args).await,
        Command::Stake(command) => commands::stake::run(command).await,
        Command::Subnets(args) => commands::metagraph::subnets(args).await,
        Command::Metagraph(args) => commands::metagraph::metagraph(args).await,
        Command::Root(command) => commands::root::run(command).await,
        Command::Explain(args) => commands::explain::run(args),
        Command::Localnet(args) => localnet::run(args).await,
    }
}
