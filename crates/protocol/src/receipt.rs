//! What a miner signs about an answer.
use crate::{blake2b_256, digest::Hash, Envelope, Hotkey, PROTOCOL_VERSION};
use codec::{Decode, DecodeAll, Encode};
use laurel_types::{ModelRoot, NetUid};
use subxt_signer::sr25519::Keypair;

const RECEIPT_DOMAIN: &[u8; 16] = b"laurel/receipt/1";
const TEXT_DOMAIN: &[u8; 20] = b"laurel/output/text/1";
const EMBEDDINGS_DOMAIN: &[u8; 26] = b"laurel/output/embeddings/1";
const PROOF_DOMAIN: &[u8; 14] = b"laurel/proof/1";

/// Name of the server-sent event that carries the receipt, after `[DONE]`.
pub const RECEIPT_EVENT: &str = "laurel-receipt";

/// Digest of a text answer: of the ids of its tokens, in order.
pub fn output_hash_text(token_ids: &[u32]) -> Hash {
    blake2b_256(&[TEXT_DOMAIN, &token_ids.encode()])
}

/// Digest of an embedding answer: of the bits of every number, one vector an input, in order.
pub fn output_hash_embeddings(vectors: &[Vec<f32>]) -> Hash {
    let bits: Vec<Vec<u32>> = vectors
        .iter()
        .map(|vector| vector.iter().map(|x| x.to_bits()).collect())
        .collect();
    blake2b_256(&[EMBEDDINGS_DOMAIN, &bits.encode()])
}

/// Digest of an activation proof: of its bytes as they are sent.
pub fn proof_hash(proof: &[u8]) -> Hash {
    blake2b_256(&[PROOF_DOMAIN, proof])
}

/// What was done for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The model that made the answer.
    pub model: ModelRoot,
    /// [`output_hash_text`], [`output_hash_embeddings`] or [`crate::output_hash_custom`].
    pub output_hash: Hash,
    /// [`proof_hash`] of the activation proof, if the answer has one.
    pub proof_hash: Option<Hash>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written; 0 for embeddings.
    pub completion_tokens: u32,
    /// Unix time in milliseconds at which the request was there.
    pub received_ms: u64,
    /// Unix time in milliseconds at which the answer was complete.
    pub completed_ms: u64,
}

/// A miner's statement of what it answered, with what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Receipt {
    /// [`PROTOCOL_VERSION`] of the miner.
    pub version: u16,
    /// [`Envelope::request_hash`] of the request; it covers both parties.
    pub request_hash: Hash,
    /// The subnet.
    pub netuid: NetUid,
    /// The model that the miner says it ran.
    pub model_root: ModelRoot,
    /// Digest of the answer.
    pub output_hash: Hash,
    /// Digest of the activation proof, if the answer has one.
    pub proof_hash: Option<Hash>,
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written; 0 for embeddings.
    pub completion_tokens: u32,
    /// Unix time in milliseconds at which the request was there.
    pub received_ms: u64,
    /// Unix time in milliseconds at which the answer was complete.
    pub completed_ms: u64,
    /// [`Envelope::sampler_key`] of the request.
    pub sampler_key: Hash,
}

impl Receipt {
    /// The receipt of `work` done for a request.
    pub fn new(envelope: &Envelope, work: &Work) -> Self {
        Self {
            version: PROTOCOL_VERSION,
            request_hash: envelope.request_hash(),
            netuid: envelope.netuid,
            model_root: work.model,
            output_hash: work.output_hash,
            proof_hash: work.proof_hash,
            prompt_tokens: work.prompt_tokens,
            completion_tokens: work.completion_tokens,
            received_ms: work.received_ms,
            completed_ms: work.completed_ms,
            sampler_key: envelope.sampler_key(),
        }
    }

    /// The bytes that are signed: a domain and the receipt in SCALE.
    pub fn preimage(&self) -> Vec<u8> {
        (RECEIPT_DOMAIN, self).encode()
    }

    /// Signs with the miner's hotkey.
    pub fn sign(self, keypair: &Keypair) -> SignedReceipt {
        let signature = keypair.sign(&self.preimage()).0;
        SignedReceipt {
            receipt: self,
            signature,
        }
    }
}

/// Why a receipt does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The text is not a receipt.
    #[error("the receipt cannot be decoded")]
    Malformed,
    /// Another version.
    #[error("the receipt is of another protocol version")]
    Version,
    /// Not signed by the miner that was asked.
    #[error("the receipt is not signed by the miner that was asked")]
    Signature,
    /// About another request.
    #[error("the receipt is about another request")]
    Request,
    /// Names another model than the subnet expects.
    #[error("the receipt names another model")]
    Model,
    /// The answer received is not the one that was signed.
    #[error("the answer is not the one in the receipt")]
    Output,
    /// The activation proof received is not the one that was signed, or one of the two is missing.
    #[error("the activation proof is not the one in the receipt")]
    Proof,
    /// Completed before it was received.
    #[error("the receipt's times run backwards")]
    Times,
}

/// A receipt and the miner's signature over it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedReceipt {
    /// What is signed; trust it only after [`check`](Self::check).
    pub receipt: Receipt,
    /// sr25519 signature over [`Receipt::preimage`].
    pub signature: [u8; 64],
}

impl SignedReceipt {
    /// The text that goes into the `laurel-receipt` header or event: hexadecimal of the SCALE encoding.
    pub fn to_text(&self) -> String {
        hex::encode(self.encode())
    }

    /// Reads [`to_text`](Self::to_text).
    pub fn from_text(text: &str) -> Result<Self, ReceiptError> {
        let bytes = hex::decode(text).map_err(|_| ReceiptError::Malformed)?;
        Self::decode_all(&mut bytes.as_slice()).map_err(|_| ReceiptError::Malformed)
    }

    /// Whether `miner` signed this receipt.
    pub fn verify(&self, miner: &Hotkey) -> Result<&Receipt, ReceiptError> {
        if self.receipt.version != PROTOCOL_VERSION {
            return Err(ReceiptError::Version);
        }
        if !miner.has_signed(&self.receipt.preimage(), &self.signature) {
            return Err(ReceiptError::Signature);
        }
        Ok(&self.receipt)
    }

    /// Whether the miner asked by `envelope` signed that it made this answer, with this activation proof or with none, with this model.
    pub fn check(
        &self,
        envelope: &Envelope,
        model: ModelRoot,
        output_hash: Hash,
        proof_hash: Option<Hash>,
    ) -> Result<&Receipt, ReceiptError> {
        let receipt = self.verify(&envelope.receiver)?;
        if receipt.request_hash != envelope.request_hash()
            || receipt.netuid != envelope.netuid
            || receipt.sampler_key != envelope.sampler_key()
        {
            return Err(ReceiptError::Request);
        }
        if receipt.model_root != model {
            return Err(ReceiptError::Model);
        }
        if receipt.output_hash != output_hash {
            return Err(ReceiptError::Output);
        }
        if receipt.proof_hash != proof_hash {
            return Err(ReceiptError::Proof);
        }
        if receipt.completed_ms < receipt.received_ms {
            return Err(ReceiptError::Times);
        }
        Ok(receipt)
    }
}
