//! What a request's signature covers, and signing it.
use crate::{blake2b_256, digest::Hash, headers, Hotkey};
use codec::Encode;
use http::HeaderMap;
use laurel_types::{NetUid, AXON_PROTOCOL_VERSION};
use subxt_signer::sr25519::Keypair;

/// Version of the envelope and receipt; published with each axon.
pub const PROTOCOL_VERSION: u16 = AXON_PROTOCOL_VERSION;

const REQUEST_DOMAIN: &[u8; 16] = b"laurel/request/1";
const SAMPLER_DOMAIN: &[u8; 16] = b"laurel/sampler/1";

/// Chosen at random for each request; a miner accepts it once from each sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    /// A nonce that nobody can foresee.
    pub fn random() -> Self {
        Self(rand::random())
    }
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Genesis hash of the chain on which the miner is registered.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: NetUid,
    /// The miner's hotkey.
    pub hotkey: Hotkey,
}

/// What is asked for, in the words of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// `GET`, `POST`, ….
    pub method: &'a str,
    /// Path and query as in the request line, for example `/v1/embeddings`.
    pub path: &'a str,
}

/// Everything that a request's signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// [`PROTOCOL_VERSION`] of the sender.
    pub version: u16,
    /// Genesis hash of the chain that both sides use.
    pub genesis: Hash,
    /// The subnet in which both are registered.
    pub netuid: NetUid,
    /// Who asks, and signs.
    pub sender: Hotkey,
    /// Who is asked.
    pub receiver: Hotkey,
    /// Makes the request unique.
    pub nonce: Nonce,
    /// Unix time in milliseconds from which the request is refused.
    pub expires_ms: u64,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// BLAKE2b-256 of the body.
    pub body_hash: Hash,
}

impl Envelope {
    /// An envelope with a random nonce. `expires_ms` is Unix time in milliseconds.
    pub fn new(recipient: &Recipient, target: Target<'_>, body: &[u8], sender: Hotkey, expires_ms: u64) -> Self {
        Self {
            version: PROTOCOL_VERSION,
            genesis: recipient.genesis,
            netuid: recipient.netuid,
            sender,
            receiver: recipient.hotkey,
            nonce: Nonce::random(),
            expires_ms,
            method: target.method.to_owned(),
            path: target.path.to_owned(),
            body_hash: blake2b_256(&[body]),
        }
    }

    /// The bytes that are signed: a domain and every field in order, in SCALE.
    pub fn preimage(&self) -> Vec<u8> {
        let route = (&self.method, &self.path, self.body_hash);
        let parties = (self.genesis, self.netuid, self.sender, self.receiver);
        (
            REQUEST_DOMAIN,
            self.version,
            parties,
            self.nonce,
            self.expires_ms,
            route,
        )
            .encode()
    }

    /// Names the request in receipts: BLAKE2b-256 of the [preimage](Self::preimage).
    pub fn request_hash(&self) -> Hash {
        blake2b_256(&[&self.preimage()])
    }

    /// See [`sampler_key`].
    pub fn sampler_key(&self) -> Hash {
        sampler_key(self)
    }

    /// Signs with the sender's key.
    pub fn sign(self, keypair: &Keypair) -> SignedRequest {
        let signature = keypair.sign(&self.preimage()).0;
        SignedRequest {
            envelope: self,
            signature,
        }
    }
}

/// The key of the canonical sampler for one request. Neither side can choose it alone: the nonce is the
/// sender's, and the hotkeys are fixed on chain.
pub fn sampler_key(envelope: &Envelope) -> Hash {
    blake2b_256(&[
        SAMPLER_DOMAIN,
        &envelope.nonce.0,
        &envelope.sender.0,
        &envelope.receiver.0,
    ])
}

/// An envelope and a signature over it, not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    envelope: Envelope,
    signature: [u8; 64],
}

impl SignedRequest {
    pub(crate) fn from_parts(envelope: Envelope, signature: [u8; 64]) -> Self {
        Self { envelope, signature }
    }

    pub(crate) fn into_parts(self) -> (Envelope, [u8; 64]) {
        (self.envelope, self.signature)
    }

    /// What is signed.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The headers to send with the body.
    pub fn headers(&self) -> HeaderMap {
        headers::render(&self.envelope, &self.signature)
    }
}
