//! What a fuzzer does with bytes that come over the wire: it reads them as a miner or a client would. `fuzz/formats` runs these for
//! hours, `bad_bytes.rs` for seconds.
use http::{HeaderMap, HeaderName, HeaderValue};
use laurel_protocol::openai::{
    ChatChunk, ChatRequest, ChatResponse, CompletionRequest, CompletionResponse, EmbeddingRequest, EmbeddingResponse,
};
use laurel_protocol::{ErrorBody, Expected, Hotkey, MerkleProof, RequestError, SignedReceipt, SignedRequest, Target};
use laurel_types::NetUid;
use serde::{de::DeserializeOwned, Serialize};

/// The miner of the seeds, at their time.
const EXPECTED: Expected = Expected {
    genesis: [7; 32],
    netuid: NetUid(1),
    receiver: Hotkey([9; 32]),
    now_ms: 1_000_000,
    max_lifetime_ms: 60_000,
};
const TARGET: Target = Target {
    method: "POST",
    path: "/v1/embeddings",
};

/// The headers of a request, one a line, an empty line, the body.
pub fn envelope(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line;
        (line, rest) = (&rest[..end], &rest[end + 1..]);
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            break;
        };
        let (name, value) = (
            HeaderName::from_bytes(&line[..colon]),
            HeaderValue::from_bytes(&line[colon + 1..]),
        );
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let verified = SignedRequest::verify(&headers, TARGET, rest.to_vec().into(), &EXPECTED);
    // The seeds' signatures are of nobody, and nobody can make one that is right by changing bytes.
    refusal(&verified.expect_err("an unsigned request was taken"));
}

fn refusal(error: &RequestError) {
    assert!((400..600).contains(&error.status()), "{error}");
    for text in [error.to_string(), error.remedy().to_string()] {
        assert!(!text.is_empty() && !text.contains('\n'), "{text}");
    }
}

/// What is read can be written.
fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    serde_json::to_vec(&value).unwrap();
    Some(value)
}

/// The body of a request or of an answer.
pub fn openai(bytes: &[u8]) {
    if let Some(request) = read::<ChatRequest>(bytes) {
        request
            .messages
            .iter()
            .for_each(|message| drop(message.content.to_text()));
        request.parameters().map_or_else(|error| refusal(&error), drop);
    }
    if let Some(request) = read::<CompletionRequest>(bytes) {
        request.parameters().map_or_else(|error| refusal(&error), drop);
    }
    if let Some(request) = read::<EmbeddingRequest>(bytes) {
        request.inputs().map_or_else(|error| refusal(&error), drop);
    }
    if let Some(answer) = read::<EmbeddingResponse>(bytes) {
        answer
            .data
            .into_iter()
            .for_each(|vector| drop(vector.embedding.decode()));
    }
    read::<ChatResponse>(bytes);
    read::<ChatChunk>(bytes);
    read::<CompletionResponse>(bytes);
    read::<ErrorBody>(bytes);
}

/// The text of a receipt, or the JSON of a Merkle proof.
pub fn receipt(bytes: &[u8]) {
    if let Some(proof) = read::<MerkleProof>(bytes) {
        assert!(!proof.holds(&[1; 32], b"no tree has this root"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(receipt) = SignedReceipt::from_text(text) {
        assert_eq!(receipt.to_text(), text.to_ascii_lowercase());
        assert_eq!(SignedReceipt::from_text(&receipt.to_text()).unwrap(), receipt);
        assert!(receipt.verify(&EXPECTED.receiver).is_err());
    }
}
