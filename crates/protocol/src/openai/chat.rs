//! `/v1/chat/completions`.
use super::{Extra, FinishReason, Sampling, Stop, StreamOptions, TextExtension, TextParameters, Usage};
use crate::RequestError;
use serde::{Deserialize, Serialize};

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`; the model's template says which it knows.
    pub role: String,
    /// What was said.
    pub content: ChatContent,
}

impl ChatMessage {
    /// A message of plain text.
    pub fn new(role: &str, content: impl Into<String>) -> Self {
        Self {
            role: role.to_owned(),
            content: ChatContent::Text(content.into()),
        }
    }
}

/// Text, whole or in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "content is a text, or a list of parts that are texts")]
pub enum ChatContent {
    /// A string.
    Text(String),
    /// A list of parts, read one after the other.
    Parts(Vec<ContentPart>),
}

/// A part of a message. There are only texts: an image would not parse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentPart {
    /// A piece of text.
    Text {
        /// The text.
        text: String,
    },
}

impl ChatContent {
    /// The whole text.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => parts.iter().map(|ContentPart::Text { text }| text.as_str()).collect(),
        }
    }
}

/// The request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// The model's name or root in hexadecimal; absent: the one that the miner serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The conversation so far.
    pub messages: Vec<ChatMessage>,
    /// Most tokens to write; absent: as many as the context holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// The newer name of `max_tokens`; it counts if both are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
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

impl ChatRequest {
    /// A request with every parameter left to its default.
    pub fn new(messages: Vec<ChatMessage>) -> Self {
        Self {
            model: None,
            messages,
            max_tokens: None,
            max_completion_tokens: None,
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
        if self.messages.is_empty() {
            return Err(RequestError::InvalidParameter {
                name: "messages",
                why: "there are none".into(),
            });
        }
        let max_tokens = self.max_completion_tokens.or(self.max_tokens);
        if max_tokens == Some(0) {
            return Err(RequestError::InvalidParameter {
                name: "max_tokens",
                why: "it must be at least 1".into(),
            });
        }
        Ok(TextParameters {
            max_tokens,
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

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatResponse {
    /// `chatcmpl-` and the request hash.
    pub id: String,
    /// `chat.completion`.
    pub object: String,
    /// Unix time in seconds.
    pub created: u64,
    /// Name of the model.
    pub model: String,
    /// One choice.
    pub choices: Vec<ChatChoice>,
    /// Tokens read and written.
    pub usage: Usage,
    /// Laurel's addition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laurel: Option<TextExtension>,
}

/// The next turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatChoice {
    /// 0.
    pub index: u32,
    /// What the model says.
    pub message: ChatMessage,
    /// Why it ends.
    pub finish_reason: Option<FinishReason>,
}

/// A piece of a streamed answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatChunk {
    /// `chatcmpl-` and the request hash.
    pub id: String,
    /// `chat.completion.chunk`.
    pub object: String,
    /// Unix time in seconds.
    pub created: u64,
    /// Name of the model.
    pub model: String,
    /// One choice; none in the chunk that carries only the usage.
    pub choices: Vec<ChatChunkChoice>,
    /// Tokens read and written, in the last chunk if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Laurel's addition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laurel: Option<TextExtension>,
}

/// What a piece adds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatChunkChoice {
    /// 0.
    pub index: u32,
    /// The addition.
    pub delta: ChatDelta,
    /// Why it ends; none while it goes on.
    #[serde(default)]
    pub finish_reason: Option<FinishReason>,
}

/// An addition to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatDelta {
    /// `assistant`, in the first piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The next piece of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}
