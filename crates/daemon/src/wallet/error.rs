//! What is wrong with a wallet, and what to do about it.
use super::{MAX_NAME_CHARS, PASSWORD_FILE_VARIABLE, PASSWORD_VARIABLE};
use std::{io, path::PathBuf};

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
    #[error("the wallet {} has no coldkey: copy coldkey.json into it, or prepare the transaction with --export FILE and sign it on the machine that has the key, with `laurel sign`", .wallet.display())]
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
    /// Others could read the secret.
    #[error("others can read {} (mode {mode:o}), which holds a secret: run `chmod 600 {0}`", .path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is not a key file, or not whole.
    #[error("the key file {} is damaged, {why}: restore it from your backup", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A key file of a kind that this program does not use.
    #[error("the key file {} {what}: {remedy}", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The file is encrypted and no password is given.
    #[error(
        "the key {} needs a password: name a file that holds it with --password-file or {PASSWORD_FILE_VARIABLE}, or set {PASSWORD_VARIABLE}",
        .path.display()
    )]
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
