//! The routes of the gateway.
use super::{choice, passing, refusal::Refusal, work_for, Errand, Shared};
use crate::asking::Directory;
use axum::{
    body::{to_bytes, Body, Bytes},
    extract::State,
    http::Uri,
    response::{IntoResponse, Response},
    routing::{get, post},
    Json, Router,
};
use laurel_protocol::RequestError;
use laurel_types::ModelKind;
use serde::Deserialize;
use serde_json::{json, Value};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Largest body of a request, in bytes; miners take as much.
const MAX_BODY: usize = 1024 * 1024;
/// How long a body may take.
const BODY_DEADLINE: Duration = Duration::from_secs(10);

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(ask))
        .route("/v1/completions", post(ask))
        .route("/v1/embeddings", post(ask))
        .fallback(|| async { Refusal::from(RequestError::NotFound) })
        .method_not_allowed_fallback(|| async { Refusal::from(RequestError::MethodNotAllowed) })
        .with_state(shared)
}

/// The kind of work that is done at a path.
pub(super) fn kind_of(path: &str) -> ModelKind {
    match path {
        "/v1/embeddings" => ModelKind::Embedding,
        _ => ModelKind::Text,
    }
}

/// The models that can be asked for now.
async fn models(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let directory = shared.directory.borrow();
    let mut roots: Vec<String> = Vec::new();
    for (miner, _) in &directory.miners {
        let root = hex::encode(miner.subject.model.0);
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    let entry = |root| json!({ "id": root, "object": "model", "created": 0, "owned_by": "laurel" });
    Json(json!({ "object": "list", "data": roots.into_iter().map(entry).collect::<Vec<_>>() }))
}

async fn ask(State(shared): State<Arc<Shared>>, uri: Uri, body: Body) -> Response {
    match serve(shared, uri.path().to_owned(), body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

/// The field that is looked at before the rest.
#[derive(Deserialize)]
struct Named {
    model: Option<String>,
}

async fn read(body: Body) -> Result<Bytes, RequestError> {
    let read = timeout(BODY_DEADLINE, to_bytes(body, MAX_BODY)).await;
    // Else the connection broke, and nobody hears it.
    read.map_err(|_| RequestError::BodyTimeout)?
        .map_err(|_| RequestError::BodyTooLarge { limit: MAX_BODY })
}

async fn serve(shared: Arc<Shared>, path: String, body: Body) -> Result<Response, Refusal> {
    let place = shared.places.clone().try_acquire_owned();
    let place = place.map_err(|_| Refusal::crowded())?;
    let body = read(body).await?;
    let named: Named = serde_json::from_slice(&body).map_err(|e| RequestError::MalformedBody { why: e.to_string() })?;
    let directory: Directory = shared.directory.borrow().clone();
    if directory.miners.is_empty() {
        return Err(Refusal::no_miner());
    }
    let work = work_for(&shared.works, &directory, &path, named.model.as_deref()).cloned();
    let work = work.ok_or_else(Refusal::no_model)?;
    let reader = work.clone();
    // Cutting a long prompt into tokens takes a while.
    let task = tokio::task::spawn_blocking(move || reader.request(&path, &body)).await;
    let mut task = task.map_err(|_| RequestError::Internal)??;
    task.wants_proof = directory.activation_proofs;

    let miners = choice::to_try(&directory, work.model());
    let tried = miners.len();
    let mut place = Some(place);
    for miner in miners {
        let errand = Errand {
            shared: shared.clone(),
            miner,
            task: task.clone(),
        };
        let answered = if task.is_streamed {
            passing::streamed(errand, &mut place).await
        } else {
            passing::whole(errand, &*work).await
        };
        if let Some(response) = answered {
            return Ok(response);
        }
    }
    Err(Refusal::miners_failed(tried))
}
