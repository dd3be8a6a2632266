//! The envelope as HTTP headers. Each value has one spelling only, so that no header can be changed unnoticed.
use crate::{Envelope, Hotkey, Nonce, RequestError, SignedRequest, Target};
use http::{HeaderMap, HeaderValue};
use laurel_types::NetUid;
use std::{fmt::Display, str::FromStr};

/// Protocol version, decimal.
pub const VERSION_HEADER: &str = "laurel-version";
/// Genesis hash, 64 hexadecimal digits.
pub const GENESIS_HEADER: &str = "laurel-genesis";
/// Subnet, decimal.
pub const NETUID_HEADER: &str = "laurel-netuid";
/// Sender's hotkey, ss58.
pub const SENDER_HEADER: &str = "laurel-sender";
/// Receiver's hotkey, ss58.
pub const RECEIVER_HEADER: &str = "laurel-receiver";
/// Nonce, 32 hexadecimal digits.
pub const NONCE_HEADER: &str = "laurel-nonce";
/// Expiry, Unix time in milliseconds, decimal.
pub const EXPIRES_HEADER: &str = "laurel-expires";
/// BLAKE2b-256 of the body, 64 hexadecimal digits.
pub const BODY_HEADER: &str = "laurel-body";
/// sr25519 signature over the envelope, 128 hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "laurel-signature";
/// The signed receipt of an answer, hexadecimal.
pub const RECEIPT_HEADER: &str = "laurel-receipt";

/// The envelope's headers; method and path are in the request line.
pub(crate) fn render(envelope: &Envelope, signature: &[u8; 64]) -> HeaderMap {
    let values = [
        (VERSION_HEADER, envelope.version.to_string()),
        (GENESIS_HEADER, hex::encode(envelope.genesis)),
        (NETUID_HEADER, envelope.netuid.to_string()),
        (SENDER_HEADER, envelope.sender.to_string()),
        (RECEIVER_HEADER, envelope.receiver.to_string()),
        (NONCE_HEADER, envelope.nonce.to_text()),
        (EXPIRES_HEADER, envelope.expires_ms.to_string()),
        (BODY_HEADER, hex::encode(envelope.body_hash)),
        (SIGNATURE_HEADER, hex::encode(signature)),
    ];
    values
        .into_iter()
        .map(|(name, value)| {
            let value = HeaderValue::try_from(value).expect("digits and letters are a valid header value; qed");
            (http::HeaderName::from_static(name), value)
        })
        .collect()
}

/// Reads the headers. Checks their form only.
pub(crate) fn parse(headers: &HeaderMap, target: Target<'_>) -> Result<SignedRequest, RequestError> {
    // The signature first: a plain HTTP client then hears "unsigned", not the name of some other header.
    let signature = bytes(headers, SIGNATURE_HEADER)?;
    let envelope = Envelope {
        version: value(headers, VERSION_HEADER)?,
        genesis: bytes(headers, GENESIS_HEADER)?,
        netuid: NetUid(value(headers, NETUID_HEADER)?),
        sender: value::<Hotkey>(headers, SENDER_HEADER)?,
        receiver: value::<Hotkey>(headers, RECEIVER_HEADER)?,
        nonce: Nonce(bytes(headers, NONCE_HEADER)?),
        expires_ms: value(headers, EXPIRES_HEADER)?,
        method: target.method.to_owned(),
        path: target.path.to_owned(),
        body_hash: bytes(headers, BODY_HEADER)?,
    };
    Ok(SignedRequest::from_parts(envelope, signature))
}

/// The text of a header that must be there exactly once.
fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, RequestError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().ok_or(RequestError::Unsigned { missing: name })?;
    if values.next().is_some() {
        return Err(RequestError::MalformedEnvelope {
            header: name,
            why: "it is there twice",
        });
    }
    first.to_str().map_err(|_| RequestError::MalformedEnvelope {
        header: name,
        why: "it is not ASCII",
    })
}

fn value<T: FromStr + Display>(headers: &HeaderMap, name: &'static str) -> Result<T, RequestError> {
    let malformed = |why| RequestError::MalformedEnvelope { header: name, why };
    let text = text(headers, name)?;
    let parsed: T = text.parse().map_err(|_| malformed("it does not parse"))?;
    if parsed.to_string() != text {
        return Err(malformed("it is not in its canonical form"));
    }
    Ok(parsed)
}

pub(crate) fn bytes<const N: usize>(headers: &HeaderMap, name: &'static str) -> Result<[u8; N], RequestError> {
    let malformed = |why| RequestError::MalformedEnvelope { header: name, why };
    let text = text(headers, name)?;
    if text.bytes().any(|c| c.is_ascii_uppercase()) {
        return Err(malformed("hexadecimal digits are lower case"));
    }
    let mut out = [0; N];
    hex::decode_to_slice(text, &mut out).map_err(|_| malformed("it is not hexadecimal of the right length"))?;
    Ok(out)
}
