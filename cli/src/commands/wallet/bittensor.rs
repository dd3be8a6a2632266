//! Taking over the folder of a Bittensor wallet.
use crate::{
    output::Output,
    password::{self, ProtectionArgs},
    waiting::until_said,
};
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::AccountId;
use laurel_daemon::wallet::{
    check_hotkey_name, read_bittensor_key, BittensorWallet, KeySource, PasswordArgs, Protection, SecretKey, Wallet,
};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};
use subxt_signer::sr25519::PublicKey;

#[derive(Args, Debug)]
pub struct ImportBittensorArgs {
    /// Folder of the Bittensor wallet, as ~/.bittensor/wallets/NAME. It is only read.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// File that holds the password of the Bittensor keys; it is asked for without.
    #[arg(long, value_name = "FILE")]
    from_password_file: Option<PathBuf>,
    /// Folder of the new wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
    #[command(flatten)]
    protection: ProtectionArgs,
    /// Write the hotkeys in the clear, so that a miner or validator starts without a password; the coldkey stays encrypted.
    #[arg(long)]
    plain_hotkeys: bool,
}

/// `laurel wallet import-bittensor`.
pub fn import(args: ImportBittensorArgs, output: Output) -> Result<()> {
    let found = BittensorWallet::open(&args.from)?;
    // Every key is opened before the first is written.
    let coldkey = found.coldkey.as_deref().map(|path| args.open(path)).transpose()?;
    let mut hotkeys = Vec::new();
    for (name, path) in &found.hotkeys {
        hotkeys.push((name.as_str(), args.open(path)?));
    }
    let protection = args.protection.protection()?;
    let hotkey_protection = if args.plain_hotkeys {
        Protection::None
    } else {
        protection.clone()
    };
    for (name, _) in &hotkeys {
        check_hotkey_name(name)?;
    }
    let mut imported = Vec::new();
    match (coldkey, found.coldkey_address) {
        (Some(key), _) => {
            let created = Wallet::create(&args.wallet, KeySource::Key(key), &protection)?;
            imported.push(("coldkey".to_owned(), AccountId(created.public)));
        }
        (None, Some(address)) => {
            Wallet::watch(&args.wallet, &PublicKey(address))?;
            imported.push(("coldkey (address alone)".to_owned(), AccountId(address)));
        }
        (None, None) => {}
    }
    let wallet = Wallet::at(&args.wallet);
    for (name, key) in hotkeys {
        let created = wallet
            .create_hotkey(name, KeySource::Key(key), &hotkey_protection)
            .with_context(|| format!("{} keys were imported before this one", imported.len()))?;
        imported.push((format!("hotkey {name}"), AccountId(created.public)));
    }
    let people = || {
        for (what, address) in &imported {
            say!("{what}: {address}");
        }
    };
    let programs = || {
        let keys = imported
            .iter()
            .map(|(what, address)| json!({ "key": what, "address": address }));
        json!({ "imported": keys.collect::<Vec<Value>>() })
    };
    output.show(people, programs);
    Ok(())
}

impl ImportBittensorArgs {
    fn open(&self, path: &Path) -> Result<SecretKey> {
        let given = PasswordArgs {
            password_file: self.from_password_file.clone(),
        };
        let password = || {
            let password = password::of(path, &given);
            until_said(format!("opening {}", path.display()));
            password
        };
        Ok(read_bittensor_key(path, password)?)
    }
}
