//! Text: the beginning of a passage, continued with given sampling; checked by one prefill over prompt and answer.
use super::{check_receipt, Amount, Answer, CannotCheck, Findings, Task, Work};
use crate::{
    corpus::Phrases,
    statistic::{Cut, Deviation},
    Fault, Verdict,
};
use async_trait::async_trait;
use laurel_engine::{CheckReport, Completeness, TokenCheck};
use laurel_protocol::{
    openai::{CompletionRequest, CompletionResponse, FinishReason, Prompt, Sampling, TextExtension, TextParameters},
    output_hash_text, Hash,
};
use laurel_types::{ModelKind, ModelRoot};
use rand::Rng;

/// Tokens asked for: enough that another model or sampler shows, few enough to be cheap.
const TOKENS: std::ops::RangeInclusive<u32> = 16..=40;
/// Temperatures asked for. At 0 the likeliest token counts, above it the sampler too.
const TEMPERATURES: [f64; 5] = [0.0, 0.5, 0.8, 1.0, 1.2];
/// Mostly off: see [`Cut`].
const TOP_KS: [u32; 3] = [0, 0, 50];
const TOP_PS: [f64; 3] = [1.0, 1.0, 0.95];
/// By how much, in perturbed logits, a claimed token may be behind the canonical one. Honest answers from other machines
/// or batch shapes differ by rounding, some 10⁻⁵; another model misses by tenths and more.
const MAX_MARGIN: f32 = 0.02;

/// Runs the registered model over a finished answer.
#[async_trait]
pub trait ChecksText: Send + Sync {
    /// Longest prompt plus answer, in tokens.
    fn context(&self) -> usize;
    /// The ids of a prompt, as the miner must read it.
    fn encode(&self, prompt: &str) -> Result<Vec<u32>, CannotCheck>;
    /// Where the answer had to end, and its text.
    fn read(&self, tokens: &[u32], max_tokens: u32) -> Result<(Completeness, String), CannotCheck>;
    /// Compares each token with the canonical one, in one pass.
    async fn compare(
        &self,
        prompt: Vec<u32>,
        answer: Vec<u32>,
        sampling: Sampling,
        key: Hash,
    ) -> Result<CheckReport, CannotCheck>;
}

/// Text work.
pub struct TextWork<E> {
    engine: E,
    model: ModelRoot,
    phrases: Phrases,
}

/// An answer in parts.
struct Completion {
    text: String,
    finish: Option<FinishReason>,
    tokens: TextExtension,
}

impl<E: ChecksText> TextWork<E> {
    /// Work checked with this engine, which has loaded this model.
    pub fn new(engine: E, model: ModelRoot, phrases: Phrases) -> Self {
        Self { engine, model, phrases }
    }

    /// The prompt's tokens and the parameters of a task.
    fn question(&self, task: &Task) -> Result<(Vec<u32>, TextParameters), CannotCheck> {
        let damaged = |e: String| CannotCheck(format!("the task is damaged: {e}"));
        let request: CompletionRequest = serde_json::from_slice(&task.body).map_err(|e| damaged(e.to_string()))?;
        let parameters = request.parameters().map_err(|e| damaged(e.to_string()))?;
        let Prompt::Text(prompt) = &request.prompt else {
            return Err(damaged("no text".into()));
        };
        Ok((self.engine.encode(prompt)?, parameters))
    }

    /// What can be seen without computing: prompt, end, and that text and tokens are the same.
    fn plausible(
        &self,
        completion: &Completion,
        prompt: &[u32],
        max_tokens: u32,
    ) -> Result<Result<(), Fault>, CannotCheck> {
        let fault = |verdict, reason: String| Ok(Err(Fault::new(verdict, reason)));
        let tokens = &completion.tokens.token_ids;
        if completion
            .tokens
            .prompt_token_ids
            .as_deref()
            .is_some_and(|theirs| theirs != prompt)
        {
            return fault(
                Verdict::WrongContent,
                "the miner read other prompt tokens than those of the text".into(),
            );
        }
        let (end, text) = self.engine.read(tokens, max_tokens)?;
        let (count, finish) = (tokens.len(), completion.finish);
        match end {
            Completeness::EndedEarly => {
                let reason = format!("it ends after {count} of {max_tokens} tokens, and the model did not end it");
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
            Completeness::Whole(_) if finish.is_none() => {
                fault(Verdict::Malformed, "the answer does not say why it ends".into())
            }
            Completeness::Whole(_) => Ok(Ok(())),
        }
    }
}

#[async_trait]
impl<E: ChecksText> Work for TextWork<E> {
    fn kind(&self) -> ModelKind {
        ModelKind::Text
    }

    fn model(&self) -> ModelRoot {
        self.model
    }

    fn stride(&self) -> u64 {
        1
    }

    fn task(&self, index: u64) -> Result<Task, CannotCheck> {
        let (first, second) = self.phrases.pair(index);
        let words: Vec<&str> = second.split_whitespace().collect();
        let prompt = format!("{first} {}", words[..words.len().div_ceil(2)].join(" "));
        let mut random = rand::rng();
        let wanted = random.random_range(TOKENS);
        let room = self.engine.context().saturating_sub(self.engine.encode(&prompt)?.len());
        if room < *TOKENS.start() as usize {
            return Err(CannotCheck(format!(
                "a prompt leaves {room} tokens of the model's context: use a shorter corpus"
            )));
        }
        // `room` is small enough for a u32 wherever it is the smaller one.
        let max_tokens = wanted.min(u32::try_from(room).unwrap_or(u32::MAX));
        let mut request = CompletionRequest::new(Prompt::Text(prompt));
        request.model = Some(hex::encode(self.model.0));
        request.max_tokens = Some(max_tokens);
        request.temperature = Some(TEMPERATURES[random.random_range(0..TEMPERATURES.len())]);
        request.top_k = Some(TOP_KS[random.random_range(0..TOP_KS.len())]);
        request.top_p = Some(TOP_PS[random.random_range(0..TOP_PS.len())]);
        let summary = summary(&request);
        let body = serde_json::to_vec(&request).map_err(|e| CannotCheck(e.to_string()))?;
        Ok(Task {
            path: "/v1/completions",
            body,
            summary,
        })
    }

    async fn glance(&self, task: &Task, answer: &Answer) -> Result<Result<Amount, Fault>, CannotCheck> {
        let (prompt, parameters) = self.question(task)?;
        let completion = match read(&answer.body) {
            Ok(completion) => completion,
            Err(fault) => return Ok(Err(fault)),
        };
        let tokens = &completion.tokens.token_ids;
        let proof = completion.tokens.activation_proof.as_deref();
        if let Err(fault) = check_receipt(answer, self.model, output_hash_text(tokens), proof) {
            return Ok(Err(fault));
        }
        let max_tokens = parameters.max_tokens.unwrap_or(u32::MAX);
        Ok(self.plausible(&completion, &prompt, max_tokens)?.map(|()| Amount {
            // A context of 2³² tokens does not exist.
            prompt_tokens: prompt.len() as u32,
            completion_tokens: tokens.len() as u32,
        }))
    }

    async fn check(&self, task: &Task, answer: &Answer) -> Result<Result<Findings, Fault>, CannotCheck> {
        let (prompt, parameters) = self.question(task)?;
        let tokens = match read(&answer.body) {
            Ok(completion) => completion.tokens.token_ids,
            Err(fault) => return Ok(Err(fault)),
        };
        let key = answer.envelope.sampler_key();
        let report = self
            .engine
            .compare(prompt, tokens.clone(), parameters.sampling, key)
            .await?;
        let cut = Cut::from(parameters.sampling);
        Ok(canonical(&tokens, &report.tokens, cut).map(|reason| Findings {
            reason,
            deviation: Deviation::of(&report, cut),
        }))
    }
}

/// A task in a few words.
fn summary(request: &CompletionRequest) -> String {
    let Prompt::Text(prompt) = &request.prompt else {
        return String::new();
    };
    format!(
        "{} tokens at temperature {}, top_k {}, top_p {}: {:.60}…",
        request.max_tokens.unwrap_or_default(),
        request.temperature.unwrap_or_default(),
        request.top_k.unwrap_or_default(),
        request.top_p.unwrap_or_default(),
        prompt
    )
}

fn read(body: &[u8]) -> Result<Completion, Fault> {
    let malformed = |reason: String| Fault::new(Verdict::Malformed, reason);
    let response: CompletionResponse =
        serde_json::from_slice(body).map_err(|e| malformed(format!("the answer is not a completion: {e}")))?;
    let tokens = response
        .laurel
        .ok_or_else(|| malformed("the answer has no token ids".into()))?;
    let choice = response
        .choices
        .into_iter()
        .next()
        .ok_or_else(|| malformed("the answer has no choice".into()))?;
    Ok(Completion {
        text: choice.text,
        finish: choice.finish_reason,
        tokens,
    })
}

/// Every token must be the canonical one, or within [`MAX_MARGIN`] of it; but see [`Cut`].
fn canonical(tokens: &[u32], verdicts: &[TokenCheck], cut: Cut) -> Result<String, Fault> {
    let claimed = verdicts.iter().map(|v| v.claimed);
    if !claimed.eq(tokens.iter().copied()) {
        return Err(Fault::new(Verdict::WrongContent, "the model cannot take these tokens"));
    }
    let is_off = |v: &&TokenCheck| v.margin.is_nan() || v.margin > MAX_MARGIN;
    let off = verdicts.iter().filter(is_off).count();
    let accidents = usize::from(cut == Cut::Edge && tokens.len() > 1);
    if off > accidents {
        let first = verdicts.iter().position(|v| is_off(&v)).unwrap_or_default();
        let TokenCheck {
            claimed,
            expected,
            margin,
        } = verdicts[first];
        let count = tokens.len();
        return Err(Fault::new(
            Verdict::WrongContent,
            format!(
                "{off} of {count} tokens are not the registered model's; \
                 token {first} is {claimed}, had to be {expected} (off by {margin:.3})"
            ),
        ));
    }
    let near = verdicts.iter().filter(|v| v.claimed != v.expected).count();
    Ok(format!(
        "all {} tokens are the canonical ones, {near} of them within the margin",
        tokens.len()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(claimed: u32, expected: u32, margin: f32) -> TokenCheck {
        TokenCheck {
            claimed,
            expected,
            margin,
        }
    }

    #[test]
    fn a_token_within_the_margin_passes_and_one_beyond_it_does_not() {
        assert!(canonical(&[5, 6], &[verdict(5, 5, 0.0), verdict(6, 7, 0.01)], Cut::None).is_ok());
        for margin in [0.5, f32::INFINITY, f32::NAN] {
            let fault = canonical(&[5, 6], &[verdict(5, 5, 0.0), verdict(6, 7, margin)], Cut::None).unwrap_err();
            assert_eq!(fault.verdict, Verdict::WrongContent);
        }
    }

    #[test]
    fn where_tokens_are_left_out_one_may_be_off_and_two_may_not() {
        let one = [verdict(5, 5, 0.0), verdict(6, 7, f32::INFINITY)];
        assert!(canonical(&[5, 6], &one, Cut::Edge).is_ok());
        let two = [verdict(5, 4, 1.0), verdict(6, 7, f32::INFINITY)];
        assert_eq!(
            canonical(&[5, 6], &two, Cut::Edge).unwrap_err().verdict,
            Verdict::WrongContent
        );
    }

    #[test]
    fn an_answer_of_which_not_every_token_was_compared_is_wrong() {
        let fault = canonical(&[5, 6], &[verdict(5, 5, 0.0)], Cut::None).unwrap_err();
        assert_eq!(fault.verdict, Verdict::WrongContent);
    }
}
