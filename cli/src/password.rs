//! Unlocking keys: by a file, by the environment, or by asking whoever is at the terminal.
use crate::{failure, waiting};
use anyhow::{ensure, Result};
use clap::Args;
use laurel_chain::Keypair;
use laurel_daemon::wallet::{
    password_in, KeyFile, PasswordArgs, Protection, SecretKey, WalletError, PASSWORD_FILE_VARIABLE,
};
use secrecy::{zeroize::Zeroizing, ExposeSecret, SecretString};
use std::path::{Path, PathBuf};

/// The flags of commands that write keys.
#[derive(Args, Clone, Debug)]
pub struct ProtectionArgs {
    #[command(flatten)]
    pub password: PasswordArgs,
    /// Write the keys in the clear, the coldkey too: the files' mode is all that protects them.
    #[arg(long)]
    pub no_password: bool,
}

/// The flag that names another password than that of the wallet's keys.
#[derive(Args, Clone, Debug)]
pub struct NewPasswordArgs {
    /// File that holds the new password; only its owner may be able to read it. It is asked for without.
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
    /// Write the key in the clear: the file's mode is all that protects it.
    #[arg(long, conflicts_with = "new_password_file")]
    no_password: bool,
}

impl ProtectionArgs {
    /// How new keys are written: under the password that is given, or one that is asked for twice.
    pub fn protection(&self) -> Result<Protection> {
        if self.no_password {
            return Ok(Protection::None);
        }
        match self.password.password()? {
            Some(password) => Ok(Protection::Password(password)),
            None => ask_twice("password for the new keys: "),
        }
    }
}

impl NewPasswordArgs {
    /// How the key is written.
    pub fn protection(&self) -> Result<Protection> {
        match &self.new_password_file {
            _ if self.no_password => Ok(Protection::None),
            Some(path) => Ok(Protection::Password(password_in(path)?)),
            None => ask_twice("new password: "),
        }
    }
}

/// The key pair of a file, by the password that is given or one that is asked for.
pub fn unlock(file: &KeyFile, given: &PasswordArgs) -> Result<Keypair> {
    Ok(file.unlock(|| of(file.path(), given))?)
}

/// The secret key of a file, to be written elsewhere.
pub fn secret(file: &KeyFile, given: &PasswordArgs) -> Result<SecretKey> {
    Ok(file.secret(|| of(file.path(), given))?)
}

/// The password of a key file: the one that is given, or one that is asked for; none where nobody is there to ask.
pub fn of(path: &Path, given: &PasswordArgs) -> Result<Option<SecretString>, WalletError> {
    let password = given.password()?;
    Ok(password.or_else(|| ask(&format!("password of {}: ", path.display())).ok()))
}

fn ask_twice(prompt: &str) -> Result<Protection> {
    let Ok(password) = ask(prompt) else {
        return Err(failure::usage(format!(
            "nobody is there to ask for a password: name a file that holds it by its flag or {PASSWORD_FILE_VARIABLE}, or choose --no-password"
        )));
    };
    let again = ask("the same again: ")?;
    ensure!(
        password.expose_secret() == again.expose_secret(),
        "the two passwords differ: nothing was written"
    );
    Ok(Protection::Password(password))
}

/// Asks at the terminal itself, so that standard input can carry something else.
pub fn ask(prompt: &str) -> std::io::Result<SecretString> {
    waiting::over();
    let text = Zeroizing::new(rpassword::prompt_password(prompt)?);
    Ok(SecretString::from(text.as_str()))
}
