//! One file a noun; what several share is here.
pub mod balance;
pub mod explain;
pub mod metagraph;
pub mod register;
pub mod root;
pub mod stake;
pub mod wallet;

use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::{AccountId, Call, ChainClient, ConnectOptions, Included, SubmitOptions, Wait};
use laurel_daemon::wallet::{Wallet, WalletArgs};
use std::time::Duration;

/// How long a command waits for a chain that does not answer.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// Which chain to ask.
#[derive(Args)]
pub struct ChainArgs {
    /// Endpoints of the chain; the next is tried where one does not answer.
    #[arg(
        long,
        env = "LAUREL_CHAIN",
        value_delimiter = ',',
        default_value = "ws://127.0.0.1:9944"
    )]
    chain: Vec<String>,
}

impl ChainArgs {
    /// Connects to it.
    pub async fn connect(&self) -> Result<ChainClient> {
        let options = ConnectOptions {
            deadline: CONNECT_DEADLINE,
            ..ConnectOptions::default()
        };
        Ok(ChainClient::connect(&self.chain, options).await?)
    }
}

/// Address of the wallet's hotkey, or `address` where one was given.
pub fn hotkey_address(wallet: &WalletArgs, address: Option<AccountId>) -> Result<AccountId> {
    match address {
        Some(address) => Ok(address),
        None => Ok(Wallet::open(&wallet.wallet)?.hotkey_address(&wallet.hotkey)?.into()),
    }
}

/// Signs with the coldkey, sends, waits until it is finalised, and says so.
pub async fn send(chain: &ChainArgs, wallet: &WalletArgs, call: Call, done: &str) -> Result<Included> {
    let coldkey = Wallet::open(&wallet.wallet)?.coldkey()?;
    let client = chain.connect().await?;
    let options = SubmitOptions {
        wait: Wait::Finalized,
        ..SubmitOptions::default()
    };
    let (pallet, name) = call.name();
    let included = client
        .submit(&coldkey, call, options)
        .await
        .with_context(|| format!("{pallet}.{name}"))?;
    println!("{done}, in block {}", included.block.number);
    Ok(included)
}
