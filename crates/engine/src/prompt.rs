//! What a text continues, and how far: the same rules for the miner that writes it and the validator that reads it.
use crate::{ChatMessage, EngineError, TextTokenizer};

/// What a text continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPrompt {
    /// A text.
    Text(String),
    /// Token ids, taken as they are.
    Tokens(Vec<u32>),
    /// A conversation, after which the assistant speaks.
    Chat(Vec<ChatMessage>),
}

impl TextPrompt {
    /// How much there is to tokenize: bytes, or ids.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Tokens(ids) => ids.len(),
            Self::Chat(messages) => messages.iter().map(|message| message.content.len()).sum(),
        }
    }

    /// Its tokens, as the canonical sampler and validators read it.
    ///
    /// # Errors
    /// Where the tokenizer or the chat template refuses it.
    pub fn ids(&self, tokenizer: &TextTokenizer) -> Result<Vec<u32>, EngineError> {
        match self {
            Self::Text(text) => tokenizer.encode(text),
            Self::Tokens(ids) => Ok(ids.clone()),
            Self::Chat(messages) => tokenizer.encode_chat(messages),
        }
    }
}

/// The most tokens of an answer to `prompt` tokens in a `context`: as many as were asked for, or as the context holds where none
/// were named.
///
/// # Errors
/// [`EngineError::BadRequest`] if that many do not fit, or none, or there is no prompt.
pub fn answer_limit(context: usize, prompt: usize, max_tokens: Option<u32>) -> Result<usize, EngineError> {
    let bad = |why: String| Err(EngineError::BadRequest(why));
    let room = context.saturating_sub(prompt);
    let limit = max_tokens.map_or(room, |tokens| tokens as usize);
    match limit {
        _ if prompt == 0 => bad("the prompt has no tokens".into()),
        _ if room == 0 => bad(format!(
            "{prompt} tokens are in a context of {context}: shorten the prompt"
        )),
        0 => bad("max_tokens must be at least 1".into()),
        _ if limit > room => bad(format!(
            "{prompt} tokens of prompt and {limit} of answer do not fit the context of {context}: shorten one"
        )),
        _ => Ok(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_have_what_was_asked_for_or_else_what_the_context_holds() {
        assert_eq!(answer_limit(100, 60, Some(40)).unwrap(), 40);
        assert_eq!(answer_limit(100, 60, None).unwrap(), 40);
        for (prompt, asked) in [(60, Some(41)), (60, Some(0)), (100, None), (101, Some(1)), (0, Some(1))] {
            assert!(
                answer_limit(100, prompt, asked).unwrap_err().is_bad_request(),
                "{prompt} {asked:?}"
            );
        }
    }
}
