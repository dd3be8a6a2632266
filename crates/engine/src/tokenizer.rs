//! Text to tokens and back.
use crate::chat::{ChatMessage, ChatTemplate};
use crate::checkpoint::{Checkpoint, Metadata};
use crate::guard::guarded;
use crate::{gguf_vocabulary, EngineError, ModelDir};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tokenizers::Tokenizer;

/// The tokenizer of a text model.
pub struct TextTokenizer {
    tokenizer: Tokenizer,
    /// Where it comes from.
    file: PathBuf,
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
#[derive(Clone, Copy, Default)]
pub(crate) struct FromWeights<'a>(Option<&'a Checkpoint>);

impl<'a> FromWeights<'a> {
    /// Of a GGUF file's metadata; nothing for other files.
    pub(crate) fn of(checkpoint: &'a Checkpoint) -> Self {
        Self(checkpoint.metadata().map(|_| checkpoint))
    }

    fn metadata(self) -> Option<&'a Metadata> {
        self.0.and_then(Checkpoint::metadata)
    }

    fn chat_template(self) -> Option<String> {
        self.metadata()?.text("tokenizer.chat_template").map(str::to_owned)
    }

    fn id(self, name: &str) -> Option<u32> {
        let id = self.metadata()?.integer(&format!("tokenizer.ggml.{name}_token_id"))?;
        u32::try_from(id).ok()
    }

    /// Tokens that end a text, and the file that says so.
    fn eos_ids(self) -> Option<(PathBuf, Vec<u32>)> {
        let checkpoint = self.0?;
        let named = ["eos", "eot", "eom"].into_iter().filter_map(|name| self.id(name));
        let mut ids = Vec::new();
        for id in named.chain(gguf_vocabulary::ends(checkpoint.metadata()?)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        (!ids.is_empty()).then(|| (checkpoint.path().to_owned(), ids))
    }

    /// The file's own tokenizer, if it has one.
    fn tokenizer(self) -> Option<Result<Tokenizer, EngineError>> {
        let checkpoint = self.0.filter(|checkpoint| checkpoint.brings_tokenizer())?;
        let made = gguf_vocabulary::tokenizer(checkpoint.metadata()?);
        Some(made.map_err(|reason| {
            let reason = format!("{reason}; put the model's tokenizer.json beside it");
            EngineError::unsupported(checkpoint.path(), reason)
        }))
    }
}

/// Reads `tokenizer.json`.
pub(crate) fn read_tokenizer_json(dir: &ModelDir) -> Result<Tokenizer, EngineError> {
    const FILE: &str = "tokenizer.json";
    let text = dir.text(FILE)?;
    let bad = |reason: String| EngineError::bad_file(&dir.path(FILE), reason);
    // The library panics at some files that are cut short; and its words for a broken one are of its own types.
    serde_json::from_str::<IgnoredAny>(&text).map_err(|error| bad(error.to_string()))?;
    guarded(|| Tokenizer::from_bytes(text)).map_err(bad)
}

impl TextTokenizer {
    /// Reads `tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja` and, for the tokens that end a text,
    /// `generation_config.json` and `config.json`. Only the first is required, and that not beside a GGUF file that has its own
    /// tokenizer.
    pub fn read(dir: &ModelDir) -> Result<Self, EngineError> {
        let checkpoint = dir.gguf_file()?.map(|_| Checkpoint::open(dir)).transpose()?;
        Self::read_beside(dir, checkpoint.as_ref().map(FromWeights::of).unwrap_or_default())
    }

    /// As [`Self::read`]; what the weights' file says counts where no other file says it.
    pub(crate) fn read_beside(dir: &ModelDir, weights: FromWeights) -> Result<Self, EngineError> {
        let json = dir.path("tokenizer.json");
        let own = if json.exists() { None } else { weights.tokenizer() };
        let file = match (&own, weights.0) {
            (Some(_), Some(checkpoint)) => checkpoint.path().to_owned(),
            _ => json,
        };
        let mut tokenizer = own.unwrap_or_else(|| read_tokenizer_json(dir))?;
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
                ChatTemplate::new(own.or(weights.chat_template()), &dir.path("tokenizer_config.json"))?
            }
        };
        let eos_token = config.eos_token.map(SpecialToken::into_content);
        let eos_ids = match said_eos_ids(dir, weights)? {
            Some((path, ids)) => known(&tokenizer, &path, ids)?,
            None => eos_token
                .iter()
                .filter_map(|token| tokenizer.token_to_id(token))
                .collect(),
        };
        let token = |id: u32| tokenizer.id_to_token(id);
        Ok(Self {
            template,
            bos_token: config
                .bos_token
                .map(SpecialToken::into_content)
                .or_else(|| weights.id("bos").and_then(token)),
            eos_token: eos_token.or_else(|| eos_ids.first().copied().and_then(token)),
            eos_ids,
            tokenizer,
            file,
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
        let encoding = guarded(|| self.tokenizer.encode_fast(text, special));
        let encoding =
            encoding.map_err(|reason| EngineError::BadRequest(format!("the text cannot be tokenized: {reason}")))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, without special tokens. Ids outside the vocabulary stand for nothing.
    pub fn decode(&self, ids: &[u32]) -> Result<String, EngineError> {
        guarded(|| self.tokenizer.decode(ids, true))
            .map_err(|reason| EngineError::Compute(format!("tokens cannot be decoded: {reason}")))
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

    /// The file that it was read from: `tokenizer.json`, or a GGUF file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// One more than the highest id that a text can have. Ids of tokens added for other uses (images) may lie above it.
    pub(crate) fn text_ids(&self) -> usize {
        let vocabulary = self.tokenizer.get_vocab(false);
        vocabulary.values().max().map_or(0, |highest| *highest as usize + 1)
    }
}

/// Tokens that end a text, as a file says, and the file.
fn said_eos_ids(dir: &ModelDir, weights: FromWeights) -> Result<Option<(PathBuf, Vec<u32>)>, EngineError> {
    for name in ["generation_config.json", "config.json"] {
        let endings: Endings = dir.optional_json(name)?.unwrap_or_default();
        if let Some(ids) = endings.eos_token_id {
            return Ok(Some((dir.path(name), ids.as_slice().to_vec())));
        }
    }
    Ok(weights.eos_ids())
}

/// An end that no token means would let every answer run on to its limit.
fn known(tokenizer: &Tokenizer, path: &Path, ids: Vec<u32>) -> Result<Vec<u32>, EngineError> {
    match ids.iter().find(|id| tokenizer.id_to_token(**id).is_none()) {
        None => Ok(ids),
        Some(id) => {
            let reason = format!("it ends texts with token {id}, which the tokenizer has not");
            Err(EngineError::bad_file(path, reason))
        }
    }
}
