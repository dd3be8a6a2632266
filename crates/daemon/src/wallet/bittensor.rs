//! Key files of a Bittensor wallet, which can be read and not written.
//!
//! ```text
//! ~/.bittensor/wallets/NAME/coldkey              JSON in the clear, or a secret box
//! ~/.bittensor/wallets/NAME/coldkeypub.txt       JSON without the secret
//! ~/.bittensor/wallets/NAME/hotkeys/NAME         JSON in the clear, or a secret box
//! ```
//!
//! A secret box is `$NACL`, a nonce of 24 bytes, and the JSON sealed by XSalsa20-Poly1305 under a key that Argon2i makes of the password.
use super::{private_file, secret::SecretKey, WalletError};
use argon2::{Algorithm, Argon2, Params, Version};
use crypto_secretbox::{aead::Aead, KeyInit, Nonce, XSalsa20Poly1305};
use secrecy::{
    zeroize::{Zeroize, Zeroizing},
    ExposeSecret, SecretString,
};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

const MAX_FILE_BYTES: u64 = 16 * 1024;
/// What a sealed file begins with.
const SECRET_BOX: &[u8] = b"$NACL";
const NONCE_BYTES: usize = 24;
/// The same for every password: it is part of the format.
const SALT: [u8; 16] = [
    0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc, 0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1,
];
/// libsodium's "sensitive" limits of Argon2i: 512 MiB, eight passes.
const MEMORY_KIB: u32 = 512 * 1024;
const PASSES: u32 = 8;
/// `cryptoType` of an sr25519 key, which is also what is meant where there is none.
const SR25519: u8 = 1;

/// The keys of one Bittensor wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BittensorWallet {
    /// The coldkey's file; none where only its public half is there.
    pub coldkey: Option<PathBuf>,
    /// The coldkey's public half, where it has a file of its own.
    pub coldkey_address: Option<[u8; 32]>,
    /// The hotkeys' names and files, by name.
    pub hotkeys: Vec<(String, PathBuf)>,
}

/// A key file of Bittensor's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contents {
    public_key: Option<String>,
    account_id: Option<String>,
    private_key: Option<String>,
    secret_phrase: Option<String>,
    secret_seed: Option<String>,
    crypto_type: Option<u8>,
}

impl Drop for Contents {
    fn drop(&mut self) {
        for secret in [&mut self.private_key, &mut self.secret_phrase, &mut self.secret_seed] {
            secret.zeroize();
        }
    }
}

impl BittensorWallet {
    /// Finds the keys in a wallet's folder.
    pub fn open(folder: &Path) -> Result<Self, WalletError> {
        let coldkey = folder.join("coldkey");
        let hotkeys = hotkeys_in(&folder.join("hotkeys"))?;
        let coldkey = coldkey.is_file().then_some(coldkey);
        let coldkey_address = public_key_in(&folder.join("coldkeypub.txt"))?;
        if coldkey.is_none() && coldkey_address.is_none() && hotkeys.is_empty() {
            return Err(WalletError::Unsupported {
                path: folder.into(),
                what: "is no Bittensor wallet: it has neither coldkey nor hotkeys/".into(),
                remedy: "name the wallet's own folder, as ~/.bittensor/wallets/NAME",
            });
        }
        Ok(Self {
            coldkey,
            coldkey_address,
            hotkeys,
        })
    }
}

/// The public key in a file that holds no secret, if it is there.
fn public_key_in(path: &Path) -> Result<Option<[u8; 32]>, WalletError> {
    if !path.is_file() {
        return Ok(None);
    }
    let json = fs::read(path).map_err(|source| WalletError::Read {
        path: path.into(),
        source,
    })?;
    let contents: Option<Contents> = serde_json::from_slice(&json).ok();
    let public = contents.and_then(|contents| contents.public());
    public.map(Some).ok_or_else(|| WalletError::Damaged {
        path: path.into(),
        why: "it holds no public key",
    })
}

fn hotkeys_in(folder: &Path) -> Result<Vec<(String, PathBuf)>, WalletError> {
    let unreadable = |source| WalletError::Read {
        path: folder.into(),
        source,
    };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut hotkeys = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string().unwrap_or_default();
        // `NAMEpub.txt` is the public half of NAME.
        if entry.path().is_file() && !name.ends_with("pub.txt") {
            hotkeys.push((name, entry.path()));
        }
    }
    hotkeys.sort();
    Ok(hotkeys)
}

/// The secret key in a file. `password` is asked for only if the file needs one.
///
/// # Errors
/// [`WalletError::Unsupported`] for forms that Bittensor itself no longer writes, and for keys that are not sr25519.
pub fn read_key(
    path: &Path,
    password: impl FnOnce() -> Result<Option<SecretString>, WalletError>,
) -> Result<SecretKey, WalletError> {
    let damaged = |why| WalletError::Damaged { path: path.into(), why };
    let bytes = private_file::read(path, MAX_FILE_BYTES)?.ok_or_else(|| damaged("it is too large"))?;
    refuse_older_forms(path, &bytes)?;
    let json = match bytes.strip_prefix(SECRET_BOX) {
        None => bytes,
        Some(sealed) => {
            let (nonce, sealed) = sealed
                .split_at_checked(NONCE_BYTES)
                .ok_or_else(|| damaged("it ends too early"))?;
            let password = password()?.ok_or_else(|| WalletError::PasswordNeeded { path: path.into() })?;
            let plain = cipher(&password).decrypt(Nonce::from_slice(nonce), sealed);
            Zeroizing::new(plain.map_err(|_| WalletError::WrongPassword { path: path.into() })?)
        }
    };
    let contents: Contents = serde_json::from_slice(&json).map_err(|_| damaged("it is no key of Bittensor's"))?;
    if contents.crypto_type.unwrap_or(SR25519) != SR25519 {
        return Err(WalletError::Unsupported {
            path: path.into(),
            what: "holds an ed25519 key".into(),
            remedy: "this network's keys are sr25519: make one with `laurel wallet create`",
        });
    }
    contents
        .secret_key()
        .ok_or_else(|| damaged("no secret in it belongs to its public key"))
}

fn refuse_older_forms(path: &Path, bytes: &[u8]) -> Result<(), WalletError> {
    let older = [(&b"$ANSIBLE_VAULT"[..], "Ansible Vault"), (b"gAAAA", "Fernet")];
    let Some((_, form)) = older.iter().find(|(sign, _)| bytes.starts_with(sign)) else {
        return Ok(());
    };
    Err(WalletError::Unsupported {
        path: path.into(),
        what: format!("is sealed in an older form of Bittensor's, {form}"),
        remedy: "open it once with the present `btcli`, which writes it anew, or import its words with `laurel wallet import`",
    })
}

impl Contents {
    fn public(&self) -> Option<[u8; 32]> {
        let public = self.public_key.as_deref().or(self.account_id.as_deref())?;
        bytes(public)?.as_slice().try_into().ok()
    }

    /// Whichever of the secrets leads to the public key: a file need not hold all, and some that are written are no secrets.
    fn secret_key(&self) -> Option<SecretKey> {
        let public = self.public()?;
        let from_seed = || SecretKey::from_seed(&bytes(self.secret_seed.as_deref()?)?);
        let from_words = || SecretKey::from_uri(&SecretString::from(self.secret_phrase.as_deref()?)).ok();
        let expanded = || SecretKey::from_expanded(&bytes(self.private_key.as_deref()?)?, &public);
        let ways: [&dyn Fn() -> Option<SecretKey>; 3] = [&from_seed, &from_words, &expanded];
        ways.iter().filter_map(|way| way()).find(|key| key.public() == public)
    }
}

fn bytes(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode(digits).ok().map(Zeroizing::new)
}

fn cipher(password: &SecretString) -> XSalsa20Poly1305 {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).expect("the constants are in Argon2's range; qed");
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2i, Version::V0x13, params)
        .hash_password_into(password.expose_secret().as_bytes(), &SALT, key.as_mut_slice())
        .expect("salt and output have lengths that Argon2 takes; qed");
    XSalsa20Poly1305::new(crypto_secretbox::Key::from_slice(key.as_slice()))
}
