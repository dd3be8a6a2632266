//! Text: a conversation or the beginning of a passage, continued with given sampling; checked by one prefill over prompt and answer.
use super::{
    check_receipt,
    completion::Completion,
    question::TextQuestion,
    shape::{Shapes, TextShape},
    Amount, Answer, CannotCheck, Findings, Task, Work,
};
use crate::{
    corpus::Phrases,
    statistic::{Cut, Deviation, Grain},
    Fault, Score, Verdict,
};
use async_trait::async_trait;
use laurel_engine::{ActivationProof, CheckReport, Completeness, EngineError, FinishReason, TextPrompt, TokenCheck};
use laurel_protocol::{
    openai::{self, Sampling},
    output_hash_text, Hash, RequestError,
};
use laurel_types::{ModelKind, ModelRoot};

/// How often a task is made smaller until the model's context holds it.
const ROUNDS: usize = 12;

/// Runs the registered model over a finished answer.
#[async_trait]
pub trait ChecksText: Send + Sync {
    /// The ids of a prompt, as the miner must read it.
    fn ids(&self, prompt: &TextPrompt) -> Result<Vec<u32>, EngineError>;
    /// The most tokens that an answer may have; [`EngineError::BadRequest`] if there can be none.
    fn admit(&self, prompt: &[u32], max_tokens: Option<u32>, stop: &[String]) -> Result<usize, EngineError>;
    /// Where the answer had to end, and its text.
    fn read(&self, tokens: &[u32], limit: usize, stop: &[String]) -> Result<(Completeness, String), EngineError>;
    /// The proof in the bytes that came with an answer of so many tokens; [`EngineError::BadRequest`] if there is none in them.
    fn proof(&self, bytes: &[u8], tokens: usize) -> Result<ActivationProof, EngineError>;
    /// How coarse the model's arithmetic is.
    fn grain(&self) -> Grain;
    /// Compares each token with the canonical one, and the proof with the states, in one pass.
    async fn compare(&self, written: Written<'_>) -> Result<CheckReport, EngineError>;
}

/// An answer as the model checks it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The tokens read.
    pub prompt: &'a [u32],
    /// The tokens written.
    pub tokens: &'a [u32],
    /// How they had to be drawn.
    pub sampling: Sampling,
    /// The sampler's key.
    pub key: Hash,
    /// What the miner commits to.
    pub proof: Option<&'a ActivationProof>,
}

/// Text work.
pub struct TextWork<E> {
    engine: E,
    model: ModelRoot,
    phrases: Phrases,
    shapes: Shapes<TextShape>,
}

impl From<EngineError> for CannotCheck {
    fn from(error: EngineError) -> Self {
        Self(error.to_string())
    }
}

impl<E: ChecksText> TextWork<E> {
    /// Work checked with this engine, which has loaded this model.
    pub fn new(engine: E, model: ModelRoot, phrases: Phrases) -> Self {
        let shapes = Shapes::default();
        Self {
            engine,
            model,
            phrases,
            shapes,
        }
    }

    /// The task of a request, whoever asks.
    fn spelled(&self, path: &str, body: &[u8]) -> Result<(Task, TextQuestion), RequestError> {
        let question = TextQuestion::read(path, body)?;
        let (prompt, limit) = self.limit(&question).map_err(refused)?;
        let task = Task {
            path: question.dialect.path(),
            body: question.body(self.model)?,
            is_streamed: question.is_streamed,
            // A context of 2³² tokens does not exist.
            size: limit as u32,
            prompt_tokens: prompt.len() as u32,
            wants_proof: false,
            summary: summary(&question, limit),
        };
        Ok((task, question))
    }

    /// The tokens of a question's prompt, and the most that its answer may have.
    fn limit(&self, question: &TextQuestion) -> Result<(Vec<u32>, usize), EngineError> {
        let prompt = self.engine.ids(&question.prompt)?;
        let parameters = &question.parameters;
        let limit = self.engine.admit(&prompt, parameters.max_tokens, &parameters.stop)?;
        Ok((prompt, limit))
    }

    /// Prompt, end, and that text and tokens are the same.
    fn plausible(
        &self,
        question: &TextQuestion,
        completion: &Completion,
    ) -> Result<Result<Amount, Fault>, EngineError> {
        let fault = |verdict, reason: String| Ok(Err(Fault::new(verdict, reason)));
        let (prompt, limit) = self.limit(question)?;
        if completion.prompt.as_ref().is_some_and(|theirs| *theirs != prompt) {
            let reason = "the miner read other prompt tokens than those of the text";
            return fault(Verdict::WrongContent, reason.into());
        }
        let (tokens, finish) = (&completion.tokens, completion.finish);
        let (end, text) = self.engine.read(tokens, limit, &question.parameters.stop)?;
        let count = tokens.len();
        match end {
            Completeness::EndedEarly => {
                let reason = format!("it ends after {count} of {limit} tokens, and the model did not end it");
                fault(Verdict::Truncated, reason)
            }
            Completeness::RanOn { after } => fault(
                Verdict::WrongContent,
                format!("{count} tokens, it had to end after {after}"),
            ),
            // Not proof of cheating: programs may differ in how they write half a character.
            Completeness::Whole(_) if text != completion.text => {
                fault(Verdict::Malformed, "the text is not what the tokens say".into())
            }
            Completeness::Whole(reason) if finish != Some(finish_of(reason)) => fault(
                Verdict::Malformed,
                "the answer ends for another reason than it says".into(),
            ),
            // A context of 2³² tokens does not exist.
            Completeness::Whole(_) => Ok(Ok(Amount {
                prompt_tokens: prompt.len() as u32,
                completion_tokens: count as u32,
            })),
        }
    }
}

fn finish_of(reason: FinishReason) -> openai::FinishReason {
    match reason {
        FinishReason::Stop => openai::FinishReason::Stop,
        FinishReason::Length => openai::FinishReason::Length,
    }
}

/// What somebody hears whose request the model cannot take.
fn refused(error: EngineError) -> RequestError {
    if error.is_bad_request() {
        return RequestError::InvalidInput { why: error.to_string() };
    }
    tracing::error!(%error, "the validator's own engine failed");
    RequestError::Internal
}

/// Reads a task that this validator made.
fn question(task: &Task) -> Result<TextQuestion, CannotCheck> {
    TextQuestion::read(task.path, &task.body).map_err(|e| CannotCheck(format!("the task is damaged: {e}")))
}

#[async_trait]
impl<E: ChecksText> Work for TextWork<E> {
    fn kind(&self) -> ModelKind {
        ModelKind::Text
    }

    fn model(&self) -> ModelRoot {
        self.model
    }

    fn task(&self, index: u64) -> Result<Task, CannotCheck> {
        let mut shape = self.shapes.draw(TextShape::built_in);
        let mut refusal = String::new();
        for round in 0..ROUNDS {
            let body = shape.body(&self.phrases, index, |text| {
                self.engine.ids(&TextPrompt::Text(text.to_owned()))
            })?;
            match self.spelled(shape.path(), body.to_string().as_bytes()) {
                Ok((task, question)) => {
                    let summary = format!("{}: {:.60}…", task.summary, words(&question));
                    return Ok(Task { summary, ..task });
                }
                Err(error) => refusal = error.to_string(),
            }
            shape = shape.smaller(round);
        }
        Err(CannotCheck(format!("no task fits the model: {refusal}")))
    }

    fn request(&self, path: &str, body: &[u8]) -> Result<Task, RequestError> {
        let (task, question) = self.spelled(path, body)?;
        if let Some(shape) = TextShape::of(&question) {
            self.shapes.note(shape);
        }
        Ok(task)
    }

    async fn glance(&self, task: &Task, answer: &Answer) -> Result<Result<Amount, Fault>, CannotCheck> {
        let question = question(task)?;
        let completion = match Completion::read(question.dialect, answer) {
            Ok(completion) => completion,
            Err(fault) => return Ok(Err(fault)),
        };
        let proof = completion.proof.as_deref();
        let receipt = match check_receipt(answer, self.model, output_hash_text(&completion.tokens), proof) {
            Ok(receipt) => receipt,
            Err(fault) => return Ok(Err(fault)),
        };
        if task.wants_proof && proof.is_none() {
            let reason = "the subnet asks for activation proofs, the answer has none";
            return Ok(Err(Fault::new(Verdict::Malformed, reason)));
        }
        if proof.is_some_and(|bytes| self.engine.proof(bytes, completion.tokens.len()).is_err()) {
            let reason = "the activation proof is none of so many tokens of this model";
            return Ok(Err(Fault::new(Verdict::Malformed, reason)));
        }
        let counted = match self.plausible(&question, &completion)? {
            Ok(amount) => amount,
            Err(fault) => return Ok(Err(fault)),
        };
        Ok(counted.agrees(&receipt, completion.usage).map(|()| counted))
    }

    async fn check(&self, task: &Task, answer: &Answer) -> Result<Result<Findings, Fault>, CannotCheck> {
        let question = question(task)?;
        let completion = match Completion::read(question.dialect, answer) {
            Ok(completion) => completion,
            Err(fault) => return Ok(Err(fault)),
        };
        let (prompt, _) = self.limit(&question)?;
        let tokens = &completion.tokens;
        let proof = completion.proof.map(|bytes| self.engine.proof(&bytes, tokens.len()));
        let proof = proof.transpose()?;
        let written = Written {
            prompt: &prompt,
            tokens,
            sampling: question.parameters.sampling,
            key: answer.envelope.sampler_key(),
            proof: proof.as_ref(),
        };
        let report = match self.engine.compare(written).await {
            Ok(report) => report,
            // Tokens outside the vocabulary or the context: no honest model answers with them.
            Err(error) if error.is_bad_request() => {
                let reason = "the model cannot take these tokens";
                return Ok(Err(Fault::new(Verdict::WrongContent, reason)));
            }
            Err(error) => return Err(error.into()),
        };
        let cut = Cut::from(question.parameters.sampling);
        let grain = self.engine.grain();
        Ok(canonical(tokens, &report.tokens, (cut, grain)).map(|reason| Findings {
            reason,
            correctness: Score::ONE,
            deviation: Deviation::of(&report, grain),
        }))
    }
}

/// A request in a few words, none of which are its own.
fn summary(question: &TextQuestion, limit: usize) -> String {
    let what = match &question.prompt {
        TextPrompt::Text(_) => "text".into(),
        TextPrompt::Tokens(ids) => format!("{} tokens", ids.len()),
        TextPrompt::Chat(messages) => format!("chat of {} messages", messages.len()),
    };
    let how = if question.is_streamed { "streamed" } else { "whole" };
    let Sampling {
        temperature_milli,
        top_k,
        top_p_milli,
    } = question.parameters.sampling;
    let stops = question.parameters.stop.len();
    let (temperature, top_p) = (f64::from(temperature_milli) / 1e3, f64::from(top_p_milli) / 1e3);
    format!(
        "{what}, {limit} tokens at temperature {temperature}, top_k {top_k}, top_p {top_p}, {stops} stop strings, {how}"
    )
}

/// The last words of a task's prompt.
fn words(question: &TextQuestion) -> &str {
    match &question.prompt {
        TextPrompt::Text(text) => text,
        TextPrompt::Tokens(_) => "",
        TextPrompt::Chat(messages) => messages.last().map_or("", |message| &message.content),
    }
}

/// No token may be [off](Grain::is_off); but where tokens are [cut](Cut) off, one in an answer may.
fn canonical(tokens: &[u32], checks: &[TokenCheck], (cut, grain): (Cut, Grain)) -> Result<String, Fault> {
    let claimed = checks.iter().map(|check| check.claimed);
    if !claimed.eq(tokens.iter().copied()) {
        return Err(Fault::new(Verdict::WrongContent, "the model cannot take these tokens"));
    }
    let off = checks.iter().filter(|check| grain.is_off(check)).count();
    let accidents = usize::from(cut == Cut::Edge && tokens.len() > 1);
    if off > accidents {
        let first = checks.iter().position(|check| grain.is_off(check)).unwrap_or_default();
        let (margin, count) = (checks[first].margin, tokens.len());
        return Err(Fault::new(
            Verdict::WrongContent,
            format!(
                "{off} of {count} tokens are not the registered model's; the first of them is number {first}, off by {margin:.3}"
            ),
        ));
    }
    let near = checks.iter().filter(|check| check.claimed != check.expected).count();
    Ok(format!(
        "all {} tokens are the canonical ones, {near} of them within the margin",
        tokens.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grain() -> Grain {
        Grain::new(5, false)
    }

    fn check(claimed: u32, expected: u32, margin: f32) -> TokenCheck {
        TokenCheck {
            claimed,
            expected,
            margin,
        }
    }

    #[test]
    fn a_token_within_the_margin_passes_and_one_beyond_it_does_not() {
        assert!(canonical(&[5, 6], &[check(5, 5, 0.0), check(6, 7, 0.01)], (Cut::None, grain())).is_ok());
        for margin in [0.5, f32::INFINITY, f32::NAN] {
            let fault = canonical(&[5, 6], &[check(5, 5, 0.0), check(6, 7, margin)], (Cut::None, grain())).unwrap_err();
            assert_eq!(fault.verdict, Verdict::WrongContent);
        }
    }

    #[test]
    fn where_tokens_are_left_out_one_may_be_off_and_two_may_not() {
        let one = [check(5, 5, 0.0), check(6, 7, f32::INFINITY)];
        assert!(canonical(&[5, 6], &one, (Cut::Edge, grain())).is_ok());
        let two = [check(5, 4, 1.0), check(6, 7, f32::INFINITY)];
        assert_eq!(
            canonical(&[5, 6], &two, (Cut::Edge, grain())).unwrap_err().verdict,
            Verdict::WrongContent
        );
    }

    #[test]
    fn an_answer_of_which_not_every_token_was_compared_is_wrong() {
        let fault = canonical(&[5, 6], &[check(5, 5, 0.0)], (Cut::None, grain())).unwrap_err();
        assert_eq!(fault.verdict, Verdict::WrongContent);
    }
}
