//! A wallet: a folder with one coldkey and its hotkeys.
//!
//! ```text
//! alice/coldkey.json
//! alice/hotkeys/default.json
//! alice/coldkey.pub             only where coldkey.json is on another machine: its address
//! ```
//!
//! Each file holds one key as polkadot.js writes it, in the clear or under a password, and is refused if others than its owner could
//! read it. The password comes from the file that `--password-file` or `LAUREL_PASSWORD_FILE` names, or from `LAUREL_PASSWORD`. A machine that only
//! serves needs no coldkey: leave that file out, or keep its address alone.
//!
//! ```
//! use laurel_daemon::wallet::{KeySource, Protection, Wallet};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("alice");
//! let created = Wallet::create(&path, KeySource::Generate, &Protection::None)?;
//! println!("write these words down: {}", created.phrase_to_write_down().unwrap_or_default());
//! created.wallet.create_hotkey("default", KeySource::Generate, &Protection::None)?;
//!
//! let key = Wallet::open(&path)?.hotkey("default")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod bittensor;
mod error;
mod key_file;
mod password;
mod private_file;
mod secret;

pub use bittensor::{read_key as read_bittensor_key, BittensorWallet};
pub use error::WalletError;
pub use key_file::KeyFile;
pub use password::{password_from_env, password_in, PasswordArgs, PASSWORD_FILE_VARIABLE, PASSWORD_VARIABLE};
pub use secret::SecretKey;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use subxt_signer::sr25519::{Keypair, PublicKey};
use subxt_utils_accountid32::AccountId32;

const COLDKEY_FILE: &str = "coldkey.json";
const COLDKEY_ADDRESS_FILE: &str = "coldkey.pub";
const HOTKEYS_FOLDER: &str = "hotkeys";
const MAX_NAME_CHARS: usize = 64;

/// The flags that name a hotkey.
#[derive(Args, Clone, Debug)]
pub struct WalletArgs {
    /// Folder of the wallet.
    #[arg(long, value_name = "DIR", env = "LAUREL_WALLET")]
    pub wallet: PathBuf,
    /// Name of the hotkey in the wallet.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub hotkey: String,
    /// Where the password is.
    #[command(flatten)]
    pub password: PasswordArgs,
}

impl WalletArgs {
    /// The hotkey.
    pub fn open_hotkey(&self) -> Result<Keypair, WalletError> {
        let wallet = Wallet::open(&self.wallet)?;
        wallet
            .file(Key::Hotkey(&self.hotkey))?
            .unlock(|| self.password.password())
    }
}

/// One of a wallet's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// The coldkey.
    Coldkey,
    /// The hotkey of this name.
    Hotkey(&'a str),
}

impl std::fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Coldkey => f.write_str("coldkey"),
            Self::Hotkey(name) => write!(f, "hotkey {name}"),
        }
    }
}

/// Where a new key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// Twelve new random words.
    Generate,
    /// Twenty-four of them.
    GenerateLong,
    /// A seed, phrase or derivation path that exists.
    Import(SecretString),
    /// A key that exists.
    Key(SecretKey),
}

/// How a key is written.
#[derive(Clone, Debug)]
pub enum Protection {
    /// In the clear; the file's mode is all that protects it.
    None,
    /// Under a password.
    Password(SecretString),
}

/// A new wallet or hotkey.
#[derive(Debug)]
pub struct Created {
    /// The wallet that holds it.
    pub wallet: Wallet,
    /// The new key's public half.
    pub public: [u8; 32],
    phrase: Option<SecretString>,
}

impl Created {
    /// The words of a generated key: whoever has them has the key.
    pub fn phrase_to_write_down(&self) -> Option<&str> {
        self.phrase.as_ref().map(|phrase| phrase.expose_secret())
    }
}

/// A folder of keys. It holds no secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wallet {
    folder: PathBuf,
}

impl Wallet {
    /// The wallet in this folder.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, WalletError> {
        let folder = folder.as_ref();
        let holds = |name: &str| folder.join(name).exists();
        if ![COLDKEY_FILE, COLDKEY_ADDRESS_FILE].iter().any(|name| holds(name)) && !folder.join(HOTKEYS_FOLDER).is_dir()
        {
            return Err(WalletError::NoWallet { path: folder.into() });
        }
        Ok(Self { folder: folder.into() })
    }

    /// The wallet that is to be in this folder, whether anything is there yet or not.
    pub fn at(folder: impl AsRef<Path>) -> Self {
        Self {
            folder: folder.as_ref().into(),
        }
    }

    /// Makes a wallet, or adds to one without coldkey, that knows a coldkey's address alone: it shows, prepares and never signs.
    pub fn watch(folder: impl AsRef<Path>, coldkey: &PublicKey) -> Result<Self, WalletError> {
        let wallet = Self::at(folder);
        let path = wallet.folder.join(COLDKEY_FILE);
        if path.exists() {
            return Err(WalletError::KeyExists { path });
        }
        let address = format!("{}\n", AccountId32(coldkey.0));
        private_file::create(&wallet.folder.join(COLDKEY_ADDRESS_FILE), address.as_bytes())?;
        Ok(wallet)
    }

    /// Makes a wallet with a coldkey. Never replaces a key.
    pub fn create(
        folder: impl AsRef<Path>,
        source: KeySource,
        protection: &Protection,
    ) -> Result<Created, WalletError> {
        let wallet = Self::at(folder);
        wallet.create_key(Key::Coldkey, source, protection)
    }

    /// Makes a wallet with a coldkey and a new hotkey of this name, each protected in its way: both, or where one cannot be written neither.
    /// Never replaces a key.
    pub fn create_with_hotkey(
        folder: impl AsRef<Path>,
        source: KeySource,
        protection: &Protection,
        (hotkey, hotkey_protection): (&str, &Protection),
    ) -> Result<(Created, Created), WalletError> {
        let wallet = Self::at(folder);
        // A wrong name, or one that is taken, must not leave a coldkey behind.
        let path = wallet.path_of(Key::Hotkey(hotkey))?;
        if path.exists() {
            return Err(WalletError::KeyExists { path });
        }
        let existed = wallet.folder.exists();
        let coldkey = Self::create(&wallet.folder, source, protection)?;
        match wallet.create_hotkey(hotkey, KeySource::Generate, hotkey_protection) {
            Ok(hotkey) => Ok((coldkey, hotkey)),
            Err(error) => {
                wallet.remove_new_coldkey(existed);
                Err(error)
            }
        }
    }

    /// Takes a coldkey that was just written back, and the folders that were made for it, which are empty then.
    fn remove_new_coldkey(&self, folder_existed: bool) {
        // What cannot be removed stays: the error to report is the one before.
        let _ = fs::remove_file(self.folder.join(COLDKEY_FILE));
        if !folder_existed {
            let _ = fs::remove_dir(self.folder.join(HOTKEYS_FOLDER));
            let _ = fs::remove_dir(&self.folder);
        }
    }

    /// Adds a hotkey. Never replaces a key.
    pub fn create_hotkey(
        &self,
        name: &str,
        source: KeySource,
        protection: &Protection,
    ) -> Result<Created, WalletError> {
        self.create_key(Key::Hotkey(name), source, protection)
    }

    /// The coldkey. Asks the environment for a password if the file needs one.
    pub fn coldkey(&self) -> Result<Keypair, WalletError> {
        self.file(Key::Coldkey)?.unlock(password_from_env)
    }

    /// A hotkey. Asks the environment for a password if the file needs one.
    pub fn hotkey(&self, name: &str) -> Result<Keypair, WalletError> {
        self.file(Key::Hotkey(name))?.unlock(password_from_env)
    }

    /// The coldkey's public half; needs no password.
    pub fn coldkey_address(&self) -> Result<PublicKey, WalletError> {
        match self.file(Key::Coldkey) {
            Err(error @ WalletError::NoColdkey { .. }) => self.watched()?.ok_or(error),
            file => Ok(file?.public_key()),
        }
    }

    /// The address that is there without its key.
    fn watched(&self) -> Result<Option<PublicKey>, WalletError> {
        let path = self.folder.join(COLDKEY_ADDRESS_FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(|source| WalletError::Read {
            path: path.clone(),
            source,
        })?;
        let address: AccountId32 = text.trim().parse().map_err(|_| WalletError::Damaged {
            path,
            why: "it holds no address",
        })?;
        Ok(Some(PublicKey(address.0)))
    }

    /// A hotkey's public half; needs no password.
    pub fn hotkey_address(&self, name: &str) -> Result<PublicKey, WalletError> {
        Ok(self.file(Key::Hotkey(name))?.public_key())
    }

    /// A key's file, read.
    pub fn file(&self, key: Key<'_>) -> Result<KeyFile, WalletError> {
        let path = self.path_of(key)?;
        if path.exists() {
            return KeyFile::read(&path);
        }
        let wallet = self.folder.clone();
        Err(match key {
            Key::Coldkey => WalletError::NoColdkey { wallet },
            Key::Hotkey(name) => WalletError::NoHotkey {
                wallet,
                name: name.into(),
            },
        })
    }

    /// Writes a key that is there anew, under another protection: at any time either file is whole under its name.
    pub fn protect(&self, key: Key<'_>, secret: &SecretKey, protection: &Protection) -> Result<(), WalletError> {
        let json = key_file::render(secret, &self.label(key), protection)?;
        private_file::replace(&self.path_of(key)?, &json)
    }

    /// Writes a key to a new file outside the wallet, as polkadot.js reads it.
    pub fn export(
        &self,
        key: Key<'_>,
        secret: &SecretKey,
        protection: &Protection,
        to: &Path,
    ) -> Result<(), WalletError> {
        private_file::create(to, &key_file::render(secret, &self.label(key), protection)?)
    }

    /// Names of the hotkeys, sorted.
    pub fn hotkeys(&self) -> Result<Vec<String>, WalletError> {
        let folder = self.folder.join(HOTKEYS_FOLDER);
        let unreadable = |source| WalletError::Read {
            path: folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(unreadable)?.file_name();
            names.extend(
                name.to_str()
                    .and_then(|name| name.strip_suffix(".json"))
                    .map(str::to_owned),
            );
        }
        names.sort();
        Ok(names)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    fn path_of(&self, key: Key<'_>) -> Result<PathBuf, WalletError> {
        let Key::Hotkey(name) = key else {
            return Ok(self.folder.join(COLDKEY_FILE));
        };
        check_hotkey_name(name)?;
        Ok(self.folder.join(HOTKEYS_FOLDER).join(format!("{name}.json")))
    }

    /// The key's name as other wallets show it.
    fn label(&self, key: Key<'_>) -> String {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{folder} {key}").trim_start().to_owned()
    }

    fn create_key(&self, key: Key<'_>, source: KeySource, protection: &Protection) -> Result<Created, WalletError> {
        let path = self.path_of(key)?;
        let (secret, phrase) = match source {
            KeySource::Generate => secret::generate::<16>()?,
            KeySource::GenerateLong => secret::generate::<32>()?,
            KeySource::Import(uri) => (SecretKey::from_uri(&uri)?, None),
            KeySource::Key(secret) => (secret, None),
        };
        private_file::create(&path, &key_file::render(&secret, &self.label(key), protection)?)?;
        Ok(Created {
            wallet: self.clone(),
            public: secret.public(),
            phrase,
        })
    }
}

/// That this can be a hotkey's name.
///
/// # Errors
/// [`WalletError::BadName`] if it could leave the folder, or is too long.
pub fn check_hotkey_name(name: &str) -> Result<(), WalletError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(allowed) {
        return Err(WalletError::BadName { name: name.into() });
    }
    Ok(())
}
