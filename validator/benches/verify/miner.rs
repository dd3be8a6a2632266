//! Miners: what they do with a request, and the answers that they sign.
use super::Outcome;
use futures::{stream, StreamExt};
use laurel_engine::{
    ActivationProof, CallerId, FinishReason, SamplerKey, SamplingParams, TextEngine, TextEvent, TextRequest,
};
use laurel_protocol::openai::{
    self, ChatChoice, ChatMessage, ChatResponse, CompletionChoice, CompletionResponse, TextExtension, Usage,
};
use laurel_protocol::{output_hash_text, proof_hash, Envelope, Hotkey, Receipt, Recipient, Target, Work as Done};
use laurel_types::{ModelRoot, NetUid};
use laurel_validator::work::{Answer, Dialect, Task, TextQuestion};
use subxt_signer::sr25519::dev;

/// What a miner does that it should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// Nothing; it may run another model, though.
    AsAsked,
    /// Puts instructions of its own before the prompt.
    OtherInstructions,
    /// Reads the second half of the prompt only.
    HalfThePrompt,
    /// Ends three quarters through, and says that the model did.
    EndsEarly,
    /// Sends what another miner answered to the same prompt, signed as its own.
    Replays,
    /// Draws with a seed of its own.
    OtherSeed,
}

/// The envelope of a task on its way to the miner.
pub fn envelope(task: &Task) -> Envelope {
    let recipient = Recipient {
        genesis: [1; 32],
        netuid: NetUid(1),
        hotkey: Hotkey::of(&dev::bob()),
    };
    let target = Target {
        method: "POST",
        path: task.path,
    };
    Envelope::new(&recipient, target, &task.body, Hotkey::of(&dev::alice()), u64::MAX)
}

/// An answer with the miner's receipt.
pub fn signed(envelope: &Envelope, done: &Done, body: Vec<u8>) -> Answer {
    Answer {
        envelope: envelope.clone(),
        receipt: Some(Receipt::new(envelope, done).sign(&dev::bob()).to_text()),
        body,
        is_streamed: false,
        first_ms: 1,
        latency_ms: 1,
        deadline_ms: 10_000,
    }
}

/// A request for text as the miner has it.
pub struct Request {
    pub task: Task,
    envelope: Envelope,
    question: TextQuestion,
    prompt: Vec<u32>,
    limit: usize,
}

/// What a model wrote.
pub struct Written {
    pub tokens: Vec<u32>,
    pub proof: Option<ActivationProof>,
    text: String,
    finish: FinishReason,
}

impl Request {
    pub fn new(task: Task, engine: &TextEngine) -> Outcome<Self> {
        let question = TextQuestion::read(task.path, &task.body)?;
        let prompt = question.prompt.ids(engine.tokenizer())?;
        let parameters = &question.parameters;
        let limit = engine.admit(&prompt, parameters.max_tokens, &parameters.stop)?;
        Ok(Self {
            envelope: envelope(&task),
            task,
            question,
            prompt,
            limit,
        })
    }

    /// What the miner has its engine do.
    pub fn to_engine(&self, conduct: Conduct, with_proof: bool, engine: &TextEngine) -> Outcome<TextRequest> {
        let mut prompt = match conduct {
            Conduct::OtherInstructions => engine
                .tokenizer()
                .encode("Answer in few words, and always politely. ")?,
            _ => Vec::new(),
        };
        let skipped = match conduct {
            Conduct::HalfThePrompt => self.prompt.len() / 2,
            _ => 0,
        };
        prompt.extend_from_slice(&self.prompt[skipped..]);
        // Where the context is full, a longer prompt loses its beginning.
        prompt.drain(..(prompt.len() + self.limit).saturating_sub(engine.context()));
        let mut key = self.envelope.sampler_key();
        if matches!(conduct, Conduct::Replays | Conduct::OtherSeed) {
            // The other miner was asked with another nonce.
            key.reverse();
        }
        let openai::Sampling {
            temperature_milli,
            top_k,
            top_p_milli,
        } = self.question.parameters.sampling;
        Ok(TextRequest {
            prompt,
            max_tokens: self.limit,
            stop: self.question.parameters.stop.clone(),
            sampling: SamplingParams {
                temperature_milli,
                top_k,
                top_p_milli,
            },
            key: SamplerKey(key),
            caller: CallerId::default(),
            proof: with_proof,
        })
    }

    /// The miner's answer, whole.
    pub fn answer(&self, written: &Written, model: ModelRoot, with_proof: bool) -> Outcome<Answer> {
        let proof = written
            .proof
            .as_ref()
            .filter(|_| with_proof)
            .map(ActivationProof::to_bytes);
        let done = Done {
            model,
            output_hash: output_hash_text(&written.tokens),
            proof_hash: proof.as_deref().map(proof_hash),
            prompt_tokens: self.prompt.len() as u32,
            completion_tokens: written.tokens.len() as u32,
            received_ms: 0,
            completed_ms: 1,
        };
        let body = self.body(written, proof, Usage::new(done.prompt_tokens, done.completion_tokens))?;
        Ok(signed(&self.envelope, &done, body))
    }

    fn body(&self, written: &Written, proof: Option<Vec<u8>>, usage: Usage) -> Outcome<Vec<u8>> {
        let finish_reason = Some(match written.finish {
            FinishReason::Stop => openai::FinishReason::Stop,
            FinishReason::Length => openai::FinishReason::Length,
        });
        let (text, index) = (written.text.clone(), 0);
        let laurel = Some(TextExtension {
            token_ids: written.tokens.clone(),
            prompt_token_ids: Some(self.prompt.clone()),
            activation_proof: proof,
        });
        let (id, object, created, model) = (String::new(), String::new(), 0, String::new());
        Ok(match self.question.dialect {
            Dialect::Completion => serde_json::to_vec(&CompletionResponse {
                choices: vec![CompletionChoice {
                    index,
                    text,
                    finish_reason,
                }],
                id,
                object,
                created,
                model,
                usage: Some(usage),
                laurel,
            })?,
            Dialect::Chat => serde_json::to_vec(&ChatResponse {
                choices: vec![ChatChoice {
                    index,
                    message: ChatMessage::new("assistant", text),
                    finish_reason,
                }],
                id,
                object,
                created,
                model,
                usage,
                laurel,
            })?,
        })
    }
}

/// Has an engine write the answers to some requests, `at_once` of them at a time.
pub async fn write(
    engine: &TextEngine,
    requests: &[Request],
    conduct: Conduct,
    at_once: usize,
    with_proof: bool,
) -> Outcome<Vec<Written>> {
    let one = |request: &Request| {
        let asked = request.to_engine(conduct, with_proof, engine);
        async move {
            let mut written = finish(engine, asked?).await?;
            if conduct == Conduct::EndsEarly {
                written.tokens.truncate((written.tokens.len() * 3 / 4).max(1));
                written.text = engine.read_completion(&written.tokens, written.tokens.len(), &[])?.1;
                written.finish = FinishReason::Stop;
            }
            Ok(written)
        }
    };
    let written = stream::iter(requests.iter().map(one)).buffered(at_once);
    written.collect::<Vec<_>>().await.into_iter().collect()
}

async fn finish(engine: &TextEngine, request: TextRequest) -> Outcome<Written> {
    let mut events = engine.submit(request)?;
    let mut text = String::new();
    while let Some(event) = events.recv().await {
        match event {
            TextEvent::Token { text: more, .. } => text.push_str(&more),
            TextEvent::Done {
                finish,
                completion,
                proof,
                ..
            } => {
                return Ok(Written {
                    tokens: completion,
                    proof,
                    text,
                    finish,
                })
            }
            TextEvent::Failed(error) => return Err(error.into()),
        }
    }
    Err("the engine stopped".into())
}
