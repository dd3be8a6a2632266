//! A text answer in parts, the same whether it came whole or token by token.
use super::{question::Dialect, Answer};
use crate::{events::Events, Fault, Verdict};
use laurel_protocol::openai::{ChatChunk, ChatResponse, CompletionResponse, FinishReason, TextExtension, Usage};
use serde::de::DeserializeOwned;

/// What a miner answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Completion {
    pub(super) text: String,
    pub(super) finish: Option<FinishReason>,
    /// All ids that were written.
    pub(super) tokens: Vec<u32>,
    /// The ids that the miner says it read.
    pub(super) prompt: Option<Vec<u32>>,
    pub(super) proof: Option<Vec<u8>>,
    pub(super) usage: Option<Usage>,
}

/// A whole answer, or a piece of one.
struct Piece {
    /// Text and reason to end; none in the piece that has the usage only.
    choice: Option<(String, Option<FinishReason>)>,
    usage: Option<Usage>,
    laurel: Option<TextExtension>,
}

fn malformed(reason: &str) -> Fault {
    Fault::new(Verdict::Malformed, reason)
}

impl Completion {
    /// Reads an answer.
    ///
    /// # Errors
    /// If it is not of the form that the protocol prescribes.
    pub(super) fn read(dialect: Dialect, answer: &Answer) -> Result<Self, Fault> {
        let mut completion = Self::default();
        if answer.is_streamed {
            completion.take_stream(dialect, &answer.body)?;
        } else {
            completion.take(whole(dialect, &answer.body)?)?;
        }
        match (&completion.finish, completion.tokens.is_empty()) {
            (None, _) => Err(malformed("the answer does not say why it ends")),
            (_, true) => Err(malformed("the answer has no token ids")),
            _ => Ok(completion),
        }
    }

    fn take_stream(&mut self, dialect: Dialect, body: &[u8]) -> Result<(), Fault> {
        let (events, rest) = Events::of(body).map_err(|e| malformed(&e.to_string()))?;
        if rest > 0 {
            return Err(malformed("the stream ends within an event"));
        }
        for event in events.iter().take_while(|event| event.data != "[DONE]") {
            self.take(chunk(dialect, event.data.as_bytes())?)?;
        }
        Ok(())
    }

    fn take(&mut self, piece: Piece) -> Result<(), Fault> {
        let is_over = self.finish.is_some();
        if let Some((text, finish)) = piece.choice {
            if is_over {
                return Err(malformed("the answer goes on behind its end"));
            }
            self.text.push_str(&text);
            self.finish = finish;
        }
        if let Some(laurel) = piece.laurel {
            if is_over {
                return Err(malformed("tokens come behind the end of the answer"));
            }
            if laurel.prompt_token_ids.is_some() && !self.tokens.is_empty() {
                return Err(malformed("the prompt's tokens come behind those of the answer"));
            }
            self.tokens.extend(laurel.token_ids);
            self.prompt = laurel.prompt_token_ids.or(self.prompt.take());
            self.proof = laurel.activation_proof.or(self.proof.take());
        }
        self.usage = piece.usage.or(self.usage);
        Ok(())
    }
}

/// Says where JSON is wrong, without the words around it.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        malformed(&format!(
            "the answer is not the JSON that was asked for, from line {line}, column {column} on"
        ))
    })
}

/// The only one of an answer's choices.
fn only<T>(mut choices: Vec<T>) -> Result<Option<T>, Fault> {
    match choices.len() {
        0 | 1 => Ok(choices.pop()),
        many => Err(malformed(&format!("the answer has {many} choices, one was asked for"))),
    }
}

fn completion(body: &[u8]) -> Result<Piece, Fault> {
    let answer: CompletionResponse = parse(body)?;
    Ok(Piece {
        choice: only(answer.choices)?.map(|choice| (choice.text, choice.finish_reason)),
        usage: answer.usage,
        laurel: answer.laurel,
    })
}

fn whole(dialect: Dialect, body: &[u8]) -> Result<Piece, Fault> {
    match dialect {
        Dialect::Completion => completion(body),
        Dialect::Chat => {
            let answer: ChatResponse = parse(body)?;
            Ok(Piece {
                choice: only(answer.choices)?.map(|choice| (choice.message.content.to_text(), choice.finish_reason)),
                usage: Some(answer.usage),
                laurel: answer.laurel,
            })
        }
    }
}

fn chunk(dialect: Dialect, data: &[u8]) -> Result<Piece, Fault> {
    match dialect {
        Dialect::Completion => completion(data),
        Dialect::Chat => {
            let chunk: ChatChunk = parse(data)?;
            Ok(Piece {
                choice: only(chunk.choices)?
                    .map(|choice| (choice.delta.content.unwrap_or_default(), choice.finish_reason)),
                usage: chunk.usage,
                laurel: chunk.laurel,
            })
        }
    }
}
