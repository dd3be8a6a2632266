//! Why a request is not admitted, in the API's own form.
use super::ledger::LedgerError;
use crate::store::StoreError;
use axum::{
    http::{header::RETRY_AFTER, HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    Json,
};
use laurel_chain::AccountId;
use laurel_protocol::{ErrorBody, ErrorDetail};
use laurel_types::{Amount, Balance};

/// A status, a body with code and remedy, and headers that say when to try again.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    remedy: String,
    headers: Box<HeaderMap>,
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
            headers: Box::default(),
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
        response.headers_mut().extend(*self.headers);
        response
    }
}

/// The reasons, each with its status and what to do.
impl Refusal {
    pub(super) fn missing_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "missing_api_key",
            "this gateway needs a key, and the request has none",
            "send `Authorization: Bearer lrl_…`; `laurel gateway login` gives a key to who stakes or has a deposit here",
        )
    }

    pub(super) fn invalid_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            "this gateway does not know the key",
            "check that it is whole and of this gateway, or get one with `laurel gateway login`",
        )
    }

    pub(super) fn revoked_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "revoked_api_key",
            "the key was revoked",
            "use another one, or get one with `laurel gateway login`",
        )
    }

    pub(super) fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "accounts_unavailable",
            "the gateway cannot keep its accounts now",
            "try again in a minute; its operator finds the reason in the log",
        )
        .after(30_000)
    }

    pub(super) fn chain_unknown() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "chain_unavailable",
            "the gateway cannot read deposits and stake from the chain now",
            "try again in some seconds",
        )
        .after(5_000)
    }

    pub(super) fn concurrency(limit: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "concurrency_limit_exceeded",
            format!("{limit} requests of this key are being served, which is its limit"),
            "wait for one to end",
        )
        .after(1_000)
    }

    /// `what` of a minute are used up.
    pub(super) fn rate(what: &str, limit: u64, wait_ms: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limit_exceeded",
            format!("this key is limited to {limit} {what} per minute"),
            "try again after the time that the retry-after header says",
        )
        .after(wait_ms)
    }

    /// A limit of 0.
    pub(super) fn never(name: &str, limit: u64) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "key_disabled",
            format!("this key has {name}={limit}"),
            "raise the limit, or use another key",
        )
    }

    pub(super) fn too_large(tokens: u64, limit: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "request_over_limit",
            format!("the request may take {tokens} tokens, and this key is limited to {limit} per minute"),
            "ask for less with max_tokens, shorten the prompt, or raise the limit",
        )
    }

    pub(super) fn month(name: &'static str) -> Self {
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            "monthly_limit_exceeded",
            format!("the request may go beyond this key's {name}"),
            "wait for the next month (UTC), raise the limit, or use another key",
        )
    }

    /// Nothing but the free quota pays here, and it is not enough now.
    pub(super) fn free_quota(tokens: u64, left: u64, wait_ms: Option<u64>, hotkey: &AccountId) -> Self {
        let message = format!("the request may take {tokens} tokens, and {left} are free to this coldkey now");
        match wait_ms {
            Some(wait) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "free_quota_exceeded",
                message,
                "try again after the time that the retry-after header says, or ask for less with max_tokens",
            )
            .after(wait),
            None => Self::new(
                StatusCode::PAYMENT_REQUIRED,
                "insufficient_quota",
                message,
                format!("stake on this gateway's hotkey {hotkey}, or ask for less with max_tokens"),
            ),
        }
    }

    /// A coldkey's key, where neither stake nor deposits count.
    pub(super) fn nothing_offered() -> Self {
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            "insufficient_quota",
            "this gateway has neither a free quota nor prices",
            "ask its operator for a key that is given away",
        )
    }

    pub(super) fn deposit(cost: Balance, spendable: Balance, hotkey: &AccountId) -> Self {
        Self::new(
            StatusCode::PAYMENT_REQUIRED,
            "insufficient_quota",
            format!(
                "the request may cost {} LRL, and {} LRL can be spent",
                Amount(cost),
                Amount(spendable)
            ),
            format!("deposit more for this gateway's hotkey {hotkey} with `laurel prepaid deposit`, or ask for less with max_tokens"),
        )
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the accounts cannot be read or written");
        Self::unavailable()
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        tracing::warn!(%error, "the chain did not say what a coldkey can spend");
        Self::chain_unknown()
    }
}
