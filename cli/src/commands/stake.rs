//! `laurel stake`.
use super::{hotkey_address, send, ChainArgs};
use crate::amount::Amount;
use anyhow::Result;
use clap::{Args, Subcommand};
use comfy_table::{presets::UTF8_HORIZONTAL_ONLY, Table};
use laurel_chain::{AccountId, Call};
use laurel_daemon::wallet::{Wallet, WalletArgs};

#[derive(Subcommand)]
pub enum StakeCommand {
    /// Stake on a hotkey: the wallet's own, or any other by its address.
    Add(ChangeArgs),
    /// Take stake back.
    Remove(ChangeArgs),
    /// Take everything back from a hotkey.
    RemoveAll(TargetArgs),
    /// List the wallet's positions.
    List(TargetArgs),
}

#[derive(Args)]
pub struct TargetArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    /// The hotkey's address, where it is not the wallet's own.
    #[arg(long)]
    hotkey_address: Option<AccountId>,
}

#[derive(Args)]
pub struct ChangeArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// How much, in LRL.
    #[arg(long)]
    amount: Amount,
}

/// Runs one of them.
pub async fn run(command: StakeCommand) -> Result<()> {
    let hotkey_of = |target: &TargetArgs| hotkey_address(&target.wallet, target.hotkey_address);
    match command {
        StakeCommand::Add(ChangeArgs { target, amount }) => {
            let hotkey = hotkey_of(&target)?;
            let call = Call::AddStake {
                hotkey,
                amount: amount.0,
            };
            send(
                &target.chain,
                &target.wallet,
                call,
                &format!("staked {amount} LRL on {hotkey}"),
            )
            .await?;
        }
        StakeCommand::Remove(ChangeArgs { target, amount }) => {
            let hotkey = hotkey_of(&target)?;
            let call = Call::RemoveStake {
                hotkey,
                amount: amount.0,
            };
            send(
                &target.chain,
                &target.wallet,
                call,
                &format!("took {amount} LRL back from {hotkey}"),
            )
            .await?;
        }
        StakeCommand::RemoveAll(target) => {
            let hotkey = hotkey_of(&target)?;
            let call = Call::RemoveAllStake { hotkey };
            send(
                &target.chain,
                &target.wallet,
                call,
                &format!("took everything back from {hotkey}"),
            )
            .await?;
        }
        StakeCommand::List(target) => list(target).await?,
    }
    Ok(())
}

async fn list(target: TargetArgs) -> Result<()> {
    let coldkey = AccountId::from(Wallet::open(&target.wallet.wallet)?.coldkey_address()?);
    let positions = target.chain.connect().await?.stake_of(&coldkey, None).await?;
    let mut table = Table::new();
    table
        .load_preset(UTF8_HORIZONTAL_ONLY)
        .set_header(["hotkey", "stake LRL"]);
    for position in positions
        .iter()
        .filter(|p| target.hotkey_address.is_none_or(|only| only == p.hotkey))
    {
        table.add_row([position.hotkey.to_string(), Amount(position.stake).to_string()]);
    }
    println!("{table}");
    Ok(())
}
