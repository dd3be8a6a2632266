//! `/health` and `/ready`: for whoever runs the miner, or wants to know who does. Neither needs a signature, and neither costs more than checking
//! a stranger's would.
use crate::{app::Shared, refusal::refuse};
use axum::{
    extract::State,
    http::{header, HeaderMap},
    response::{IntoResponse, Response},
};
use laurel_protocol::{Nonce, SIGNATURE_HEADER};
use serde_json::json;
use std::sync::{atomic::Ordering, Arc};

/// 200 while the process lives, with where it stands; signed by the hotkey where the caller sends a nonce.
pub(super) async fn health(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let nonce = match Nonce::asked(&headers) {
        Ok(nonce) => nonce,
        Err(error) => return refuse(&error),
    };
    let body = standing(&shared);
    let proof = nonce.map(|nonce| [(SIGNATURE_HEADER, shared.prove_presence(nonce, body.as_bytes()))]);
    ([(header::CONTENT_TYPE, "application/json")], proof, body).into_response()
}

fn standing(shared: &Shared) -> String {
    let membership = shared.membership.borrow();
    let own = membership.own;
    let offered = shared.offered();
    let trouble = offered.backend.trouble();
    let standing = json!({
        "status": if trouble.is_some() { "unhealthy" } else { "ok" },
        "trouble": trouble,
        "hotkey": shared.identity().hotkey,
        "netuid": shared.identity().netuid,
        "model": offered.name,
        "model_root": hex::encode(offered.root.0),
        "block": membership.block,
        "uid": own.map(|own| own.uid),
        "axon_expires_at": own.and_then(|own| own.axon).map(|axon| axon.expires_at),
        "senders": membership.senders(),
        "in_work": shared.in_work.load(Ordering::Relaxed),
        "queued": offered.backend.queue_depth(),
    });
    standing.to_string()
}

/// 200 if validators can find and use this miner, else 503 and why not.
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    shared.health.ready()
}
