//! What the accounts count.
use super::{ledger::Outcome, records::Payment};
use crate::work::Amount;
use laurel_daemon::Metric;
use laurel_types::Balance;
use metrics::{counter, gauge};

const ADMITTED: &str = "laurel_accounts_admitted_total";
const REFUSED: &str = "laurel_accounts_refused_total";
const TOKENS: &str = "laurel_accounts_tokens_total";
const KEYS: &str = "laurel_accounts_keys_total";
const OWED: &str = "laurel_accounts_owed_leaves";
const DRAWN: &str = "laurel_accounts_drawn_leaves_total";
const DRAWS: &str = "laurel_accounts_draws_total";

/// All of them.
pub const METRICS: &[Metric] = &[
    Metric::counter(
        ADMITTED,
        &["payment"],
        "Requests admitted: `free` and `paid` by quota and deposit, `given` with a key of the operator's, `open` without one",
    ),
    Metric::counter(REFUSED, &["reason"], "Requests refused, by the code that the user got"),
    Metric::counter(
        TOKENS,
        &["payment", "kind"],
        "Tokens of answered requests, by who pays, `input` read and `output` written",
    ),
    Metric::counter(
        KEYS,
        &["action"],
        "What owners did with their keys by a signed challenge: `create`, `list`, `revoke`, `limit`",
    ),
    Metric::gauge(OWED, &[], "Leaves that are used and not seen drawn in a finalized block"),
    Metric::counter(DRAWN, &[], "Leaves drawn in finalized blocks"),
    Metric::counter(
        DRAWS,
        &["result"],
        "Draws that are over: `drawn`, `failed` in their block, or `late`, which no block took in time",
    )
    .begun(&[&["drawn"], &["failed"], &["late"]]),
];

/// How a request is paid for; none where nobody is asked.
fn label(payment: Option<Payment>) -> &'static str {
    match payment {
        Some(Payment::Free) => "free",
        Some(Payment::Paid(_)) => "paid",
        Some(Payment::Given) => "given",
        None => "open",
    }
}

pub(super) fn admitted(payment: Option<Payment>) {
    counter!(ADMITTED, "payment" => label(payment)).increment(1);
}

pub(super) fn refused(code: &'static str) {
    counter!(REFUSED, "reason" => code).increment(1);
}

pub(super) fn used(payment: Option<Payment>, amount: Amount) {
    for (kind, tokens) in [("input", amount.prompt_tokens), ("output", amount.completion_tokens)] {
        let payment = label(payment);
        counter!(TOKENS, "payment" => payment, "kind" => kind).increment(tokens.into());
    }
}

pub(super) fn key_action(action: &'static str) {
    counter!(KEYS, "action" => action).increment(1);
}

pub(super) fn owed(leaves: Balance) {
    gauge!(OWED).set(leaves as f64);
}

pub(super) fn draw_ended(outcome: &Outcome) {
    let result = match outcome {
        Outcome::Drawn(items) => {
            counter!(DRAWN).increment(items.iter().map(|item| item.amount).sum());
            "drawn"
        }
        Outcome::Failed(_) => "failed",
        Outcome::Late => "late",
    };
    counter!(DRAWS, "result" => result).increment(1);
}
