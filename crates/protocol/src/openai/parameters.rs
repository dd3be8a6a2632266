//! What completions and chats have in common.
use crate::RequestError;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Most stop strings of one request.
pub const MAX_STOPS: usize = 4;
/// Longest stop string, in bytes.
pub const MAX_STOP_BYTES: usize = 256;

/// A switch that may be left out, or be null, as the API has it.
pub(super) fn null_is_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(false))
}

/// How the next token is drawn, in the integers that the canonical sampler takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampling {
    /// Temperature in thousandths, 0 to 2000; 0 takes the likeliest token.
    pub temperature_milli: u32,
    /// Draw among this many likeliest tokens; 0: all.
    pub top_k: u32,
    /// Draw among the likeliest tokens that together have this probability, in thousandths, 1 to 1000.
    pub top_p_milli: u32,
}

impl Sampling {
    /// Rounds the API's decimals to thousandths. Absent: temperature 1, all tokens.
    pub fn from_api(temperature: Option<f64>, top_k: Option<u32>, top_p: Option<f64>) -> Result<Self, RequestError> {
        let temperature = temperature.unwrap_or(1.0);
        if !(0.0..=2.0).contains(&temperature) {
            return Err(RequestError::InvalidParameter {
                name: "temperature",
                why: "it must be from 0 to 2".into(),
            });
        }
        let top_p = top_p.unwrap_or(1.0);
        if !(top_p > 0.0 && top_p <= 1.0) {
            return Err(RequestError::InvalidParameter {
                name: "top_p",
                why: "it must be above 0, up to 1".into(),
            });
        }
        // Both casts are of numbers from 0 to 2000.
        Ok(Self {
            temperature_milli: (temperature * 1_000.0).round() as u32,
            top_k: top_k.unwrap_or(0),
            top_p_milli: ((top_p * 1_000.0).round() as u32).max(1),
        })
    }
}

/// One stop string or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "stop is a text, or a list of texts")]
pub enum Stop {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Stop {
    /// The strings, if they are within [`MAX_STOPS`] and [`MAX_STOP_BYTES`].
    pub fn into_strings(self) -> Result<Vec<String>, RequestError> {
        let stops = match self {
            Self::One(stop) => vec![stop],
            Self::Many(stops) => stops,
        };
        let invalid = |why| Err(RequestError::InvalidParameter { name: "stop", why });
        if stops.len() > MAX_STOPS {
            return invalid(format!("at most {MAX_STOPS} strings"));
        }
        if stops.iter().any(|stop| stop.is_empty() || stop.len() > MAX_STOP_BYTES) {
            return invalid(format!("each string has 1 to {MAX_STOP_BYTES} bytes"));
        }
        Ok(stops)
    }
}

/// Options of a streamed answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamOptions {
    /// Whether a last chunk says how many tokens were read and written.
    #[serde(default)]
    pub include_usage: bool,
}

/// Why a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended it, or a stop string came.
    Stop,
    /// The limit of tokens was reached.
    Length,
}

/// Tokens read and written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    #[serde(default)]
    pub completion_tokens: u32,
    /// Their sum.
    pub total_tokens: u32,
}

impl Usage {
    /// The usage of one answer.
    pub fn new(prompt_tokens: u32, completion_tokens: u32) -> Self {
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
        }
    }
}

/// What a verifier needs beside the text: the tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextExtension {
    /// Ids of the tokens written, in order, with the end token if the model wrote it. In a streamed answer:
    /// those of this chunk.
    pub token_ids: Vec<u32>,
    /// Ids of the tokens read. In a streamed answer the first chunk has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_token_ids: Option<Vec<u32>>,
    /// The commitment to the states that the tokens were picked from, in a subnet that asks for it; base64 in JSON. In a streamed
    /// answer the chunk with the `finish_reason` has it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "base64_bytes")]
    pub activation_proof: Option<Vec<u8>>,
}

/// Bytes that are there, in the one base64 that means them.
mod base64_bytes {
    use base64::{engine::general_purpose::STANDARD, Engine};
    use serde::{de::Error, Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text))
            .transpose()
            .map_err(D::Error::custom)
    }
}

/// The parameters of a text request, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextParameters {
    /// Most tokens to write; none: as many as the context holds.
    pub max_tokens: Option<u32>,
    /// Strings at which to stop.
    pub stop: Vec<String>,
    /// How to draw.
    pub sampling: Sampling,
}

/// Fields that are not part of the typed request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(pub serde_json::Map<String, Value>);

/// Fields of the OpenAI API that would change the answer and are not implemented.
const UNSUPPORTED: [&str; 19] = [
    "n",
    "best_of",
    "echo",
    "logprobs",
    "top_logprobs",
    "suffix",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "reasoning_effort",
    "web_search_options",
    "audio",
    "response_format",
    "dimensions",
    "modalities",
];

impl Extra {
    /// Refuses what would be silently ignored although it changes the answer.
    pub fn check(&self) -> Result<(), RequestError> {
        let refused = UNSUPPORTED
            .into_iter()
            .find(|name| self.0.get(*name).is_some_and(|v| !is_neutral(name, v)));
        match refused {
            Some(name) => Err(RequestError::InvalidParameter {
                name,
                why: "it is not supported".into(),
            }),
            None => Ok(()),
        }
    }
}

/// Whether the value means the same as leaving the field out.
fn is_neutral(name: &str, value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => {
            let neutral = if matches!(name, "n" | "best_of") { 1.0 } else { 0.0 };
            number.as_f64() == Some(neutral)
        }
        Value::Array(items) => items.is_empty() || (name == "modalities" && *items == [Value::from("text")]),
        Value::Object(fields) => {
            fields.is_empty() || (name == "response_format" && fields.get("type") == Some(&Value::from("text")))
        }
        Value::String(text) => match name {
            // What holds anyway where no tools are given.
            "tool_choice" | "function_call" => matches!(text.as_str(), "none" | "auto"),
            "reasoning_effort" => text == "none",
            _ => text.is_empty(),
        },
        Value::Bool(true) => false,
    }
}
