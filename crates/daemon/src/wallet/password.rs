//! Where the password of a key comes from.
use super::{private_file, WalletError};
use clap::Args;
use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// Environment variable that names a file with the password.
pub const PASSWORD_FILE_VARIABLE: &str = "LAUREL_PASSWORD_FILE";
/// Environment variable with the password itself.
pub const PASSWORD_VARIABLE: &str = "LAUREL_PASSWORD";
/// Longest password file that is read, in bytes.
const MAX_PASSWORD_BYTES: u64 = 4 * 1024;

/// The flag that names a password.
#[derive(Args, Clone, Debug, Default)]
pub struct PasswordArgs {
    /// File that holds the keys' password; only its owner may be able to read it.
    #[arg(long, value_name = "FILE", env = PASSWORD_FILE_VARIABLE)]
    pub password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// The password in the file, else the one in [`PASSWORD_VARIABLE`], if any.
    pub fn password(&self) -> Result<Option<SecretString>, WalletError> {
        match &self.password_file {
            Some(path) => Ok(Some(password_in(path)?)),
            None => Ok(std::env::var(PASSWORD_VARIABLE).ok().map(SecretString::from)),
        }
    }
}

/// The password that the environment gives, if any.
pub fn password_from_env() -> Result<Option<SecretString>, WalletError> {
    let password_file = std::env::var_os(PASSWORD_FILE_VARIABLE).map(PathBuf::from);
    PasswordArgs { password_file }.password()
}

/// The password in a file, without the end of its line.
///
/// # Errors
/// [`WalletError::TooOpen`] if others can read the file.
pub fn password_in(path: &Path) -> Result<SecretString, WalletError> {
    let wrong = |why: &str| WalletError::Read {
        path: path.into(),
        source: std::io::Error::other(why),
    };
    let bytes =
        private_file::read(path, MAX_PASSWORD_BYTES)?.ok_or_else(|| wrong("it is far too long for a password"))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("a password must be UTF-8 text"))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}
