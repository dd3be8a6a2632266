//! Key files: what is written can be read by its owner alone, and what is wrong is said.
use base64::{engine::general_purpose::STANDARD as BASE64, Engine};
use laurel_daemon::wallet::{password_in, Key, KeyFile, KeySource, Protection, Wallet, WalletError};
use secrecy::SecretString;
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use subxt_signer::sr25519::{dev, Keypair};
use subxt_utils_accountid32::AccountId32;

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
    let long = Wallet::create(folder.path().join("c"), KeySource::GenerateLong, &Protection::None).unwrap();
    assert_eq!(long.phrase_to_write_down().unwrap().split(' ').count(), 24);
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
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    std::env::set_var("LAUREL_PASSWORD_FILE", &file);
    let error = wallet.coldkey().unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("password"), "{error}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
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
    let mut json: Value = serde_json::from_str(&good).unwrap();
    let encoded = json["encoded"].as_str().unwrap().to_owned();
    let bob = AccountId32(dev::bob().public_key().0).to_string();
    let mut with = |field: &str, value: &str| {
        let before = std::mem::replace(&mut json[field], value.into());
        let text = json.to_string();
        json[field] = before;
        text
    };
    for bad in [
        String::new(),
        "{}".into(),
        "\0".repeat(50_000),
        with("encoded", &encoded.replace(|c: char| c.is_ascii_lowercase(), "a")),
        with("encoded", &encoded[4..]),
        with("encoded", "no base64"),
        with("address", &bob),
        with("address", "5Grw"),
        good[..good.len() / 2].to_owned(),
    ] {
        fs::write(&path, &bad).unwrap();
        let error = wallet.coldkey().unwrap_err();
        assert!(matches!(error, WalletError::Damaged { .. }), "{error}");
        assert!(!error.to_string().contains(&encoded[20..40]), "{error}");
    }
}

/// What polkadot.js 14.0.3 wrote for //Alice//export under the password "a password of polkadot.js": `pair.toJson(password)`.
const OF_POLKADOT_JS: &str = include_str!("polkadot-js.json");

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (folder, path)
}

#[test]
fn a_key_that_polkadot_js_exported_opens_as_it_is() {
    let (_folder, path) = written(OF_POLKADOT_JS);
    let file = KeyFile::read(&path).unwrap();
    let expected = Keypair::from_uri(&"//Alice//export".parse().unwrap()).unwrap();
    assert_eq!(file.public_key().0, expected.public_key().0);
    let password = |text: &'static str| move || Ok(Some(SecretString::from(text)));
    let opened = file.unlock(password("a password of polkadot.js")).unwrap();
    assert_eq!(opened.public_key().0, expected.public_key().0);
    let secret = file.secret(password("a password of polkadot.js")).unwrap();
    assert_eq!(secret.public(), expected.public_key().0);
    assert!(matches!(
        file.unlock(password("another")),
        Err(WalletError::WrongPassword { .. })
    ));
    assert!(matches!(
        file.unlock(|| Ok(None)),
        Err(WalletError::PasswordNeeded { .. })
    ));
}

#[test]
fn a_key_of_another_kind_is_refused_by_what_it_is() {
    for (from, to, named) in [
        (r#""sr25519""#, r#""ed25519""#, "ed25519"),
        (r#""version":"3""#, r#""version":"2""#, "version 2"),
        (
            r#"["scrypt","xsalsa20-poly1305"]"#,
            r#""xsalsa20-poly1305""#,
            "sealed by",
        ),
    ] {
        let text = OF_POLKADOT_JS.replace(from, to);
        assert_ne!(text, OF_POLKADOT_JS, "{from}");
        let (_folder, path) = written(&text);
        let error = KeyFile::read(&path).unwrap_err();
        assert!(matches!(error, WalletError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
}

#[test]
fn a_file_cannot_ask_for_more_work_than_a_wallet_does() {
    let mut json: Value = serde_json::from_str(OF_POLKADOT_JS).unwrap();
    let mut bytes = BASE64.decode(json["encoded"].as_str().unwrap()).unwrap();
    // scrypt's N, behind the salt: 2³¹ would take 2 TiB.
    bytes[32..36].copy_from_slice(&(1u32 << 31).to_le_bytes());
    json["encoded"] = BASE64.encode(bytes).into();
    let (_folder, path) = written(&json.to_string());
    let error = KeyFile::read(&path).unwrap_err().to_string();
    assert!(error.contains("work"), "{error}");
}

#[test]
fn a_password_is_changed_taken_away_and_put_back_without_changing_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let wallet = Wallet::create(folder.path().join("w"), import("//Alice"), &Protection::None)
        .unwrap()
        .wallet;
    let given = |text: &'static str| move || Ok(Some(SecretString::from(text)));
    let mut secret = wallet.file(Key::Coldkey).unwrap().secret(|| Ok(None)).unwrap();
    for password in ["one", "two"] {
        let protection = Protection::Password(SecretString::from(password));
        wallet.protect(Key::Coldkey, &secret, &protection).unwrap();
        let file = wallet.file(Key::Coldkey).unwrap();
        assert!(file.is_encrypted());
        assert!(matches!(
            file.secret(given("zero")),
            Err(WalletError::WrongPassword { .. })
        ));
        secret = file.secret(given(password)).unwrap();
        assert_eq!(secret.public(), dev::alice().public_key().0);
        assert_eq!(mode(&folder.path().join("w/coldkey.json")), 0o600);
    }
    wallet.protect(Key::Coldkey, &secret, &Protection::None).unwrap();
    assert!(!wallet.file(Key::Coldkey).unwrap().is_encrypted());
    let copy = folder.path().join("elsewhere/copy.json");
    let protection = Protection::Password(SecretString::from("three"));
    wallet.export(Key::Coldkey, &secret, &protection, &copy).unwrap();
    assert_eq!(
        KeyFile::read(&copy).unwrap().secret(given("three")).unwrap().public(),
        secret.public()
    );
    let again = wallet.export(Key::Coldkey, &secret, &protection, &copy);
    assert!(matches!(again, Err(WalletError::KeyExists { .. })));
}

#[test]
fn a_password_file_that_is_none_is_refused() {
    let (_folder, path) = written(&"x".repeat(5_000));
    let error = password_in(&path).unwrap_err().to_string();
    assert!(error.contains("too long"), "{error}");
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
    let create = |name: &str| {
        let hotkey = (name, &Protection::None);
        Wallet::create_with_hotkey(&path, import("//Alice"), &Protection::None, hotkey)
    };
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

#[test]
fn a_wallet_can_know_a_coldkey_by_its_address_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w");
    let wallet = Wallet::watch(&path, &dev::alice().public_key()).unwrap();
    let opened = Wallet::open(&path).unwrap();
    assert_eq!(opened.coldkey_address().unwrap().0, dev::alice().public_key().0);
    let error = wallet.coldkey().unwrap_err().to_string();
    assert!(error.contains("--export") && error.contains("laurel sign"), "{error}");
    assert!(matches!(
        Wallet::watch(&path, &dev::bob().public_key()),
        Err(WalletError::KeyExists { .. })
    ));
    // The key itself, once it is there, counts more.
    Wallet::create(&path, import("//Bob"), &Protection::None).unwrap();
    assert_eq!(opened.coldkey_address().unwrap().0, dev::bob().public_key().0);
    fs::remove_file(path.join("coldkey.json")).unwrap();
    fs::write(path.join("coldkey.pub"), "5Grw").unwrap();
    assert!(matches!(opened.coldkey_address(), Err(WalletError::Damaged { .. })));
}
