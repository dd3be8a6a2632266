//! `laurel wallet`. All but `identify` and `anonymise` needs no chain.
mod bittensor;
mod create;
mod list;
mod message;
mod rewrite;

use super::identity::IdentityArgs;
use crate::{
    commands::subnet::{deposit_back, identity_deposit},
    output::Output,
    quote::Quote,
    transaction::{Plan, SendArgs},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{calls, Key as StorageKey};
use laurel_daemon::wallet::{Key, PasswordArgs, Wallet};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub enum WalletCommand {
    /// Make a wallet with a coldkey and a hotkey.
    Create(create::CreateArgs),
    /// Make a wallet from a coldkey that exists: its phrase, seed or derivation path comes on standard input, or a key file by --key-file.
    Import(create::ImportArgs),
    /// Make a wallet from the folder of a Bittensor wallet.
    ImportBittensor(bittensor::ImportBittensorArgs),
    /// Add a hotkey to a wallet.
    #[command(visible_alias = "create-hotkey")]
    AddHotkey(create::AddHotkeyArgs),
    /// Make a wallet that knows a coldkey by its address alone: it shows and prepares, and the key signs elsewhere.
    Watch(create::WatchArgs),
    /// Show a wallet's addresses.
    Show(list::ShowArgs),
    /// List the wallets in a folder.
    List(list::ListArgs),
    /// Write a key to a file that polkadot.js and its kin open.
    Export(rewrite::ExportArgs),
    /// Write a key under another password, or under one at all.
    ChangePassword(rewrite::ChangePasswordArgs),
    /// Sign a message, to prove who holds a key.
    Sign(message::SignArgs),
    /// Check a signed message.
    Verify(message::VerifyArgs),
    /// Say who is behind the wallet's coldkey, for a deposit.
    Identify(IdentifyArgs),
    /// Take that back, with the deposit.
    Anonymise(AnonymiseArgs),
}

/// Which of a wallet's keys is meant.
#[derive(Args, Debug)]
pub struct KeyArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    /// The hotkey of this name, instead of the coldkey.
    #[arg(long, value_name = "NAME")]
    hotkey: Option<String>,
    #[command(flatten)]
    password: PasswordArgs,
}

impl KeyArgs {
    fn wallet(&self) -> Result<Wallet> {
        Ok(Wallet::open(&self.wallet)?)
    }

    fn key(&self) -> Key<'_> {
        self.hotkey.as_deref().map_or(Key::Coldkey, Key::Hotkey)
    }
}

#[derive(Args, Debug)]
pub struct IdentifyArgs {
    #[command(flatten)]
    send: SendArgs,
    #[command(flatten)]
    identity: IdentityArgs,
}

#[derive(Args, Debug)]
pub struct AnonymiseArgs {
    #[command(flatten)]
    send: SendArgs,
}

/// Runs one of them.
pub async fn run(command: WalletCommand, output: Output) -> Result<()> {
    match command {
        WalletCommand::Create(args) => create::create(args, output),
        WalletCommand::Import(args) => create::import(args, output),
        WalletCommand::ImportBittensor(args) => bittensor::import(args, output),
        WalletCommand::AddHotkey(args) => create::add_hotkey(args, output),
        WalletCommand::Watch(args) => create::watch(&args, output),
        WalletCommand::Show(args) => list::show(&args, output),
        WalletCommand::List(args) => list::list(&args, output),
        WalletCommand::Export(args) => rewrite::export(&args, output),
        WalletCommand::ChangePassword(args) => rewrite::change_password(&args, output),
        WalletCommand::Sign(args) => message::sign(&args, output),
        WalletCommand::Verify(args) => message::verify(&args, output),
        WalletCommand::Identify(args) => {
            let session = args.send.open(output).await?;
            let identity: calls::subnets::Identity = args.identity.into();
            let quote = Quote::default().text("name", &identity.name);
            let quote = quote.and(identity_deposit(&session, &identity).await?);
            let call = calls::subnets::set_identity(&identity);
            let done = format!("{} is {}", session.account()?, identity.name);
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        WalletCommand::Anonymise(args) => {
            let session = args.send.open(output).await?;
            let keys = [StorageKey::Account(session.account()?)];
            let identity = session.client.storage("Subnets", "Identities", &keys, None).await?;
            let plan = Plan::new(calls::subnets::clear_identity(), "the account has no identity");
            session
                .run(plan.quoting(deposit_back(Quote::default(), identity)))
                .await
                .map(drop)
        }
    }
}
