//! `laurel register`.
use super::{hotkey_address, send, ChainArgs};
use crate::amount::Amount;
use anyhow::{bail, Context, Result};
use clap::Args;
use laurel_chain::{consent, AccountId, Call, ChainClient};
use laurel_daemon::wallet::{Wallet, WalletArgs};
use laurel_types::{HotkeyConsent, NetUid};

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
    let consent = consent_if_unknown(&client, &args.wallet, hotkey).await?;
    let call = Call::BurnedRegister {
        netuid,
        hotkey,
        max_price: args.max_price.0,
        consent,
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

/// What the wallet's hotkey signs to belong to its coldkey. A hotkey that is known already need not sign, and its key may be on
/// another machine.
pub async fn consent_if_unknown(
    client: &ChainClient,
    args: &WalletArgs,
    hotkey: AccountId,
) -> Result<Option<HotkeyConsent>> {
    if client.hotkey(&hotkey, None).await?.is_some() {
        return Ok(None);
    }
    let wallet = Wallet::open(&args.wallet)?;
    let key = wallet
        .hotkey(&args.hotkey)
        .context("the hotkey must sign that it belongs to the coldkey")?;
    Ok(Some(consent(client.genesis_hash(), &key, &wallet.coldkey_address()?.into())))
}
