//! `laurel balance`, `laurel transfer`.
use super::{send, ChainArgs};
use crate::amount::Amount;
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{AccountId, Call};
use laurel_daemon::wallet::{Wallet, WalletArgs};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct BalanceArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// Whose: an address …
    #[arg(long, conflicts_with = "wallet")]
    address: Option<AccountId>,
    /// … or a wallet's coldkey.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: Option<PathBuf>,
}

#[derive(Args)]
pub struct TransferArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    /// The receiver: an address, a wallet's folder for its coldkey, or FOLDER#NAME for its hotkey of that name.
    #[arg(long)]
    to: String,
    /// How much, in LRL.
    #[arg(long)]
    amount: Amount,
}

/// Shows what an account holds.
pub async fn show(args: BalanceArgs) -> Result<()> {
    let account = match (args.address, &args.wallet) {
        (Some(address), _) => address,
        (None, wallet) => {
            let path = wallet.as_ref().context("whose balance? name --address or --wallet")?;
            Wallet::open(path)?.coldkey_address()?.into()
        }
    };
    let client = args.chain.connect().await?;
    let balance = client.balance(&account, None).await?;
    let staked: u64 = client
        .stake_of(&account, None)
        .await?
        .iter()
        .map(|position| position.stake)
        .sum();
    println!("{account}");
    println!("  free    {:>22} LRL", Amount(balance.free));
    println!("  held    {:>22} LRL", Amount(balance.reserved));
    println!("  staked  {:>22} LRL", Amount(staked));
    Ok(())
}

/// The account that `--to` names.
fn receiver(to: &str) -> Result<AccountId> {
    let (folder, hotkey) = match to.split_once('#') {
        Some((folder, hotkey)) => (folder, Some(hotkey)),
        None => (to, None),
    };
    if !Path::new(folder).is_dir() {
        return Ok(to.parse::<AccountId>()?);
    }
    let wallet = Wallet::open(folder)?;
    Ok(match hotkey {
        Some(name) => wallet.hotkey_address(name)?.into(),
        None => wallet.coldkey_address()?.into(),
    })
}

/// Sends tokens from the wallet's coldkey.
pub async fn transfer(args: TransferArgs) -> Result<()> {
    let dest = receiver(&args.to)?;
    let call = Call::Transfer {
        dest,
        value: args.amount.0,
    };
    send(
        &args.chain,
        &args.wallet,
        call,
        &format!("sent {} LRL to {dest}", args.amount),
    )
    .await
    .map(drop)
}
