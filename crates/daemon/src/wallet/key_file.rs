//! One key in one file, as polkadot.js writes and reads it: JSON, in the clear or under a password, readable by its owner only.
//!
//! ```text
//! { "encoded": BASE64, "encoding": { "content": ["pkcs8", "sr25519"], "type": ["scrypt", "xsalsa20-poly1305"], "version": "3" },
//!   "address": SS58, "meta": { "name": TEXT, "whenCreated": MILLISECONDS } }
//! ```
//!
//! `encoded` is salt (32 bytes), scrypt's N, p and r (4 bytes each, little-endian), nonce (24) and sealed key (16 + 117); where `type` is `["none"]`, the
//! 117 bytes of the key as they are.
use super::{private_file, secret::PKCS8_BYTES, Protection, SecretKey, WalletError};
use base64::{engine::general_purpose::STANDARD as BASE64, Engine};
use crypto_secretbox::{aead::Aead, KeyInit, Nonce, XSalsa20Poly1305};
use secrecy::{
    zeroize::{Zeroize, Zeroizing},
    ExposeSecret, SecretString,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};
use subxt_signer::{
    polkadot_js_compat::{decrypt_json, Error},
    sr25519::{Keypair, PublicKey},
};
use subxt_utils_accountid32::AccountId32;

/// Largest key file read.
const MAX_FILE_BYTES: u64 = 16 * 1024;
/// Work of one guess at a password: 2¹⁵ · 8 · 128 bytes = 32 MiB, some 0.1 s. Every release of polkadot.js takes it.
const WORK: Work = (1 << 15, 1, 8);
/// All work that polkadot.js writes, and so the most that a file may ask for: 128 MiB.
const ACCEPTED_WORK: [Work; 6] = [
    (1 << 13, 10, 8),
    (1 << 14, 5, 8),
    (1 << 15, 3, 8),
    WORK,
    (1 << 16, 2, 8),
    (1 << 17, 1, 8),
];
const SALT_BYTES: usize = 32;
const WORK_BYTES: usize = 12;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const SEALED_BYTES: usize = SALT_BYTES + WORK_BYTES + NONCE_BYTES + TAG_BYTES + PKCS8_BYTES;

const NO_KEY: &str = "it holds no sr25519 key, or that of another address";

/// scrypt's N, p and r, in the order in which they are written.
type Work = (u32, u32, u32);

/// The file's JSON. No `Debug`: the secret may be in the clear.
#[derive(Serialize, Deserialize)]
struct Contents {
    encoded: String,
    encoding: Encoding,
    address: String,
    /// For people, and whatever else a wallet puts there.
    #[serde(default)]
    meta: Value,
}

#[derive(Serialize, Deserialize)]
struct Encoding {
    content: Value,
    r#type: Value,
    version: String,
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.encoded.zeroize();
    }
}

/// A key file that was read and whose form is right.
pub struct KeyFile {
    path: PathBuf,
    contents: Contents,
    /// What `encoded` stands for.
    bytes: Zeroizing<Vec<u8>>,
    public: [u8; 32],
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Reads the file, if only its owner could have.
    ///
    /// # Errors
    /// [`WalletError::TooOpen`], [`WalletError::Damaged`], or [`WalletError::Unsupported`] for kinds of keys that this network does not use.
    pub fn read(path: &Path) -> Result<Self, WalletError> {
        let damaged = |why| WalletError::Damaged { path: path.into(), why };
        let json = private_file::read(path, MAX_FILE_BYTES)?.ok_or_else(|| damaged("it is too large"))?;
        let contents: Contents = serde_json::from_slice(&json).map_err(|_| damaged("it is not a key file"))?;
        contents.encoding.check(path)?;
        let address: AccountId32 = contents.address.parse().map_err(|_| damaged("its address is none"))?;
        let bytes = BASE64
            .decode(&contents.encoded)
            .map_err(|_| damaged("it is not base64"))?;
        let file = Self {
            path: path.into(),
            bytes: Zeroizing::new(bytes),
            public: address.0,
            contents,
        };
        let expected = if file.is_encrypted() { SEALED_BYTES } else { PKCS8_BYTES };
        if file.bytes.len() != expected {
            return Err(damaged("its length is wrong"));
        }
        if file.is_encrypted() && !ACCEPTED_WORK.contains(&file.work()) {
            return Err(damaged("it asks for work that no wallet asks for"));
        }
        Ok(file)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a password is needed.
    pub fn is_encrypted(&self) -> bool {
        self.contents.encoding.r#type != json!(["none"])
    }

    /// The public key, for which no password is needed.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.public)
    }

    /// The key pair. `password` is asked for only if the file needs one.
    pub fn unlock(
        &self,
        password: impl FnOnce() -> Result<Option<SecretString>, WalletError>,
    ) -> Result<Keypair, WalletError> {
        if !self.is_encrypted() {
            return Ok(signer(&self.secret(password)?));
        }
        let password = self.needed(password)?;
        let json = Zeroizing::new(serde_json::to_string(&self.contents).expect("it was JSON; qed"));
        decrypt_json(&json, password.expose_secret()).map_err(|error| match error {
            Error::Secretbox(_) => self.wrong_password(),
            _ => self.damaged(NO_KEY),
        })
    }

    /// The secret key, to be written elsewhere. `password` is asked for only if the file needs one.
    pub fn secret(
        &self,
        password: impl FnOnce() -> Result<Option<SecretString>, WalletError>,
    ) -> Result<SecretKey, WalletError> {
        let plain = if self.is_encrypted() {
            self.open(&self.needed(password)?)?
        } else {
            self.bytes.clone()
        };
        let secret = SecretKey::from_pkcs8(&plain).ok_or_else(|| self.damaged(NO_KEY))?;
        if secret.public() != self.public {
            return Err(self.damaged("its secret belongs to another address"));
        }
        Ok(secret)
    }

    fn work(&self) -> Work {
        let number = |at: usize| {
            let at = SALT_BYTES + 4 * at;
            self.bytes
                .get(at..at + 4)
                .and_then(|bytes| bytes.try_into().ok())
                .map_or(0, u32::from_le_bytes)
        };
        (number(0), number(1), number(2))
    }

    fn open(&self, password: &SecretString) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let (head, sealed) = self.bytes.split_at(SALT_BYTES + WORK_BYTES + NONCE_BYTES);
        let nonce = &head[SALT_BYTES + WORK_BYTES..];
        cipher(password, &head[..SALT_BYTES], self.work())
            .decrypt(Nonce::from_slice(nonce), sealed)
            .map(Zeroizing::new)
            .map_err(|_| self.wrong_password())
    }

    fn needed(
        &self,
        password: impl FnOnce() -> Result<Option<SecretString>, WalletError>,
    ) -> Result<SecretString, WalletError> {
        password()?.ok_or_else(|| WalletError::PasswordNeeded {
            path: self.path.clone(),
        })
    }

    fn wrong_password(&self) -> WalletError {
        WalletError::WrongPassword {
            path: self.path.clone(),
        }
    }

    fn damaged(&self, why: &'static str) -> WalletError {
        WalletError::Damaged {
            path: self.path.clone(),
            why,
        }
    }
}

impl Encoding {
    /// That this is an sr25519 key of the present version, sealed as we know or not at all.
    fn check(&self, path: &Path) -> Result<(), WalletError> {
        let unsupported = |what: String, remedy| {
            Err(WalletError::Unsupported {
                path: path.into(),
                what,
                remedy,
            })
        };
        if self.version != "3" {
            return unsupported(
                format!("is of version {}, not 3", self.version),
                "open it in the wallet that wrote it and export it again, or import its words",
            );
        }
        if self.content != json!(["pkcs8", "sr25519"]) {
            return unsupported(
                format!("holds a key of the kind {}, not sr25519", self.content),
                "this network's keys are sr25519: make one with `laurel wallet create`",
            );
        }
        if ![json!(["scrypt", "xsalsa20-poly1305"]), json!(["none"])].contains(&self.r#type) {
            return unsupported(
                format!("is sealed by {}", self.r#type),
                "open it in the wallet that wrote it and export it again, or import its words",
            );
        }
        Ok(())
    }
}

/// The key file's text for a key, complete with the end of its line.
pub(super) fn render(
    secret: &SecretKey,
    name: &str,
    protection: &Protection,
) -> Result<Zeroizing<Vec<u8>>, WalletError> {
    let (encoded, sealing) = match protection {
        Protection::None => (BASE64.encode(secret.to_pkcs8()), json!(["none"])),
        Protection::Password(password) if password.expose_secret().is_empty() => {
            return Err(WalletError::EmptyPassword);
        }
        Protection::Password(password) => (seal(secret, password), json!(["scrypt", "xsalsa20-poly1305"])),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let contents = Contents {
        encoded,
        encoding: Encoding {
            content: json!(["pkcs8", "sr25519"]),
            r#type: sealing,
            version: "3".into(),
        },
        address: PublicKey(secret.public()).to_account_id().to_string(),
        meta: json!({ "name": name, "whenCreated": now.as_millis() as u64 }),
    };
    let mut json = serde_json::to_vec_pretty(&contents).expect("strings and numbers are JSON; qed");
    json.push(b'\n');
    Ok(Zeroizing::new(json))
}

/// The pair that signs.
pub(super) fn signer(secret: &SecretKey) -> Keypair {
    // The library makes a pair of an expanded key only out of such a file, so that it is given one, under a password that is none.
    let password = SecretString::from("-");
    let json = render(secret, "", &Protection::Password(password.clone())).expect("the password is not empty; qed");
    let json = std::str::from_utf8(&json).expect("JSON is text; qed");
    decrypt_json(json, password.expose_secret()).expect("what was sealed a moment ago opens; qed")
}

fn cipher(password: &SecretString, salt: &[u8], (n, p, r): Work) -> XSalsa20Poly1305 {
    let params = scrypt::Params::new(n.ilog2() as u8, r, p, 32).expect("accepted work is in scrypt's range; qed");
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password.expose_secret().as_bytes(), salt, &params, key.as_mut_slice())
        .expect("32 bytes are a valid output length; qed");
    XSalsa20Poly1305::new(crypto_secretbox::Key::from_slice(key.as_slice()))
}

/// The `encoded` of a key under a password.
fn seal(secret: &SecretKey, password: &SecretString) -> String {
    let salt: [u8; SALT_BYTES] = rand::random();
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let sealed = cipher(password, &salt, WORK)
        .encrypt(Nonce::from_slice(&nonce), secret.to_pkcs8().as_slice())
        .expect("a key is far shorter than the cipher's limit; qed");
    let (n, p, r) = WORK;
    let work = [n, p, r].map(u32::to_le_bytes).concat();
    BASE64.encode([&salt[..], &work, &nonce, &sealed].concat())
}
