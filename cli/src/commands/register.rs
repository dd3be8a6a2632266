//! `laurel register`.
use super::{hotkey_address, send, ChainArgs};
use crate::amount::Amount;
use anyhow::{bail, Result};
use clap::Args;
use laurel_chain::Call;
use laurel_daemon::wallet::WalletArgs;
use laurel_types::NetUid;

#[derive(Args)]
pub struct RegisterArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    wallet: WalletArgs,
    /// The subnet.
    #[arg(long)]
    netuid: u16,
    /// The most to pay, in LRL.
    #[arg(long)]
    max_price: Amount,
}

/// Registers the wallet's hotkey.
pub async fn run(args: RegisterArgs) -> Result<()> {
    let netuid = NetUid(args.netuid);
    let hotkey = hotkey_address(&args.wallet, None)?;
    let client = args.chain.connect().await?;
    match client.quote_register(netuid, None).await? {
        None => bail!("subnet {netuid} takes no registrations now: `laurel subnets` lists the subnets"),
        Some(price) if price > args.max_price.0 => {
            bail!(
                "registering costs {} LRL now: wait, or raise --max-price",
                Amount(price)
            )
        }
        Some(price) => println!("registering costs {} LRL now", Amount(price)),
    }
    let call = Call::BurnedRegister {
        netuid,
        hotkey,
        max_price: args.max_price.0,
    };
    send(
        &args.chain,
        &args.wallet,
        call,
        &format!("registered {hotkey} in subnet {netuid}"),
    )
    .await?;
    Ok(())
}
