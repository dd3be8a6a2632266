//! Which tokens a server wrote, from what it says about them.
use super::UpstreamError;
use laurel_engine::{EngineError, TextTokenizer};
use serde::Deserialize;
use std::collections::HashMap;

/// One event of a streamed completion, as the servers write it. Fields that one of them lacks are empty.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<serde_json::Value>,
    /// TGI: the token.
    token: Option<Named>,
    /// TGI: how it ended, in the last event.
    details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
struct Choice {
    text: Option<String>,
    /// vLLM.
    token_ids: Option<Vec<u32>>,
    /// vLLM, in the first event.
    prompt_token_ids: Option<Vec<u32>>,
    logprobs: Option<Logprobs>,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Logprobs {
    /// vLLM writes `token_id:11`, others the text.
    tokens: Option<Vec<String>>,
    /// llama.cpp's server.
    content: Option<Vec<Named>>,
}

#[derive(Debug, Default, Deserialize)]
struct Named {
    id: Option<u32>,
    #[serde(alias = "token")]
    text: Option<String>,
    #[serde(default)]
    special: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Usage {
    pub(super) prompt_tokens: Option<u64>,
    pub(super) completion_tokens: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Details {
    finish_reason: Option<String>,
    generated_tokens: Option<u64>,
}

/// What an event says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Tokens written.
    pub(super) ids: Vec<u32>,
    /// Their text.
    pub(super) text: String,
    /// Whether the server ends the answer, and that because the model ended it.
    pub(super) end: Option<End>,
    /// What it counted.
    pub(super) usage: Option<Usage>,
    /// What it read.
    pub(super) prompt: Option<Vec<u32>>,
}

/// How a server ends an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The model did.
    Model,
    /// Anything else.
    Other,
}

/// The texts of all tokens, where a server writes these only.
pub(super) struct Vocabulary(HashMap<String, Option<u32>>);

impl Vocabulary {
    /// The text of each token within a text. Takes a moment for large vocabularies.
    pub(super) fn new(tokenizer: &TextTokenizer) -> Result<Self, EngineError> {
        // Some decoders treat the first token of a text otherwise, so each is read behind the same one.
        let anchor = tokenizer.encode("a")?.last().copied().unwrap_or(0);
        let before = tokenizer.decode(&[anchor])?;
        let mut texts = HashMap::new();
        for id in 0..tokenizer.vocab_size() as u32 {
            let whole = tokenizer.decode(&[anchor, id])?;
            let Some(text) = whole.strip_prefix(&before) else {
                continue;
            };
            // A piece of a character has no text of its own: not to be told from others.
            if text.is_empty() || text.contains('\u{FFFD}') {
                continue;
            }
            texts
                .entry(text.to_owned())
                .and_modify(|only| *only = None)
                .or_insert(Some(id));
        }
        Ok(Self(texts))
    }

    fn id(&self, token: &str) -> Result<u32, UpstreamError> {
        if let Some(id) = token.strip_prefix("token_id:").and_then(|id| id.parse().ok()) {
            return Ok(id);
        }
        let ambiguous = || UpstreamError::Ambiguous { token: token.into() };
        self.0.get(token).copied().flatten().ok_or_else(ambiguous)
    }
}

/// Enough of a text to know it by.
fn beginning(text: &str) -> String {
    text.chars().take(80).collect()
}

impl Chunk {
    pub(super) fn read(data: &str) -> Result<Self, UpstreamError> {
        let malformed = |why: String| UpstreamError::Malformed { why };
        let chunk: Self =
            serde_json::from_str(data).map_err(|error| malformed(format!("{error} in {:?}", beginning(data))))?;
        match chunk.error {
            Some(error) => Err(malformed(format!("it reports an error: {:.200}", error.to_string()))),
            None => Ok(chunk),
        }
    }

    /// What it says, in ids.
    pub(super) fn said(self, vocabulary: &Vocabulary) -> Result<Said, UpstreamError> {
        let mut said = Said {
            usage: self.usage,
            ..Said::default()
        };
        if let Some(token) = self.token {
            said.ids.extend(token.id);
            said.text = token.text.filter(|_| !token.special).unwrap_or_default();
        }
        if let Some(details) = self.details {
            said.end = details.finish_reason.as_deref().map(|reason| match reason {
                "eos_token" => End::Model,
                _ => End::Other,
            });
            said.usage = said.usage.or(Some(Usage {
                prompt_tokens: None,
                completion_tokens: details.generated_tokens,
            }));
        }
        let Some(choice) = self.choices.into_iter().next() else {
            return Ok(said);
        };
        said.end = choice.finish_reason.as_deref().map(|reason| match reason {
            "stop" => End::Model,
            _ => End::Other,
        });
        said.prompt = choice.prompt_token_ids;
        said.text = choice.text.unwrap_or_default();
        let logprobs = choice.logprobs.unwrap_or_default();
        if let Some(ids) = choice.token_ids {
            said.ids = ids;
        } else if let Some(named) = logprobs.content {
            let ids = named.into_iter().map(|token| match token.id {
                Some(id) => Ok(id),
                None => vocabulary.id(token.text.as_deref().unwrap_or_default()),
            });
            said.ids = ids.collect::<Result<_, _>>()?;
        } else if let Some(tokens) = logprobs.tokens {
            let ids = tokens.iter().map(|token| vocabulary.id(token));
            said.ids = ids.collect::<Result<_, _>>()?;
        }
        if said.ids.is_empty() && !said.text.is_empty() {
            return Err(UpstreamError::NoTokens {
                why: format!("the text {:?} came without", beginning(&said.text)),
            });
        }
        Ok(said)
    }
}
