//! `laurel wallet`.
use anyhow::Result;
use clap::{Args, Subcommand};
use laurel_chain::AccountId;
use laurel_daemon::wallet::{KeySource, Protection, Wallet};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum WalletCommand {
    /// Make a wallet with a coldkey and a hotkey. Set LAUREL_PASSWORD or LAUREL_PASSWORD_FILE to encrypt the keys.
    Create(CreateArgs),
    /// Make a wallet from a coldkey that exists: its phrase, seed or derivation path comes on standard input.
    Import(CreateArgs),
    /// Add a hotkey to a wallet.
    AddHotkey(CreateArgs),
    /// Show a wallet's addresses.
    Show(ShowArgs),
}

#[derive(Args)]
pub struct CreateArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    /// Name of the hotkey.
    #[arg(long, default_value = "default")]
    hotkey: String,
}

#[derive(Args)]
pub struct ShowArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
}

/// Runs one of them.
pub fn run(command: WalletCommand) -> Result<()> {
    match command {
        WalletCommand::Create(args) => {
            let coldkey = Wallet::create(&args.wallet, KeySource::Generate, &Protection::from_env()?)?;
            write_down("coldkey", coldkey.public, coldkey.phrase_to_write_down());
            add_hotkey(&coldkey.wallet, &args.hotkey)
        }
        WalletCommand::Import(args) => {
            let secret = KeySource::Import(std::io::read_to_string(std::io::stdin())?.trim().to_owned().into());
            let coldkey = Wallet::create(&args.wallet, secret, &Protection::from_env()?)?;
            write_down("coldkey", coldkey.public, None);
            add_hotkey(&coldkey.wallet, &args.hotkey)
        }
        WalletCommand::AddHotkey(args) => add_hotkey(&Wallet::open(&args.wallet)?, &args.hotkey),
        WalletCommand::Show(args) => show(&Wallet::open(&args.wallet)?),
    }
}

fn add_hotkey(wallet: &Wallet, name: &str) -> Result<()> {
    let hotkey = wallet.create_hotkey(name, KeySource::Generate, &Protection::from_env()?)?;
    write_down(&format!("hotkey {name}"), hotkey.public, hotkey.phrase_to_write_down());
    Ok(())
}

fn write_down(what: &str, public: [u8; 32], phrase: Option<&str>) {
    println!("{what}: {}", AccountId(public));
    if let Some(phrase) = phrase {
        println!("  write these words down; whoever has them has the key:\n  {phrase}");
    }
}

fn show(wallet: &Wallet) -> Result<()> {
    println!("coldkey: {}", AccountId::from(wallet.coldkey_address()?));
    for name in wallet.hotkeys()? {
        println!("hotkey {name}: {}", AccountId::from(wallet.hotkey_address(&name)?));
    }
    Ok(())
}
