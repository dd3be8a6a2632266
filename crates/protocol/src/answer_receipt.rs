//! What a user gets with an answer, to check alone who made it, of what request, with what model.
use crate::{digest::Hash, Envelope, Hotkey, Nonce, ReceiptError, SignedReceipt, PROTOCOL_VERSION};
use codec::{Decode, DecodeAll, Encode};

/// The header of an answer, or the last event of a stream, in which a gateway gives [`AnswerReceipt::to_text`].
pub const ANSWER_RECEIPT_HEADER: &str = "x-laurel-receipt";

/// Version of the layout.
const LAYOUT: u8 = 1;

/// A miner's signed receipt, and what of the request its hash covers besides the body. The body follows from what the user sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerReceipt {
    /// The request, which a gateway signed in its validator's name.
    pub envelope: Envelope,
    /// What the miner signed.
    pub signed: SignedReceipt,
}

#[derive(Encode, Decode)]
struct Layout {
    layout: u8,
    genesis: Hash,
    sender: Hotkey,
    receiver: Hotkey,
    nonce: [u8; 16],
    expires_ms: u64,
    path: String,
    body_hash: Hash,
    signed: SignedReceipt,
}

impl AnswerReceipt {
    /// Hexadecimal of the SCALE encoding.
    pub fn to_text(&self) -> String {
        let envelope = &self.envelope;
        let layout = Layout {
            layout: LAYOUT,
            genesis: envelope.genesis,
            sender: envelope.sender,
            receiver: envelope.receiver,
            nonce: envelope.nonce.0,
            expires_ms: envelope.expires_ms,
            path: envelope.path.clone(),
            body_hash: envelope.body_hash,
            signed: self.signed.clone(),
        };
        hex::encode(layout.encode())
    }

    /// Reads [`to_text`](Self::to_text).
    ///
    /// # Errors
    /// When it is no such text, or one of another version.
    pub fn from_text(text: &str) -> Result<Self, ReceiptError> {
        let bytes = hex::decode(text.trim()).map_err(|_| ReceiptError::Malformed)?;
        if bytes.first().is_some_and(|layout| *layout != LAYOUT) {
            return Err(ReceiptError::Version);
        }
        let layout = Layout::decode_all(&mut bytes.as_slice()).map_err(|_| ReceiptError::Malformed)?;
        let envelope = Envelope {
            version: PROTOCOL_VERSION,
            genesis: layout.genesis,
            netuid: layout.signed.receipt.netuid,
            sender: layout.sender,
            receiver: layout.receiver,
            nonce: Nonce(layout.nonce),
            expires_ms: layout.expires_ms,
            method: "POST".into(),
            path: layout.path,
            body_hash: layout.body_hash,
        };
        Ok(Self {
            envelope,
            signed: layout.signed,
        })
    }

    /// Whether the miner that was asked signed, and signed for this request.
    ///
    /// # Errors
    /// What of it does not hold.
    pub fn check(&self) -> Result<(), ReceiptError> {
        let receipt = &self.signed.receipt;
        let (output, proof) = (receipt.output_hash, receipt.proof_hash);
        self.signed
            .check(&self.envelope, receipt.model_root, output, proof)
            .map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{output_hash_text, Receipt, Recipient, Target, Work};
    use laurel_types::{ModelRoot, NetUid};
    use subxt_signer::sr25519::dev;

    fn receipt() -> AnswerReceipt {
        let recipient = Recipient {
            genesis: [3; 32],
            netuid: NetUid(7),
            hotkey: Hotkey::of(&dev::bob()),
        };
        let target = Target {
            method: "POST",
            path: "/v1/completions",
        };
        let envelope = Envelope::new(&recipient, target, b"{}", Hotkey::of(&dev::alice()), 99);
        let done = Work {
            model: ModelRoot([4; 32]),
            output_hash: output_hash_text(&[1, 2]),
            proof_hash: None,
            prompt_tokens: 5,
            completion_tokens: 2,
            received_ms: 10,
            completed_ms: 20,
        };
        let signed = Receipt::new(&envelope, &done).sign(&dev::bob());
        AnswerReceipt { envelope, signed }
    }

    #[test]
    fn an_answers_receipt_survives_its_text_and_holds_afterwards() {
        let receipt = receipt();
        let read = AnswerReceipt::from_text(&format!("{}\n", receipt.to_text())).unwrap();
        assert_eq!(read, receipt);
        assert_eq!(read.check(), Ok(()));
    }

    #[test]
    fn whatever_of_the_request_is_altered_the_receipt_no_longer_holds() {
        let alter: [fn(&mut AnswerReceipt); 7] = [
            |r| r.envelope.genesis[0] ^= 1,
            |r| r.envelope.sender = Hotkey::of(&dev::eve()),
            |r| r.envelope.nonce.0[0] ^= 1,
            |r| r.envelope.expires_ms += 1,
            |r| r.envelope.path.push('x'),
            |r| r.envelope.body_hash[0] ^= 1,
            |r| r.signed.receipt.sampler_key[0] ^= 1,
        ];
        for alter in alter {
            let mut altered = receipt();
            alter(&mut altered);
            let read = AnswerReceipt::from_text(&altered.to_text()).unwrap();
            assert!(read.check().is_err());
        }
        let mut other = receipt();
        other.envelope.receiver = Hotkey::of(&dev::eve());
        assert_eq!(other.check(), Err(ReceiptError::Signature));
    }

    #[test]
    fn what_is_no_receipt_is_refused() {
        let text = receipt().to_text();
        for text in ["", "xy", &text[2..], &text[..text.len() - 2], &format!("{text}00")] {
            assert!(AnswerReceipt::from_text(text).is_err(), "{text:.20}");
        }
        let other = format!("02{}", &text[2..]);
        assert_eq!(AnswerReceipt::from_text(&other), Err(ReceiptError::Version));
    }
}
