//! Text to tokens and back.
use crate::chat::{ChatMessage, ChatTemplate};
use crate::checkpoint::Checkpoint;
use crate::{EngineError, ModelDir};
use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;

/// The tokenizer of a text model.
pub struct TextTokenizer {
    tokenizer: Tokenizer,
    template: ChatTemplate,
    bos_token: Option<String>,
    eos_token: Option<String>,
    eos_ids: Vec<u32>,
}

/// One token id or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TokenIds {
    /// One.
    One(u32),
    /// Several.
    Many(Vec<u32>),
}

impl TokenIds {
    /// The ids.
    pub fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Many(ids) => ids,
        }
    }
}

/// The parts of `tokenizer_config.json` that are used.
#[derive(Default, Deserialize)]
struct TokenizerConfig {
    chat_template: Option<Templates>,
    bos_token: Option<SpecialToken>,
    eos_token: Option<SpecialToken>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Templates {
    One(String),
    Named(Vec<NamedTemplate>),
}

#[derive(Deserialize)]
struct NamedTemplate {
    name: String,
    template: String,
}

impl Templates {
    fn into_default(self) -> Option<String> {
        match self {
            Self::One(template) => Some(template),
            Self::Named(all) => all
                .into_iter()
                .find(|named| named.name == "default")
                .map(|named| named.template),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SpecialToken {
    Plain(String),
    Added { content: String },
}

impl SpecialToken {
    fn into_content(self) -> String {
        match self {
            Self::Plain(content) | Self::Added { content } => content,
        }
    }
}

/// The part of `generation_config.json` and `config.json` that is used here.
#[derive(Default, Deserialize)]
struct Endings {
    eos_token_id: Option<TokenIds>,
}

/// What the weights' own file says about tokens, where it says it (GGUF).
#[derive(Default)]
pub(crate) struct FromWeights {
    pub(crate) chat_template: Option<String>,
    pub(crate) bos_id: Option<u32>,
    pub(crate) eos_ids: Vec<u32>,
}

impl FromWeights {
    /// Of a GGUF file's metadata; nothing for other files.
    pub(crate) fn of(checkpoint: &Checkpoint) -> Self {
        let Some(metadata) = checkpoint.metadata() else {
            return Self::default();
        };
        let id = |name: &str| {
            metadata
                .integer(&format!("tokenizer.ggml.{name}_token_id"))
                .map(|id| id as u32)
        };
        Self {
            chat_template: metadata.text("tokenizer.chat_template").map(str::to_owned),
            bos_id: id("bos"),
            eos_ids: ["eos", "eot"].into_iter().filter_map(id).collect(),
        }
    }
}

impl TextTokenizer {
    /// Reads `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja` and, for the tokens that end a text,
    /// `generation_config.json` and `config.json`. Only the first is required.
    pub fn read(dir: &ModelDir) -> Result<Self, EngineError> {
        Self::read_beside(dir, FromWeights::default())
    }

    /// As [`Self::read`]; what the weights' file says counts where no other file says it.
    pub(crate) fn read_beside(dir: &ModelDir, weights: FromWeights) -> Result<Self, EngineError> {
        let file = dir.path("tokenizer.json");
        let mut tokenizer =
            Tokenizer::from_bytes(dir.bytes("tokenizer.json")?).map_err(|error| EngineError::bad_file(&file, error))?;
        // A published tokenizer may cut or pad; the engine bounds its own context and never pads text.
        tokenizer
            .with_truncation(None)
            .map_err(|error| EngineError::bad_file(&file, error))?;
        tokenizer.with_padding(None);
        let config: TokenizerConfig = dir.optional_json("tokenizer_config.json")?.unwrap_or_default();
        let template = match dir.optional_text("chat_template.jinja")? {
            Some(template) => ChatTemplate::new(Some(template), &dir.path("chat_template.jinja"))?,
            None => {
                let own = config.chat_template.and_then(Templates::into_default);
                ChatTemplate::new(own.or(weights.chat_template), &dir.path("tokenizer_config.json"))?
            }
        };
        let eos_token = config.eos_token.map(SpecialToken::into_content);
        let eos_id = eos_token.as_deref().and_then(|token| tokenizer.token_to_id(token));
        let eos_ids = eos_ids(dir, weights.eos_ids, eos_id)?;
        let token = |id: u32| tokenizer.id_to_token(id);
        Ok(Self {
            template,
            bos_token: config
                .bos_token
                .map(SpecialToken::into_content)
                .or_else(|| weights.bos_id.and_then(token)),
            eos_token: eos_token.or_else(|| eos_ids.first().copied().and_then(token)),
            eos_ids,
            tokenizer,
        })
    }

    /// The tokens of a text, with the special tokens that the tokenizer itself puts around every text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        self.encode_with(text, true)
    }

    /// The tokens of a conversation, after which the assistant speaks. A template that the model brought writes special tokens
    /// itself, so none are put around its text.
    pub fn encode_chat(&self, messages: &[ChatMessage]) -> Result<Vec<u32>, EngineError> {
        self.encode_with(&self.apply_chat_template(messages)?, !self.template.is_own())
    }

    fn encode_with(&self, text: &str, special: bool) -> Result<Vec<u32>, EngineError> {
        let encoding = self.tokenizer.encode_fast(text, special);
        let encoding =
            encoding.map_err(|error| EngineError::BadRequest(format!("the text cannot be tokenized: {error}")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, without special tokens. Ids outside the vocabulary stand for nothing.
    pub fn decode(&self, ids: &[u32]) -> Result<String, EngineError> {
        self.tokenizer
            .decode(ids, true)
            .map_err(|error| EngineError::Compute(format!("tokens cannot be decoded: {error}")))
    }

    /// A conversation as text; [`Self::encode_chat`] makes a prompt of it.
    pub fn apply_chat_template(&self, messages: &[ChatMessage]) -> Result<String, EngineError> {
        self.template
            .render(messages, self.bos_token.as_deref(), self.eos_token.as_deref())
    }

    /// Tokens that end a text.
    pub fn eos_ids(&self) -> &[u32] {
        &self.eos_ids
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// One more than the highest id that a text can have. Ids of tokens added for other uses (images) may lie above it.
    pub(crate) fn text_ids(&self) -> usize {
        let vocabulary = self.tokenizer.get_vocab(false);
        vocabulary.values().max().map_or(0, |highest| *highest as usize + 1)
    }
}

fn eos_ids(dir: &ModelDir, from_weights: Vec<u32>, from_tokenizer: Option<u32>) -> Result<Vec<u32>, EngineError> {
    for name in ["generation_config.json", "config.json"] {
        let endings: Endings = dir.optional_json(name)?.unwrap_or_default();
        if let Some(ids) = endings.eos_token_id {
            return Ok(ids.as_slice().to_vec());
        }
    }
    if !from_weights.is_empty() {
        return Ok(from_weights);
    }
    Ok(from_tokenizer.into_iter().collect())
}
