//! The wallet's keys: whether they can be read, by nobody else, and opened.
use super::report::Report;
use crate::sent;
use laurel_chain::{AccountId, Keypair};
use laurel_daemon::wallet::{password_from_env, Wallet, WalletError, PASSWORD_FILE_VARIABLE};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// What of a wallet could be found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Address of the coldkey.
    pub coldkey: Option<AccountId>,
    /// Address of the hotkey.
    pub hotkey: Option<AccountId>,
}

/// Looks at the wallet and its hotkey of this name.
pub fn look(folder: &Path, hotkey: &str, report: &mut Report) -> Keys {
    let wallet = match Wallet::open(folder) {
        Ok(wallet) => wallet,
        Err(error) => {
            report.failed("wallet", &error.into());
            return Keys::default();
        }
    };
    mode(folder, report);
    for (what, how) in sent::left(folder) {
        report.warn("transaction", what, how);
    }
    let coldkey = match wallet.coldkey_address() {
        Ok(key) => Some(AccountId::from(key)),
        Err(WalletError::NoColdkey { .. }) => {
            report.ok("coldkey", "not on this machine: a miner or validator needs none");
            None
        }
        Err(error) => {
            report.failed("coldkey", &error.into());
            None
        }
    };
    if let Some(address) = coldkey {
        match opened(wallet.coldkey()) {
            Opened::Locked => report.ok(
                "coldkey",
                format!("{address}, encrypted: its password is asked for when it signs"),
            ),
            other => say_opened("coldkey", address, other, report),
        }
    }
    let address = match wallet.hotkey_address(hotkey) {
        Ok(key) => Some(AccountId::from(key)),
        Err(error) => {
            report.failed("hotkey", &error.into());
            None
        }
    };
    if let Some(address) = address {
        match opened(wallet.hotkey(hotkey)) {
            Opened::Locked => report.warn(
                "hotkey",
                format!("{address}, encrypted, and no password is given"),
                format!("name a file with it in {PASSWORD_FILE_VARIABLE}: a program has nobody to ask"),
            ),
            other => say_opened("hotkey", address, other, report),
        }
    }
    Keys {
        coldkey,
        hotkey: address,
    }
}

/// How a key can be opened.
enum Opened {
    /// It can, by the password of the environment or without one.
    Yes,
    /// It needs a password, and none is given.
    Locked,
    /// It cannot.
    No(WalletError),
}

fn opened(key: Result<Keypair, WalletError>) -> Opened {
    match key {
        Ok(_) => Opened::Yes,
        Err(WalletError::PasswordNeeded { .. }) => Opened::Locked,
        Err(error) => Opened::No(error),
    }
}

fn say_opened(about: &'static str, address: AccountId, opened: Opened, report: &mut Report) {
    match opened {
        Opened::No(error) => report.failed(about, &error.into()),
        // A password that opens nothing was said to be wrong before.
        _ if matches!(password_from_env(), Ok(Some(_))) => {
            report.ok(about, format!("{address}, opened with the password of the environment"));
        }
        _ => report.ok(about, format!("{address}, opened without a password")),
    }
}

/// Key files that others can read are refused anyway; a folder that others can write lets them replace the files.
fn mode(folder: &Path, report: &mut Report) {
    let Ok(found) = fs::metadata(folder) else { return };
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        report.fail(
            "wallet",
            format!("others can write to {} (mode {mode:o})", folder.display()),
            format!("run `chmod 700 {}`", folder.display()),
        );
    } else {
        report.ok("wallet", format!("{} (mode {mode:o})", folder.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_daemon::wallet::{KeySource, Protection};

    #[test]
    fn a_sound_wallet_is_sound_and_one_that_others_can_change_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let wallet = folder.path().join("wallet");
        Wallet::create_with_hotkey(
            &wallet,
            KeySource::Generate,
            &Protection::None,
            ("default", &Protection::None),
        )
        .unwrap();
        let mut report = Report::default();
        let keys = look(&wallet, "default", &mut report);
        assert!(
            report.healthy() && keys.coldkey.is_some() && keys.hotkey.is_some(),
            "{report}"
        );
        fs::set_permissions(&wallet, fs::Permissions::from_mode(0o777)).unwrap();
        let mut report = Report::default();
        look(&wallet, "default", &mut report);
        assert!(report.to_string().contains("chmod 700"), "{report}");
        fs::set_permissions(&wallet, fs::Permissions::from_mode(0o700)).unwrap();
        let key = wallet.join("hotkeys/default.json");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        let mut report = Report::default();
        assert_eq!(look(&wallet, "default", &mut report).hotkey, None);
        assert!(report.to_string().contains("chmod 600"), "{report}");
    }

    #[test]
    fn what_is_missing_is_said_with_the_command_that_makes_it() {
        let folder = tempfile::tempdir().unwrap();
        let wallet = folder.path().join("wallet");
        let mut report = Report::default();
        assert_eq!(look(&wallet, "default", &mut report), Keys::default());
        assert!(report.to_string().contains("laurel wallet create"), "{report}");
        Wallet::create_with_hotkey(
            &wallet,
            KeySource::Generate,
            &Protection::None,
            ("default", &Protection::None),
        )
        .unwrap();
        let mut report = Report::default();
        look(&wallet, "other", &mut report);
        assert!(
            !report.healthy() && report.to_string().contains("laurel wallet add-hotkey"),
            "{report}"
        );
    }
}
