//! What a validator says of its miners, for everybody to read: `GET /laurel/v1/receipts?uid=…`.
use super::{refusal::Refusal, Shared};
use crate::{
    evidence::{Evidence, Origin},
    rating::Rating,
    store::Store,
};
use axum::{
    extract::{rejection::QueryRejection, Query, State},
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    response::{IntoResponse, Response},
    Json,
};
use laurel_protocol::{Hotkey, RequestError};
use laurel_types::{NetUid, Uid};
use serde::Deserialize;
use serde_json::{json, Value};
use std::sync::Arc;

/// Receipts that are shown where no number is given, and the most that are.
const LIMITS: (u32, u32) = (50, 500);
/// Any page may read them, and keep them for as long as a block takes.
const HEADERS: [(axum::http::HeaderName, &str); 2] =
    [(ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (CACHE_CONTROL, "public, max-age=5")];

/// Where the receipts are.
#[derive(Clone, Debug)]
pub struct Published {
    /// The validator's.
    pub store: Arc<Store>,
    /// Its subnet.
    pub netuid: NetUid,
}

/// Which receipts are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    uid: u16,
    limit: Option<u32>,
}

/// The last receipts of a uid, the newest first. Scores and ratings are millionths.
pub(super) async fn receipts(
    State(shared): State<Arc<Shared>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Some(Published { store, netuid }) = shared.published.clone() else {
        return Err(RequestError::NotFound.into());
    };
    let Query(Wanted { uid, limit }) = wanted.map_err(|error| RequestError::InvalidParameter {
        name: "uid",
        why: error.body_text(),
    })?;
    let limit = limit.unwrap_or(LIMITS.0).min(LIMITS.1);
    // A disk may take a while.
    let reading = tokio::task::spawn_blocking(move || store.latest_of(Uid(uid), limit)).await;
    let latest = reading.map_err(|_| RequestError::Internal)?.map_err(|error| {
        tracing::error!(%error, "the receipts cannot be read");
        RequestError::Internal
    })?;
    let all: Vec<Value> = latest.iter().map(receipt).collect();
    let document = json!({
        "netuid": netuid,
        "uid": uid,
        "validator": shared.asker.hotkey().to_string(),
        "receipts": all,
    });
    Ok((HEADERS, Json(document)).into_response())
}

/// The names are those of `laurel explain --json`.
fn receipt(evidence: &Evidence) -> Value {
    let timing = evidence.answered.as_ref().map(|answered| answered.timing);
    let rating = |rating: &Rating| json!({ "value": rating.value, "tasks": rating.tasks, "probation": rating.probation, "rate": rating.rate });
    json!({
        "epoch": evidence.epoch,
        "block": evidence.block,
        "registration": evidence.registration,
        "hotkey": Hotkey(evidence.hotkey).to_string(),
        "model": hex::encode(evidence.model.0),
        "origin": match evidence.origin { Origin::Task => "task", Origin::User => "user" },
        "verdict": evidence.verdict.to_string(),
        "reason": evidence.reason,
        "checked": evidence.draw.is_some_and(|draw| draw.is_check()),
        "first_ms": timing.map(|timing| timing.first_ms),
        "latency_ms": timing.map(|timing| timing.latency_ms),
        "deadline_ms": timing.map(|timing| timing.deadline_ms),
        "prompt_tokens": timing.map(|timing| timing.amount.prompt_tokens),
        "completion_tokens": timing.map(|timing| timing.amount.completion_tokens),
        "correctness": evidence.correctness,
        "speed": evidence.speed,
        "score": evidence.score,
        "rating_before": rating(&evidence.before),
        "rating_after": rating(&evidence.after),
    })
}
