//! Kinds of work: make a task, check an answer, score it.
mod completion;
mod custom;
mod embedding;
mod question;
mod shape;
mod text;

pub use custom::{CustomKind, Judge, Scored};
pub use embedding::{EmbeddingWork, Embeds};
pub(crate) use question::spelled;
pub use question::{Dialect, TextQuestion};
pub use text::{ChecksText, TextWork, Written};

use crate::{statistic::Deviation, Fault, Score, Verdict};
use async_trait::async_trait;
use codec::{Decode, Encode};
use laurel_protocol::{
    openai::Usage, output_hash_embeddings, output_hash_text, proof_hash, Envelope, Hash, Receipt, ReceiptError,
    RequestError, SignedReceipt,
};
use laurel_types::{AcceptedModel, ModelKind, ModelRoot};
use std::{collections::HashMap, sync::Arc};

/// A question for a miner.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Where to send it, for example `/v1/embeddings`.
    pub path: &'static str,
    /// The JSON to send. Receipts keep that of the validator's own, so that they can be repeated.
    pub body: Vec<u8>,
    /// Whether the answer is to come token by token.
    pub is_streamed: bool,
    /// How much may be answered: tokens that may be written, or texts to embed.
    pub size: u32,
    /// How much is to be read, in tokens; of custom work in bytes.
    pub prompt_tokens: u32,
    /// Whether the subnet asks for an activation proof: the miner knows it from the chain, nothing in the request says so.
    pub wants_proof: bool,
    /// In a few words.
    pub summary: String,
}

impl Task {
    /// The most that it can come to. Texts to be embedded are read only.
    pub fn most(&self) -> Amount {
        let is_embedding = self.path == question::EMBEDDINGS;
        Amount {
            prompt_tokens: self.prompt_tokens,
            completion_tokens: if is_embedding { 0 } else { self.size },
        }
    }
}

/// A miner's answer as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The envelope of the request.
    pub envelope: Envelope,
    /// The `laurel-receipt` header, or the stream's last event, if there was one.
    pub receipt: Option<String>,
    /// What came back: JSON, or the stream as it came.
    pub body: Vec<u8>,
    /// Whether the body is a stream of events.
    pub is_streamed: bool,
    /// From sending the request to the first token; in an answer that is not streamed all come at once, with the last byte.
    pub first_ms: u64,
    /// From sending the request to the last byte.
    pub latency_ms: u64,
    /// How long the miner had.
    pub deadline_ms: u64,
}

/// How much work an answer was, counted by this validator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Amount {
    /// Tokens read; of custom work bytes.
    pub prompt_tokens: u32,
    /// Tokens written, of custom work bytes; 0 for embeddings.
    pub completion_tokens: u32,
}

impl Amount {
    /// Whether a miner counted alike, in what it signed and in what its answer says.
    pub(crate) fn agrees(&self, receipt: &Receipt, usage: Option<Usage>) -> Result<(), Fault> {
        let Self {
            prompt_tokens: read,
            completion_tokens: written,
        } = *self;
        let (signed_read, signed_written) = (receipt.prompt_tokens, receipt.completion_tokens);
        if (signed_read, signed_written) != (read, written) {
            return Err(Fault::new(
                Verdict::Mismatched,
                format!(
                    "the receipt counts {signed_read} tokens read and {signed_written} written, there were {read} and {written}"
                ),
            ));
        }
        if usage.is_some_and(|usage| usage != Usage::new(read, written)) {
            let reason = "the answer's usage is not what its receipt counts";
            return Err(Fault::new(Verdict::Malformed, reason));
        }
        Ok(())
    }
}

/// What the model says of a right answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// What was checked, for people.
    pub reason: String,
    /// Part of a right answer that it is: all, where an answer is right or wrong and nothing between.
    pub correctness: Score,
    /// How far the answer is from this validator's own; nothing where it has none to compare.
    pub deviation: Deviation,
}

/// This validator cannot judge the answer; nothing is said about the miner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot check an answer: {0}")]
pub struct CannotCheck(pub String);

/// One kind of work with one model.
#[async_trait]
pub trait Work: Send + Sync {
    /// The kind.
    fn kind(&self) -> ModelKind;

    /// The model with which answers are checked, and with which miners must answer.
    fn model(&self) -> ModelRoot;

    /// Whether every answer is checked, whatever the miner's record: where right answers differ in worth.
    fn checks_every_answer(&self) -> bool {
        false
    }

    /// Makes the task number `index`, whose words no other number has.
    fn task(&self, index: u64) -> Result<Task, CannotCheck>;

    /// Makes a task of a user's request to `path`, and remembers what it looks like, without its words.
    ///
    /// # Errors
    /// What an honest miner would refuse it for: whatever else a miner answers is its own fault.
    fn request(&self, path: &str, body: &[u8]) -> Result<Task, RequestError>;

    /// Finds what is wrong with an answer that can be seen without running the model: receipt, form, prompt, end, and that the text is
    /// what the tokens say.
    async fn glance(&self, task: &Task, answer: &Answer) -> Result<Result<Amount, Fault>, CannotCheck>;

    /// Compares an answer, at which [`Self::glance`] found nothing wrong, with what the model says.
    async fn check(&self, task: &Task, answer: &Answer) -> Result<Result<Findings, Fault>, CannotCheck>;

    /// [`Self::check`], where only a part of an answer is looked at the one that a lot says: whoever has the lot looks at the same.
    async fn check_drawn(
        &self,
        task: &Task,
        answer: &Answer,
        _lot: Score,
    ) -> Result<Result<Findings, Fault>, CannotCheck> {
        self.check(task, answer).await
    }
}

/// The models that a validator has loaded. It judges the miners of those that its subnet accepts, and so follows a change of models
/// for which it was prepared.
#[derive(Clone)]
pub struct Works {
    all: Vec<Arc<dyn Work>>,
    names: HashMap<ModelRoot, String>,
}

impl Works {
    /// These models; tasks for miners that name none count for the first that is accepted.
    pub fn new(works: Vec<Arc<dyn Work>>) -> Self {
        Self {
            all: works,
            names: HashMap::new(),
        }
    }

    /// The same, called so by people. A name that several have, and one that reads as a root, is none.
    pub fn with_names(self, names: Vec<(ModelRoot, String)>) -> Self {
        let is_clear = |(root, name): &(ModelRoot, String)| {
            let others = names.iter().filter(|(other, _)| other != root);
            let is_root = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            !name.is_empty() && !is_root && others.into_iter().all(|(_, other)| other != name)
        };
        let names = names.iter().filter(|named| is_clear(named)).cloned().collect();
        Self { names, ..self }
    }

    /// What people call a model, if it is clear.
    pub fn name_of(&self, model: ModelRoot) -> Option<&str> {
        self.names.get(&model).map(String::as_str)
    }

    /// The work with this model.
    pub fn of(&self, model: ModelRoot) -> Option<&Arc<dyn Work>> {
        self.all.iter().find(|work| work.model() == model)
    }

    /// Those that a subnet accepts.
    pub fn accepted<'a>(&'a self, models: &'a [AcceptedModel]) -> impl Iterator<Item = &'a Arc<dyn Work>> {
        let takes =
            |model: &AcceptedModel, work: &Arc<dyn Work>| (model.root, model.kind) == (work.model(), work.kind());
        self.all
            .iter()
            .filter(move |work| models.iter().any(|model| takes(model, work)))
    }

    /// Roots of all, in hexadecimal.
    pub fn roots(&self) -> String {
        let roots: Vec<String> = self.all.iter().map(|work| hex::encode(work.model().0)).collect();
        roots.join(", ")
    }
}

/// What a receipt of this answer to this request, as it was sent, has to say: the digests of its output and of its activation proof.
pub(crate) fn output_of(path: &str, body: &[u8], answer: &Answer) -> Result<(Hash, Option<Hash>), Fault> {
    let unread = |_| Fault::new(Verdict::Malformed, "the request cannot be read");
    if path == question::EMBEDDINGS {
        let inputs = question::EmbeddingQuestion::read(path, body).map_err(unread)?.inputs;
        let (vectors, _) = embedding::read(&answer.body, inputs.len())?;
        return Ok((output_hash_embeddings(&vectors), None));
    }
    let question = TextQuestion::read(path, body).map_err(unread)?;
    let completion = completion::Completion::read(question.dialect, answer)?;
    let proof = completion.proof.as_deref().map(proof_hash);
    Ok((output_hash_text(&completion.tokens), proof))
}

/// Checks that the miner signed for this answer, with this activation proof or none, with this model.
pub(crate) fn check_receipt(
    answer: &Answer,
    model: ModelRoot,
    output_hash: Hash,
    proof: Option<&[u8]>,
) -> Result<Receipt, Fault> {
    let text = answer
        .receipt
        .as_deref()
        .ok_or_else(|| Fault::new(Verdict::Unsigned, "the answer has no receipt"))?;
    let receipt = SignedReceipt::from_text(text).map_err(|e| fault_of(e, model, None))?;
    let named = receipt.receipt.model_root;
    receipt
        .check(&answer.envelope, model, output_hash, proof.map(proof_hash))
        .cloned()
        .map_err(|e| fault_of(e, model, Some(named)))
}

fn fault_of(error: ReceiptError, model: ModelRoot, named: Option<ModelRoot>) -> Fault {
    let verdict = match error {
        ReceiptError::Malformed | ReceiptError::Version | ReceiptError::Signature => Verdict::Unsigned,
        ReceiptError::Times => Verdict::Malformed,
        ReceiptError::Request | ReceiptError::Output | ReceiptError::Proof => Verdict::Mismatched,
        ReceiptError::Model => {
            let named = named.unwrap_or_default();
            let (named, model) = (hex::encode(named.0), hex::encode(model.0));
            let reason = format!("the receipt names model {:.12}…, registered is {:.12}…", named, model);
            return Fault::new(Verdict::WrongModel, reason);
        }
    };
    Fault::new(verdict, error.to_string())
}
