//! The routes of the gateway.
use super::{
    catalogue, choice, metrics, passing::Delivery, published, race, refusal::Refusal, session::session, Shared,
};
use crate::asking::Directory;
use axum::{
    body::{to_bytes, Body, Bytes},
    extract::{Request, State},
    handler::HandlerWithoutStateExt,
    http::{HeaderMap, HeaderValue, Uri},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
    Router,
};
use laurel_daemon::{as_page, Health};
use laurel_protocol::RequestError;
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::{timeout, Instant};
use tower_http::services::ServeDir;

/// Largest body of a request, in bytes; miners take as much.
const MAX_BODY: usize = 1024 * 1024;
/// How long a body may take.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// The paths that metrics know.
const PATHS: [&str; 12] = [
    "/v1/models",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/laurel/v1/receipts",
    "/laurel/v1/terms",
    "/laurel/v1/challenge",
    "/laurel/v1/keys",
    "/laurel/v1/usage",
    "/health",
    "/ready",
    "/",
];

pub(super) fn router(shared: Arc<Shared>, dashboard: Option<PathBuf>) -> Router {
    let api = Router::new()
        .route("/v1/models", get(catalogue::list))
        .route("/v1/models/{*id}", get(catalogue::one))
        .route("/v1/chat/completions", post(ask))
        .route("/v1/completions", post(ask))
        .route("/v1/embeddings", post(ask))
        .route("/laurel/v1/receipts", get(published::receipts))
        .method_not_allowed_fallback(|| async { Refusal::from(RequestError::MethodNotAllowed) })
        .with_state(shared.clone())
        .merge(shared.accounts.router())
        .merge(health(&shared).router());
    let routes = match dashboard {
        None => api.fallback(not_found),
        Some(folder) => {
            let files = ServeDir::new(folder)
                .call_fallback_on_method_not_allowed(true)
                .fallback(not_found.into_service());
            let page = Router::new()
                .fallback_service(files)
                .layer(middleware::map_response(as_page));
            api.fallback_service(page)
        }
    };
    routes.layer(middleware::from_fn(number))
}

async fn not_found() -> Refusal {
    RequestError::NotFound.into()
}

/// Ready is who knows somebody to ask.
fn health(shared: &Shared) -> Health {
    let health = Health::new();
    let directory = shared.directory.clone();
    health.check("miners", move || {
        let nobody = directory.borrow().miners.is_empty();
        nobody.then(|| "there is none that can be asked now".into())
    });
    health
}

/// Counts a request, and gives it a name by which a user can ask about it.
async fn number(request: Request, next: Next) -> Response {
    let path = known(request.uri().path());
    let begun = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    metrics::request(path, status);
    let id = format!("req_{:016x}", rand::random::<u64>());
    tracing::debug!(
        id,
        path,
        status,
        ms = begun.elapsed().as_millis() as u64,
        "a user's request"
    );
    // Letters and digits are a valid value.
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// A path as metrics and logs name it: what users make up would be without bounds.
fn known(path: &str) -> &'static str {
    let exact = PATHS.into_iter().find(|known| *known == path);
    exact.unwrap_or(match path.strip_prefix("/v1/models/") {
        Some(_) => "/v1/models/{id}",
        None => "other",
    })
}

/// The fields that are looked at before the rest.
#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Named {
    model: Option<String>,
    stream_options: Option<Wishes>,
}

/// What a user wishes of a stream, beside what the API knows.
#[derive(Deserialize)]
struct Wishes {
    include_receipt: Option<bool>,
}

async fn ask(State(shared): State<Arc<Shared>>, headers: HeaderMap, uri: Uri, body: Body) -> Response {
    let answered = serve(shared, &headers, uri.path(), body).await;
    answered.unwrap_or_else(|refused| *refused)
}

/// Boxed because it is large.
fn refused(refusal: impl IntoResponse) -> Box<Response> {
    Box::new(refusal.into_response())
}

fn gateway(refusal: impl Into<Refusal>) -> Box<Response> {
    refused(refusal.into())
}

async fn read(body: Body) -> Result<Bytes, RequestError> {
    let read = timeout(BODY_DEADLINE, to_bytes(body, MAX_BODY)).await;
    // Else the connection broke, and nobody hears it.
    read.map_err(|_| RequestError::BodyTimeout)?
        .map_err(|_| RequestError::BodyTooLarge { limit: MAX_BODY })
}

async fn serve(shared: Arc<Shared>, headers: &HeaderMap, path: &str, body: Body) -> Result<Response, Box<Response>> {
    let begun = Instant::now();
    shared.accounts.recognise(headers).map_err(refused)?;
    let body = read(body).await.map_err(gateway)?;
    // Only now: who sends slowly keeps nobody else waiting.
    let place = shared.places.clone().try_acquire_owned();
    let place = place.map_err(|_| refused(Refusal::crowded()))?;
    let named: Named =
        serde_json::from_slice(&body).map_err(|e| gateway(RequestError::MalformedBody { why: e.to_string() }))?;
    let directory: Directory = shared.directory.borrow().clone();
    if directory.miners.is_empty() {
        return Err(refused(Refusal::no_miner()));
    }
    let work = catalogue::work_for(&shared.works, &directory, path, named.model.as_deref());
    let work = work.ok_or_else(|| refused(Refusal::no_model()))?;
    let reader = work.clone();
    let (asked, path) = (headers.clone(), path.to_owned());
    // Cutting a long prompt into tokens takes a while.
    let reading = tokio::task::spawn_blocking(move || {
        let task = reader.request(&path, &body)?;
        let session = session(&asked, &task);
        Ok::<_, RequestError>((task, session))
    });
    let read = reading.await.map_err(|_| gateway(RequestError::Internal))?;
    let (mut task, session) = read.map_err(gateway)?;
    task.wants_proof = directory.activation_proofs;

    let admission = shared.accounts.admit(headers, task.most()).await.map_err(refused)?;
    shared.traffic.request();
    let candidates = choice::candidates(&directory, work.model(), task.is_streamed, &shared.traffic);
    let order = choice::order(&candidates, &session);
    let patience = race::patience(&directory, work.model(), &task, shared.asker.patience());
    let answer = race::run(&shared, &work, &task, order, patience).await;
    let answer = answer.map_err(|tried| refused(Refusal::miners_failed(tried)))?;
    Ok(answer.deliver(Delivery {
        work,
        admission,
        place,
        wants_receipt: named.stream_options.and_then(|wishes| wishes.include_receipt) == Some(true),
        begun,
    }))
}
