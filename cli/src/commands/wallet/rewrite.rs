//! Writing a key that exists again: elsewhere, or under another password.
use super::KeyArgs;
use crate::{
    failure,
    output::Output,
    password::{self, NewPasswordArgs},
};
use anyhow::Result;
use clap::Args;
use laurel_chain::AccountId;
use laurel_daemon::wallet::{Key, Protection};
use serde_json::json;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// The file to write; it must not be there yet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    new: NewPasswordArgs,
}

#[derive(Args, Debug)]
pub struct ChangePasswordArgs {
    #[command(flatten)]
    key: KeyArgs,
    /// Every key of the wallet that is encrypted.
    #[arg(long, conflicts_with = "hotkey")]
    all: bool,
    #[command(flatten)]
    new: NewPasswordArgs,
}

/// `laurel wallet export`.
pub fn export(args: &ExportArgs, output: Output) -> Result<()> {
    let wallet = args.key.wallet()?;
    let key = args.key.key();
    let secret = password::secret(&wallet.file(key)?, &args.key.password)?;
    let protection = args.new.protection()?;
    wallet.export(key, &secret, &protection, &args.out)?;
    let address = AccountId(secret.public());
    output.show(
        || say!("{key} {address} is in {}", args.out.display()),
        || json!({ "key": key.to_string(), "address": address, "file": args.out }),
    );
    Ok(())
}

/// `laurel wallet change-password`.
pub fn change_password(args: &ChangePasswordArgs, output: Output) -> Result<()> {
    let wallet = args.key.wallet()?;
    let hotkeys = wallet.hotkeys()?;
    let mut keys = vec![args.key.key()];
    if args.all {
        keys.extend(hotkeys.iter().map(|name| Key::Hotkey(name)));
        let mut encrypted = Vec::new();
        for key in keys {
            if wallet.file(key)?.is_encrypted() {
                encrypted.push(key);
            }
        }
        keys = encrypted;
    }
    if keys.is_empty() {
        return Err(failure::usage(
            "no key of this wallet has a password: name one with --hotkey, or leave --all out",
        ));
    }
    // Every key is opened before the first is written.
    let mut opened = Vec::new();
    for key in keys {
        opened.push((key, password::secret(&wallet.file(key)?, &args.key.password)?));
    }
    let protection = args.new.protection()?;
    for (key, secret) in &opened {
        wallet.protect(*key, secret, &protection)?;
    }
    let done = match protection {
        Protection::None => "is in the clear",
        Protection::Password(_) => "has its new password",
    };
    let names: Vec<String> = opened.iter().map(|(key, _)| key.to_string()).collect();
    output.show(
        || names.iter().for_each(|key| say!("{key} {done}")),
        || json!({ "changed": names, "encrypted": matches!(protection, Protection::Password(_)) }),
    );
    Ok(())
}
