//! API keys, as users send them and as they are kept.
use super::{limits::Limits, UnixMs};
use axum::http::{header::AUTHORIZATION, HeaderMap};
use laurel_chain::AccountId;
use laurel_protocol::{blake2b_256, Hash};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use std::fmt;

/// What every key begins with.
const PREFIX: &str = "lrl_";
/// Random bytes of a key.
const BYTES: usize = 20;
/// Characters of a key that are kept in the clear, so that people can tell their keys apart.
const START: usize = PREFIX.len() + 6;

/// Number of a key in its gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub u64);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A key itself, which nobody but its user keeps. It prints as its first characters only.
pub struct ApiKey(SecretString);

impl ApiKey {
    /// A new one, with 160 bits of the system's randomness.
    pub fn generate() -> Self {
        Self(format!("{PREFIX}{}", hex::encode(rand::random::<[u8; BYTES]>())).into())
    }

    /// Reads one; none if it has not the form of a key.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (digits.len() == 2 * BYTES && digits.bytes().all(is_digit)).then(|| Self(text.into()))
    }

    /// What is kept of it. The key is random and long, so a plain digest gives nothing away.
    pub fn hash(&self) -> Hash {
        blake2b_256(&[b"laurel-api-key", self.0.expose_secret().as_bytes()])
    }

    /// Its first characters.
    pub fn start(&self) -> &str {
        self.0.expose_secret().get(..START).unwrap_or(PREFIX)
    }

    /// The whole of it, to be shown once to whom it belongs.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.start())
    }
}

/// What a request's `Authorization` header says.
#[derive(Debug)]
pub(super) enum Presented {
    /// Nothing.
    Nothing,
    /// Something that is no key of a gateway.
    Foreign,
    /// A key.
    Key(ApiKey),
}

impl Presented {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(AUTHORIZATION) else {
            return Self::Nothing;
        };
        let text = value.to_str().unwrap_or_default();
        let token = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => "",
        };
        ApiKey::parse(token).map_or(Self::Foreign, Self::Key)
    }
}

/// A key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its number.
    pub id: KeyId,
    /// Its first characters.
    pub start: String,
    /// What its owner calls it.
    pub name: String,
    /// Whose it is; none for one that the operator gives away, which is neither free by stake nor paid for.
    pub coldkey: Option<AccountId>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it was revoked, in milliseconds since 1970.
    pub revoked_ms: Option<u64>,
    /// What the operator allows; what is not said is as the gateway's flags say.
    pub allowed: Limits,
    /// What its owner wants it to be kept to.
    pub chosen: Limits,
}

impl KeyRecord {
    /// What it is kept to: the lower of what the operator allows and what its owner wants.
    pub fn limits(&self, defaults: &Limits) -> Limits {
        self.allowed.or(defaults).lower_of(&self.chosen)
    }

    /// As it is shown to people and programs, with what it is kept to.
    pub fn json(&self, defaults: &Limits) -> Value {
        json!({
            "id": self.id,
            "start": self.start,
            "name": self.name,
            "coldkey": self.coldkey,
            "created_ms": self.created_ms,
            "revoked_ms": self.revoked_ms,
            "limits": self.limits(defaults).json(),
        })
    }
}

/// A key to be made.
#[derive(Clone, Debug, Default)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// Whose it is.
    pub coldkey: Option<AccountId>,
    /// What the operator allows.
    pub allowed: Limits,
    /// What its owner wants it to be kept to.
    pub chosen: Limits,
    /// Now.
    pub created: UnixMs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written_and_never_printed() {
        let key = ApiKey::generate();
        let again = ApiKey::parse(key.expose()).unwrap();
        assert_eq!(again.hash(), key.hash());
        assert_ne!(ApiKey::generate().hash(), key.hash());
        let shown = format!("{key:?}");
        assert_eq!(shown.chars().count(), START + 1, "{shown}");
        assert!(!shown.contains(&key.expose()[START..]));
        for wrong in [
            "",
            "lrl_",
            "sk-123",
            "lrl_zz",
            &key.expose()[..43],
            &format!("{}0", key.expose()),
        ] {
            assert!(ApiKey::parse(wrong).is_none(), "{wrong}");
        }
        assert!(ApiKey::parse(&key.expose().to_uppercase()).is_none());
    }

    #[test]
    fn a_key_is_found_where_clients_of_the_api_put_it() {
        let key = ApiKey::generate();
        let presented = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, value.parse().unwrap());
            Presented::of(&headers)
        };
        for scheme in ["Bearer", "bearer"] {
            let found = presented(&format!("{scheme} {}", key.expose()));
            assert!(matches!(found, Presented::Key(found) if found.hash() == key.hash()));
        }
        assert!(matches!(presented("Bearer sk-none"), Presented::Foreign));
        assert!(matches!(presented(key.expose()), Presented::Foreign));
        assert!(matches!(Presented::of(&HeaderMap::new()), Presented::Nothing));
    }
}
