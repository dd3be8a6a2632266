//! A secret key in the form in which it is kept: what a seed, a phrase or a derivation path leads to.
use super::WalletError;
use schnorrkel::{
    derive::{ChainCode, Derivation},
    ExpansionMode, MiniSecretKey,
};
use secrecy::{zeroize::Zeroizing, ExposeSecret, SecretString};
use subxt_signer::{bip39::Mnemonic, DeriveJunction, SecretUri};

/// How polkadot.js begins a key.
const HEADER: [u8; 16] = [48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
/// What it puts between the secret and the public half.
const DIVIDER: [u8; 5] = [161, 35, 3, 33, 0];
const SECRET_BYTES: usize = 64;
/// Bytes of a key as polkadot.js keeps it: header, secret, divider, public key.
pub(super) const PKCS8_BYTES: usize = HEADER.len() + SECRET_BYTES + DIVIDER.len() + 32;

/// An sr25519 secret key. From it follow no words and no seed: those are seen once, when it is made.
pub struct SecretKey {
    /// Scalar (times the cofactor) and nonce, as ed25519 writes them.
    expanded: Zeroizing<[u8; SECRET_BYTES]>,
    public: [u8; 32],
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}

impl From<schnorrkel::SecretKey> for SecretKey {
    fn from(secret: schnorrkel::SecretKey) -> Self {
        Self {
            expanded: Zeroizing::new(secret.to_ed25519_bytes()),
            public: secret.to_public().to_bytes(),
        }
    }
}

impl SecretKey {
    /// The key that a seed (`0x…`), a phrase or a derivation path stands for, with `//hard`, `/soft` and `///password` behind it.
    ///
    /// # Errors
    /// [`WalletError::BadSecret`], which never quotes what was given.
    pub fn from_uri(uri: &SecretString) -> Result<Self, WalletError> {
        let text = uri.expose_secret().trim();
        if text.is_empty() {
            // It would be read as the words of the development accounts, which everybody knows.
            return Err(WalletError::BadSecret);
        }
        let uri: SecretUri = text.parse().map_err(|_| WalletError::BadSecret)?;
        let root = match uri.phrase.expose_secret().strip_prefix("0x") {
            Some(digits) => {
                let mut seed = Zeroizing::new([0; 32]);
                hex::decode_to_slice(digits, seed.as_mut_slice()).map_err(|_| WalletError::BadSecret)?;
                MiniSecretKey::from_bytes(seed.as_slice()).map_err(|_| WalletError::BadSecret)?
            }
            None => {
                let words: Mnemonic = uri.phrase.expose_secret().parse().map_err(|_| WalletError::BadSecret)?;
                let (entropy, length) = words.to_entropy_array();
                let entropy = Zeroizing::new(entropy);
                let password = uri.password.as_ref().map_or("", |password| password.expose_secret());
                substrate_bip39::mini_secret_from_entropy(&entropy[..length], password)
                    .map_err(|_| WalletError::BadSecret)?
            }
        };
        let mut secret = root.expand(ExpansionMode::Ed25519);
        for junction in uri.junctions {
            secret = match junction {
                DeriveJunction::Soft(code) => secret.derived_key_simple(ChainCode(code), []).0,
                DeriveJunction::Hard(code) => {
                    let (seed, _) = secret.hard_derive_mini_secret_key(Some(ChainCode(code)), b"");
                    seed.expand(ExpansionMode::Ed25519)
                }
            };
        }
        Ok(secret.into())
    }

    /// From scalar and nonce, 64 bytes, as sr25519 itself writes them or as ed25519 does: whichever has this public key.
    pub(super) fn from_expanded(bytes: &[u8], public: &[u8; 32]) -> Option<Self> {
        let plain = schnorrkel::SecretKey::from_bytes(bytes);
        let times_cofactor = schnorrkel::SecretKey::from_ed25519_bytes(bytes);
        let candidates = [plain, times_cofactor].into_iter().filter_map(Result::ok);
        candidates.map(Self::from).find(|key| key.public == *public)
    }

    /// From a seed of 32 bytes.
    pub(super) fn from_seed(seed: &[u8]) -> Option<Self> {
        let seed = MiniSecretKey::from_bytes(seed).ok()?;
        Some(seed.expand(ExpansionMode::Ed25519).into())
    }

    /// From the form of polkadot.js; none if it is another one, or the public key not the secret one's.
    pub(super) fn from_pkcs8(bytes: &[u8]) -> Option<Self> {
        let (secret, public) = bytes.strip_prefix(&HEADER)?.split_at_checked(SECRET_BYTES)?;
        let public: [u8; 32] = public.strip_prefix(&DIVIDER)?.try_into().ok()?;
        let key = Self::from(schnorrkel::SecretKey::from_ed25519_bytes(secret).ok()?);
        (key.public == public).then_some(key)
    }

    /// In the form of polkadot.js.
    pub(super) fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        // As long as it gets, so that no shorter copy of it stays behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(PKCS8_BYTES));
        for part in [&HEADER[..], self.expanded.as_slice(), &DIVIDER, &self.public] {
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }
}

/// A new key of so many bytes of the system's randomness, with the words that stand for it.
pub(super) fn generate<const BYTES: usize>() -> Result<(SecretKey, Option<SecretString>), WalletError> {
    let entropy = Zeroizing::new(rand::random::<[u8; BYTES]>());
    let words = Mnemonic::from_entropy(entropy.as_slice()).map_err(|_| WalletError::BadSecret)?;
    let phrase = SecretString::from(words.to_string());
    Ok((SecretKey::from_uri(&phrase)?, Some(phrase)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use subxt_signer::sr25519::Keypair;

    #[test]
    fn every_way_to_write_a_secret_leads_to_the_key_that_signs() {
        let seed = format!("0x{}", "5a".repeat(32));
        let words = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        let long = format!("{}art", "abandon ".repeat(23));
        for uri in [
            "//Alice",
            "//Alice/soft//hard/7",
            &seed,
            &format!("{seed}//miner"),
            words,
            &long,
            &format!("{words}//0///a password"),
        ] {
            let ours = SecretKey::from_uri(&SecretString::from(uri)).unwrap();
            let signers = Keypair::from_uri(&uri.parse().unwrap()).unwrap();
            assert_eq!(ours.public(), signers.public_key().0, "{uri}");
        }
        for wrong in [
            "",
            " ",
            "legal winner",
            "0x5a",
            &words.replace("yellow", "zebra"),
            "hello//x",
        ] {
            let made = SecretKey::from_uri(&SecretString::from(wrong));
            assert!(matches!(made, Err(WalletError::BadSecret)), "{wrong}");
        }
    }

    #[test]
    fn a_key_of_another_form_or_with_another_public_half_is_none() {
        let key = SecretKey::from_uri(&SecretString::from("//Alice")).unwrap();
        let bytes = key.to_pkcs8();
        assert_eq!(bytes.len(), PKCS8_BYTES);
        assert_eq!(SecretKey::from_pkcs8(&bytes).unwrap().public(), key.public());
        for at in [0, 16, 80, 100] {
            let mut wrong = bytes.clone();
            wrong[at] ^= 8;
            assert!(SecretKey::from_pkcs8(&wrong).is_none(), "byte {at}");
        }
        assert!(SecretKey::from_pkcs8(&bytes[1..]).is_none());
        assert!(SecretKey::from_expanded(&bytes[16..80], &[7; 32]).is_none());
    }
}
