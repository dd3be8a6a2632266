//! Checks one answer that a user got from a gateway, with nothing but what the user has: the receipt, the request, the answer; and, as far
//! as they are given, the model and the chain.
use crate::{
    statistic::Window,
    work::{output_of, spelled, Answer, Task, Works},
    Verdict,
};
use laurel_chain::{AccountId, BlockHash, ChainClient, ChainError};
use laurel_protocol::{blake2b_256, AnswerReceipt, ReceiptError, ANSWER_RECEIPT_HEADER};
use serde_json::{json, Value};
use std::fmt;

/// What one step of a check finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is so.
    Holds(String),
    /// It is not.
    Fails(String),
    /// It cannot be said from what was given; why.
    Unknown(String),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is looked at.
    pub what: &'static str,
    /// What is found.
    pub finding: Finding,
}

/// What a user has of one answer.
#[derive(Clone, Copy, Debug)]
pub struct Got<'a> {
    /// What came with it.
    pub receipt: &'a AnswerReceipt,
    /// The JSON that was sent.
    pub request: &'a [u8],
    /// What came back: JSON, the stream as it came, or a JSON list of its chunks.
    pub answer: &'a [u8],
}

impl Step {
    fn new(what: &'static str, found: Result<String, String>) -> Self {
        let finding = match found {
            Ok(how) => Finding::Holds(how),
            Err(why) => Finding::Fails(why),
        };
        Self { what, finding }
    }

    fn unknown(what: &'static str, why: impl Into<String>) -> Self {
        let finding = Finding::Unknown(why.into());
        Self { what, finding }
    }

    /// Whether something is wrong.
    pub fn fails(&self) -> bool {
        matches!(self.finding, Finding::Fails(_))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, said) = match &self.finding {
            Finding::Holds(how) => ("ok     ", how),
            Finding::Fails(why) => ("WRONG  ", why),
            Finding::Unknown(why) => ("unknown", why),
        };
        write!(f, "{mark}  {}: {said}", self.what)
    }
}

/// Finds the receipt in a text: its hexadecimal alone, the headers of an answer, or a stream as it came.
///
/// # Errors
/// When there is none in it.
pub fn find_receipt(text: &str) -> Result<AnswerReceipt, ReceiptError> {
    let lower = text.to_ascii_lowercase();
    let found = lower
        .rfind(ANSWER_RECEIPT_HEADER)
        .map(|at| at + ANSWER_RECEIPT_HEADER.len());
    let behind = lower[found.unwrap_or(0)..].trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    let digits = behind.strip_prefix("data:").unwrap_or(behind).trim_start();
    let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
    AnswerReceipt::from_text(&digits[..end])
}

/// Checks what can be checked without a chain.
pub async fn examine(got: Got<'_>, works: &Works) -> Vec<Step> {
    let Got { receipt, .. } = got;
    let signed = receipt.signed.verify(&receipt.envelope.receiver);
    let signed = signed.map(|_| format!("by {}", receipt.envelope.receiver));
    let signature = Step::new("signature", signed.map_err(|error| error.to_string()));
    let (request, task) = match request(got) {
        Ok(body) => (Ok("it is the one that the miner was sent".into()), Some(body)),
        Err(why) => (Err(why), None),
    };
    let request = Step::new("request", request);
    let Some(body) = task else {
        return vec![signature, request];
    };
    let answer = match answer(got) {
        Ok(answer) => answer,
        Err(why) => return vec![signature, request, Step::new("answer", Err(why))],
    };
    let output = Step::new("answer", output(got, &body, &answer));
    let model = model(got, &answer, works).await;
    vec![signature, request, output, model]
}

/// The body as the miner was sent it, if it follows from the user's request and is the one of the receipt.
fn request(got: Got<'_>) -> Result<Vec<u8>, String> {
    let AnswerReceipt { envelope, signed } = got.receipt;
    got.receipt.check().map_err(|error| error.to_string())?;
    let body = spelled(&envelope.path, got.request, signed.receipt.model_root)
        .map_err(|error| format!("it cannot be read: {error}"))?;
    if blake2b_256(&[&body]) != envelope.body_hash {
        return Err("the receipt is of another request".into());
    }
    Ok(body)
}

/// The answer as the validator had it; times are not known here.
fn answer(got: Got<'_>) -> Result<Answer, String> {
    let (body, is_streamed) = match got.answer.trim_ascii_start().first() {
        Some(b'{') => (got.answer.to_vec(), false),
        Some(b'[') => (stream_of(got.answer)?, true),
        _ => (got.answer.to_vec(), true),
    };
    Ok(Answer {
        envelope: got.receipt.envelope.clone(),
        receipt: Some(got.receipt.signed.to_text()),
        body,
        is_streamed,
        first_ms: 0,
        latency_ms: 0,
        deadline_ms: 0,
    })
}

/// A list of chunks, as a client of the API may keep them, as the stream that they came in.
fn stream_of(chunks: &[u8]) -> Result<Vec<u8>, String> {
    let chunks: Vec<Value> = serde_json::from_slice(chunks).map_err(|error| format!("it cannot be read: {error}"))?;
    let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    let events = events.chain(["data: [DONE]\n\n".to_owned()]);
    Ok(events.collect::<String>().into())
}

fn output(got: Got<'_>, body: &[u8], answer: &Answer) -> Result<String, String> {
    let AnswerReceipt { envelope, signed } = got.receipt;
    let receipt = &signed.receipt;
    let (output, proof) = output_of(&envelope.path, body, answer).map_err(|fault| fault.reason)?;
    if output != receipt.output_hash {
        return Err("the receipt is of another answer".into());
    }
    if proof != receipt.proof_hash {
        return Err("the receipt is of another activation proof".into());
    }
    let (read, written) = (receipt.prompt_tokens, receipt.completion_tokens);
    Ok(format!(
        "the miner signed for it: {read} tokens read, {written} written"
    ))
}

/// What the model says of it.
async fn model(got: Got<'_>, answer: &Answer, works: &Works) -> Step {
    const WHAT: &str = "model";
    let receipt = &got.receipt.signed.receipt;
    let Some(work) = works.of(receipt.model_root) else {
        let root = hex::encode(receipt.model_root.0);
        return Step::unknown(
            WHAT,
            format!("the answer is said to be of {root}: give its folder with --model"),
        );
    };
    let task = match work.request(&got.receipt.envelope.path, got.request) {
        Ok(task) => Task {
            wants_proof: receipt.proof_hash.is_some(),
            ..task
        },
        Err(error) => return Step::new(WHAT, Err(error.to_string())),
    };
    let glanced = match work.glance(&task, answer).await {
        Ok(glanced) => glanced,
        Err(error) => return Step::unknown(WHAT, error.to_string()),
    };
    if let Err(fault) = glanced {
        return Step::new(WHAT, Err(fault.reason));
    }
    match work.check(&task, answer).await {
        Err(error) => Step::unknown(WHAT, error.to_string()),
        Ok(Err(fault)) => Step::new(WHAT, Err(fault.reason)),
        Ok(Ok(findings)) => {
            let alone = Window::default().push(&findings.deviation);
            let verdict = Verdict::Correct;
            Step::new(WHAT, alone.map(|()| format!("{verdict}: {}", findings.reason)))
        }
    }
}

/// Whether miner, asker and model have their places on this chain now.
///
/// # Errors
/// When the chain is not reached.
pub async fn on_chain(receipt: &AnswerReceipt, client: &ChainClient) -> Result<Vec<Step>, ChainError> {
    let (envelope, signed) = (&receipt.envelope, &receipt.signed.receipt);
    if client.genesis_hash() != BlockHash(envelope.genesis) {
        let why = format!(
            "the answer was given on another chain, whose genesis is 0x{}",
            hex::encode(envelope.genesis)
        );
        return Ok(vec![Step::new("chain", Err(why))]);
    }
    let netuid = envelope.netuid;
    let Some(metagraph) = client.metagraph(netuid, None).await? else {
        return Ok(vec![Step::new("miner", Err(format!("there is no subnet {netuid}")))]);
    };
    let neuron = |hotkey: [u8; 32]| {
        let mut neurons = metagraph.neurons.iter();
        neurons.find(|neuron| neuron.hotkey == AccountId(hotkey))
    };
    let place = |hotkey: [u8; 32]| match neuron(hotkey) {
        Some(neuron) => Ok(format!("uid {} of subnet {netuid}", neuron.uid)),
        None => Err(format!(
            "{} is not registered in subnet {netuid} now",
            AccountId(hotkey)
        )),
    };
    let accepted = metagraph
        .subnet
        .models
        .iter()
        .any(|model| model.root == signed.model_root);
    let root = hex::encode(signed.model_root.0);
    let accepted = match accepted {
        true => Ok(format!("subnet {netuid} accepts {root}")),
        false => Err(format!("subnet {netuid} does not accept {root} now")),
    };
    Ok(vec![
        Step::new("miner", place(envelope.receiver.0)),
        Step::new("gateway's validator", place(envelope.sender.0)),
        Step::new("model on chain", accepted),
    ])
}

/// What the receipt says, for programs.
pub fn document(receipt: &AnswerReceipt, steps: &[Step]) -> Value {
    let (envelope, signed) = (&receipt.envelope, &receipt.signed.receipt);
    let step = |Step { what, finding }: &Step| {
        let (outcome, detail) = match finding {
            Finding::Holds(how) => ("holds", how),
            Finding::Fails(why) => ("fails", why),
            Finding::Unknown(why) => ("unknown", why),
        };
        json!({ "what": what, "outcome": outcome, "detail": detail })
    };
    json!({
        "netuid": envelope.netuid,
        "miner": envelope.receiver.to_string(),
        "validator": envelope.sender.to_string(),
        "path": envelope.path,
        "model": hex::encode(signed.model_root.0),
        "prompt_tokens": signed.prompt_tokens,
        "completion_tokens": signed.completion_tokens,
        "received_ms": signed.received_ms,
        "completed_ms": signed.completed_ms,
        "fails": steps.iter().any(Step::fails),
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_protocol::{Envelope, Hotkey, Receipt, Recipient, Target, Work};
    use laurel_types::{ModelRoot, NetUid};
    use subxt_signer::sr25519::dev;

    #[test]
    fn a_receipt_is_found_alone_in_headers_and_in_a_stream() {
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
            output_hash: [5; 32],
            proof_hash: None,
            prompt_tokens: 5,
            completion_tokens: 2,
            received_ms: 10,
            completed_ms: 20,
        };
        let signed = Receipt::new(&envelope, &done).sign(&dev::bob());
        let receipt = AnswerReceipt { envelope, signed };
        let text = receipt.to_text();
        for given in [
            text.clone(),
            format!("{text}\n"),
            format!("HTTP/1.1 200 OK\r\nX-Laurel-Receipt: {text}\r\ndate: now\r\n\r\n"),
            format!("data: {{}}\n\ndata: [DONE]\n\nevent: x-laurel-receipt\ndata: {text}\n\n"),
        ] {
            assert_eq!(find_receipt(&given).unwrap(), receipt);
        }
        assert!(find_receipt("x-laurel-receipt: none").is_err());
        assert!(find_receipt("").is_err());
    }
}
