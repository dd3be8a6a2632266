//! What is done with wallets and keys without a chain.
use super::chain::{said, text, Chain};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Writes a file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Keys are listed, copied, given another password, taken over from Bittensor, and sign messages.
pub fn keep_keys(chain: &Chain) {
    let made = chain.read(&["wallet", "create", "--wallet=kept/one", "--plain-hotkey", "--words=24"]);
    let phrase = text(&made["created"][0]["phrase"]);
    assert_eq!(phrase.split(' ').count(), 24);
    let listed = chain.read(&["wallet", "list", "--folder=kept"]);
    let listed = &listed["wallets"][0];
    assert_eq!(
        (&listed["name"], &listed["coldkey"]),
        (&"one".into(), &made["created"][0]["address"])
    );
    assert_eq!(
        (&listed["coldkey_encrypted"], &listed["hotkeys"][0]["encrypted"]),
        (&true.into(), &false.into())
    );

    write_private(&chain.path("new-password"), b"another one\n");
    let new = ["--new-password-file=new-password"];
    let export = ["wallet", "export", "--wallet=kept/one", "--out=copy.json"];
    chain.read(&[&export[..], &new].concat());
    let import = [
        "wallet",
        "import",
        "--wallet=kept/two",
        "--key-file=copy.json",
        "--key-password-file=new-password",
    ];
    let imported = chain.read(&import);
    assert_eq!(imported["created"][0]["address"], made["created"][0]["address"]);
    chain.read(&[&["wallet", "change-password", "--wallet=kept/two", "--all"][..], &new].concat());
    prove(chain, &text(&made["created"][0]["address"]));
    take_over(chain);
    refuse_open_files(chain);
}

/// The key under its new password signs; the old one does not open it.
fn prove(chain: &Chain, address: &str) {
    let sign = ["wallet", "sign", "--wallet=kept/two", "--message=it is me"];
    let old = chain.run(&sign, "");
    assert!(said(&old).contains("Wallet.WrongPassword"), "{}", said(&old));
    let signed = chain.read(&[&sign[..], &["--password-file=new-password"]].concat());
    let (signature, by) = (text(&signed["signature"]), format!("--by={address}"));
    let signature = format!("--signature={signature}");
    chain.read(&["wallet", "verify", "--message=it is me", &signature, &by]);
    let other = chain.run(&["wallet", "verify", "--message=it is you", &signature, &by], "");
    assert_eq!(other.status.code(), Some(1));
    assert!(said(&other).contains("WrongSignature"), "{}", said(&other));
}

/// The folder that `bittensor-wallet` wrote, with the modes that a repository does not keep.
fn take_over(chain: &Chain) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/daemon/tests/bittensor");
    let folder = chain.path("bittensor");
    fs::create_dir_all(folder.join("hotkeys")).unwrap();
    let files: Vec<PathBuf> = ["coldkey", "coldkeypub.txt", "hotkeys/default", "hotkeys/by-uri"]
        .map(PathBuf::from)
        .into();
    for file in &files {
        write_private(&folder.join(file), &fs::read(fixture.join(file)).unwrap());
    }
    write_private(&chain.path("bittensor-password"), b"throw-away 1");
    let import = [
        "wallet",
        "import-bittensor",
        "--from=bittensor",
        "--wallet=kept/three",
        "--plain-hotkeys",
    ];
    let imported = chain.read(&[&import[..], &["--from-password-file=bittensor-password"]].concat());
    let imported = imported["imported"].as_array().unwrap();
    for (key, file) in imported.iter().zip([&files[1], &files[3], &files[2]]) {
        let json: Value = serde_json::from_slice(&fs::read(fixture.join(file)).unwrap()).unwrap();
        assert_eq!(key["address"], json["ss58Address"], "{key}");
    }
    let shown = chain.read(&["wallet", "show", "--wallet=kept/three"]);
    assert_eq!(shown["coldkey"], imported[0]["address"]);
    assert_eq!(
        (&shown["coldkey_encrypted"], &shown["hotkeys"][1]["encrypted"]),
        (&true.into(), &false.into())
    );
}

/// Others could read the key, or the password.
fn refuse_open_files(chain: &Chain) {
    let loosen = |file: &str| fs::set_permissions(chain.path(file), fs::Permissions::from_mode(0o644)).unwrap();
    loosen("new-password");
    let sign = [
        "wallet",
        "sign",
        "--wallet=kept/two",
        "--message=x",
        "--password-file=new-password",
    ];
    let refused = said(&chain.run(&sign, ""));
    assert!(
        refused.contains("Wallet.TooOpen") && refused.contains("chmod 600 new-password"),
        "{refused}"
    );
    loosen("kept/one/coldkey.json");
    let refused = said(&chain.run(&["wallet", "show", "--wallet=kept/one"], ""));
    assert!(
        refused.contains("Wallet.TooOpen") && refused.contains("chmod 600"),
        "{refused}"
    );
}
