//! Unlocking keys: by the environment, or by asking whoever is at the terminal.
use anyhow::{Context, Result};
use laurel_chain::Keypair;
use laurel_daemon::wallet::{password_from_env, Protection, Wallet, WalletError, PASSWORD_FILE_VARIABLE};
use secrecy::{zeroize::Zeroizing, ExposeSecret, SecretString};

/// The wallet's coldkey.
pub fn coldkey(wallet: &Wallet) -> Result<Keypair> {
    unlock(wallet.coldkey(), |password| wallet.coldkey_with(password))
}

/// A hotkey of the wallet.
pub fn hotkey(wallet: &Wallet, name: &str) -> Result<Keypair> {
    unlock(wallet.hotkey(name), |password| wallet.hotkey_with(name, password))
}

fn unlock(
    first: Result<Keypair, WalletError>,
    again: impl FnOnce(SecretString) -> Result<Keypair, WalletError>,
) -> Result<Keypair> {
    match first {
        Err(WalletError::PasswordNeeded { path }) => {
            let Ok(password) = ask(&format!("password of {}: ", path.display())) else {
                return Err(WalletError::PasswordNeeded { path }.into());
            };
            Ok(again(password)?)
        }
        other => Ok(other?),
    }
}

/// How new keys are written: under the password of the environment, or one that is asked for twice.
pub fn for_new_keys(no_password: bool) -> Result<Protection> {
    if no_password {
        return Ok(Protection::None);
    }
    if let Some(password) = password_from_env()? {
        return Ok(Protection::Password(password));
    }
    let password = ask("password for the new keys: ").with_context(|| {
        format!("a new key needs a password: set {PASSWORD_FILE_VARIABLE}, or choose --no-password")
    })?;
    let again = ask("the same again: ")?;
    anyhow::ensure!(
        password.expose_secret() == again.expose_secret(),
        "the two passwords differ: nothing was written"
    );
    Ok(Protection::Password(password))
}

/// Asks at the terminal itself, so that standard input can carry something else.
fn ask(prompt: &str) -> std::io::Result<SecretString> {
    let text = Zeroizing::new(rpassword::prompt_password(prompt)?);
    Ok(SecretString::from(text.as_str()))
}
