//! A text as server-sent events: a chunk a token, the usage if it was asked for, `[DONE]`, the receipt.
//!
//! The receipt comes after `[DONE]`, where clients that do not know it have stopped reading.
use crate::{
    app::Shared,
    routes::{work_of, Masthead, Piece, RequestOutcome},
    Generation, TextPiece, Visitor,
};
use axum::response::{
    sse::{Event, KeepAlive},
    IntoResponse, Response, Sse,
};
use futures::{stream, StreamExt};
use laurel_protocol::{
    openai::{FinishReason, TextExtension, Usage},
    RequestError, RECEIPT_EVENT,
};
use serde_json::Value;
use std::{collections::VecDeque, convert::Infallible, sync::Arc};

/// State of a streamed answer. When the client goes away it is dropped, and with it the computation.
struct Streamed {
    shared: Arc<Shared>,
    visitor: Visitor,
    masthead: Masthead,
    generation: Generation,
    with_usage: bool,
    /// None once the request has been counted.
    outcome: Option<RequestOutcome>,
    /// Ids sent so far.
    sent: Vec<u32>,
    ready: VecDeque<Event>,
    is_first: bool,
}

/// Answers at once with a stream. The pair says whether the usage was asked for, and counts the request at its end.
pub(crate) fn respond(
    shared: Arc<Shared>,
    visitor: Visitor,
    masthead: Masthead,
    generation: Generation,
    (with_usage, outcome): (bool, RequestOutcome),
) -> Response {
    let state = Streamed {
        shared,
        visitor,
        masthead,
        generation,
        with_usage,
        outcome: Some(outcome),
        sent: Vec::new(),
        ready: VecDeque::new(),
        is_first: true,
    };
    let events = stream::unfold(state, |mut state| async move {
        let event = state.next().await?;
        Some((Ok::<_, Infallible>(event), state))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

fn data(value: &Value) -> Event {
    Event::default().data(value.to_string())
}

impl Streamed {
    async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.ready.pop_front() {
            return Some(event);
        }
        self.outcome.as_ref()?;
        match self.generation.pieces.next().await {
            Some(Ok(TextPiece::Token { id, text })) => {
                self.sent.push(id);
                let written = TextExtension {
                    token_ids: vec![id],
                    ..TextExtension::default()
                };
                Some(self.chunk(text, written, None))
            }
            Some(Ok(TextPiece::Done {
                finish,
                completion,
                proof,
            })) => {
                self.end(finish, completion, proof);
                self.ready.pop_front()
            }
            Some(Err(error)) => Some(self.fail(error)),
            None => Some(self.fail(RequestError::Internal)),
        }
    }

    fn chunk(&mut self, text: String, mut extension: TextExtension, finish: Option<FinishReason>) -> Event {
        let is_first = std::mem::replace(&mut self.is_first, false);
        extension.prompt_token_ids = is_first.then(|| self.generation.prompt.clone());
        data(&self.masthead.chunk(Piece {
            text,
            finish,
            extension: Some(extension),
            is_first,
        }))
    }

    fn end(&mut self, finish: FinishReason, completion: Vec<u32>, proof: Option<Vec<u8>>) {
        let written = (completion.as_slice(), proof.as_deref());
        let work = work_of(&self.masthead, &self.visitor, &self.generation.prompt, written);
        // A backend may keep ids back, such as the one of the end token.
        let rest = TextExtension {
            token_ids: completion.get(self.sent.len()..).unwrap_or_default().to_vec(),
            activation_proof: proof,
            ..TextExtension::default()
        };
        let last = self.chunk(String::new(), rest, Some(finish));
        self.ready.push_back(last);
        if self.with_usage {
            let usage = Usage::new(work.prompt_tokens, work.completion_tokens);
            self.ready.push_back(data(&self.masthead.usage_chunk(usage)));
        }
        self.ready.push_back(Event::default().data("[DONE]"));
        let receipt = self.shared.receipt(&self.visitor.request, &work);
        self.ready
            .push_back(Event::default().event(RECEIPT_EVENT).data(receipt));
        if let Some(outcome) = self.outcome.take() {
            outcome.succeed();
        }
    }

    fn fail(&mut self, error: RequestError) -> Event {
        let body = serde_json::to_value(error.body()).expect("strings are JSON; qed");
        if let Some(outcome) = self.outcome.take() {
            outcome.fail(&error);
        }
        data(&body)
    }
}
