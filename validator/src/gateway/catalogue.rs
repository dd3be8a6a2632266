//! The models that can be asked for now, and what they are called.
use super::{refusal::Refusal, Shared};
use crate::{
    asking::Directory,
    work::{Work, Works},
};
use axum::{
    extract::{Path, State},
    Json,
};
use laurel_types::{ModelKind, ModelRoot};
use serde_json::{json, Value};
use std::sync::Arc;

/// The models that live miners serve and this validator can judge, each once.
fn served<'a>(works: &'a Works, directory: &Directory) -> Vec<&'a Arc<dyn Work>> {
    let mut roots: Vec<ModelRoot> = Vec::new();
    for listed in &directory.miners {
        let root = listed.miner.subject.model;
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots.into_iter().filter_map(|root| works.of(root)).collect()
}

/// Whether a user who writes `name` means this model: by its root in hexadecimal, or by its name.
fn is_called(works: &Works, root: ModelRoot, name: &str) -> bool {
    let hexadecimal = name.strip_prefix("0x").unwrap_or(name);
    works.name_of(root) == Some(name) || hex::encode(root.0).eq_ignore_ascii_case(hexadecimal)
}

/// The work that is done at a path.
fn kind_of(path: &str) -> ModelKind {
    match path {
        "/v1/embeddings" => ModelKind::Embedding,
        _ => ModelKind::Text,
    }
}

/// The work for requests to `path` that name this model, or none, among those that live miners do.
pub(super) fn work_for(works: &Works, directory: &Directory, path: &str, model: Option<&str>) -> Option<Arc<dyn Work>> {
    let kind = kind_of(path);
    let mut served = served(works, directory).into_iter();
    let found = served.find(|work| match model {
        Some(name) => is_called(works, work.model(), name),
        None => work.kind() == kind,
    });
    found.cloned()
}

fn entry(works: &Works, directory: &Directory, work: &dyn Work) -> Value {
    let root = work.model();
    let miners = directory
        .miners
        .iter()
        .filter(|listed| listed.miner.subject.model == root);
    let hexadecimal = hex::encode(root.0);
    json!({
        "id": works.name_of(root).unwrap_or(&hexadecimal),
        "object": "model",
        "created": 0,
        "owned_by": "laurel",
        "laurel": { "root": hexadecimal, "kind": kind_name(work.kind()), "miners": miners.count() },
    })
}

fn kind_name(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Text => "text",
        ModelKind::Embedding => "embedding",
        ModelKind::Custom => "custom",
    }
}

/// `GET /v1/models`.
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let directory = shared.directory.borrow();
    let all = served(&shared.works, &directory).into_iter();
    let entries: Vec<Value> = all.map(|work| entry(&shared.works, &directory, &**work)).collect();
    Json(json!({ "object": "list", "data": entries }))
}

/// `GET /v1/models/{id}`.
pub(super) async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let directory = shared.directory.borrow();
    let mut all = served(&shared.works, &directory).into_iter();
    let found = all.find(|work| is_called(&shared.works, work.model(), &id));
    let work = found.ok_or_else(Refusal::no_model)?;
    Ok(Json(entry(&shared.works, &directory, &**work)))
}
