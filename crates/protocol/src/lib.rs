//! What miners, validators and gateways say to each other: the signed envelope of a request, the signed
//! receipt of an answer, the errors, and the OpenAI-compatible JSON in between.
//!
//! A client signs the request with its hotkey and sends the signature and everything it covers as HTTP
//! headers. The miner's front door turns headers and body into a [`Verified`] request, and the [`ReplayGuard`]
//! turns that into an [`Admitted`] one; neither type can be made in another way, so code that takes an
//! `Admitted` cannot be reached by an unsigned, altered, expired, misdirected or replayed request. The miner
//! signs a [`Receipt`] of what it did, which is evidence about it afterwards.
//!
//! ```
//! use laurel_protocol::{Envelope, Expected, Hotkey, Recipient, ReplayGuard, ReplayLimits, SignedRequest, Target};
//! use laurel_types::NetUid;
//! use subxt_signer::sr25519::dev;
//!
//! let miner = Hotkey::of(&dev::alice());
//! let recipient = Recipient { genesis: [7; 32], netuid: NetUid(1), hotkey: miner };
//! let target = Target { method: "POST", path: "/v1/embeddings" };
//! let body = br#"{"input":"a sentence"}"#;
//! let now_ms = 1_000_000;
//!
//! // The client:
//! let request = Envelope::new(&recipient, target, body, Hotkey::of(&dev::bob()), now_ms + 10_000).sign(&dev::bob());
//! let headers = request.headers();
//!
//! // The miner:
//! let expected = Expected { genesis: [7; 32], netuid: NetUid(1), receiver: miner, now_ms, max_lifetime_ms: 60_000 };
//! let verified = SignedRequest::verify(&headers, target, body.to_vec().into(), &expected)?;
//! let admitted = ReplayGuard::new(ReplayLimits::default()).admit(verified, now_ms)?;
//! assert_eq!(admitted.sender(), Hotkey::of(&dev::bob()));
//! # Ok::<(), laurel_protocol::RequestError>(())
//! ```
//!
//! The layout of every header and preimage is in `docs/protocol.md`.
#![deny(missing_docs)]

mod answer_receipt;
mod custom;
mod digest;
mod envelope;
mod error;
mod front_door;
mod headers;
mod hotkey;
mod merkle;
pub mod openai;
mod presence;
mod receipt;
mod replay;

pub use answer_receipt::{AnswerReceipt, ANSWER_RECEIPT_HEADER};
pub use custom::{accepted_work, output_hash_custom, specification_root, CustomRequest, CustomWork, CUSTOM_PATH};
pub use digest::{blake2b_256, Hash};
pub use envelope::{sampler_key, Envelope, Nonce, Recipient, SignedRequest, Target, PROTOCOL_VERSION};
pub use error::{ErrorBody, ErrorDetail, RequestError};
pub use front_door::{Expected, Verified, VerifiedHead};
pub use headers::{
    BODY_HEADER, EXPIRES_HEADER, GENESIS_HEADER, NETUID_HEADER, NONCE_HEADER, RECEIPT_HEADER, RECEIVER_HEADER,
    SENDER_HEADER, SIGNATURE_HEADER, VERSION_HEADER,
};
pub use hotkey::{BadAddress, Hotkey};
pub use merkle::{merkle_proof, merkle_root, MerkleProof};
pub use receipt::{
    output_hash_embeddings, output_hash_text, proof_hash, Receipt, ReceiptError, SignedReceipt, Work, RECEIPT_EVENT,
};
pub use replay::{Admitted, ReplayGuard, ReplayLimits};
