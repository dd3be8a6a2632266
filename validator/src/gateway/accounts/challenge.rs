//! A text that a coldkey signs to show that it is behind a wish about keys.
//!
//! ```text
//! Laurel gateway: show that this coldkey is yours. This is no transaction and moves no money.
//! action: create name=laptop
//! coldkey: 5Grwva…
//! gateway: 5FHneW…
//! chain: 0x…
//! nonce: 64 hexadecimal digits
//! expires: 1795424100
//! ```
//!
//! What is signed is the text itself, or the text between `<Bytes>` and `</Bytes>`, as browser wallets sign it. It names the gateway's
//! hotkey and the chain, so that it is good for nothing else. The nonce carries a code by which the gateway knows its own, so that asking
//! for challenges fills nothing; a used one is remembered until it expires. A gateway that was started again knows none of before.
use super::{action::Action, refusal::Refusal, UnixMs};
use axum::http::StatusCode;
use laurel_chain::AccountId;
use laurel_protocol::{blake2b_256, Hash, Hotkey};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

const TITLE: &str = "Laurel gateway: show that this coldkey is yours. This is no transaction and moves no money.";
/// What a challenge says, for whoever is to sign it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What is to be done.
    pub action: Action,
    /// Whose keys it is about.
    pub coldkey: AccountId,
    /// The hotkey of the gateway that gave it.
    pub gateway: AccountId,
}

impl Described {
    /// The first line of every challenge.
    pub const TITLE: &'static str = TITLE;

    /// Reads a challenge; none if the text is anything else.
    pub fn read(text: &str) -> Option<Self> {
        Challenge::read(text).map(|challenge| Self {
            action: challenge.action,
            coldkey: challenge.coldkey,
            gateway: challenge.gateway,
        })
    }
}

/// How long a challenge can be answered.
pub(super) const LIFETIME_MS: u64 = 300_000;
/// Longest text that is looked at.
const MAX_TEXT: usize = 2_048;

/// Random half of a nonce, and the code.
type Nonce = [u8; 32];

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) action: Action,
    pub(super) coldkey: AccountId,
    gateway: AccountId,
    chain: Hash,
    nonce: Nonce,
    /// Seconds since 1970.
    pub(super) expires: u64,
}

impl Challenge {
    /// The text to be signed.
    pub(super) fn text(&self) -> String {
        let Self {
            action,
            coldkey,
            gateway,
            chain,
            nonce,
            expires,
        } = self;
        let (chain, nonce) = (hex::encode(chain), hex::encode(nonce));
        format!(
            "{TITLE}\naction: {action}\ncoldkey: {coldkey}\ngateway: {gateway}\nchain: 0x{chain}\nnonce: {nonce}\nexpires: {expires}"
        )
    }

    /// Reads a text; none unless it is spelt as this module spells it.
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        lines.next().filter(|title| *title == TITLE)?;
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(": ");
        let challenge = Self {
            action: value("action")?.parse().ok()?,
            coldkey: value("coldkey")?.parse().ok()?,
            gateway: value("gateway")?.parse().ok()?,
            chain: bytes32(value("chain")?.strip_prefix("0x")?)?,
            nonce: bytes32(value("nonce")?)?,
            expires: value("expires")?.parse().ok()?,
        };
        (challenge.text() == text).then_some(challenge)
    }
}

fn bytes32(digits: &str) -> Option<[u8; 32]> {
    hex::decode(digits).ok()?.try_into().ok()
}

/// Gives challenges and looks at what was signed.
pub(super) struct Challenges {
    gateway: AccountId,
    chain: Hash,
    /// Made at random when the gateway starts.
    secret: Hash,
    /// Nonces that were used, with their expiry.
    used: Mutex<HashMap<Nonce, u64>>,
}

impl Challenges {
    pub(super) fn new(gateway: AccountId, chain: Hash) -> Self {
        Self {
            gateway,
            chain,
            secret: rand::random(),
            used: Mutex::default(),
        }
    }

    /// The code that goes with the random half of a nonce.
    fn code(&self, random: &[u8], challenge: &Challenge) -> [u8; 16] {
        let (action, expires) = (challenge.action.to_string(), challenge.expires.to_le_bytes());
        let digest = blake2b_256(&[&self.secret, random, &challenge.coldkey.0, &expires, action.as_bytes()]);
        std::array::from_fn(|at| digest[at])
    }

    /// A new challenge.
    pub(super) fn give(&self, coldkey: AccountId, action: Action, now: UnixMs) -> Challenge {
        let mut challenge = Challenge {
            action,
            coldkey,
            gateway: self.gateway,
            chain: self.chain,
            nonce: [0; 32],
            expires: UnixMs(now.0 + LIFETIME_MS).seconds(),
        };
        let random: [u8; 16] = rand::random();
        let code = self.code(&random, &challenge);
        challenge.nonce[..16].copy_from_slice(&random);
        challenge.nonce[16..].copy_from_slice(&code);
        challenge
    }

    /// The challenge that was signed, if this gateway gave it, it has not expired, and its coldkey signed it.
    pub(super) fn check(&self, text: &str, signature: &str, now: UnixMs) -> Result<Challenge, Refusal> {
        let challenge = (text.len() <= MAX_TEXT).then(|| Challenge::read(text)).flatten();
        let challenge = challenge.ok_or_else(malformed)?;
        if challenge.gateway != self.gateway {
            return Err(wrong_gateway(&challenge.gateway, &self.gateway));
        }
        if challenge.chain != self.chain {
            return Err(wrong_chain(&self.chain));
        }
        if challenge.expires <= now.seconds() {
            return Err(stale("challenge_expired", "the challenge has expired"));
        }
        let (random, code) = challenge.nonce.split_at(16);
        if code != self.code(random, &challenge) {
            let why = "this gateway did not give this challenge, or was started again since";
            return Err(stale("challenge_unknown", why));
        }
        if !is_signed(text, signature, &challenge.coldkey) {
            return Err(bad_signature(&challenge.coldkey));
        }
        self.refuse_used(&challenge)?;
        Ok(challenge)
    }

    fn refuse_used(&self, challenge: &Challenge) -> Result<(), Refusal> {
        match self.lock().contains_key(&challenge.nonce) {
            true => Err(stale("challenge_used", "the challenge was answered before")),
            false => Ok(()),
        }
    }

    /// Uses a challenge up; of several answers at the same time only one succeeds.
    pub(super) fn use_up(&self, challenge: &Challenge, now: UnixMs) -> Result<(), Refusal> {
        let mut used = self.lock();
        used.retain(|_, expires| *expires > now.seconds());
        match used.insert(challenge.nonce, challenge.expires) {
            Some(_) => Err(stale("challenge_used", "the challenge was answered before")),
            None => Ok(()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Nonce, u64>> {
        // A map is never half changed.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the coldkey signed the text, bare or as a browser wallet wraps it. The signature is hexadecimal, of 64 bytes, or of 65 with the
/// kind of key before them, which must be sr25519.
fn is_signed(text: &str, signature: &str, coldkey: &AccountId) -> bool {
    let digits = signature.strip_prefix("0x").unwrap_or(signature);
    let Ok(bytes) = hex::decode(digits) else { return false };
    let bytes = match bytes.as_slice() {
        [1, rest @ ..] if rest.len() == 64 => rest,
        all => all,
    };
    let Ok(signature) = <[u8; 64]>::try_from(bytes) else {
        return false;
    };
    let key = Hotkey(coldkey.0);
    key.has_signed(text.as_bytes(), &signature)
        || key.has_signed(format!("<Bytes>{text}</Bytes>").as_bytes(), &signature)
}

fn malformed() -> Refusal {
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "malformed_challenge",
        "the message is no challenge of a gateway",
        "send the message as /laurel/v1/challenge gave it, to the letter",
    )
}

fn wrong_gateway(named: &AccountId, own: &AccountId) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "wrong_gateway",
        format!("the challenge is for the gateway {named}, and this one is {own}"),
        "ask this gateway for a challenge",
    )
}

fn wrong_chain(own: &Hash) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "wrong_chain",
        format!("the challenge is for another chain than 0x{}", hex::encode(own)),
        "ask this gateway for a challenge",
    )
}

fn stale(code: &'static str, what: &str) -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        code,
        what,
        "ask for a new challenge and answer it within five minutes",
    )
}

fn bad_signature(coldkey: &AccountId) -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "bad_signature",
        format!("{coldkey} did not sign this message with sr25519"),
        "sign the message as it is, or with a wallet's signRaw, with the coldkey that it names",
    )
}
