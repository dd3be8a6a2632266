//! `laurel wallet`.
use super::identity::IdentityArgs;
use crate::{
    commands::subnet::identity_deposit,
    output::Output,
    password,
    transaction::{Plan, SendArgs},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::{calls, AccountId};
use laurel_daemon::wallet::{Created, KeySource, Wallet};
use serde_json::{json, Value};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub enum WalletCommand {
    /// Make a wallet with a coldkey and a hotkey, encrypted by the password of the environment or one that is asked for.
    Create(CreateArgs),
    /// Make a wallet from a coldkey that exists: its phrase, seed or derivation path comes on standard input.
    Import(CreateArgs),
    /// Add a hotkey to a wallet.
    #[command(visible_alias = "create-hotkey")]
    AddHotkey(CreateArgs),
    /// Show a wallet's addresses.
    Show(ShowArgs),
    /// Say who is behind the wallet's coldkey, for a deposit.
    Identify(IdentifyArgs),
    /// Take that back, with the deposit.
    Anonymise(AnonymiseArgs),
}

#[derive(Args, Debug)]
pub struct CreateArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    /// Name of the hotkey.
    #[arg(long, default_value = "default")]
    hotkey: String,
    /// Write the keys in the clear: the files' mode is all that protects them.
    #[arg(long)]
    no_password: bool,
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
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
        WalletCommand::Create(args) => create(args, KeySource::Generate, output),
        WalletCommand::Import(args) => {
            let secret = std::io::read_to_string(std::io::stdin())?.trim().to_owned();
            create(args, KeySource::Import(secret.into()), output)
        }
        WalletCommand::AddHotkey(args) => {
            let wallet = Wallet::open(&args.wallet)?;
            let protection = password::for_new_keys(args.no_password)?;
            let hotkey = wallet.create_hotkey(&args.hotkey, KeySource::Generate, &protection)?;
            tell(&[(format!("hotkey {}", args.hotkey), hotkey)], output);
            Ok(())
        }
        WalletCommand::Show(args) => show(&Wallet::open(&args.wallet)?, output),
        WalletCommand::Identify(args) => {
            let session = args.send.open(output).await?;
            let identity = args.identity.into();
            let quote = identity_deposit(&session, &identity).await?;
            let call = calls::subnets::set_identity(&identity);
            let done = format!("{} is {}", session.account()?, identity.name);
            session.run(Plan::new(call, done).quoting(quote)).await.map(drop)
        }
        WalletCommand::Anonymise(args) => {
            let session = args.send.open(output).await?;
            let plan = Plan::new(calls::subnets::clear_identity(), "the account has no identity");
            session.run(plan).await.map(drop)
        }
    }
}

fn create(args: CreateArgs, source: KeySource, output: Output) -> Result<()> {
    let protection = password::for_new_keys(args.no_password)?;
    let (coldkey, hotkey) = Wallet::create_with_hotkey(&args.wallet, source, &args.hotkey, &protection)?;
    tell(
        &[("coldkey".into(), coldkey), (format!("hotkey {}", args.hotkey), hotkey)],
        output,
    );
    Ok(())
}

/// Says what was made. The words are part of it: nobody could read them later.
fn tell(keys: &[(String, Created)], output: Output) {
    let people = || {
        for (what, key) in keys {
            say!("{what}: {}", AccountId(key.public));
            if let Some(phrase) = key.phrase_to_write_down() {
                say!("  write these words down; whoever has them has the key:\n  {phrase}");
            }
        }
    };
    let programs = || {
        let keys = keys.iter().map(|(what, key)| {
            json!({ "key": what, "address": AccountId(key.public), "phrase": key.phrase_to_write_down() })
        });
        json!({ "created": keys.collect::<Vec<Value>>() })
    };
    output.show(people, programs);
}

fn show(wallet: &Wallet, output: Output) -> Result<()> {
    // A machine that only serves has no coldkey.
    let coldkey = wallet.coldkey_address().ok().map(AccountId::from);
    let mut hotkeys = Vec::new();
    for name in wallet.hotkeys()? {
        let address = AccountId::from(wallet.hotkey_address(&name)?);
        hotkeys.push((name, address));
    }
    let people = || {
        if let Some(coldkey) = coldkey {
            say!("coldkey: {coldkey}");
        }
        for (name, address) in &hotkeys {
            say!("hotkey {name}: {address}");
        }
    };
    let programs = || {
        let hotkeys = hotkeys
            .iter()
            .map(|(name, address)| json!({ "name": name, "address": address }));
        json!({ "coldkey": coldkey, "hotkeys": hotkeys.collect::<Vec<Value>>() })
    };
    output.show(people, programs);
    Ok(())
}
