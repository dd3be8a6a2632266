//! Text to tokens and back, and the chat template.
use crate::llama::{LlamaConfig, TokenIds};
use crate::{EngineError, ModelDir};
use minijinja::{context, Environment};
use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who says it: `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// The tokenizer of a text model.
pub struct TextTokenizer {
    tokenizer: Tokenizer,
    templates: Environment<'static>,
    bos_token: Option<String>,
    eos_token: Option<String>,
    eos_ids: Vec<u32>,
}

/// The parts of `tokenizer_config.json` that are used.
#[derive(Default, Deserialize)]
struct TokenizerConfig {
    #[serde(default)]
    chat_template: Option<String>,
    #[serde(default)]
    bos_token: Option<SpecialToken>,
    #[serde(default)]
    eos_token: Option<SpecialToken>,
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

/// The parts of `generation_config.json` that are used.
#[derive(Default, Deserialize)]
struct GenerationConfig {
    #[serde(default)]
    eos_token_id: Option<TokenIds>,
}

/// What a model without a template of its own gets: each message as a paragraph.
const PLAIN_TEMPLATE: &str = "{% for message in messages %}{{ message.content }}\n{% endfor %}";

impl TextTokenizer {
    /// Reads `tokenizer.json`, `tokenizer_config.json` and, for the tokens that end a text, `generation_config.json` and
    /// `config.json`. Only the first is required.
    pub fn read(dir: &ModelDir) -> Result<Self, EngineError> {
        let file = dir.path("tokenizer.json");
        let mut tokenizer =
            Tokenizer::from_bytes(dir.bytes("tokenizer.json")?).map_err(|error| EngineError::bad_file(&file, error))?;
        // A published tokenizer may cut or pad; the engine bounds its own context and never pads text.
        tokenizer
            .with_truncation(None)
            .map_err(|error| EngineError::bad_file(&file, error))?;
        tokenizer.with_padding(None);
        let config: TokenizerConfig = dir.optional_json("tokenizer_config.json")?.unwrap_or_default();
        let mut templates = Environment::new();
        templates.add_function(
            "raise_exception",
            |message: String| -> Result<String, minijinja::Error> {
                Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, message))
            },
        );
        let template = config.chat_template.unwrap_or_else(|| PLAIN_TEMPLATE.to_owned());
        templates
            .add_template_owned("chat", template)
            .map_err(|error| EngineError::bad_file(&dir.path("tokenizer_config.json"), error))?;
        let eos_token = config.eos_token.map(SpecialToken::into_content);
        let eos_ids = eos_ids(dir, eos_token.as_deref().and_then(|token| tokenizer.token_to_id(token)))?;
        Ok(Self {
            tokenizer,
            templates,
            bos_token: config.bos_token.map(SpecialToken::into_content),
            eos_token,
            eos_ids,
        })
    }

    /// The tokens of a text, with the special tokens that the tokenizer itself puts around every text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        let encoding = self.tokenizer.encode_fast(text, true);
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

    /// A conversation as the prompt after which the assistant speaks. Encode it with [`Self::encode`].
    pub fn apply_chat_template(&self, messages: &[ChatMessage]) -> Result<String, EngineError> {
        let values = context! {
            messages => messages,
            add_generation_prompt => true,
            bos_token => self.bos_token,
            eos_token => self.eos_token,
        };
        let rendered = self
            .templates
            .get_template("chat")
            .and_then(|template| template.render(values));
        rendered.map_err(|error| {
            let reason = error.detail().map_or_else(|| error.to_string(), str::to_owned);
            EngineError::BadRequest(format!("the messages do not fit the model's chat template: {reason}"))
        })
    }

    /// Tokens that end a text.
    pub fn eos_ids(&self) -> &[u32] {
        &self.eos_ids
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }
}

fn eos_ids(dir: &ModelDir, from_tokenizer: Option<u32>) -> Result<Vec<u32>, EngineError> {
    let generation: GenerationConfig = dir.optional_json("generation_config.json")?.unwrap_or_default();
    if let Some(ids) = generation.eos_token_id {
        return Ok(ids.as_slice().to_vec());
    }
    let config: Option<LlamaConfig> = dir.optional_json("config.json")?;
    if let Some(ids) = config.and_then(|config| config.eos_token_id) {
        return Ok(ids.as_slice().to_vec());
    }
    Ok(from_tokenizer.into_iter().collect())
}
