//! `/v1/embeddings`.
use super::{Extra, Usage};
use crate::RequestError;
use base64::{engine::general_purpose::STANDARD, Engine};
use serde::{
    de::{SeqAccess, Visitor},
    Deserialize, Deserializer, Serialize,
};
use std::fmt;

/// Most inputs of one request.
pub const MAX_EMBEDDING_INPUTS: usize = 256;

/// The texts to embed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "an input is a text, or a list of texts")]
pub enum EmbeddingInput {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncodingFormat {
    /// As lists of decimal numbers.
    #[default]
    Float,
    /// As base64 of little-endian `f32`s: exact, and half the size.
    Base64,
}

/// The request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingRequest {
    /// The model's name or root in hexadecimal; absent: the one that the miner serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The texts.
    pub input: EmbeddingInput,
    /// How to write the vectors.
    #[serde(default)]
    pub encoding_format: EncodingFormat,
    /// Other fields.
    #[serde(flatten)]
    pub extra: Extra,
}

impl EmbeddingRequest {
    /// A request for exact vectors.
    pub fn new(inputs: Vec<String>) -> Self {
        Self {
            model: None,
            input: EmbeddingInput::Many(inputs),
            encoding_format: EncodingFormat::Base64,
            extra: Extra::default(),
        }
    }

    /// The texts, if there are 1 to [`MAX_EMBEDDING_INPUTS`] and none is empty.
    pub fn inputs(self) -> Result<Vec<String>, RequestError> {
        self.extra.check()?;
        let inputs = match self.input {
            EmbeddingInput::One(input) => vec![input],
            EmbeddingInput::Many(inputs) => inputs,
        };
        let invalid = |why| Err(RequestError::InvalidParameter { name: "input", why });
        if inputs.is_empty() || inputs.len() > MAX_EMBEDDING_INPUTS {
            return invalid(format!("1 to {MAX_EMBEDDING_INPUTS} texts, not {}", inputs.len()));
        }
        if inputs.iter().any(String::is_empty) {
            return invalid("a text is empty".into());
        }
        Ok(inputs)
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingResponse {
    /// `list`.
    pub object: String,
    /// One entry an input, in order.
    pub data: Vec<Embedding>,
    /// Name of the model.
    pub model: String,
    /// Tokens read.
    pub usage: Usage,
}

/// One vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Embedding {
    /// `embedding`.
    pub object: String,
    /// Which input.
    pub index: u32,
    /// The vector.
    pub embedding: EmbeddingVector,
}

/// A vector in one of the two formats.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum EmbeddingVector {
    /// [`EncodingFormat::Base64`].
    Base64(String),
    /// [`EncodingFormat::Float`].
    Float(Vec<f32>),
}

struct VectorVisitor;

impl<'de> Visitor<'de> for VectorVisitor {
    type Value = EmbeddingVector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers, or base64")
    }

    fn visit_str<E>(self, text: &str) -> Result<EmbeddingVector, E> {
        Ok(EmbeddingVector::Base64(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<EmbeddingVector, A::Error> {
        let mut vector = Vec::new();
        while let Some(number) = items.next_element()? {
            vector.push(number);
        }
        Ok(EmbeddingVector::Float(vector))
    }
}

// Not derived: an untagged enum cannot read numbers where a dependency turns on serde_json's `arbitrary_precision`.
impl<'de> Deserialize<'de> for EmbeddingVector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VectorVisitor)
    }
}

impl EmbeddingVector {
    /// Writes `vector` in `format`.
    pub fn encode(vector: Vec<f32>, format: EncodingFormat) -> Self {
        match format {
            EncodingFormat::Float => Self::Float(vector),
            EncodingFormat::Base64 => {
                let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
                Self::Base64(STANDARD.encode(bytes))
            }
        }
    }

    /// The numbers; none if the base64 is not a list of `f32`s.
    pub fn decode(self) -> Option<Vec<f32>> {
        match self {
            Self::Float(vector) => Some(vector),
            Self::Base64(text) => {
                let bytes = STANDARD.decode(text).ok()?;
                let chunks = bytes.chunks_exact(4);
                if !chunks.remainder().is_empty() {
                    return None;
                }
                Some(chunks.map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect())
            }
        }
    }
}
