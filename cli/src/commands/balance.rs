//! `laurel balance`, `laurel transfer`.
use super::{ChainArgs, OwnerArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs},
};
use anyhow::Result;
use clap::Args;
use laurel_chain::Call;
use laurel_types::Amount;
use serde_json::json;

#[derive(Args, Debug)]
pub struct BalanceArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    owner: OwnerArgs,
}

#[derive(Args, Debug)]
pub struct TransferArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The receiver: an address, a wallet's folder for its coldkey, or FOLDER#NAME for its hotkey of that name.
    #[arg(long)]
    to: Who,
    /// How much, in LRL.
    #[arg(long)]
    amount: Amount,
}

/// Shows what an account holds.
pub async fn show(args: BalanceArgs, output: Output) -> Result<()> {
    let account = args.owner.account()?;
    let client = args.chain.connect().await?;
    let balance = client.balance(&account, None).await?;
    let positions = client.stake_of(&account, None).await?;
    let staked: u64 = positions.iter().map(|position| position.stake).sum();
    output.show(
        || {
            say!("{account}");
            say!("  free    {:>22} LRL", Amount(balance.free));
            say!("  held    {:>22} LRL", Amount(balance.reserved));
            say!("  staked  {:>22} LRL", Amount(staked));
        },
        || {
            json!({
                "account": account,
                "free": balance.free.to_string(),
                "held": balance.reserved.to_string(),
                "frozen": balance.frozen.to_string(),
                "staked": staked.to_string(),
            })
        },
    );
    Ok(())
}

/// Sends tokens from the wallet's coldkey.
pub async fn transfer(args: TransferArgs, output: Output) -> Result<()> {
    let dest = args.to.account()?;
    let session = args.send.open(output).await?;
    let free = session.client.balance(&session.account()?, None).await?.free;
    if args.amount.0 > free {
        return Err(failure::refused(
            "Balances.InsufficientBalance",
            format!(
                "{} LRL are free, so much cannot be sent: `laurel balance` says what is held or staked",
                Amount(free)
            ),
        ));
    }
    let call = Call::Transfer {
        dest,
        value: args.amount.0,
    };
    let quote = Quote::default()
        .leaves("amount", args.amount.0)
        .text("to", dest)
        .leaves("free_now", free);
    let plan = Plan::new(call, format!("sent {} LRL to {dest}", args.amount)).quoting(quote);
    session.run(plan).await.map(drop)
}
