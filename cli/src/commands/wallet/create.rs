//! Making keys, and importing them.
use crate::{
    output::Output,
    password::{self, ProtectionArgs},
};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::AccountId;
use laurel_daemon::wallet::{Created, KeyFile, KeySource, PasswordArgs, Protection, Wallet};
use secrecy::{zeroize::Zeroizing, SecretString};
use serde_json::{json, Value};
use std::{
    io::{IsTerminal, Read},
    path::PathBuf,
};
use subxt_signer::sr25519::PublicKey;

/// Most bytes of a phrase with its path and password.
const MAX_SECRET_BYTES: u64 = 4 * 1024;

/// Which wallet is made, and how its keys are protected.
#[derive(Args, Debug)]
pub struct NewWalletArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    /// Name of the hotkey.
    #[arg(long, default_value = "default")]
    hotkey: String,
    #[command(flatten)]
    protection: ProtectionArgs,
    /// Write the hotkey in the clear, so that a miner or validator starts without a password; the coldkey stays encrypted.
    #[arg(long)]
    plain_hotkey: bool,
}

#[derive(Args, Debug)]
pub struct CreateArgs {
    #[command(flatten)]
    new: NewWalletArgs,
    /// How many words the new coldkey's phrase has: 12 or 24.
    #[arg(long, value_name = "12|24", default_value_t = 12, value_parser = word_count)]
    words: u8,
}

#[derive(Args, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    new: NewWalletArgs,
    /// A key file that polkadot.js or this program wrote, instead of a phrase.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// File that holds the password of --key-file; it is asked for without.
    #[arg(long, value_name = "FILE", requires = "key_file")]
    key_password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct AddHotkeyArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    /// Name of the hotkey.
    #[arg(long, default_value = "default")]
    hotkey: String,
    #[command(flatten)]
    protection: ProtectionArgs,
    /// Take a phrase, seed or derivation path from standard input instead of making a new key.
    #[arg(long)]
    import: bool,
    /// How many words the new key's phrase has: 12 or 24.
    #[arg(long, value_name = "12|24", default_value_t = 12, value_parser = word_count, conflicts_with = "import")]
    words: u8,
}

#[derive(Args, Debug)]
pub struct WatchArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    /// Address of the coldkey.
    #[arg(long, value_name = "ADDRESS")]
    coldkey: AccountId,
}

fn word_count(text: &str) -> Result<u8, String> {
    match text {
        "12" => Ok(12),
        "24" => Ok(24),
        _ => Err("a phrase has 12 or 24 words".into()),
    }
}

/// A new key of so many words.
fn generate(words: u8) -> KeySource {
    if words == 24 {
        KeySource::GenerateLong
    } else {
        KeySource::Generate
    }
}

/// `laurel wallet create`.
pub fn create(args: CreateArgs, output: Output) -> Result<()> {
    make(&args.new, generate(args.words), output)
}

/// `laurel wallet import`.
pub fn import(args: ImportArgs, output: Output) -> Result<()> {
    let source = match &args.key_file {
        None => KeySource::Import(secret_given()?),
        Some(path) => {
            let given = PasswordArgs {
                password_file: args.key_password_file.clone(),
            };
            KeySource::Key(password::secret(&KeyFile::read(path)?, &given)?)
        }
    };
    make(&args.new, source, output)
}

/// `laurel wallet add-hotkey`.
pub fn add_hotkey(args: AddHotkeyArgs, output: Output) -> Result<()> {
    let wallet = Wallet::open(&args.wallet)?;
    let source = if args.import {
        KeySource::Import(secret_given()?)
    } else {
        generate(args.words)
    };
    let protection = args.protection.protection()?;
    let hotkey = wallet.create_hotkey(&args.hotkey, source, &protection)?;
    tell(&[(format!("hotkey {}", args.hotkey), hotkey)], output);
    Ok(())
}

/// `laurel wallet watch`.
pub fn watch(args: &WatchArgs, output: Output) -> Result<()> {
    Wallet::watch(&args.wallet, &PublicKey(args.coldkey.0))?;
    output.show(
        || say!("{} knows the coldkey {}", args.wallet.display(), args.coldkey),
        || json!({ "wallet": args.wallet, "coldkey": args.coldkey }),
    );
    Ok(())
}

fn make(new: &NewWalletArgs, source: KeySource, output: Output) -> Result<()> {
    let protection = new.protection.protection()?;
    let hotkey_protection = if new.plain_hotkey {
        Protection::None
    } else {
        protection.clone()
    };
    let hotkey = (new.hotkey.as_str(), &hotkey_protection);
    let (coldkey, hotkey) = Wallet::create_with_hotkey(&new.wallet, source, &protection, hotkey)?;
    tell(
        &[("coldkey".into(), coldkey), (format!("hotkey {}", new.hotkey), hotkey)],
        output,
    );
    Ok(())
}

/// What comes on standard input, or is typed unseen where that is a terminal.
fn secret_given() -> Result<SecretString> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return password::ask("phrase, seed or derivation path: ").context("nothing was typed");
    }
    let mut text = Zeroizing::new(String::new());
    stdin.lock().take(MAX_SECRET_BYTES).read_to_string(&mut text)?;
    Ok(SecretString::from(text.trim()))
}

/// Says what was made. The words are part of it: nobody could read them later.
fn tell(keys: &[(String, Created)], output: Output) {
    let people = || {
        for (what, key) in keys {
            say!("{what}: {}", AccountId(key.public));
            if let Some(phrase) = key.phrase_to_write_down() {
                say!(
                    "  write these words down; whoever has them has the key, and they are shown only now:\n  {phrase}"
                );
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
