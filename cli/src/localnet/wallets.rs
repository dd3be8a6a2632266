//! The wallets of the cast: made on the first run, kept for the next.
use super::cast;
use anyhow::{bail, Context, Result};
use laurel_chain::{AccountId, Keypair};
use laurel_daemon::wallet::{KeySource, Protection, Wallet};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Name of the one hotkey in each wallet.
pub const HOTKEY: &str = "default";

/// What a run leaves behind for the next; `--fresh` removes it.
const KEPT: [&str; 5] = ["nodes", WALLETS, WALLETS_IN_THE_MAKING, "validators", "models"];

const WALLETS: &str = "wallets";
/// Renamed when all are there: a run that is cut short leaves no half of a cast.
const WALLETS_IN_THE_MAKING: &str = "wallets.new";

/// The keys of one participant.
pub struct Keys {
    /// Holds the balance, registers and stakes.
    pub coldkey: Keypair,
    /// Works for it.
    pub hotkey: Keypair,
}

impl Keys {
    /// Address of the coldkey.
    pub fn coldkey_address(&self) -> AccountId {
        AccountId::from(&self.coldkey)
    }

    /// Address of the hotkey.
    pub fn hotkey_address(&self) -> AccountId {
        AccountId::from(&self.hotkey)
    }
}

/// All wallets, by name.
pub struct Wallets(BTreeMap<&'static str, Keys>);

impl Wallets {
    /// Opens the wallets below `dir`, or makes them for a chain that is not there yet either.
    pub fn open_or_create(dir: &Path) -> Result<Self> {
        let new = !dir.join(WALLETS).exists();
        if new && dir.join("nodes").exists() {
            bail!(
                "{} has a chain but not the wallets of its people: start with --fresh",
                dir.display()
            );
        }
        if new {
            create_all(dir)?;
        }
        let mut wallets = BTreeMap::new();
        for (name, _) in cast::wallets() {
            let wallet = Wallet::open(folder(dir, name))?;
            let keys = Keys {
                coldkey: wallet.coldkey()?,
                hotkey: wallet.hotkey(HOTKEY)?,
            };
            wallets.insert(name, keys);
        }
        Ok(Self(wallets))
    }

    /// The keys of one participant.
    pub fn get(&self, name: &str) -> Result<&Keys> {
        self.0
            .get(name)
            .with_context(|| format!("there is no wallet of {name}: start with --fresh"))
    }
}

/// Folder of one wallet.
pub fn folder(dir: &Path, name: &str) -> PathBuf {
    dir.join(WALLETS).join(name)
}

/// Makes the wallets of the whole cast, or none.
fn create_all(dir: &Path) -> Result<()> {
    let fresh = dir.join(WALLETS_IN_THE_MAKING);
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("cannot remove {}", fresh.display()))?;
    }
    for (name, _) in cast::wallets() {
        // The keys hold nothing of worth, and nobody is there to type a password.
        let created = Wallet::create(fresh.join(name), KeySource::Generate, &Protection::None)?;
        created
            .wallet
            .create_hotkey(HOTKEY, KeySource::Generate, &Protection::None)?;
    }
    let wallets = dir.join(WALLETS);
    fs::rename(&fresh, &wallets).with_context(|| format!("cannot write {}", wallets.display()))
}

/// Removes chain, wallets and receipts of earlier runs.
pub fn forget(dir: &Path) -> Result<()> {
    for kept in KEPT {
        let path = dir.join(kept);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
