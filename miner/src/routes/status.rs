//! `/health` and `/ready`: for whoever runs the miner. Neither needs a signature, and neither costs anything.
use crate::app::Shared;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    Json,
};
use serde_json::json;
use std::sync::{atomic::Ordering, Arc};

/// 200 while the process lives, with where it stands.
pub(super) async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let membership = shared.membership.borrow();
    let own = membership.own;
    let offered = shared.offered();
    let trouble = offered.backend.trouble();
    Json(json!({
        "status": if trouble.is_some() { "unhealthy" } else { "ok" },
        "trouble": trouble,
        "model": offered.name,
        "model_root": hex::encode(offered.root.0),
        "block": membership.block,
        "uid": own.map(|own| own.uid),
        "axon_expires_at": own.and_then(|own| own.axon).map(|axon| axon.expires_at),
        "senders": membership.senders(),
        "in_work": shared.in_work.load(Ordering::Relaxed),
        "queued": offered.backend.queue_depth(),
    }))
    .into_response()
}

/// 200 if validators can find and use this miner, else 503 and why not.
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    shared.health.ready()
}
