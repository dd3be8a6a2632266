//! Key files: what is written can be read by its owner alone, and what is wrong is said.
use laurel_daemon::wallet::{KeySource, Protection, Wallet, WalletError};
use secrecy::SecretString;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use subxt_signer::sr25519::dev;

fn import(uri: &str) -> KeySource {
    KeySource::Import(SecretString::from(uri))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_wallet_gives_back_its_keys_and_nobody_else_can_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alice");
    let created = Wallet::create(&path, import("//Alice"), &Protection::None).unwrap();
    assert_eq!(
        created.phrase_to_write_down(),
        None,
        "an imported key is known to its owner already"
    );
    created
        .wallet
        .create_hotkey("b-1", import("//Bob"), &Protection::None)
        .unwrap();

    let wallet = Wallet::open(&path).unwrap();
    assert_eq!(wallet.coldkey().unwrap().public_key().0, dev::alice().public_key().0);
    assert_eq!(wallet.hotkey("b-1").unwrap().public_key().0, dev::bob().public_key().0);
    assert_eq!(wallet.hotkey_address("b-1").unwrap().0, dev::bob().public_key().0);
    assert_eq!(wallet.hotkeys().unwrap(), ["b-1"]);
    assert_eq!(mode(&path.join("coldkey.json")), 0o600);
    assert_eq!(mode(&path.join("hotkeys/b-1.json")), 0o600);
    assert_eq!(mode(&path), 0o700);
    let files: Vec<_> = fs::read_dir(path.join("hotkeys")).unwrap().collect();
    assert_eq!(files.len(), 1, "no temporary file is left");
}

#[test]
fn a_generated_key_comes_back_from_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let created = Wallet::create(folder.path().join("a"), KeySource::Generate, &Protection::None).unwrap();
    let words = created.phrase_to_write_down().unwrap();
    assert_eq!(words.split(' ').count(), 12);
    let again = Wallet::create(folder.path().join("b"), import(words), &Protection::None).unwrap();
    assert_eq!(again.public, created.public);
    assert!(
        !format!("{created:?}").contains(words),
        "printing it for debugging does not show the words"
    );
}

// Both passwords in one test: the environment belongs to the whole process.
#[test]
fn an_encrypted_key_opens_with_its_password_only() {
    let folder = tempfile::tempdir().unwrap();
    let protection = Protection::Password(SecretString::from("correct horse"));
    let wallet = Wallet::create(folder.path().join("w"), import("//Alice"), &protection)
        .unwrap()
        .wallet;
    let text = fs::read_to_string(folder.path().join("w/coldkey.json")).unwrap();
    assert!(!text.contains("//Alice"));
    assert_eq!(
        wallet.coldkey_address().unwrap().0,
        dev::alice().public_key().0,
        "no password for the address"
    );

    assert!(matches!(wallet.coldkey(), Err(WalletError::PasswordNeeded { .. })));
    std::env::set_var("LAUREL_PASSWORD", "wrong horse");
    assert!(matches!(wallet.coldkey(), Err(WalletError::WrongPassword { .. })));
    let file = folder.path().join("password");
    fs::write(&file, "correct horse\n").unwrap();
    std::env::set_var("LAUREL_PASSWORD_FILE", &file);
    assert_eq!(wallet.coldkey().unwrap().public_key().0, dev::alice().public_key().0);
    let empty = Protection::Password(SecretString::from(""));
    assert!(matches!(
        wallet.create_hotkey("x", KeySource::Generate, &empty),
        Err(WalletError::EmptyPassword)
    ));
    assert!(wallet.hotkeys().unwrap().is_empty());
}

#[test]
fn a_key_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::create(folder.path(), import("//Alice"), &Protection::None)
        .unwrap()
        .wallet;
    let second = Wallet::create(folder.path(), KeySource::Generate, &Protection::None);
    assert!(matches!(second, Err(WalletError::KeyExists { .. })));
    assert_eq!(wallet.coldkey().unwrap().public_key().0, dev::alice().public_key().0);
}

#[test]
fn what_is_missing_names_the_command_that_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = Wallet::open(folder.path().join("nobody")).unwrap_err().to_string();
    assert!(
        error.contains("nobody") && error.contains("laurel wallet create"),
        "{error}"
    );
    assert!(!error.contains('\n'));

    let wallet = Wallet::create(folder.path(), import("//Alice"), &Protection::None)
        .unwrap()
        .wallet;
    let error = wallet.hotkey("miner").unwrap_err().to_string();
    assert!(
        error.contains("laurel wallet add-hotkey") && error.contains("--hotkey miner"),
        "{error}"
    );
    for name in ["../coldkey", "", "a/b", &"x".repeat(65)] {
        assert!(
            matches!(wallet.hotkey(name), Err(WalletError::BadName { .. })),
            "{name}"
        );
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::create(folder.path(), import("//Alice"), &Protection::None)
        .unwrap()
        .wallet;
    let path = folder.path().join("coldkey.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = wallet.coldkey().unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("640"), "{error}");
}

#[test]
fn a_damaged_key_file_is_an_error_and_does_not_show_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::create(folder.path(), import("//Alice//secret-path"), &Protection::None)
        .unwrap()
        .wallet;
    let path = folder.path().join("coldkey.json");
    let good = fs::read_to_string(&path).unwrap();
    for bad in [
        String::new(),
        "{}".into(),
        "\0".repeat(50_000),
        good.replace("secret-path", "secret-other"),
        good.replace("//Alice//secret-path", "no words at all"),
        good.replace("\"0x", "\"0y"),
        good[..good.len() / 2].to_owned(),
    ] {
        fs::write(&path, &bad).unwrap();
        let error = wallet.coldkey().unwrap_err();
        assert!(matches!(error, WalletError::Damaged { .. }), "{error}");
        assert!(!error.to_string().contains("secret-"), "{error}");
    }
}

#[test]
fn a_secret_that_is_none_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w");
    assert!(matches!(
        Wallet::create(&path, import("hello world"), &Protection::None),
        Err(WalletError::BadSecret)
    ));
    assert!(!path.exists());
}

#[test]
fn a_wallet_is_made_with_both_keys_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w");
    let create = |name: &str| Wallet::create_with_hotkey(&path, import("//Alice"), name, &Protection::None);
    assert!(matches!(create("../x"), Err(WalletError::BadName { .. })));
    assert!(!path.exists());

    // A file where the folder of hotkeys belongs.
    fs::create_dir(&path).unwrap();
    fs::write(path.join("hotkeys"), "in the way").unwrap();
    assert!(matches!(create("default"), Err(WalletError::Write { .. })));
    assert!(!path.join("coldkey.json").exists(), "no coldkey is left behind");

    fs::remove_file(path.join("hotkeys")).unwrap();
    let (coldkey, hotkey) = create("default").unwrap();
    assert_eq!(coldkey.public, dev::alice().public_key().0);
    assert!(hotkey.phrase_to_write_down().is_some());
    let wallet = Wallet::open(&path).unwrap();
    assert_eq!(wallet.hotkey_address("default").unwrap().0, hotkey.public);

    fs::remove_file(path.join("coldkey.json")).unwrap();
    assert!(matches!(create("default"), Err(WalletError::KeyExists { .. })));
    assert!(!path.join("coldkey.json").exists());
}
