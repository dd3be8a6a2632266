//! What a user hears who gets no answer, in the API's own form.
use axum::{
    http::{header::RETRY_AFTER, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use laurel_protocol::{ErrorBody, ErrorDetail, RequestError};

/// A status and a body.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    body: ErrorBody,
    retry_after_s: Option<u32>,
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
            body: ErrorBody {
                error: ErrorDetail {
                    message,
                    kind: kind.into(),
                    code: code.into(),
                    remedy: remedy.into(),
                },
            },
            retry_after_s: None,
        }
    }

    /// No live miner serves the model that was named.
    pub(super) fn no_model() -> Self {
        let message = "no miner serves this model now".into();
        Self::new(
            StatusCode::NOT_FOUND,
            "model_not_found",
            message,
            "name one that /v1/models lists",
        )
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

    /// Too many are asking.
    pub(super) fn crowded() -> Self {
        RequestError::Overloaded { retry_after_s: 1 }.into()
    }

    /// As the last event of a stream.
    pub(super) fn event(&self) -> String {
        let json = serde_json::to_string(&self.body).expect("strings are JSON; qed");
        format!("data: {json}\n\n")
    }
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self {
            status: StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            body: error.body(),
            retry_after_s: error.retry_after_s(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
