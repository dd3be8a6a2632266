//! `laurel`: wallets and every action of the protocol, explanations, and a whole network on one machine.
// First, because the others print by its macro.
#[macro_use]
mod output;

mod carried;
mod commands;
mod failure;
mod localnet;
mod password;
mod quote;
#[cfg(test)]
mod reference;
mod saved;
mod sent;
mod transaction;
mod waiting;
mod work;

use clap::{Parser, Subcommand};
use output::{Action, Noun, Output};
use std::process::ExitCode;

/// The command line of the Laurel network. Exits with 0 after success, 1 for a failure on this machine, 2 for arguments that cannot be, 3 for
/// what the chain refuses, 4 where the chain was not reached or gave no answer in time.
#[derive(Parser, Debug)]
#[command(name = "laurel", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make and look at wallets.
    Wallet(Noun<commands::wallet::WalletCommand>),
    /// Show what an account holds.
    Balance(Action<commands::balance::BalanceArgs>),
    /// Send tokens.
    Transfer(Action<commands::balance::TransferArgs>),
    /// Add, remove, move, give and list stake.
    Stake(Noun<commands::stake::StakeCommand>),
    /// Deposit tokens for a gateway, take them back, list deposits.
    Prepaid(Noun<commands::prepaid::PrepaidCommand>),
    /// Show or set what a hotkey's owner keeps of its dividends.
    Take(Noun<commands::take::TakeCommand>),
    /// Lend a hotkey's stake to child hotkeys of a subnet.
    Child(Noun<commands::child::ChildCommand>),
    /// List, create, tune and end subnets.
    Subnet(Noun<commands::subnet::SubnetCommand>),
    /// List the subnets.
    Subnets(Action<commands::metagraph::SubnetsArgs>),
    /// Sign a transaction that was exported on another machine; needs no network.
    Sign(Action<commands::sign::SignArgs>),
    /// Send a transaction that was signed on another machine, or whose outcome was not known.
    Submit(Action<commands::submit::SubmitArgs>),
    /// Show a subnet with its neurons.
    Metagraph(Action<commands::metagraph::MetagraphArgs>),
    /// Register a hotkey in a subnet, for its price or for work.
    Register(Action<commands::register::RegisterArgs>),
    /// Set, commit and reveal weights by hand.
    Weights(Noun<commands::weights::WeightsCommand>),
    /// Show the root network, take a seat, set its weights.
    Root(Noun<commands::root::RootCommand>),
    /// Replace a hotkey or a coldkey by another one.
    Swap(Noun<commands::swap::SwapCommand>),
    /// Let other accounts act for the wallet's coldkey.
    Proxy(Noun<commands::proxy::ProxyCommand>),
    /// Propose and decide what root does.
    Governance(Noun<commands::governance::GovernanceCommand>),
    /// Replace the chain's runtime, by sudo or by governance.
    Upgrade(Action<commands::upgrade::UpgradeArgs>),
    /// Show what names a model, and choose which ones a subnet pays for.
    Model(Noun<commands::model::ModelCommand>),
    /// Look at chain, keys, registration, axon, model, clock, disk and memory, and say what to do about each.
    Doctor(Action<commands::doctor::DoctorArgs>),
    /// Show why a neuron scored as it did, from a validator's receipts.
    Explain(Action<commands::explain::ExplainArgs>),
    /// Keys of a gateway: make and revoke them as its operator, get and look after one's own.
    Gateway(Noun<commands::gateway::GatewayCommand>),
    /// Run a whole network on this machine.
    Localnet(localnet::LocalnetArgs),
    /// Serve the dashboard, a page that looks at a chain.
    Dashboard(Action<commands::dashboard::DashboardArgs>),
    /// Print what --json of a command prints, as JSON Schema.
    Schema(Action<commands::schema::SchemaArgs>),
    /// Print the script by which a shell completes this command.
    Completion(commands::completion::CompletionArgs),
    /// Write the manual: a page for each command.
    Man(Action<commands::completion::ManArgs>),
}

impl Command {
    /// For whom it prints. What has no choice prints for people.
    fn output(&self) -> Output {
        let json = match self {
            Self::Wallet(it) => it.json,
            Self::Balance(it) => it.json,
            Self::Transfer(it) => it.json,
            Self::Sign(it) => it.json,
            Self::Submit(it) => it.json,
            Self::Stake(it) => it.json,
            Self::Prepaid(it) => it.json,
            Self::Take(it) => it.json,
            Self::Child(it) => it.json,
            Self::Subnet(it) => it.json,
            Self::Subnets(it) => it.json,
            Self::Metagraph(it) => it.json,
            Self::Register(it) => it.json,
            Self::Weights(it) => it.json,
            Self::Root(it) => it.json,
            Self::Swap(it) => it.json,
            Self::Proxy(it) => it.json,
            Self::Governance(it) => it.json,
            Self::Upgrade(it) => it.json,
            Self::Explain(it) => it.json,
            Self::Model(it) => it.json,
            Self::Doctor(it) => it.json,
            Self::Dashboard(it) => it.json,
            Self::Man(it) => it.json,
            Self::Schema(_) => true,
            Self::Localnet(_) | Self::Completion(_) => false,
            Self::Gateway(it) => it.json,
        };
        Output { json }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => return misused(&error),
    };
    let output = command.output();
    waiting::show(!output.json);
    let done = run(command, output).await;
    waiting::over();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(failure::Said(code)) = error.downcast_ref() {
                return ExitCode::from(*code);
            }
            let (json, code) = failure::describe(&error);
            if output.json {
                say!("{json:#}");
            } else {
                laurel_daemon::complain(&error);
            }
            ExitCode::from(code)
        }
    }
}

/// Says what is wrong with the arguments, or prints the help that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    // Whoever wants JSON wants it of errors too. The argument's own value can be called so, which then does no harm.
    let wants_json = || std::env::args_os().skip(1).any(|argument| argument == "--json");
    if error.use_stderr() && wants_json() {
        let text = error.to_string();
        let (json, code) = failure::describe(&failure::usage(text.trim_start_matches("error: ")));
        say!("{json:#}");
        return ExitCode::from(code);
    }
    // Where it cannot be written nobody reads it.
    let _ = error.print();
    ExitCode::from(error.exit_code() as u8)
}

async fn run(command: Command, output: Output) -> anyhow::Result<()> {
    match command {
        Command::Wallet(it) => commands::wallet::run(it.what, output).await,
        Command::Balance(it) => commands::balance::show(it.what, output).await,
        Command::Transfer(it) => commands::balance::transfer(it.what, output).await,
        Command::Sign(it) => commands::sign::run(&it.what, output),
        Command::Submit(it) => commands::submit::run(it.what, output).await,
        Command::Stake(it) => commands::stake::run(it.what, output).await,
        Command::Prepaid(it) => commands::prepaid::run(it.what, output).await,
        Command::Take(it) => commands::take::run(it.what, output).await,
        Command::Child(it) => commands::child::run(it.what, output).await,
        Command::Subnet(it) => commands::subnet::run(it.what, output).await,
        Command::Subnets(it) => commands::metagraph::subnets(it.what, output).await,
        Command::Metagraph(it) => commands::metagraph::metagraph(it.what, output).await,
        Command::Register(it) => commands::register::run(it.what, output).await,
        Command::Weights(it) => commands::weights::run(it.what, output).await,
        Command::Root(it) => commands::root::run(it.what, output).await,
        Command::Swap(it) => commands::swap::run(it.what, output).await,
        Command::Proxy(it) => commands::proxy::run(it.what, output).await,
        Command::Governance(it) => commands::governance::run(it.what, output).await,
        Command::Upgrade(it) => commands::upgrade::run(it.what, output).await,
        Command::Explain(it) => commands::explain::run(it.what, output).await,
        Command::Gateway(it) => commands::gateway::run(it.what, output).await,
        Command::Localnet(args) => localnet::run(args).await,
        Command::Model(it) => commands::model::run(it.what, output).await,
        Command::Doctor(it) => commands::doctor::run(it.what, output).await,
        Command::Dashboard(it) => commands::dashboard::run(it.what, output).await,
        Command::Schema(it) => commands::schema::run(&it.what),
        Command::Completion(args) => {
            commands::completion::completion(&args);
            Ok(())
        }
        Command::Man(it) => commands::completion::man(&it.what, output),
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
    fn json_can_be_asked_for_behind_every_verb() {
        for (line, json) in [
            ("subnet dissolve cancel --wallet w --netuid 1 --json", true),
            ("stake --json show --wallet w", true),
            ("balance --wallet w --json", true),
            ("balance --wallet w", false),
            ("localnet --text-model a --embedding-model b --json file", false),
        ] {
            assert_eq!(parse(line).unwrap().command.output(), Output { json }, "{line}");
        }
    }

    #[test]
    fn every_action_of_the_protocol_can_be_written() {
        for line in [
            "wallet create --wallet w --no-password",
            "wallet create --wallet w --words 24 --plain-hotkey --password-file f",
            "wallet import --wallet w --key-file k.json --key-password-file f --no-password",
            "wallet import-bittensor --from b --wallet w --plain-hotkeys",
            "wallet list --folder f",
            "wallet watch --wallet w --coldkey ADDRESS",
            "wallet export --wallet w --hotkey default --out f --new-password-file p",
            "wallet change-password --wallet w --all",
            "wallet sign --wallet w --message hello",
            "wallet verify --by ADDRESS --signature 0x00 --message-file f",
            "transfer --wallet w --to ADDRESS --amount 1 --export f --valid-for 4096",
            "sign --transaction f --wallet w --out g --metadata-hash 0x00 --yes",
            "submit --transaction g --deadline 600",
            "wallet identify --wallet w --name us --url https://example.org",
            "balance --address ADDRESS --json",
            "transfer --wallet w --to ADDRESS --amount 1.5 --yes",
            "stake add --wallet w --amount 10 --dry-run",
            "stake remove --wallet w --hotkey-address ADDRESS --percent 50",
            "stake remove --wallet w --all",
            "stake move --wallet w --to ADDRESS --amount 3",
            "stake transfer --wallet w --to ADDRESS --all",
            "stake list --wallet w",
            "prepaid deposit --wallet w --gateway ADDRESS --amount 5",
            "prepaid withdraw --wallet w --gateway v#default --all",
            "prepaid withdraw --wallet w --gateway ADDRESS --cancel --dry-run",
            "prepaid take-back --wallet w --gateway ADDRESS --yes",
            "prepaid show --for-gateway ADDRESS",
            "prepaid list --wallet w --gateway ADDRESS",
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
            "model accept --wallet w --netuid 1 --folder models/a --only",
            "model list --netuid 1",
            "model manifest --folder models/a --check file",
            "doctor --wallet w --netuid 1 --model m --data d --axon http://127.0.0.1:9990",
            "schema stake show",
            "completion zsh",
            "man --out man1",
            "dashboard --listen 127.0.0.1:0 --files dist",
            "subnet identity set --wallet w --netuid 1 --name us",
            "subnet owner offer --wallet w --netuid 1 --to ADDRESS",
            "subnet protect --wallet w --netuid 1",
            "register --wallet w --netuid 1 --max-price 2",
            "register --wallet w --netuid 1 --pow --threads 2",
            "weights set --wallet w --netuid 1 1=10 2=20",
            "weights commit --wallet w --netuid 1 1=10",
            "weights reveal --wallet w --from file",
            "weights set --wallet w --row 1:1=10,2=20 --row 2:5=1",
            "weights commit --wallet w --row 1:1=10 --row 2:5=1 --yes",
            "weights reveal --wallet w --from one --from other",
            "explain --netuid 1 --uid 2 --data d --json",
            "explain --netuid 1 --uid 2 --data d --epochs 9 --export file",
            "explain --bundle file --model a --model b --chain ws://127.0.0.1:9944 --json",
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
            "governance list --json",
            "localnet --text-model a --embedding-model b --json file",
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
            ("subnet create --wallet w", MissingRequiredArgument),
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
            ("weights set --wallet w --netuid 1", MissingRequiredArgument),
            ("weights set --wallet w 1=1", MissingRequiredArgument),
            ("weights set --wallet w --netuid 1 1=1 --row 2:1=1", ArgumentConflict),
            ("weights commit --wallet w --row 1:1", ValueValidation),
            ("weights commit --wallet w --row 1:1=1 --save file", ArgumentConflict),
            ("weights reveal --wallet w", MissingRequiredArgument),
            ("explain --netuid 1 --uid 2", MissingRequiredArgument),
            ("explain --uid 2 --data d", MissingRequiredArgument),
            ("explain --bundle file --data d", ArgumentConflict),
            ("explain --netuid 1 --uid 2 --data d --model a", ArgumentConflict),
            (
                "transfer --wallet w --to ADDRESS --amount 1 --valid-for 64",
                MissingRequiredArgument,
            ),
            (
                "transfer --wallet w --to ADDRESS --amount 1 --export f --dry-run",
                ArgumentConflict,
            ),
            (
                "transfer --wallet w --to ADDRESS --amount 1 --export f --valid-for 5000",
                ValueValidation,
            ),
            ("wallet create --wallet w --words 13", ValueValidation),
            ("wallet sign --wallet w", MissingRequiredArgument),
            ("wallet sign --wallet w --message a --message-file b", ArgumentConflict),
            ("mint", InvalidSubcommand),
        ] {
            let error = parse(line).expect_err(line);
            assert_eq!(error.kind(), kind, "{line}");
            assert_eq!(error.exit_code(), i32::from(failure::USAGE), "{line}");
        }
    }
}
