//! When an answer ends and what its text is: the same rules for the miner that writes it and the validator that reads it.
//!
//! Generation stops after the first token with which one of these holds, in this order: the token ends a text (it is part of
//! the completion, without text of its own); the text contains a stop string (the text that is shown ends before it, the
//! tokens stay); `max_tokens` are there. A completion is whole when one holds for all of it and none for any shorter part.
use crate::{EngineError, TextTokenizer};
use serde::{Deserialize, Serialize};

/// Most stop strings of a request.
pub const MAX_STOPS: usize = 8;
/// Longest stop string, in bytes.
pub const MAX_STOP_BYTES: usize = 256;

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FinishReason {
    /// The model ended the text, or a stop string came.
    Stop,
    /// `max_tokens` were there.
    Length,
}

/// The text of an answer as its tokens arrive.
///
/// Text is held back while it may still change: an unfinished character, or the beginning of a stop string.
pub struct CompletionText<'a> {
    tokenizer: &'a TextTokenizer,
    stop: Vec<String>,
    max_tokens: usize,
    /// Tokens whose text is settled are dropped from here up to `context`, which the next decoding needs before it.
    window: Vec<u32>,
    /// Bytes of the window's text that are in `text` already.
    window_text: usize,
    tokens: usize,
    text: String,
    shown: usize,
    finish: Option<FinishReason>,
}

/// Tokens kept as context for decoding; decoders look at most at neighbouring tokens.
const DECODE_CONTEXT: usize = 8;

impl<'a> CompletionText<'a> {
    /// An empty answer under a request's rules.
    pub fn new(tokenizer: &'a TextTokenizer, stop: &[String], max_tokens: usize) -> Result<Self, EngineError> {
        validate_stops(stop)?;
        Ok(Self {
            tokenizer,
            stop: stop.to_vec(),
            max_tokens,
            window: Vec::new(),
            window_text: 0,
            tokens: 0,
            text: String::new(),
            shown: 0,
            finish: None,
        })
    }

    /// Takes the next token; answers the text that can be shown because of it.
    pub fn push(&mut self, id: u32) -> Result<String, EngineError> {
        self.tokens += 1;
        let ends_text = self.tokenizer.eos_ids().contains(&id);
        if !ends_text {
            self.window.push(id);
        }
        let length_before = self.text.len();
        self.extend_text(ends_text || self.tokens == self.max_tokens)?;
        let stopped_at = self.find_stop(length_before);
        if let Some(end) = stopped_at {
            self.text.truncate(end);
        }
        self.finish = if ends_text || stopped_at.is_some() {
            Some(FinishReason::Stop)
        } else if self.tokens >= self.max_tokens {
            Some(FinishReason::Length)
        } else {
            None
        };
        let show = if self.finish.is_some() {
            self.text.len()
        } else {
            self.text.len() - self.possible_stop()
        };
        let text = self.text[self.shown..show.max(self.shown)].to_owned();
        self.shown = show.max(self.shown);
        Ok(text)
    }

    /// Why the answer is at its end, if it is.
    pub fn finish(&self) -> Option<FinishReason> {
        self.finish
    }

    /// The whole text so far, held back or not.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Decodes the window; a replacement character at its end may become another one with the next token, so it waits.
    fn extend_text(&mut self, last: bool) -> Result<(), EngineError> {
        let decoded = self.tokenizer.decode(&self.window)?;
        let settled = if last {
            decoded.len()
        } else {
            decoded.trim_end_matches('\u{FFFD}').len()
        };
        if let Some(fresh) = decoded.get(self.window_text..settled) {
            self.text.push_str(fresh);
            self.window_text = self.window_text.max(settled);
        }
        if self.window.len() > 4 * DECODE_CONTEXT && settled == decoded.len() {
            self.window.drain(..self.window.len() - DECODE_CONTEXT);
            self.window_text = self.tokenizer.decode(&self.window)?.len();
        }
        Ok(())
    }

    /// Where the first stop string begins that was not wholly there at `length_before` bytes.
    fn find_stop(&self, length_before: usize) -> Option<usize> {
        let longest = self.stop.iter().map(String::len).max()?;
        let mut from = length_before.saturating_sub(longest);
        while !self.text.is_char_boundary(from) {
            from -= 1;
        }
        self.stop
            .iter()
            .filter_map(|stop| self.text[from..].find(stop.as_str()))
            .min()
            .map(|at| from + at)
    }

    /// Bytes at the end of the text that could be the beginning of a stop string.
    fn possible_stop(&self) -> usize {
        let ends_with_beginning = |stop: &String| {
            (1..stop.len())
                .rev()
                .find(|&length| stop.is_char_boundary(length) && self.text.ends_with(&stop[..length]))
        };
        self.stop.iter().filter_map(ends_with_beginning).max().unwrap_or(0)
    }
}

/// What a validator finds about the end of a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It ends where the rules say.
    Whole(FinishReason),
    /// It ends although nothing said so.
    EndedEarly,
    /// It goes on after the rules ended it, with this many tokens.
    RanOn {
        /// Tokens after which it should have ended.
        after: usize,
    },
}

/// Applies the rules to a completion; answers how it ends and its text.
pub fn read_completion(
    tokenizer: &TextTokenizer,
    completion: &[u32],
    max_tokens: usize,
    stop: &[String],
) -> Result<(Completeness, String), EngineError> {
    let mut answer = CompletionText::new(tokenizer, stop, max_tokens)?;
    for (index, id) in completion.iter().enumerate() {
        if answer.finish().is_some() {
            return Ok((Completeness::RanOn { after: index }, answer.text));
        }
        answer.push(*id)?;
    }
    let completeness = answer.finish().map_or(Completeness::EndedEarly, Completeness::Whole);
    Ok((completeness, answer.text))
}

pub(crate) fn validate_stops(stop: &[String]) -> Result<(), EngineError> {
    if stop.len() > MAX_STOPS {
        return Err(EngineError::BadRequest(format!(
            "{} stop strings: give at most {MAX_STOPS}",
            stop.len()
        )));
    }
    if stop.iter().any(|stop| stop.is_empty() || stop.len() > MAX_STOP_BYTES) {
        return Err(EngineError::BadRequest(format!(
            "a stop string must have 1 to {MAX_STOP_BYTES} bytes"
        )));
    }
    Ok(())
}
