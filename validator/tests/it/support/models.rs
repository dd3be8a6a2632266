//! "Models" whose answers are digests.
use super::MODEL;
use async_trait::async_trait;
use laurel_engine::{
    answer_limit, ActivationProof, CheckReport, Completeness, EngineError, FinishReason, TextPrompt, TokenCheck,
};
use laurel_protocol::{blake2b_256, Hash};
use laurel_types::ModelRoot;
use laurel_validator::{
    corpus::{Corpus, Phrases},
    statistic::Grain,
    work::{CannotCheck, ChecksText, EmbeddingWork, Embeds, TextWork, Work, Written},
};
use std::sync::Arc;

/// A "model" whose vector is a function of the text.
pub struct HashEmbedder;

pub fn embed(text: &str) -> Vec<f32> {
    let digest = blake2b_256(&[text.as_bytes()]);
    let raw: Vec<f32> = digest.iter().map(|byte| f32::from(*byte) - 127.5).collect();
    let length = raw.iter().map(|x| x * x).sum::<f32>().sqrt();
    raw.iter().map(|x| x / length).collect()
}

/// Tokens are words.
pub fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

#[async_trait]
impl Embeds for HashEmbedder {
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, CannotCheck> {
        Ok(texts.iter().map(|text| embed(text)).collect())
    }

    fn count(&self, text: &str) -> Result<usize, CannotCheck> {
        Ok(count(text))
    }
}

/// A "model" whose tokens are letters and whose next token is a function of key and position; a prompt's tokens are its bytes.
pub struct HashSpeaker;

fn token(key: &Hash, position: usize) -> u32 {
    u32::from(blake2b_256(&[key, &position.to_le_bytes()])[0] % 26) + 97
}

impl HashSpeaker {
    pub const CONTEXT: usize = 1_500;

    /// What an honest miner answers: tokens, and why it ends.
    pub fn speak(key: &Hash, limit: usize, stop: &[String]) -> (Vec<u32>, FinishReason) {
        let mut tokens = Vec::new();
        while tokens.len() < limit {
            tokens.push(token(key, tokens.len()));
            if let (Completeness::Whole(reason), _) = HashSpeaker.read(&tokens, limit, stop).unwrap() {
                return (tokens, reason);
            }
        }
        (tokens, FinishReason::Length)
    }
}

#[async_trait]
impl ChecksText for HashSpeaker {
    fn ids(&self, prompt: &TextPrompt) -> Result<Vec<u32>, EngineError> {
        let bytes = |text: &str| text.bytes().map(u32::from).collect();
        Ok(match prompt {
            TextPrompt::Text(text) => bytes(text),
            TextPrompt::Tokens(ids) => ids.clone(),
            TextPrompt::Chat(messages) => {
                let said: Vec<String> = messages.iter().map(|m| format!("{}: {}", m.role, m.content)).collect();
                bytes(&said.join("\n"))
            }
        })
    }

    fn admit(&self, prompt: &[u32], max_tokens: Option<u32>, _: &[String]) -> Result<usize, EngineError> {
        answer_limit(Self::CONTEXT, prompt.len(), max_tokens)
    }

    fn read(&self, tokens: &[u32], limit: usize, stop: &[String]) -> Result<(Completeness, String), EngineError> {
        let mut text = String::new();
        for (index, token) in tokens.iter().enumerate() {
            text.extend(char::from_u32(*token));
            let end = stop.iter().filter_map(|stop| text.find(stop.as_str())).min();
            let reason = match end {
                Some(_) => FinishReason::Stop,
                None if index + 1 == limit => FinishReason::Length,
                None => continue,
            };
            text.truncate(end.unwrap_or(text.len()));
            let is_last = index + 1 == tokens.len();
            let ran_on = Completeness::RanOn { after: index + 1 };
            return Ok((if is_last { Completeness::Whole(reason) } else { ran_on }, text));
        }
        Ok((Completeness::EndedEarly, text))
    }

    fn proof(&self, _: &[u8], _: usize) -> Result<ActivationProof, EngineError> {
        Err(EngineError::BadRequest("digests have no states".into()))
    }

    fn grain(&self) -> Grain {
        Grain::new(1, false)
    }

    async fn compare(&self, written: Written<'_>) -> Result<CheckReport, EngineError> {
        let check = |(position, claimed): (usize, &u32)| {
            let expected = token(&written.key, position);
            TokenCheck {
                claimed: *claimed,
                expected,
                margin: if *claimed == expected { 0.0 } else { 3.0 },
            }
        };
        Ok(CheckReport {
            tokens: written.tokens.iter().enumerate().map(check).collect(),
            windows: Vec::new(),
        })
    }
}

pub fn embedding_work() -> Arc<dyn Work> {
    embedding_work_with(MODEL)
}

pub fn embedding_work_with(model: ModelRoot) -> Arc<dyn Work> {
    let phrases = Phrases::new(Corpus::built_in(), [1; 32]);
    Arc::new(EmbeddingWork::new(HashEmbedder, model, phrases))
}

pub fn text_work() -> Arc<dyn Work> {
    let phrases = Phrases::new(Corpus::built_in(), [1; 32]);
    Arc::new(TextWork::new(HashSpeaker, MODEL, phrases))
}
