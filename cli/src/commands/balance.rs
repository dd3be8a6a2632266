//! `laurel balance`, `laurel transfer`.
use super::{send, ChainArgs};
use crate::amount::Amount;
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{AccountId, Call};
use laurel_daemon::wallet::{Wallet, WalletArgs};
use std::path::PathBuf;

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
    /// The receiver's address.
    #[arg(long)]
    to: AccountId,
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

/// Sends tokens from the wallet's coldkey.
pub async fn transfer(args: TransferArgs) -> Result<()> {
    let call = Call::Transfer {
        dest: args.to,
        value: args.amount.0,
    };
    send(
        &args.chain,
        &args.wallet,
        call,
        &format!("sent {} LRL to {}", args.amount, args.to),
    )
    .await
    .map(drop)
}
