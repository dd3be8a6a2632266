//! `/v1/completions`.
use super::{Extra, FinishReason, Sampling, Stop, StreamOptions, TextExtension, TextParameters, Usage};
use crate::RequestError;
use serde::{de::Error, Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Tokens written when a completion does not say how many.
const DEFAULT_MAX_TOKENS: u32 = 16;

/// What to continue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Prompt {
    /// A text.
    Text(String),
    /// Token ids, taken as they are.
    Tokens(Vec<u32>),
    /// A list of texts; only a list of one is answered.
    Texts(Vec<String>),
}

/// The one thing that a completion continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinglePrompt {
    /// A text, not empty.
    Text(String),
    /// Token ids, at least one.
    Tokens(Vec<u32>),
}

impl Prompt {
    /// What is to be continued.
    ///
    /// # Errors
    /// If there is nothing, or more than one text.
    pub fn single(self) -> Result<SinglePrompt, RequestError> {
        let one = match self {
            Self::Text(text) => Ok(SinglePrompt::Text(text)),
            Self::Tokens(ids) => Ok(SinglePrompt::Tokens(ids)),
            Self::Texts(texts) => <[String; 1]>::try_from(texts)
                .map(|[text]| SinglePrompt::Text(text))
                .map_err(|_| "only one at a time"),
        };
        let single = match one {
            Ok(SinglePrompt::Text(text)) if text.is_empty() => Err("it is empty"),
            Ok(SinglePrompt::Tokens(ids)) if ids.is_empty() => Err("it is empty"),
            other => other,
        };
        single.map_err(|why| RequestError::InvalidParameter {
            name: "prompt",
            why: why.into(),
        })
    }
}

// Not derived: an untagged enum cannot read numbers where a dependency turns on serde_json's `arbitrary_precision`.
impl<'de> Deserialize<'de> for Prompt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = |item: &Value| item.as_u64().and_then(|id| u32::try_from(id).ok());
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Array(items) => {
                if let Some(tokens) = items.iter().map(token).collect() {
                    return Ok(Self::Tokens(tokens));
                }
                let text = |item: &Value| item.as_str().map(str::to_owned);
                let texts: Option<_> = items.iter().map(text).collect();
                texts
                    .map(Self::Texts)
                    .ok_or_else(|| D::Error::custom("a prompt is of texts or of token ids"))
            }
            _ => Err(D::Error::custom("a prompt is a text, or a list of token ids")),
        }
    }
}

/// The request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompletionRequest {
    /// The model's name or root in hexadecimal; absent: the one that the miner serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What to continue.
    pub prompt: Prompt,
    /// Most tokens to write; 16 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// From 0 to 2; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Above 0, up to 1; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// 0 or absent: all tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Strings at which to stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// Whether to send the answer in pieces.
    #[serde(default, deserialize_with = "super::parameters::null_is_false")]
    pub stream: bool,
    /// Options of a streamed answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_options: Option<StreamOptions>,
    /// Other fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl CompletionRequest {
    /// A request with every parameter left to its default.
    pub fn new(prompt: Prompt) -> Self {
        Self {
            model: None,
            prompt,
            max_tokens: None,
            temperature: None,
            top_p: None,
            top_k: None,
            stop: None,
            stream: false,
            stream_options: None,
            extra: Extra::default(),
        }
    }

    /// The parameters, if all are in range and none is beyond this protocol.
    pub fn parameters(&self) -> Result<TextParameters, RequestError> {
        self.extra.check()?;
        if self.max_tokens == Some(0) {
            return Err(RequestError::InvalidParameter {
                name: "max_tokens",
                why: "it must be at least 1".into(),
            });
        }
        Ok(TextParameters {
            max_tokens: Some(self.max_tokens.unwrap_or(DEFAULT_MAX_TOKENS)),
            stop: self
                .stop
                .clone()
                .map(Stop::into_strings)
                .transpose()?
                .unwrap_or_default(),
            sampling: Sampling::from_api(self.temperature, self.top_k, self.top_p)?,
        })
    }
}

/// The answer, and each piece of a streamed one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompletionResponse {
    /// `cmpl-` and the request hash.
    pub id: String,
    /// `text_completion`.
    pub object: String,
    /// Unix time in seconds.
    pub created: u64,
    /// Name of the model.
    pub model: String,
    /// One choice; none in the chunk that carries only the usage.
    pub choices: Vec<CompletionChoice>,
    /// Tokens read and written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Laurel's addition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laurel: Option<TextExtension>,
}

/// The text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionChoice {
    /// 0.
    pub index: u32,
    /// The text, or the next piece of it.
    pub text: String,
    /// Why it ends; none while it goes on.
    #[serde(default)]
    pub finish_reason: Option<FinishReason>,
}
