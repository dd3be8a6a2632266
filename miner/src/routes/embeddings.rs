//! `/v1/embeddings`.
use super::outcome::count_tokens;
use crate::{app::Shared, front_door::now_ms, metrics as names, Backend, EmbeddingJob, Visitor};
use axum::{
    response::{IntoResponse, Response},
    Json,
};
use laurel_protocol::{
    openai::{Embedding, EmbeddingRequest, EmbeddingResponse, EmbeddingVector, Usage},
    output_hash_embeddings, RequestError, Work, RECEIPT_HEADER,
};
use metrics::gauge;

pub(super) async fn answer(shared: &Shared, visitor: Visitor) -> Result<Response, RequestError> {
    let request: EmbeddingRequest = visitor.request.json()?;
    let service = shared.service(request.model.as_deref())?;
    let Backend::Embedding(backend) = &service.backend else {
        return Err(RequestError::WrongKind {
            ours: service.backend.what(),
        });
    };
    let format = request.encoding_format;
    let job = EmbeddingJob::new(&visitor.request, request.inputs()?);
    gauge!(names::QUEUE).set(backend.queue_depth() as f64);
    let embedded = backend.embed(job).await?;

    let work = Work {
        model: service.root,
        output_hash: output_hash_embeddings(&embedded.vectors),
        proof_hash: None,
        prompt_tokens: embedded.prompt_tokens,
        completion_tokens: 0,
        received_ms: visitor.received_ms,
        completed_ms: now_ms(),
    };
    count_tokens(work.prompt_tokens, 0);
    let data = embedded.vectors.into_iter().zip(0..).map(|(vector, index)| Embedding {
        object: "embedding".into(),
        index,
        embedding: EmbeddingVector::encode(vector, format),
    });
    let body = EmbeddingResponse {
        object: "list".into(),
        data: data.collect(),
        model: service.name.clone(),
        usage: Usage::new(work.prompt_tokens, 0),
    };
    Ok(([(RECEIPT_HEADER, shared.receipt(&visitor.request, &work))], Json(body)).into_response())
}
