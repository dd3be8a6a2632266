//! The routes, and what they have in common: the front door before, the counting after.
mod custom;
mod embeddings;
mod outcome;
mod status;
mod text;

use crate::{
    app::Shared,
    refusal::refuse,
    routes::outcome::{Outcome, Route},
};
use axum::{
    extract::{Request, State},
    response::Response,
    routing::{get, post},
    Router,
};
use laurel_protocol::{RequestError, CUSTOM_PATH};
use std::sync::Arc;

pub(crate) use outcome::Outcome as RequestOutcome;
use text::Dialect;
pub(crate) use text::{work_of, Masthead, Piece};

/// All routes of a miner.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/completions", post(completions))
        .route("/v1/chat/completions", post(chat))
        .route(CUSTOM_PATH, post(work))
        .route("/health", get(status::health))
        .route("/ready", get(status::ready))
        .fallback(|| unanswerable(RequestError::NotFound))
        .method_not_allowed_fallback(|| unanswerable(RequestError::MethodNotAllowed))
        .with_state(shared)
}

async fn embeddings(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let mut outcome = Outcome::begin(Route::Embeddings, &shared);
    let answer = match admit(&shared, request, &mut outcome).await {
        Ok(visitor) => embeddings::answer(&shared, visitor).await,
        Err(error) => Err(error),
    };
    outcome.finish(answer)
}

async fn work(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let mut outcome = Outcome::begin(Route::Custom, &shared);
    let answer = match admit(&shared, request, &mut outcome).await {
        Ok(visitor) => custom::answer(&shared, visitor).await,
        Err(error) => Err(error),
    };
    outcome.finish(answer)
}

async fn completions(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    text::serve(shared, Dialect::Completion, request).await
}

async fn chat(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    text::serve(shared, Dialect::Chat, request).await
}

/// Lets a request in, unless the miner is stopping.
async fn admit(shared: &Shared, request: Request, outcome: &mut Outcome) -> Result<crate::Visitor, RequestError> {
    if shared.stopping.is_cancelled() {
        return Err(RequestError::ShuttingDown);
    }
    let visitor = shared.door.admit(request).await?;
    outcome.admitted();
    Ok(visitor)
}

async fn unanswerable(error: RequestError) -> Response {
    outcome::count(Route::Other, error.code());
    refuse(&error)
}
