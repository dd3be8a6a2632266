//! A wallet: a folder with one coldkey and its hotkeys.
//!
//! ```text
//! alice/coldkey.json
//! alice/hotkeys/default.json
//! ```
//!
//! Each file holds one key as JSON, in the clear or under a password, and is refused if others than its owner could
//! read it. The password comes from the file named by `LAUREL_PASSWORD_FILE`, or from `LAUREL_PASSWORD`. A machine that only serves needs no coldkey:
//! leave that file out.
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
use crate::key_file::{self, KeyFile};
use clap::Args;
use secrecy::{zeroize::Zeroizing, ExposeSecret, SecretString};
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};
use subxt_signer::bip39::Mnemonic;
use subxt_signer::sr25519::{Keypair, PublicKey};

/// Environment variable that names a file with the password.
pub const PASSWORD_FILE_VARIABLE: &str = "LAUREL_PASSWORD_FILE";
/// Environment variable with the password itself.
pub const PASSWORD_VARIABLE: &str = "LAUREL_PASSWORD";

const COLDKEY_FILE: &str = "coldkey.json";
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
}

impl WalletArgs {
    /// The hotkey.
    pub fn open_hotkey(&self) -> Result<Keypair, WalletError> {
        Wallet::open(&self.wallet)?.hotkey(&self.hotkey)
    }
}

/// What is wrong with a wallet, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// There is no such folder.
    #[error("there is no wallet at {}: create one with `laurel wallet create --wallet {0}`", .path.display())]
    NoWallet {
        /// The folder.
        path: PathBuf,
    },
    /// The folder has no coldkey.
    #[error("the wallet {} has no coldkey: copy coldkey.json into it, or use the machine that has it", .wallet.display())]
    NoColdkey {
        /// The folder.
        wallet: PathBuf,
    },
    /// The folder has no hotkey of this name.
    #[error(
        "the wallet {} has no hotkey {name}: create it with `laurel wallet add-hotkey --wallet {0} --hotkey {name}`",
        .wallet.display()
    )]
    NoHotkey {
        /// The folder.
        wallet: PathBuf,
        /// The name.
        name: String,
    },
    /// The name could leave the folder.
    #[error("{name:?} is not a hotkey's name: use up to {MAX_NAME_CHARS} letters, digits, - and _")]
    BadName {
        /// The name.
        name: String,
    },
    /// A file is there already.
    #[error("{} exists already and is left alone: choose another name", .path.display())]
    KeyExists {
        /// The file.
        path: PathBuf,
    },
    /// Others could read the key.
    #[error("others can read the key {} (mode {mode:o}): run `chmod 600 {0}`", .path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a key file.
    #[error("the key file {} is damaged, {why}: restore it from your backup", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file is encrypted and no password is given.
    #[error("the key {} needs a password: set {PASSWORD_FILE_VARIABLE} or {PASSWORD_VARIABLE}", .path.display())]
    PasswordNeeded {
        /// The file.
        path: PathBuf,
    },
    /// The password does not open the file.
    #[error("the password does not open the key {}: correct it", .path.display())]
    WrongPassword {
        /// The file.
        path: PathBuf,
    },
    /// Encryption was asked for without a password.
    #[error("an empty password protects nothing: choose one, or ask for no encryption")]
    EmptyPassword,
    /// The text given is not a secret.
    #[error(
        "this is not a seed (0x and 64 hexadecimal digits), a phrase of 12 to 24 words, or a path such as //Alice"
    )]
    BadSecret,
    /// A file or folder cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder cannot be written; nothing was.
    #[error("cannot write {}: {source}; nothing was written: {}", .path.display(), write_remedy(.source))]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn write_remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some disk space, or raise its limit, then try again"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "choose a folder that you can write to",
        _ => "check the path and the disk",
    }
}

/// Where a new key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// Twelve new random words.
    Generate,
    /// A seed, phrase or derivation path that exists.
    Import(SecretString),
}

/// How a key is written.
#[derive(Debug)]
pub enum Protection {
    /// In the clear; the file's mode is all that protects it.
    None,
    /// Under a password.
    Password(SecretString),
}

impl Protection {
    /// Under the password of the environment, if there is one.
    pub fn from_env() -> Result<Self, WalletError> {
        Ok(password_from_env()?.map_or(Self::None, Self::Password))
    }
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
        let is_wallet = folder.join(COLDKEY_FILE).exists() || folder.join(HOTKEYS_FOLDER).is_dir();
        if !is_wallet {
            return Err(WalletError::NoWallet { path: folder.into() });
        }
        Ok(Self { folder: folder.into() })
    }

    /// Makes a wallet with a coldkey. Never replaces a key.
    pub fn create(
        folder: impl AsRef<Path>,
        source: KeySource,
        protection: &Protection,
    ) -> Result<Created, WalletError> {
        let wallet = Self {
            folder: folder.as_ref().into(),
        };
        let path = wallet.folder.join(COLDKEY_FILE);
        wallet.create_key(&path, source, protection)
    }

    /// Makes a wallet with a coldkey and a new hotkey of this name: both, or where one cannot be written neither. Never replaces a key.
    pub fn create_with_hotkey(
        folder: impl AsRef<Path>,
        source: KeySource,
        hotkey: &str,
        protection: &Protection,
    ) -> Result<(Created, Created), WalletError> {
        let wallet = Self {
            folder: folder.as_ref().into(),
        };
        // A wrong name, or one that is taken, must not leave a coldkey behind.
        let path = wallet.hotkey_path(hotkey)?;
        if path.exists() {
            return Err(WalletError::KeyExists { path });
        }
        let existed = wallet.folder.exists();
        let coldkey = Self::create(&wallet.folder, source, protection)?;
        match wallet.create_hotkey(hotkey, KeySource::Generate, protection) {
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
        self.create_key(&self.hotkey_path(name)?, source, protection)
    }

    /// The coldkey. Asks the environment for a password if the file needs one.
    pub fn coldkey(&self) -> Result<Keypair, WalletError> {
        KeyFile::read(&self.coldkey_path()?)?.unlock(password_from_env)
    }

    /// A hotkey. Asks the environment for a password if the file needs one.
    pub fn hotkey(&self, name: &str) -> Result<Keypair, WalletError> {
        KeyFile::read(&self.existing_hotkey(name)?)?.unlock(password_from_env)
    }

    /// The coldkey, by this password if the file needs one.
    pub fn coldkey_with(&self, password: SecretString) -> Result<Keypair, WalletError> {
        KeyFile::read(&self.coldkey_path()?)?.unlock(|| Ok(Some(password)))
    }

    /// A hotkey, by this password if the file needs one.
    pub fn hotkey_with(&self, name: &str, password: SecretString) -> Result<Keypair, WalletError> {
        KeyFile::read(&self.existing_hotkey(name)?)?.unlock(|| Ok(Some(password)))
    }

    /// The coldkey's public half; needs no password.
    pub fn coldkey_address(&self) -> Result<PublicKey, WalletError> {
        Ok(KeyFile::read(&self.coldkey_path()?)?.public_key())
    }

    /// A hotkey's public half; needs no password.
    pub fn hotkey_address(&self, name: &str) -> Result<PublicKey, WalletError> {
        Ok(KeyFile::read(&self.existing_hotkey(name)?)?.public_key())
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

    fn coldkey_path(&self) -> Result<PathBuf, WalletError> {
        let path = self.folder.join(COLDKEY_FILE);
        if !path.exists() {
            return Err(WalletError::NoColdkey {
                wallet: self.folder.clone(),
            });
        }
        Ok(path)
    }

    fn hotkey_path(&self, name: &str) -> Result<PathBuf, WalletError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(allowed) {
            return Err(WalletError::BadName { name: name.into() });
        }
        Ok(self.folder.join(HOTKEYS_FOLDER).join(format!("{name}.json")))
    }

    fn existing_hotkey(&self, name: &str) -> Result<PathBuf, WalletError> {
        let path = self.hotkey_path(name)?;
        if !path.exists() {
            return Err(WalletError::NoHotkey {
                wallet: self.folder.clone(),
                name: name.into(),
            });
        }
        Ok(path)
    }

    fn create_key(&self, path: &Path, source: KeySource, protection: &Protection) -> Result<Created, WalletError> {
        let (secret, is_new) = match source {
            KeySource::Generate => (generate(), true),
            KeySource::Import(secret) => (secret, false),
        };
        // A secret that is none must not leave a folder behind.
        key_file::keypair(&secret)?;
        let folder = path.parent().unwrap_or(&self.folder);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| WalletError::Write {
                path: folder.into(),
                source,
            })?;
        let keypair = key_file::write(path, &secret, protection)?;
        Ok(Created {
            wallet: self.clone(),
            public: keypair.public_key().0,
            phrase: is_new.then_some(secret),
        })
    }
}

/// Twelve words with 128 bits of the system's randomness.
fn generate() -> SecretString {
    let entropy = Zeroizing::new(rand::random::<[u8; 16]>());
    let words = Mnemonic::from_entropy(entropy.as_slice()).expect("16 bytes make twelve words; qed");
    SecretString::from(words.to_string())
}

/// The password that the environment gives, if any.
pub fn password_from_env() -> Result<Option<SecretString>, WalletError> {
    if let Some(path) = std::env::var_os(PASSWORD_FILE_VARIABLE) {
        let path = PathBuf::from(path);
        let text = fs::read_to_string(&path).map_err(|source| WalletError::Read { path, source })?;
        let text = Zeroizing::new(text);
        return Ok(Some(SecretString::from(text.trim_end_matches(['\r', '\n']))));
    }
    Ok(std::env::var(PASSWORD_VARIABLE).ok().map(SecretString::from))
}
