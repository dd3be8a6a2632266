//! From headers and body to a request that is known to be genuine.
use crate::PROTOCOL_VERSION;
use crate::{blake2b_256, digest::Hash, headers, Envelope, Hotkey, RequestError, SignedRequest, Target};
use bytes::Bytes;
use http::HeaderMap;
use laurel_types::NetUid;

/// What the receiver knows of itself and the time.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Genesis hash of the receiver's chain.
    pub genesis: Hash,
    /// The receiver's subnet.
    pub netuid: NetUid,
    /// The receiver's hotkey.
    pub receiver: Hotkey,
    /// Unix time in milliseconds.
    pub now_ms: u64,
    /// Longest time in milliseconds that a request may still have to live. It bounds how long nonces are kept.
    pub max_lifetime_ms: u64,
}

/// An envelope whose signature, addressee and time are right; its body has not been seen. A server that
/// verifies in two steps reads no body from strangers.
#[derive(Debug)]
pub struct VerifiedHead {
    envelope: Envelope,
}

/// A request that its sender signed for this receiver, unaltered and in time. Whether it is a replay is the
/// [`ReplayGuard`](crate::ReplayGuard)'s to say.
#[derive(Debug)]
pub struct Verified {
    envelope: Envelope,
    body: Bytes,
}

impl SignedRequest {
    /// Checks headers and body together.
    pub fn verify(
        headers: &HeaderMap,
        target: Target<'_>,
        body: Bytes,
        expected: &Expected,
    ) -> Result<Verified, RequestError> {
        Self::verify_head(headers, target, expected)?.with_body(body)
    }

    /// Checks everything but the body. The cheap checks come before the signature.
    pub fn verify_head(
        headers: &HeaderMap,
        target: Target<'_>,
        expected: &Expected,
    ) -> Result<VerifiedHead, RequestError> {
        let (envelope, signature) = headers::parse(headers, target)?.into_parts();
        check_addressee(&envelope, expected)?;
        check_time(&envelope, expected)?;
        if !envelope.sender.has_signed(&envelope.preimage(), &signature) {
            return Err(RequestError::BadSignature);
        }
        Ok(VerifiedHead { envelope })
    }
}

fn check_addressee(envelope: &Envelope, expected: &Expected) -> Result<(), RequestError> {
    if envelope.version != PROTOCOL_VERSION {
        return Err(RequestError::UnsupportedVersion { got: envelope.version });
    }
    if envelope.genesis != expected.genesis {
        return Err(RequestError::WrongChain { ours: expected.genesis });
    }
    if envelope.netuid != expected.netuid {
        return Err(RequestError::WrongSubnet {
            got: envelope.netuid,
            ours: expected.netuid,
        });
    }
    if envelope.receiver != expected.receiver {
        return Err(RequestError::Misaddressed {
            got: envelope.receiver,
            ours: expected.receiver,
        });
    }
    Ok(())
}

fn check_time(envelope: &Envelope, expected: &Expected) -> Result<(), RequestError> {
    let Some(left) = envelope
        .expires_ms
        .checked_sub(expected.now_ms)
        .filter(|left| *left > 0)
    else {
        return Err(RequestError::Expired {
            by_ms: expected.now_ms.saturating_sub(envelope.expires_ms),
        });
    };
    if left > expected.max_lifetime_ms {
        return Err(RequestError::LifetimeTooLong {
            limit_ms: expected.max_lifetime_ms,
        });
    }
    Ok(())
}

impl VerifiedHead {
    /// Who signed.
    pub fn sender(&self) -> Hotkey {
        self.envelope.sender
    }

    /// Binds the body, if it is the one that was signed.
    pub fn with_body(self, body: Bytes) -> Result<Verified, RequestError> {
        if blake2b_256(&[&body]) != self.envelope.body_hash {
            return Err(RequestError::BodyMismatch);
        }
        Ok(Verified {
            envelope: self.envelope,
            body,
        })
    }
}

impl Verified {
    /// What was signed.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Who signed.
    pub fn sender(&self) -> Hotkey {
        self.envelope.sender
    }

    /// The body, as signed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}
