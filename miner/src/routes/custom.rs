//! `/v1/work`: work of the subnet's own.
use super::outcome::count_tokens;
use crate::{app::Shared, front_door::now_ms, metrics as names, Backend, CustomJob, Visitor};
use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use laurel_protocol::{output_hash_custom, CustomRequest, RequestError, Work, RECEIPT_HEADER};
use metrics::gauge;
use serde_json::Value;

pub(super) async fn answer(shared: &Shared, visitor: Visitor) -> Result<Response, RequestError> {
    let request: CustomRequest<Value> = visitor.request.json()?;
    let service = shared.service(Some(&request.model))?;
    let Backend::Custom(backend) = &service.backend else {
        let ours = service.backend.what();
        return Err(RequestError::WrongKind { ours });
    };
    gauge!(names::QUEUE).set(backend.queue_depth() as f64);
    let answer = backend.work(CustomJob::new(&visitor.request, request.task)).await?;

    let work = Work {
        model: service.root,
        output_hash: output_hash_custom(&answer),
        proof_hash: None,
        prompt_tokens: size(visitor.request.body()),
        completion_tokens: size(&answer),
        received_ms: visitor.received_ms,
        completed_ms: now_ms(),
    };
    count_tokens(work.prompt_tokens, work.completion_tokens);
    let receipt = shared.receipt(&visitor.request, &work);
    let headers = [
        (RECEIPT_HEADER, receipt.as_str()),
        (CONTENT_TYPE.as_str(), "application/json"),
    ];
    Ok((headers, answer).into_response())
}

/// Custom work has no tokens: bytes are counted in their place.
fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
