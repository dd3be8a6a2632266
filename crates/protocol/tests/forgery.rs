//! Whatever is changed, added or repeated, the front door notices.
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use laurel_protocol::{
    Envelope, Expected, Hotkey, Nonce, Recipient, ReplayGuard, ReplayLimits, RequestError, SignedRequest, Target,
    EXPIRES_HEADER, NETUID_HEADER, NONCE_HEADER, SENDER_HEADER, SIGNATURE_HEADER,
};
use laurel_types::NetUid;
use proptest::prelude::*;
use subxt_signer::sr25519::dev;

const NOW: u64 = 1_750_000_000_000;
const TARGET: Target<'static> = Target {
    method: "POST",
    path: "/v1/completions",
};
const BODY: &[u8] = br#"{"prompt":"Once upon a time"}"#;

fn miner() -> Hotkey {
    Hotkey::of(&dev::alice())
}

fn recipient() -> Recipient {
    Recipient {
        genesis: [9; 32],
        netuid: NetUid(3),
        hotkey: miner(),
    }
}

fn expected() -> Expected {
    Expected {
        genesis: [9; 32],
        netuid: NetUid(3),
        receiver: miner(),
        now_ms: NOW,
        max_lifetime_ms: 60_000,
    }
}

fn envelope() -> Envelope {
    Envelope::new(&recipient(), TARGET, BODY, Hotkey::of(&dev::bob()), NOW + 5_000)
}

fn verify(headers: &HeaderMap, target: Target<'_>, body: &[u8]) -> Result<(), RequestError> {
    SignedRequest::verify(headers, target, Bytes::copy_from_slice(body), &expected()).map(drop)
}

fn verify_envelope(envelope: Envelope) -> Result<(), RequestError> {
    verify(&envelope.sign(&dev::bob()).headers(), TARGET, BODY)
}

#[test]
fn a_request_as_signed_is_let_in() {
    verify_envelope(envelope()).unwrap();
}

#[test]
fn each_wrong_field_has_its_own_error() {
    let with = |change: fn(&mut Envelope)| {
        let mut envelope = envelope();
        change(&mut envelope);
        verify_envelope(envelope).unwrap_err().code()
    };
    assert_eq!(with(|e| e.version = 2), "unsupported_version");
    assert_eq!(with(|e| e.genesis = [8; 32]), "wrong_chain");
    assert_eq!(with(|e| e.netuid = NetUid(4)), "wrong_subnet");
    assert_eq!(with(|e| e.receiver = Hotkey([1; 32])), "misaddressed");
    assert_eq!(with(|e| e.expires_ms = NOW), "expired");
    assert_eq!(with(|e| e.expires_ms = NOW + 60_001), "lifetime_too_long");
    assert_eq!(with(|e| e.expires_ms = u64::MAX), "lifetime_too_long");
    assert_eq!(with(|e| e.sender = Hotkey::of(&dev::charlie())), "bad_signature");
    assert_eq!(with(|e| e.method = "PUT".into()), "bad_signature");
    assert_eq!(with(|e| e.path = "/v1/embeddings".into()), "bad_signature");
    assert_eq!(with(|e| e.body_hash = [0; 32]), "body_mismatch");
}

#[test]
fn a_missing_or_doubled_header_is_named() {
    let whole = envelope().sign(&dev::bob()).headers();
    let names: Vec<HeaderName> = whole.keys().cloned().collect();
    assert_eq!(names.len(), 9);
    for name in names {
        let mut without = whole.clone();
        without.remove(&name);
        let error = verify(&without, TARGET, BODY).unwrap_err();
        assert_eq!((error.code(), error.status()), ("unsigned", 401));
        assert!(error.to_string().contains(name.as_str()), "{error}");

        let mut doubled = whole.clone();
        doubled.append(&name, whole[&name].clone());
        assert_eq!(verify(&doubled, TARGET, BODY).unwrap_err().code(), "malformed_envelope");
    }
}

#[test]
fn a_header_has_one_spelling_only() {
    let spelled = |name: &'static str, value: String| {
        let mut headers = envelope().sign(&dev::bob()).headers();
        headers.insert(name, HeaderValue::try_from(value).unwrap());
        verify(&headers, TARGET, BODY).unwrap_err().code()
    };
    assert_eq!(spelled(NETUID_HEADER, "03".into()), "malformed_envelope");
    assert_eq!(spelled(NETUID_HEADER, "+3".into()), "malformed_envelope");
    assert_eq!(spelled(NONCE_HEADER, "AB".repeat(16)), "malformed_envelope");
    assert_eq!(spelled(NONCE_HEADER, "ab".repeat(17)), "malformed_envelope");
    assert_eq!(spelled(SENDER_HEADER, "x".repeat(5_000)), "malformed_envelope");
    assert_eq!(
        spelled(EXPIRES_HEADER, "18446744073709551616".into()),
        "malformed_envelope"
    );
}

#[test]
fn a_replay_is_refused_until_the_request_has_expired_and_then_for_that() {
    let guard = ReplayGuard::new(ReplayLimits::default());
    let request = envelope().sign(&dev::bob());
    let admit = |now_ms| {
        let expected = Expected { now_ms, ..expected() };
        let verified = SignedRequest::verify(&request.headers(), TARGET, Bytes::from_static(BODY), &expected)?;
        guard.admit(verified, now_ms).map(drop)
    };
    assert_eq!(admit(NOW), Ok(()));
    assert_eq!(admit(NOW + 1), Err(RequestError::Replayed));
    assert_eq!(admit(NOW + 4_999), Err(RequestError::Replayed));
    assert_eq!(admit(NOW + 5_000), Err(RequestError::Expired { by_ms: 0 }));
}

#[test]
fn a_clock_that_is_set_back_lets_no_replay_in() {
    let guard = ReplayGuard::new(ReplayLimits::default());
    let admit = |envelope: Envelope, now_ms| {
        let expected = Expected { now_ms, ..expected() };
        let headers = envelope.sign(&dev::bob()).headers();
        let verified = SignedRequest::verify(&headers, TARGET, Bytes::from_static(BODY), &expected)?;
        guard.admit(verified, now_ms).map(drop)
    };
    let first = envelope();
    admit(first.clone(), NOW).unwrap();
    // A later request makes the guard forget the first, which has expired.
    admit(
        Envelope {
            nonce: Nonce([1; 16]),
            expires_ms: NOW + 50_000,
            ..envelope()
        },
        NOW + 20_000,
    )
    .unwrap();
    assert_eq!(admit(first, NOW).unwrap_err().code(), "expired");
}

#[test]
fn a_full_memory_refuses_instead_of_forgetting() {
    let guard = ReplayGuard::new(ReplayLimits {
        senders: 1,
        nonces_per_sender: 2,
    });
    let admit = |nonce: u8, by: &subxt_signer::sr25519::Keypair, now_ms| {
        let envelope = Envelope {
            nonce: Nonce([nonce; 16]),
            sender: Hotkey::of(by),
            ..envelope()
        };
        let headers = envelope.sign(by).headers();
        let verified = SignedRequest::verify(&headers, TARGET, Bytes::from_static(BODY), &expected()).unwrap();
        guard.admit(verified, now_ms).map(drop)
    };
    admit(1, &dev::bob(), NOW).unwrap();
    admit(2, &dev::bob(), NOW).unwrap();
    assert_eq!(admit(3, &dev::bob(), NOW), Err(RequestError::TooManyRequests));
    assert_eq!(admit(1, &dev::bob(), NOW), Err(RequestError::Replayed));
    assert_eq!(admit(1, &dev::charlie(), NOW), Err(RequestError::TooManyRequests));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_flipped_bit_is_noticed(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let whole = envelope().sign(&dev::bob()).headers();
        // Headers, then method, path and body, as one string of bytes.
        let names: Vec<HeaderName> = whole.keys().cloned().collect();
        let mut parts: Vec<Vec<u8>> = names.iter().map(|name| whole[name].as_bytes().to_vec()).collect();
        parts.extend([TARGET.method.into(), TARGET.path.into(), BODY.to_vec()]);
        let mut left = at.index(parts.iter().map(Vec::len).sum());
        for part in &mut parts {
            if left < part.len() {
                part[left] ^= 1 << bit;
                break;
            }
            left -= part.len();
        }
        let mut headers = HeaderMap::new();
        for (name, value) in names.into_iter().zip(&parts) {
            // What HTTP itself refuses never reaches the front door.
            let Ok(value) = HeaderValue::from_bytes(value) else { return Ok(()) };
            headers.insert(name, value);
        }
        let (method, path) = (String::from_utf8_lossy(&parts[9]), String::from_utf8_lossy(&parts[10]));
        let target = Target { method: &method, path: &path };
        prop_assert!(verify(&headers, target, &parts[11]).is_err());
    }

    #[test]
    fn garbage_in_any_header_is_an_error(which in 0usize..9, value in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut headers = envelope().sign(&dev::bob()).headers();
        let name = headers.keys().nth(which).unwrap().clone();
        let Ok(value) = HeaderValue::from_bytes(&value) else { return Ok(()) };
        prop_assume!(headers[&name] != value);
        headers.insert(name.clone(), value);
        let error = verify(&headers, TARGET, BODY).unwrap_err();
        prop_assert!((400..500).contains(&error.status()));
        if name == SIGNATURE_HEADER {
            prop_assert_eq!(error.code(), "malformed_envelope");
        }
    }
}
