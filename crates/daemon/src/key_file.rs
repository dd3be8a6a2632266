//! One key in one file, readable by its owner only, in the clear or under a password.
use crate::wallet::{Protection, WalletError};
use crypto_secretbox::{aead::Aead, KeyInit, Nonce, XSalsa20Poly1305};
use secrecy::{
    zeroize::{Zeroize, Zeroizing},
    ExposeSecret, SecretString,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};
use subxt_signer::sr25519::{Keypair, PublicKey};
use subxt_signer::SecretUri;

/// Mode bits that would let others read or change a key.
const OTHERS: u32 = 0o077;
/// Largest key file read.
const MAX_FILE_BYTES: u64 = 16 * 1024;
/// Work of one guess at a password: 2¹⁵ · 8 · 128 bytes = 32 MiB, some 0.1 s.
const LOG_N: u8 = 15;
const R: u32 = 8;
const P: u32 = 1;
/// Most work that a file may ask for: 1 GiB.
const MAX_LOG_N: u8 = 20;

/// How the secret is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Encryption {
    /// As it is.
    #[serde(rename = "none")]
    Plain,
    /// XSalsa20-Poly1305 under a key that scrypt makes of the password.
    #[serde(rename = "scrypt-xsalsa20poly1305")]
    Password {
        log_n: u8,
        r: u32,
        p: u32,
        salt: String,
        nonce: String,
    },
}

/// The file's JSON. No `Debug`: the secret may be in the clear.
#[derive(Serialize, Deserialize)]
struct Contents {
    /// For people.
    address: String,
    /// 32 bytes in hexadecimal.
    public_key: String,
    encryption: Encryption,
    /// A seed (`0x…`), a phrase or a derivation path; or hexadecimal of the ciphertext of it.
    secret: String,
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// Makes the key pair that a seed, phrase or derivation path stands for.
pub(crate) fn keypair(uri: &SecretString) -> Result<Keypair, WalletError> {
    // Neither error is passed on: it could quote the secret.
    let uri: SecretUri = uri.expose_secret().parse().map_err(|_| WalletError::BadSecret)?;
    Keypair::from_uri(&uri).map_err(|_| WalletError::BadSecret)
}

/// Writes a key file that did not exist, whole or not at all.
pub(crate) fn write(path: &Path, uri: &SecretString, protection: &Protection) -> Result<Keypair, WalletError> {
    let keypair = keypair(uri)?;
    let public = keypair.public_key().0;
    let (encryption, secret) = match protection {
        Protection::None => (Encryption::Plain, uri.expose_secret().to_owned()),
        Protection::Password(password) => seal(uri, password)?,
    };
    let contents = Contents {
        address: keypair.public_key().to_account_id().to_string(),
        public_key: format!("0x{}", hex::encode(public)),
        encryption,
        secret,
    };
    let json = Zeroizing::new(serde_json::to_vec_pretty(&contents).expect("strings and numbers are JSON; qed"));
    write_new(path, &json).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => WalletError::KeyExists { path: path.into() },
        _ => WalletError::Write {
            path: path.into(),
            source,
        },
    })?;
    Ok(keypair)
}

/// Durable and complete under its name, or not there.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = path.with_file_name(name);
    // Unlike a rename, a link never replaces a key that is there.
    let linked = write_durably(&temporary, bytes).and_then(|()| fs::hard_link(&temporary, path));
    // Gone after success and after failure alike; it cannot hold a key that is not also under its name.
    let _ = fs::remove_file(&temporary);
    linked?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// A key file that was read and whose form is right.
pub(crate) struct KeyFile<'a> {
    path: &'a Path,
    contents: Contents,
    public: [u8; 32],
}

impl<'a> KeyFile<'a> {
    /// Reads the file, if only its owner could have.
    pub(crate) fn read(path: &'a Path) -> Result<Self, WalletError> {
        let unreadable = |source| WalletError::Read {
            path: path.into(),
            source,
        };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        if metadata.mode() & OTHERS != 0 {
            return Err(WalletError::TooOpen {
                path: path.into(),
                mode: metadata.mode() & 0o777,
            });
        }
        let damaged = |why| WalletError::Damaged { path: path.into(), why };
        if metadata.len() > MAX_FILE_BYTES {
            return Err(damaged("it is too large"));
        }
        let json = Zeroizing::new(fs::read(path).map_err(unreadable)?);
        let contents: Contents = serde_json::from_slice(&json).map_err(|_| damaged("it is not a key file"))?;
        let mut public = [0; 32];
        let digits = contents.public_key.strip_prefix("0x").unwrap_or_default();
        hex::decode_to_slice(digits, &mut public).map_err(|_| damaged("its public key is not hexadecimal"))?;
        Ok(Self { path, contents, public })
    }

    /// The public key, for which no password is needed.
    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey(self.public)
    }

    /// The key pair. `password` is asked for only if the file needs one.
    pub(crate) fn unlock(
        &self,
        password: impl FnOnce() -> Result<Option<SecretString>, WalletError>,
    ) -> Result<Keypair, WalletError> {
        let uri = match &self.contents.encryption {
            Encryption::Plain => SecretString::from(self.contents.secret.clone()),
            Encryption::Password { .. } => {
                let password = password()?.ok_or_else(|| WalletError::PasswordNeeded { path: self.path.into() })?;
                self.open(&password)?
            }
        };
        let keypair = keypair(&uri).map_err(|_| self.damaged("its secret is not a seed or phrase"))?;
        if keypair.public_key().0 != self.public {
            return Err(self.damaged("its secret belongs to another public key"));
        }
        Ok(keypair)
    }

    fn damaged(&self, why: &'static str) -> WalletError {
        WalletError::Damaged {
            path: self.path.into(),
            why,
        }
    }

    fn open(&self, password: &SecretString) -> Result<SecretString, WalletError> {
        let Encryption::Password {
            log_n,
            r,
            p,
            salt,
            nonce,
        } = &self.contents.encryption
        else {
            return Err(self.damaged("it is not encrypted"));
        };
        if *log_n > MAX_LOG_N || *r > R || *p > P {
            return Err(self.damaged("it asks for too much work"));
        }
        let not_hex = |_| self.damaged("it is not hexadecimal");
        let salt = hex::decode(salt).map_err(not_hex)?;
        let nonce: [u8; 24] = hex::decode(nonce)
            .map_err(not_hex)?
            .try_into()
            .map_err(|_| self.damaged("its nonce is not 24 bytes"))?;
        let sealed = hex::decode(&self.contents.secret).map_err(not_hex)?;
        let params =
            scrypt::Params::new(*log_n, *r, *p, 32).map_err(|_| self.damaged("its scrypt numbers are wrong"))?;
        let plain = cipher(password, &salt, &params)
            .decrypt(Nonce::from_slice(&nonce), sealed.as_slice())
            .map_err(|_| WalletError::WrongPassword { path: self.path.into() })?;
        let text = String::from_utf8(plain).map_err(|_| self.damaged("its secret is not text"))?;
        Ok(SecretString::from(text))
    }
}

fn cipher(password: &SecretString, salt: &[u8], params: &scrypt::Params) -> XSalsa20Poly1305 {
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(password.expose_secret().as_bytes(), salt, params, key.as_mut_slice())
        .expect("32 bytes are a valid output length; qed");
    XSalsa20Poly1305::new(crypto_secretbox::Key::from_slice(key.as_slice()))
}

fn seal(uri: &SecretString, password: &SecretString) -> Result<(Encryption, String), WalletError> {
    if password.expose_secret().is_empty() {
        return Err(WalletError::EmptyPassword);
    }
    let salt: [u8; 32] = rand::random();
    let nonce: [u8; 24] = rand::random();
    let params = scrypt::Params::new(LOG_N, R, P, 32).expect("the constants are in scrypt's range; qed");
    let sealed = cipher(password, &salt, &params)
        .encrypt(Nonce::from_slice(&nonce), uri.expose_secret().as_bytes())
        .expect("a secret is far shorter than the cipher's limit; qed");
    let encryption = Encryption::Password {
        log_n: LOG_N,
        r: R,
        p: P,
        salt: hex::encode(salt),
        nonce: hex::encode(nonce),
    };
    Ok((encryption, hex::encode(sealed)))
}
