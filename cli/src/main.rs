//! `laurel`: wallets and every action of the protocol, explanations, and a whole network on one machine.
mod amount;
mod commands;
mod failure;
mod localnet;
mod output;
mod password;
mod quote;
mod saved;
mod transaction;
mod work;

use clap::{Parser, Subcommand};
use output::Output;
use std::process::ExitCode;

/// The command line of the Laurel network. Exits with 0 after success, 1 for a failure on this machine, 2 for arguments that cannot be, 3 for
/// what the chain refuses, 4 where the chain was not reached or gave no answer in time.
#[derive(Parser, Debug)]
#[command(name = "laurel", version)]
struct Cli {
    /// Print one JSON document, errors included; amounts are decimal strings of leaves.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make and look at wallets.
    #[command(subcommand)]
    Wallet(commands::wallet::WalletCommand),
    /// Show what an account holds.
    Balance(commands::balance::BalanceArgs),
    /// Send tokens.
    Transfer(commands::balance::TransferArgs),
    /// Add, remove, move, give and list stake.
    #[command(subcommand)]
    Stake(commands::stake::StakeCommand),
    /// Show or set what a hotkey's owner keeps of its dividends.
    #[command(subcommand)]
    Take(commands::take::TakeCommand),
    /// Lend a hotkey's stake to child hotkeys of a subnet.
    #[command(subcommand)]
    Child(commands::child::ChildCommand),
    /// List, create, tune and end subnets.
    #[command(subcommand)]
    Subnet(commands::subnet::SubnetCommand),
    /// List the subnets.
    Subnets(commands::metagraph::SubnetsArgs),
    /// Show a subnet with its neurons.
    Metagraph(commands::metagraph::MetagraphArgs),
    /// Register a hotkey in a subnet, for its price or for work.
    Register(commands::register::RegisterArgs),
    /// Set, commit and reveal weights by hand.
    #[command(subcommand)]
    Weights(commands::weights::WeightsCommand),
    /// Show the root network, take a seat, set its weights.
    #[command(subcommand)]
    Root(commands::root::RootCommand),
    /// Replace a hotkey or a coldkey by another one.
    #[command(subcommand)]
    Swap(commands::swap::SwapCommand),
    /// Let other accounts act for the wallet's coldkey.
    #[command(subcommand)]
    Proxy(commands::proxy::ProxyCommand),
    /// Propose and decide what root does.
    #[command(subcommand)]
    Governance(commands::governance::GovernanceCommand),
    /// Replace the chain's runtime, by sudo or by governance.
    Upgrade(commands::upgrade::UpgradeArgs),
    /// Show why a neuron scored as it did, from a validator's receipts.
    Explain(commands::explain::ExplainArgs),
    /// Run a whole network on this machine.
    Localnet(localnet::LocalnetArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output { json: cli.json };
    match run(cli.command, output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let (json, code) = failure::describe(&error);
            if output.json {
                println!("{json:#}");
            } else {
                eprintln!("error: {}", laurel_daemon::exit::one_line(&error));
            }
            ExitCode::from(code)
        }
    }
}

async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::Wallet(command) => commands::wallet::run(command, output).await,
        Command::Balance(args) => commands::balance::show(args, output).await,
        Command::Transfer(args) => commands::balance::transfer(args, output).await,
        Command::Stake(command) => commands::stake::run(command, output).await,
        Command::Take(command) => commands::take::run(command, output).await,
        Command::Child(command) => commands::child::run(command, output).await,
        Command::Subnet(command) => commands::subnet::run(command, output).await,
        Command::Subnets(args) => commands::metagraph::subnets(args, output).await,
        Command::Metagraph(args) => commands::metagraph::metagraph(args, output).await,
        Command::Register(args) => commands::register::run(args, output).await,
        Command::Weights(command) => commands::weights::run(command, output).await,
        Command::Root(command) => commands::root::run(command, output).await,
        Command::Swap(command) => commands::swap::run(command, output).await,
        Command::Proxy(command) => commands::proxy::run(command, output).await,
        Command::Governance(command) => commands::governance::run(command, output).await,
        Command::Upgrade(args) => commands::upgrade::run(args, output).await,
        Command::Explain(args) => commands::explain::run(args),
        Command::Localnet(args) => localnet::run(args).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{error::ErrorKind, CommandFactory};

    const ADDRESS: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(format!("laurel {line}").replace("ADDRESS", ADDRESS).split_whitespace())
    }

    #[test]
    fn the_tree_of_commands_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_action_of_the_protocol_can_be_written() {
        for line in [
            "wallet create --wallet w --no-password",
            "wallet identify --wallet w --name us --url https://example.org",
            "balance --address ADDRESS --json",
            "transfer --wallet w --to ADDRESS --amount 1.5 --yes",
            "stake add --wallet w --amount 10 --dry-run",
            "stake remove --wallet w --hotkey-address ADDRESS --percent 50",
            "stake remove --wallet w --all",
            "stake move --wallet w --to ADDRESS --amount 3",
            "stake transfer --wallet w --to ADDRESS --all",
            "stake list --wallet w",
            "take set --wallet w --take 12.5",
            "child set --wallet w --netuid 1 ADDRESS=12.5",
            "child set --wallet w --netuid 1",
            "child accept --wallet w --netuid 1 --parent ADDRESS",
            "child revoke --wallet w --netuid 1 --parent ADDRESS --child w#default",
            "child show --netuid 1 --hotkey ADDRESS",
            "child take --wallet w --netuid 1 --take 3",
            "subnet create --wallet w --max-lock 1000",
            "subnet dissolve announce --wallet w --netuid 1",
            "subnet dissolve cancel --wallet w --netuid 1",
            "subnet hyperparameters",
            "subnet set --wallet w --netuid 1 kappa=30000 min_burn=1LRL",
            "subnet models --wallet w --netuid 1 --folder models/a",
            "subnet identity set --wallet w --netuid 1 --name us",
            "subnet owner offer --wallet w --netuid 1 --to ADDRESS",
            "subnet protect --wallet w --netuid 1",
            "register --wallet w --netuid 1 --max-price 2",
            "register --wallet w --netuid 1 --pow --threads 2",
            "weights set --wallet w --netuid 1 1=10 2=20",
            "weights commit --wallet w --netuid 1 1=10",
            "weights reveal --wallet w --from file",
            "weights pending --netuid 1",
            "root seats",
            "root split",
            "root register --wallet w",
            "root leave --wallet w",
            "root weights --wallet w 1=70 2=30",
            "swap hotkey --wallet w --new-hotkey other",
            "swap coldkey announce --wallet w --to ADDRESS --save file",
            "swap coldkey cancel --wallet w",
            "swap coldkey execute --wallet w --from file",
            "swap coldkey status --address ADDRESS",
            "proxy add --wallet w --delegate ADDRESS --type staking",
            "proxy remove --wallet w --delegate ADDRESS --type small-transfer --delay 5",
            "proxy list --address ADDRESS",
            "proxy announce --wallet w --real ADDRESS --call 0x00",
            "proxy execute --wallet w --real ADDRESS --call 0x00",
            "stake add --wallet w --amount 1 --proxy-for ADDRESS",
            "governance propose --wallet w --call 0x0000",
            "governance vote --wallet w --index 0 --aye",
            "governance close --wallet w --index 0",
            "governance cancel --wallet w --index 0",
            "governance motion vote --wallet w --hash 0x00 --nay",
            "governance motion close --wallet w --hash 0x00",
            "governance list",
            "upgrade --wallet w --runtime file --by governance",
        ] {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused_before_anything_is_asked() {
        use ErrorKind::{ArgumentConflict, InvalidSubcommand, MissingRequiredArgument, ValueValidation};
        for (line, kind) in [
            ("register --wallet w --netuid 1", MissingRequiredArgument),
            ("register --wallet w --netuid 1 --max-price 1 --pow", ArgumentConflict),
            (
                "register --wallet w --netuid 1 --max-price -1",
                ErrorKind::UnknownArgument,
            ),
            ("register --wallet w --netuid 70000 --max-price 1", ValueValidation),
            ("register --wallet w --netuid 1 --max-price 1,5", ValueValidation),
            ("stake remove --wallet w --amount 1 --all", ArgumentConflict),
            ("stake remove --wallet w", MissingRequiredArgument),
            ("stake remove --wallet w --percent 101", ValueValidation),
            ("stake add --wallet w --amount 1 --hotkey-address 5Grw", ValueValidation),
            ("take set --wallet w --take 19", ValueValidation),
            ("child set --wallet w --netuid 1 ADDRESS=0", ValueValidation),
            ("root weights --wallet w 1=0", ValueValidation),
            (
                "proxy add --wallet w --delegate ADDRESS --type everything",
                ErrorKind::InvalidValue,
            ),
            ("governance vote --wallet w --index 0 --aye --nay", ArgumentConflict),
            ("governance vote --wallet w --index 0", MissingRequiredArgument),
            (
                "stake add --wallet w --amount 1 --dry-run --print-call",
                ArgumentConflict,
            ),
            ("mint", InvalidSubcommand),
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.kind(), kind, "{line}");
            assert_eq!(error.exit_code(), i32::from(failure::USAGE), "{line}");
        }
    }
}
