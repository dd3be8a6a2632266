//! How a key stands to its limits, and what its user is told of it.
use super::{
    bucket::{Bucket, Rate},
    limits::Limits,
    records::Payment,
    refusal::Refusal,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use laurel_types::Balance;

/// Wide enough to be no limit, narrow enough to be multiplied by the milliseconds of a minute.
const UNLIMITED: u64 = u64::MAX;

/// What flows in of requests and of tokens.
pub(super) fn rates(limits: &Limits) -> (Rate, Rate) {
    let rate = |limit: Option<u64>| Rate::a_minute(limit.unwrap_or(UNLIMITED));
    (rate(limits.requests_per_minute), rate(limits.tokens_per_minute))
}

/// One key, as it stands.
#[derive(Debug)]
pub(super) struct KeyState {
    pub(super) requests: Bucket,
    pub(super) tokens: Bucket,
    pub(super) under_way: u64,
    /// First day of the month that is counted, in days since 1970.
    pub(super) month: u64,
    pub(super) month_tokens: u64,
    pub(super) month_leaves: Balance,
}

impl KeyState {
    /// Why a request goes beyond the limits; none if it does not.
    pub(super) fn refusal(&self, limits: &Limits, tokens: u64, payment: Payment) -> Option<Refusal> {
        let (request_rate, token_rate) = rates(limits);
        if let Some(limit) = limits.concurrency.filter(|limit| self.under_way >= *limit) {
            return Some(Refusal::concurrency(limit));
        }
        match self.requests.until(1, request_rate) {
            Some(0) => {}
            Some(wait) => return Some(Refusal::rate("requests", request_rate.amount, wait)),
            None => return Some(Refusal::never("requests_per_minute", request_rate.amount)),
        }
        match self.tokens.until(tokens, token_rate) {
            Some(0) => {}
            Some(wait) => return Some(Refusal::rate("tokens", token_rate.amount, wait)),
            None => return Some(Refusal::too_large(tokens, token_rate.amount)),
        }
        let is_over =
            |limit: Option<u64>, used: u64, more: u64| limit.is_some_and(|limit| used.saturating_add(more) > limit);
        if is_over(limits.monthly_tokens, self.month_tokens, tokens) {
            return Some(Refusal::month("monthly_tokens"));
        }
        match payment {
            Payment::Paid(cost) if is_over(limits.monthly_budget, self.month_leaves, cost) => {
                Some(Refusal::month("monthly_budget"))
            }
            _ => None,
        }
    }

    /// Takes off what a request may take; [`Self::refusal`] found nothing against it.
    pub(super) fn take(&mut self, limits: &Limits, tokens: u64, payment: Payment) {
        let (request_rate, token_rate) = rates(limits);
        self.requests.take(1, request_rate);
        self.tokens.take(tokens, token_rate);
        self.under_way += 1;
        self.month_tokens = self.month_tokens.saturating_add(tokens);
        if let Payment::Paid(cost) = payment {
            self.month_leaves = self.month_leaves.saturating_add(cost);
        }
    }

    /// What is left, in the API's own headers; nothing of what has no limit.
    pub(super) fn headers(&self, limits: &Limits) -> HeaderMap {
        let (request_rate, token_rate) = rates(limits);
        let mut headers = HeaderMap::new();
        let mut say = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        let until_full = |bucket: &Bucket, rate: Rate| duration(bucket.until(rate.amount, rate).unwrap_or(0));
        if request_rate.amount != UNLIMITED {
            say("x-ratelimit-limit-requests", request_rate.amount.to_string());
            say(
                "x-ratelimit-remaining-requests",
                self.requests.left(request_rate).to_string(),
            );
            say("x-ratelimit-reset-requests", until_full(&self.requests, request_rate));
        }
        if token_rate.amount != UNLIMITED {
            say("x-ratelimit-limit-tokens", token_rate.amount.to_string());
            say("x-ratelimit-remaining-tokens", self.tokens.left(token_rate).to_string());
            say("x-ratelimit-reset-tokens", until_full(&self.tokens, token_rate));
        }
        headers
    }
}

/// As the API writes it: `0s`, `120ms`, `7s`, `6m0s`.
fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0 => "0s".into(),
        1..=999 => format!("{milliseconds}ms"),
        _ => {
            let seconds = milliseconds.div_ceil(1_000);
            match seconds / 60 {
                0 => format!("{seconds}s"),
                minutes => format!("{minutes}m{}s", seconds % 60),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_clients_of_the_api_read_them() {
        for (milliseconds, text) in [
            (0, "0s"),
            (120, "120ms"),
            (6_001, "7s"),
            (360_000, "6m0s"),
            (59_999, "1m0s"),
        ] {
            assert_eq!(duration(milliseconds), text);
        }
    }
}
