//! Key files that `bittensor-wallet` 4.1.1 wrote: the folder beside this file, of throw-away keys. The coldkey is sealed, the hotkeys are not.
use laurel_daemon::wallet::{read_bittensor_key, BittensorWallet, WalletError};
use secrecy::SecretString;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use subxt_utils_accountid32::AccountId32;

const PASSWORD: &str = "throw-away 1";

/// The wallet, with the modes that a repository does not keep.
fn wallet() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bittensor");
    fs::create_dir(folder.path().join("hotkeys")).unwrap();
    let files = [
        "coldkey",
        "coldkeypub.txt",
        "hotkeys/default",
        "hotkeys/by-uri",
        "hotkeys/by-seed",
    ];
    for file in files {
        let to = folder.path().join(file);
        fs::copy(from.join(file), &to).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(folder.path().join("hotkeys/defaultpub.txt"), "{}").unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

fn address(path: &Path, password: Option<&str>) -> Result<String, WalletError> {
    let key = read_bittensor_key(path, || Ok(password.map(SecretString::from)))?;
    Ok(AccountId32(key.public()).to_string())
}

#[test]
fn every_key_of_the_folder_is_found_and_has_the_address_that_bittensor_wrote() {
    let (_folder, path) = wallet();
    let found = BittensorWallet::open(&path).unwrap();
    let names: Vec<_> = found.hotkeys.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["by-seed", "by-uri", "default"]);
    for (_, file) in &found.hotkeys {
        let json: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        assert_eq!(address(file, None).unwrap(), json["ss58Address"], "{}", file.display());
    }
    let public: serde_json::Value = serde_json::from_slice(&fs::read(path.join("coldkeypub.txt")).unwrap()).unwrap();
    let coldkey = found.coldkey.unwrap();
    let address_alone = AccountId32(found.coldkey_address.unwrap());
    assert_eq!(address_alone.to_string(), public["ss58Address"]);
    assert!(matches!(
        address(&coldkey, None),
        Err(WalletError::PasswordNeeded { .. })
    ));
    assert_eq!(address(&coldkey, Some(PASSWORD)).unwrap(), public["ss58Address"]);
}

#[test]
fn a_sealed_key_does_not_open_by_another_password() {
    let (_folder, path) = wallet();
    let opened = address(&path.join("coldkey"), Some("throw-away 2"));
    assert!(matches!(opened, Err(WalletError::WrongPassword { .. })));
}

#[test]
fn what_cannot_be_read_is_refused_by_name() {
    let (_folder, path) = wallet();
    let key = path.join("hotkeys/default");
    let plain = fs::read_to_string(&key).unwrap();
    for (text, named) in [
        ("$ANSIBLE_VAULT;1.1;AES256\n3133".to_owned(), "Ansible Vault"),
        ("gAAAAABkZ29v".to_owned(), "Fernet"),
        (plain.replace("\"cryptoType\":1", "\"cryptoType\":0"), "ed25519"),
        (
            plain.replace("\"publicKey\":\"0x8", "\"publicKey\":\"0x9"),
            "no secret in it belongs",
        ),
        ("$NACL short".to_owned(), "ends too early"),
        ("{".to_owned(), "no key of Bittensor's"),
    ] {
        fs::write(&key, &text).unwrap();
        let error = address(&key, Some(PASSWORD)).unwrap_err().to_string();
        assert!(error.contains(named) && !error.contains("legal provide"), "{error}");
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o604)).unwrap();
    let error = address(&key, None).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
    let error = BittensorWallet::open(&path.join("hotkeys")).unwrap_err().to_string();
    assert!(error.contains("no Bittensor wallet"), "{error}");
}
