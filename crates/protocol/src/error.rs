//! Everything for which a request is refused: a name, a status, what happened, what to do.
use crate::{digest::Hash, Hotkey, PROTOCOL_VERSION};
use laurel_types::NetUid;
use serde::{Deserialize, Serialize};

/// Why a request was refused. `Display` says what happened, [`remedy`](Self::remedy) what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A header of the envelope is missing.
    #[error("the request is not signed: it has no {missing} header")]
    Unsigned {
        /// Name of the header.
        missing: &'static str,
    },
    /// A header of the envelope cannot be read.
    #[error("the {header} header is malformed: {why}")]
    MalformedEnvelope {
        /// Name of the header.
        header: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The sender speaks another version.
    #[error("protocol version {got} is not spoken here")]
    UnsupportedVersion {
        /// The version sent.
        got: u16,
    },
    /// The request is for another chain.
    #[error("the request is for another chain: the genesis hash here is 0x{}", hex::encode(.ours))]
    WrongChain {
        /// Genesis hash of the receiver's chain.
        ours: Hash,
    },
    /// The request is for another subnet.
    #[error("the request is for subnet {got}; this miner serves subnet {ours}")]
    WrongSubnet {
        /// The subnet named.
        got: NetUid,
        /// The receiver's.
        ours: NetUid,
    },
    /// The request is for another miner.
    #[error("the request is for {got}; this miner is {ours}")]
    Misaddressed {
        /// The receiver named.
        got: Hotkey,
        /// The one that answers.
        ours: Hotkey,
    },
    /// The request came after its expiry.
    #[error("the request expired {by_ms} ms ago")]
    Expired {
        /// Milliseconds since its expiry.
        by_ms: u64,
    },
    /// The request would be valid for too long.
    #[error("the request expires more than {limit_ms} ms from now")]
    LifetimeTooLong {
        /// Longest lifetime accepted, in milliseconds.
        limit_ms: u64,
    },
    /// The signature is not the sender's over this envelope.
    #[error("the signature does not match sender, headers, method and path")]
    BadSignature,
    /// The body is not the one that was signed.
    #[error("the body is not the one whose hash was signed")]
    BodyMismatch,
    /// The sender may not ask this miner.
    #[error("{sender} may not ask here: it is not registered in subnet {netuid}, or has too little stake")]
    NotPermitted {
        /// Who asked.
        sender: Hotkey,
        /// The subnet.
        netuid: NetUid,
    },
    /// The nonce was used before.
    #[error("a request with this nonce has been accepted before")]
    Replayed,
    /// The sender has more live requests than are remembered.
    #[error("too many requests in a short time")]
    TooManyRequests,
    /// The body is over the limit.
    #[error("the body is larger than {limit} bytes")]
    BodyTooLarge {
        /// Most bytes accepted.
        limit: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    BodyTimeout,
    /// The connection broke while the body was read.
    #[error("the body could not be read")]
    BodyUnreadable,
    /// The body is not the JSON that the route takes.
    #[error("the body is not valid for this route: {why}")]
    MalformedBody {
        /// What the parser says.
        why: String,
    },
    /// A parameter has a value that cannot be honoured.
    #[error("parameter {name}: {why}")]
    InvalidParameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong with its value.
        why: String,
    },
    /// The model refuses the input, for example because it is too long.
    #[error("the model cannot take this input: {why}")]
    InvalidInput {
        /// What the model says.
        why: String,
    },
    /// Another model is named than the one served.
    #[error("this miner serves the model {ours} only")]
    ModelNotFound {
        /// Name of the model served.
        ours: String,
    },
    /// The route is for another kind of work.
    #[error("this miner serves {ours} only")]
    WrongKind {
        /// What it does.
        ours: &'static str,
    },
    /// There is no such route.
    #[error("there is nothing here under this path")]
    NotFound,
    /// The route does not take this method.
    #[error("this path does not take this method")]
    MethodNotAllowed,
    /// The queue is full.
    #[error("the queue is full")]
    Overloaded {
        /// Seconds after which to try again.
        retry_after_s: u32,
    },
    /// What runs the model is not there, or does not work as it should.
    #[error("the model of this miner is not available: {why}")]
    ModelUnavailable {
        /// What it does.
        why: &'static str,
    },
    /// The miner is stopping.
    #[error("the miner is shutting down")]
    ShuttingDown,
    /// The miner failed.
    #[error("the miner failed to answer")]
    Internal,
}

/// What [`RequestError::code`] says.
const CODES: [&str; 32] = [
    "unsigned",
    "malformed_envelope",
    "unsupported_version",
    "wrong_chain",
    "wrong_subnet",
    "misaddressed",
    "expired",
    "lifetime_too_long",
    "bad_signature",
    "body_mismatch",
    "not_permitted",
    "replayed",
    "too_many_requests",
    "body_too_large",
    "body_timeout",
    "body_unreadable",
    "malformed_body",
    "invalid_parameter",
    "invalid_input",
    "model_not_found",
    "wrong_kind",
    "not_found",
    "method_not_allowed",
    "overloaded",
    "model_unavailable",
    "shutting_down",
    "internal",
    "authentication_error",
    "permission_error",
    "rate_limit_error",
    "server_error",
    "invalid_request_error",
];

impl RequestError {
    /// A stable name for programs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => "unsigned",
            Self::MalformedEnvelope { .. } => "malformed_envelope",
            Self::UnsupportedVersion { .. } => "unsupported_version",
            Self::WrongChain { .. } => "wrong_chain",
            Self::WrongSubnet { .. } => "wrong_subnet",
            Self::Misaddressed { .. } => "misaddressed",
            Self::Expired { .. } => "expired",
            Self::LifetimeTooLong { .. } => "lifetime_too_long",
            Self::BadSignature => "bad_signature",
            Self::BodyMismatch => "body_mismatch",
            Self::NotPermitted { .. } => "not_permitted",
            Self::Replayed => "replayed",
            Self::TooManyRequests => "too_many_requests",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTimeout => "body_timeout",
            Self::BodyUnreadable => "body_unreadable",
            Self::MalformedBody { .. } => "malformed_body",
            Self::InvalidParameter { .. } => "invalid_parameter",
            Self::InvalidInput { .. } => "invalid_input",
            Self::ModelNotFound { .. } => "model_not_found",
            Self::WrongKind { .. } => "wrong_kind",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Overloaded { .. } => "overloaded",
            Self::ModelUnavailable { .. } => "model_unavailable",
            Self::ShuttingDown => "shutting_down",
            Self::Internal => "internal",
        }
    }

    /// A code that came from elsewhere, if it is one of [`Self::code`]'s: only then may it be repeated.
    pub fn known_code(code: &str) -> Option<&'static str> {
        CODES.into_iter().find(|known| *known == code)
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::MalformedEnvelope { .. }
            | Self::UnsupportedVersion { .. }
            | Self::LifetimeTooLong { .. }
            | Self::BodyMismatch
            | Self::BodyUnreadable
            | Self::MalformedBody { .. }
            | Self::InvalidParameter { .. }
            | Self::InvalidInput { .. } => 400,
            Self::Unsigned { .. } | Self::BadSignature | Self::Expired { .. } => 401,
            Self::NotPermitted { .. } => 403,
            Self::ModelNotFound { .. } | Self::WrongKind { .. } | Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::BodyTimeout => 408,
            Self::Replayed => 409,
            Self::BodyTooLarge { .. } => 413,
            Self::WrongChain { .. } | Self::WrongSubnet { .. } | Self::Misaddressed { .. } => 421,
            Self::Overloaded { .. } | Self::TooManyRequests => 429,
            Self::Internal => 500,
            Self::ModelUnavailable { .. } | Self::ShuttingDown => 503,
        }
    }

    /// What the caller can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Unsigned { .. } => "sign the request with a registered hotkey, see docs/protocol.md".into(),
            Self::MalformedEnvelope { .. } => "write the header as docs/protocol.md says".into(),
            Self::UnsupportedVersion { .. } => format!("speak version {PROTOCOL_VERSION}"),
            Self::WrongChain { .. } => "connect to the same chain as the miner".into(),
            Self::WrongSubnet { .. } | Self::Misaddressed { .. } => {
                "read the miner's axon from the chain again, it may have moved".into()
            }
            Self::Expired { .. } => "check the clock, and send the request at once after signing it".into(),
            Self::LifetimeTooLong { .. } => "check the clock, or choose an earlier expiry".into(),
            Self::BadSignature => "sign exactly what is sent, with the sender's own hotkey".into(),
            Self::BodyMismatch => "hash exactly the bytes that are sent".into(),
            Self::NotPermitted { netuid, .. } => {
                format!("register the hotkey with `laurel register --netuid {netuid}` and stake on it")
            }
            Self::Replayed => "choose a new random nonce and sign again".into(),
            Self::TooManyRequests => "wait until earlier requests have expired".into(),
            Self::BodyTooLarge { limit } => format!("send at most {limit} bytes"),
            Self::BodyTimeout | Self::BodyUnreadable => "send the whole body at once".into(),
            Self::MalformedBody { .. } => "send JSON as in the OpenAI API".into(),
            Self::InvalidParameter { name, .. } => format!("change or leave out {name}"),
            Self::InvalidInput { .. } => "send less, or ask for fewer tokens".into(),
            Self::ModelNotFound { .. } => "leave out the model, or name the one that is served".into(),
            Self::WrongKind { .. } => "ask a miner of a subnet for this kind of work".into(),
            Self::NotFound => {
                "ask for /v1/completions, /v1/chat/completions or /v1/embeddings; for custom work, /v1/work".into()
            }
            Self::MethodNotAllowed => "use POST under /v1, GET elsewhere".into(),
            Self::Overloaded { retry_after_s } => format!("try again in {retry_after_s} s, with a new nonce"),
            Self::ShuttingDown => "ask another miner".into(),
            Self::ModelUnavailable { .. } | Self::Internal => "try again, or ask another miner".into(),
        }
    }

    /// Seconds for the `Retry-After` header, where there is one.
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Overloaded { retry_after_s } => Some(*retry_after_s),
            Self::TooManyRequests => Some(1),
            _ => None,
        }
    }

    /// The JSON body.
    pub fn body(&self) -> ErrorBody {
        let kind = match self.status() {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        ErrorBody {
            error: ErrorDetail {
                message: self.to_string(),
                kind: kind.into(),
                code: self.code().into(),
                remedy: self.remedy(),
            },
        }
    }
}

/// The body of every answer that is not a success, as in the OpenAI API with a remedy added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// What [`ErrorBody`] holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// What happened, one line.
    pub message: String,
    /// The class, in the OpenAI API's words.
    #[serde(rename = "type")]
    pub kind: String,
    /// [`RequestError::code`].
    pub code: String,
    /// What to do.
    #[serde(default)]
    pub remedy: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_words() {
        for error in [
            RequestError::Internal,
            RequestError::NotFound,
            RequestError::Overloaded { retry_after_s: 1 },
        ] {
            assert_eq!(RequestError::known_code(error.code()), Some(error.code()));
        }
        assert_eq!(RequestError::known_code("somebody's prompt"), None);
    }
}
