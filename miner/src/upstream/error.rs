//! What can be wrong with a server behind the miner.
use laurel_protocol::RequestError;
use std::time::Duration;

/// Why a server cannot be used, or an answer of it not be passed on. `Display` is for whoever runs the miner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// `--upstream` is not an address that can be asked.
    #[error("--upstream {url} cannot be used ({why}): name it as http://host:port, without /v1; put a proxy that speaks TLS between if the server needs https")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The file of `--upstream-key-file` holds no key.
    #[error("the key of the upstream cannot be read from {path} ({why}): write it into that file, on one line")]
    Key {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// More than one folder was given.
    #[error("--engine openai serves one model: give --model once, and run another miner for another model")]
    OneModel,
    /// `--upstream` without `--engine openai`, or the other way round.
    #[error("--engine openai and --upstream go together: give both, or neither to run the model in this process")]
    Contradiction,
    /// There is no connection.
    #[error("the upstream {url} cannot be reached ({why}): start it, or correct --upstream")]
    Unreachable {
        /// Where.
        url: String,
        /// Why not.
        why: String,
    },
    /// It is there and loads its model.
    #[error("the upstream is still loading its model: start the miner when its /health says 200")]
    Loading,
    /// It does not have the model named.
    #[error("the upstream does not serve a model named {named}, it has {offered}: correct --upstream-model")]
    NoSuchModel {
        /// `--upstream-model`.
        named: String,
        /// What it offers.
        offered: String,
    },
    /// It reads or writes nothing that says which tokens it means.
    #[error("the upstream does not say which tokens it writes ({why}): start it so that it does, docs/miner-upstream.md has the commands")]
    NoTokens {
        /// What was tried.
        why: String,
    },
    /// It answered with an error.
    #[error("the upstream answered {path} with status {status}: {why}")]
    Refused {
        /// Of the request.
        path: &'static str,
        /// Of the answer.
        status: u16,
        /// The beginning of its body.
        why: String,
    },
    /// Nothing came for too long.
    #[error("the upstream sent no {awaited} within {} s", .within.as_secs_f32())]
    Stalled {
        /// What was due.
        awaited: &'static str,
        /// The deadline.
        within: Duration,
    },
    /// The connection ended within an answer.
    #[error("the upstream broke off within an answer ({why})")]
    BrokeOff {
        /// What the connection says.
        why: String,
    },
    /// What came is not what the API says.
    #[error("the upstream sent something that is no answer: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// A line or body is beyond all measure.
    #[error("the upstream sent more than {limit} bytes at once")]
    TooLong {
        /// Most bytes taken.
        limit: usize,
    },
    /// A token came only as a text that several tokens, or none, have.
    #[error("the upstream wrote a token as {token:?}, which no token or more than one is: let it send token ids")]
    Ambiguous {
        /// As it came.
        token: String,
    },
    /// The answer ended although nothing ends it.
    #[error("the upstream ended an answer after {after} of {of} tokens, and does not say with which token")]
    EndedEarly {
        /// Tokens that came.
        after: usize,
        /// Tokens asked for.
        of: usize,
    },
    /// The server's text and its tokens differ, so that tokens are missing or wrong.
    #[error("the upstream's text is not what its tokens say: tokens are missing, or it runs another tokenizer")]
    OtherText,
    /// It says that it read another prompt.
    #[error("the upstream read other prompt tokens than it was sent")]
    OtherPrompt,
}

impl UpstreamError {
    /// A stable name for metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url { .. } | Self::Key { .. } | Self::OneModel | Self::Contradiction => "misconfigured",
            Self::Unreachable { .. } => "unreachable",
            Self::Loading => "loading",
            Self::NoSuchModel { .. } => "no_such_model",
            Self::NoTokens { .. } => "no_tokens",
            Self::Refused { .. } => "refused",
            Self::Stalled { .. } => "stalled",
            Self::BrokeOff { .. } => "broke_off",
            Self::Malformed { .. } => "malformed",
            Self::TooLong { .. } => "too_long",
            Self::Ambiguous { .. } => "ambiguous",
            Self::EndedEarly { .. } => "ended_early",
            Self::OtherText => "other_text",
            Self::OtherPrompt => "other_prompt",
        }
    }

    /// Whether the server itself is in trouble, not only one answer of it.
    pub(super) fn is_trouble(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 401 | 403 | 404 | 500..),
            Self::Ambiguous { .. } | Self::EndedEarly { .. } | Self::OtherText | Self::OtherPrompt => false,
            _ => true,
        }
    }

    /// Whether the server understood the request and does not take it in this form.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::NoTokens { .. } | Self::Malformed { .. }
        )
    }

    /// What the caller hears: where the server is and what it said stays here.
    pub(super) fn for_caller(&self) -> RequestError {
        let why = match self {
            Self::Refused { status: 429, .. } => return RequestError::Overloaded { retry_after_s: 1 },
            Self::Stalled { .. } => "it wrote nothing for too long",
            Self::BrokeOff { .. } | Self::EndedEarly { .. } => "it broke off within the answer",
            Self::Malformed { .. } | Self::TooLong { .. } => "it wrote something that is no answer",
            Self::Ambiguous { .. } | Self::OtherText | Self::OtherPrompt | Self::NoTokens { .. } => {
                "it did not say which tokens it wrote"
            }
            _ => "it cannot be reached, or refuses to work",
        };
        RequestError::ModelUnavailable { why }
    }
}
