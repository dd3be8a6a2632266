//! `laurel root`.
use super::{hotkey_address, register::consent_if_unknown, send, ChainArgs};
use crate::amount::Amount;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use comfy_table::{presets::UTF8_HORIZONTAL_ONLY, Table};
use laurel_chain::Call;
use laurel_daemon::wallet::WalletArgs;
use laurel_types::NetUid;

#[derive(Subcommand)]
pub enum RootCommand {
    /// Show seats, votes and the split in force.
    Show(ShowArgs),
    /// Take a seat for the wallet's hotkey.
    Register(SeatArgs),
    /// Set the seat's weights on subnets.
    SetWeights(WeightsArgs),
}

#[derive(Args)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
}

#[derive(Args)]
pub struct SeatArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    wallet: WalletArgs,
}

#[derive(Args)]
pub struct WeightsArgs {
    #[command(flatten)]
    seat: SeatArgs,
    /// Weights as netuid=weight; only their proportions count.
    #[arg(required = true, value_parser = parse_weight)]
    weights: Vec<(NetUid, u16)>,
}

fn parse_weight(text: &str) -> Result<(NetUid, u16)> {
    let (netuid, weight) = text.split_once('=').context("write netuid=weight, like 1=70")?;
    Ok((NetUid(netuid.parse()?), weight.parse()?))
}

/// Runs one of them.
pub async fn run(command: RootCommand) -> Result<()> {
    match command {
        RootCommand::Show(args) => show(args).await,
        RootCommand::Register(args) => {
            let hotkey = hotkey_address(&args.wallet, None)?;
            let client = args.chain.connect().await?;
            let consent = consent_if_unknown(&client, &args.wallet, hotkey).await?;
            let done = format!("{hotkey} holds a root seat");
            send(&args.chain, &args.wallet, Call::RegisterSeat { hotkey, consent }, &done)
                .await
                .map(drop)
        }
        RootCommand::SetWeights(WeightsArgs { seat, mut weights }) => {
            let hotkey = hotkey_address(&seat.wallet, None)?;
            weights.sort();
            send(
                &seat.chain,
                &seat.wallet,
                Call::SetRootWeights { hotkey, weights },
                "root weights set",
            )
            .await
            .map(drop)
        }
    }
}

async fn show(args: ShowArgs) -> Result<()> {
    let root = args.chain.connect().await?.root(None).await?;
    let mut table = Table::new();
    table
        .load_preset(UTF8_HORIZONTAL_ONLY)
        .set_header(["seat", "stake LRL", "weights", "set at block"]);
    for seat in &root.seats {
        let weights: Vec<_> = seat
            .weights
            .iter()
            .map(|(netuid, weight)| format!("{netuid}={weight}"))
            .collect();
        table.add_row([
            seat.hotkey.to_string(),
            Amount(seat.stake).to_string(),
            weights.join(" "),
            seat.last_update.to_string(),
        ]);
    }
    println!("{table}");
    for (netuid, part) in &root.split {
        println!(
            "subnet {netuid}: {:.4} % of emission",
            *part as f64 / u64::MAX as f64 * 100.0
        );
    }
    println!("the split is next computed at block {}", root.next_split_at);
    Ok(())
}
