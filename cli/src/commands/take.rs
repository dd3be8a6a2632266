//! `laurel take`.
use super::{parse_take, percent, ChainArgs, Who};
use crate::{
    failure,
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{AccountId, Call};
use laurel_types::Take;
use serde_json::json;

#[derive(Subcommand, Debug)]
pub enum TakeCommand {
    /// Show what the owner of a hotkey keeps of its dividends.
    Show(ShowArgs),
    /// Change it for a hotkey of the wallet's coldkey. Lowering is possible sooner than raising.
    Set(SetArgs),
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    chain: ChainArgs,
    /// The hotkey: an address, or FOLDER#NAME for a wallet's.
    #[arg(long)]
    hotkey: Who,
}

#[derive(Args, Debug)]
pub struct SetArgs {
    #[command(flatten)]
    send: SendArgs,
    /// The hotkey's address, where it is not the one named by --hotkey.
    #[arg(long)]
    hotkey_address: Option<AccountId>,
    /// The new take in percent, at most 18.
    #[arg(long, value_parser = parse_take)]
    take: Take,
}

/// Runs one of them.
pub async fn run(command: TakeCommand, output: Output) -> Result<()> {
    match command {
        TakeCommand::Show(args) => {
            let hotkey = args.hotkey.account()?;
            let info = args.chain.connect().await?.hotkey(&hotkey, None).await?;
            let info =
                info.ok_or_else(|| failure::refused("Staking.HotkeyUnknown", "nobody registered this hotkey"))?;
            output.show(
                || say!("{hotkey} keeps {} of its dividends", percent(info.take)),
                || json!({ "hotkey": hotkey, "owner": info.coldkey, "take": info.take.0 }),
            );
            Ok(())
        }
        TakeCommand::Set(args) => {
            let session = args.send.open(output).await?;
            let hotkey = session.hotkey(args.hotkey_address)?;
            let now = session.client.hotkey(&hotkey, None).await?;
            let now = now.ok_or_else(|| failure::refused("Staking.HotkeyUnknown", "nobody registered this hotkey"))?;
            let quote = Quote::default()
                .text("hotkey", hotkey)
                .text("take_now", percent(now.take))
                .text("take_then", percent(args.take));
            let call = Call::SetTake {
                hotkey,
                take: args.take,
            };
            let done = format!("{hotkey} keeps {} of its dividends", percent(args.take));
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
    }
}
