//! Why a request is not admitted, in the API's own form.
use axum::{
    http::{header::RETRY_AFTER, HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use laurel_protocol::{ErrorBody, ErrorDetail};

/// A status, a body with code and remedy, and headers that say when to try again.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    remedy: String,
    headers: HeaderMap,
}

impl Refusal {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            remedy: remedy.into(),
            headers: HeaderMap::new(),
        }
    }

    /// The same, to be tried again after so many milliseconds.
    pub(super) fn after(mut self, milliseconds: u64) -> Self {
        self.headers
            .insert(RETRY_AFTER, milliseconds.div_ceil(1_000).max(1).into());
        self
    }

    /// The same with these headers too.
    pub(super) fn with(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The name, which clients and metrics know it by.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The class, in the API's words.
    fn kind(&self) -> &'static str {
        match self.status.as_u16() {
            401 | 403 => "authentication_error",
            402 => "insufficient_quota",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = ErrorDetail {
            kind: self.kind().into(),
            code: self.code.into(),
            message: self.message,
            remedy: self.remedy,
        };
        let mut response = (self.status, Json(ErrorBody { error })).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}
