//! That whoever answers at an address holds the hotkey: a health answer, signed together with a nonce of the caller's.
use crate::{blake2b_256, headers, Nonce, Recipient, RequestError, NONCE_HEADER};
use codec::Encode;
use http::HeaderMap;
use subxt_signer::sr25519::Keypair;

const HEALTH_DOMAIN: &[u8; 15] = b"laurel/health/1";

impl Nonce {
    /// As the header has it.
    pub fn to_text(self) -> String {
        hex::encode(self.0)
    }

    /// The nonce of a caller that asks for a proof; none where it asks for none.
    ///
    /// # Errors
    /// [`RequestError::MalformedEnvelope`] when it is there twice, or not in its spelling.
    pub fn asked(headers: &HeaderMap) -> Result<Option<Self>, RequestError> {
        if !headers.contains_key(NONCE_HEADER) {
            return Ok(None);
        }
        headers::bytes(headers, NONCE_HEADER).map(Self).map(Some)
    }
}

impl Recipient {
    /// What is signed for a body that answers a nonce. No request, receipt or transaction has these bytes.
    fn presence(&self, nonce: Nonce, body: &[u8]) -> Vec<u8> {
        let who = (self.genesis, self.netuid, self.hotkey);
        (HEALTH_DOMAIN, who, nonce, blake2b_256(&[body])).encode()
    }

    /// The signature header of a health answer with this body.
    pub fn prove_presence(&self, nonce: Nonce, body: &[u8], keypair: &Keypair) -> String {
        hex::encode(keypair.sign(&self.presence(nonce, body)).0)
    }

    /// Whether the hotkey signed this body for this nonce. That it did so just now follows from the nonce, if that is new. It need not have
    /// been asked directly: whoever listens there can have passed the question on to it.
    pub fn is_present(&self, nonce: Nonce, body: &[u8], signature: &str) -> bool {
        let mut bytes = [0; 64];
        hex::decode_to_slice(signature, &mut bytes).is_ok()
            && self.hotkey.has_signed(&self.presence(nonce, body), &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hotkey;
    use laurel_types::NetUid;
    use subxt_signer::sr25519::dev;

    fn alice() -> Recipient {
        Recipient {
            genesis: [3; 32],
            netuid: NetUid(7),
            hotkey: Hotkey::of(&dev::alice()),
        }
    }

    #[test]
    fn a_proof_holds_for_its_key_chain_subnet_nonce_and_body_only() {
        let (nonce, body) = (Nonce::random(), b"{}");
        let proof = alice().prove_presence(nonce, body, &dev::alice());
        assert!(alice().is_present(nonce, body, &proof));
        let others = [
            Recipient {
                genesis: [4; 32],
                ..alice()
            },
            Recipient {
                netuid: NetUid(8),
                ..alice()
            },
            Recipient {
                hotkey: Hotkey::of(&dev::bob()),
                ..alice()
            },
        ];
        assert!(others.iter().all(|other| !other.is_present(nonce, body, &proof)));
        assert!(!alice().is_present(Nonce::random(), body, &proof));
        assert!(!alice().is_present(nonce, b"[]", &proof));
        assert!(!alice().is_present(nonce, body, &alice().prove_presence(nonce, body, &dev::bob())));
        assert!(!alice().is_present(nonce, body, "") && !alice().is_present(nonce, body, &proof[2..]));
    }

    #[test]
    fn a_nonce_is_asked_for_in_one_spelling_or_not_at_all() {
        let headers = |values: &[&str]| {
            let named = values
                .iter()
                .map(|value| (NONCE_HEADER.parse().unwrap(), value.parse().unwrap()));
            let mut headers = HeaderMap::new();
            named.for_each(|(name, value): (http::HeaderName, http::HeaderValue)| {
                headers.append(name, value);
            });
            headers
        };
        let nonce = Nonce::random();
        assert_eq!(Nonce::asked(&headers(&[])), Ok(None));
        assert_eq!(Nonce::asked(&headers(&[&nonce.to_text()])), Ok(Some(nonce)));
        let shouted = "AB".repeat(16);
        for wrong in [&["00"][..], &[&shouted], &[&nonce.to_text(), &nonce.to_text()]] {
            assert!(Nonce::asked(&headers(wrong)).is_err(), "{wrong:?}");
        }
    }
}
