//! What a user hears who gets no answer, in the API's own form.
use axum::{
    http::{header::RETRY_AFTER, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use laurel_protocol::{ErrorBody, ErrorDetail, RequestError};
use serde::Serialize;

/// A status and a body.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: ErrorDetail,
    /// The parameter that is at fault.
    param: Option<&'static str>,
    retry_after_s: Option<u32>,
}

/// As the API writes it.
#[derive(Serialize)]
struct Body<'a> {
    error: Detail<'a>,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(flatten)]
    error: &'a ErrorDetail,
    param: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, code: &str, message: String, remedy: &str) -> Self {
        let kind = match status.as_u16() {
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        Self {
            status,
            error: ErrorDetail {
                message,
                kind: kind.into(),
                code: code.into(),
                remedy: remedy.into(),
            },
            param: None,
            retry_after_s: None,
        }
    }

    /// No live miner serves the model that was named.
    pub(super) fn no_model() -> Self {
        let message = "no miner serves this model now".into();
        Self {
            param: Some("model"),
            ..Self::new(
                StatusCode::NOT_FOUND,
                "model_not_found",
                message,
                "name one that /v1/models lists",
            )
        }
    }

    /// There is nobody to ask.
    pub(super) fn no_miner() -> Self {
        let message = "no miner can be asked now".into();
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "no_miner",
            message,
            "try again in a minute",
        )
    }

    /// All that were asked failed.
    pub(super) fn miners_failed(tried: usize) -> Self {
        let message = format!("{tried} miners were asked, none gave an answer that holds");
        Self::new(StatusCode::BAD_GATEWAY, "miners_failed", message, "try again")
    }

    /// A miner failed after its answer had begun.
    pub(super) fn broke_off() -> Self {
        let message = "the miner broke off its answer".into();
        Self::new(
            StatusCode::BAD_GATEWAY,
            "broke_off",
            message,
            "ask again; what came may be wrong",
        )
    }

    /// What was streamed is not what a miner may answer, which only its end shows.
    pub(super) fn does_not_hold() -> Self {
        let message = "the miner's answer does not hold: its receipt, counts, end or text are wrong".into();
        Self::new(
            StatusCode::BAD_GATEWAY,
            "does_not_hold",
            message,
            "ask again; what came may be wrong",
        )
    }

    /// Too many are asking.
    pub(super) fn crowded() -> Self {
        RequestError::Overloaded { retry_after_s: 1 }.into()
    }

    fn body(&self) -> Body<'_> {
        Body {
            error: Detail {
                error: &self.error,
                param: self.param,
            },
        }
    }

    /// As the last event of a stream.
    pub(super) fn event(&self) -> String {
        let json = serde_json::to_string(&self.body()).expect("strings are JSON; qed");
        format!("data: {json}\n\n")
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        let ErrorBody { error: mut detail } = error.body();
        let param = match &error {
            RequestError::InvalidParameter { name, .. } => Some(*name),
            RequestError::WrongKind { .. } => Some("model"),
            _ => None,
        };
        // What a miner says of itself, a user hears of the model.
        match &error {
            RequestError::WrongKind { ours } => {
                detail.message = format!("this model does {ours} only");
                detail.remedy = "name a model of this kind: /v1/models says what each does".into();
            }
            RequestError::NotFound => {
                detail.remedy = "ask for /v1/chat/completions, /v1/completions, /v1/embeddings or /v1/models".into();
            }
            RequestError::Internal => detail.message = "the gateway failed".into(),
            _ => {}
        }
        Self {
            status: StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            error: detail,
            param,
            retry_after_s: error.retry_after_s(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
