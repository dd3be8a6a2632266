//! Which keys there are; no password is needed to know.
use crate::output::Output;
use anyhow::{Context, Result};
use clap::Args;
use laurel_chain::AccountId;
use laurel_daemon::wallet::{Key, Wallet, WalletError};
use serde_json::{json, Value};
use std::{fs, path::PathBuf};

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Folder of the wallet.
    #[arg(long, env = "LAUREL_WALLET")]
    wallet: PathBuf,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// The folder that the wallets are in; ~/.laurel without it.
    #[arg(long, value_name = "DIR", env = "LAUREL_WALLETS")]
    folder: Option<PathBuf>,
}

/// A key without its secret.
struct Seen {
    name: String,
    address: AccountId,
    encrypted: bool,
}

/// The keys of one wallet.
struct Keys {
    coldkey: Option<Seen>,
    /// The coldkey's address where the key is elsewhere.
    watched: Option<AccountId>,
    hotkeys: Vec<Seen>,
}

impl Keys {
    fn of(wallet: &Wallet) -> Result<Self, WalletError> {
        let seen = |key: Key<'_>, name: &str| {
            let file = wallet.file(key)?;
            Ok(Seen {
                name: name.into(),
                address: file.public_key().into(),
                encrypted: file.is_encrypted(),
            })
        };
        let coldkey = match seen(Key::Coldkey, "coldkey") {
            // A machine that only serves has no coldkey.
            Err(WalletError::NoColdkey { .. }) => None,
            coldkey => Some(coldkey?),
        };
        let watched = match &coldkey {
            None => wallet.coldkey_address().ok().map(AccountId::from),
            Some(_) => None,
        };
        let hotkeys = wallet.hotkeys()?;
        let hotkeys = hotkeys.iter().map(|name| seen(Key::Hotkey(name), name));
        Ok(Self {
            coldkey,
            watched,
            hotkeys: hotkeys.collect::<Result<_, WalletError>>()?,
        })
    }

    fn say(&self, indent: &str) {
        let clear = |key: &Seen| if key.encrypted { "" } else { "  (in the clear)" };
        if let Some(key) = &self.coldkey {
            say!("{indent}coldkey: {}{}", key.address, clear(key));
        }
        if let Some(address) = self.watched {
            say!("{indent}coldkey: {address}  (elsewhere)");
        }
        for key in &self.hotkeys {
            say!("{indent}hotkey {}: {}{}", key.name, key.address, clear(key));
        }
    }

    fn json(&self) -> Value {
        let hotkeys = self
            .hotkeys
            .iter()
            .map(|key| json!({ "name": key.name, "address": key.address, "encrypted": key.encrypted }));
        json!({
            "coldkey": self.coldkey.as_ref().map(|key| key.address).or(self.watched),
            "coldkey_encrypted": self.coldkey.as_ref().map(|key| key.encrypted),
            "hotkeys": hotkeys.collect::<Vec<Value>>(),
        })
    }
}

/// `laurel wallet show`.
pub fn show(args: &ShowArgs, output: Output) -> Result<()> {
    let keys = Keys::of(&Wallet::open(&args.wallet)?)?;
    output.show(|| keys.say(""), || keys.json());
    Ok(())
}

/// `laurel wallet list`.
pub fn list(args: &ListArgs, output: Output) -> Result<()> {
    let folder = match (&args.folder, std::env::home_dir()) {
        (Some(folder), _) => folder.clone(),
        (None, Some(home)) => home.join(".laurel"),
        (None, None) => anyhow::bail!("your home folder is not known: name the wallets' folder with --folder"),
    };
    let entries = fs::read_dir(&folder).with_context(|| {
        format!(
            "cannot list {}: name the wallets' folder with --folder",
            folder.display()
        )
    })?;
    let mut wallets = Vec::new();
    for entry in entries {
        let entry = entry?;
        // What is no wallet lies in the folder for another reason.
        if let Ok(wallet) = Wallet::open(entry.path()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            wallets.push((name, Keys::of(&wallet)));
        }
    }
    wallets.sort_by(|a, b| a.0.cmp(&b.0));
    let people = || {
        if wallets.is_empty() {
            say!("no wallet is in {}", folder.display());
        }
        for (name, keys) in &wallets {
            say!("{name}");
            match keys {
                Ok(keys) => keys.say("  "),
                Err(error) => say!("  {error}"),
            }
        }
    };
    let programs = || {
        let wallets = wallets.iter().map(|(name, keys)| {
            let mut json = match keys {
                Ok(keys) => keys.json(),
                Err(error) => json!({ "error": error.to_string() }),
            };
            json["name"] = name.as_str().into();
            json["path"] = folder.join(name).to_string_lossy().into();
            json
        });
        json!({ "wallets": wallets.collect::<Vec<Value>>() })
    };
    output.show(people, programs);
    Ok(())
}
