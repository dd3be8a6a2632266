//! Every request is counted once, with how it ended; one whose client went away too.
use crate::{
    app::{AtWork, Shared},
    metrics as names,
    refusal::refuse,
};
use axum::response::Response;
use laurel_protocol::RequestError;
use metrics::{counter, gauge, histogram};
use std::{sync::atomic::Ordering, time::Instant};

/// The routes as the metrics name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Embeddings,
    Completions,
    Chat,
    Custom,
    Other,
}

impl Route {
    fn label(self) -> &'static str {
        match self {
            Self::Embeddings => "/v1/embeddings",
            Self::Completions => "/v1/completions",
            Self::Chat => "/v1/chat/completions",
            Self::Custom => laurel_protocol::CUSTOM_PATH,
            Self::Other => "other",
        }
    }
}

pub(crate) fn count(route: Route, outcome: &'static str) {
    counter!(names::REQUESTS, "route" => route.label(), "outcome" => outcome).increment(1);
}

/// A request on its way. Dropped without an end, it counts as cancelled.
pub(crate) struct Outcome {
    route: Route,
    started: Instant,
    ended: bool,
    is_admitted: bool,
    in_work: AtWork,
}

impl Outcome {
    pub(crate) fn begin(route: Route, shared: &Shared) -> Self {
        Self {
            route,
            started: Instant::now(),
            ended: false,
            is_admitted: false,
            in_work: shared.in_work.clone(),
        }
    }

    /// The front door let it in.
    pub(crate) fn admitted(&mut self) {
        self.is_admitted = true;
        let others = self.in_work.fetch_add(1, Ordering::Relaxed);
        gauge!(names::IN_WORK).set((others + 1) as f64);
    }

    /// Ends with an answer that is complete.
    pub(crate) fn finish(self, answer: Result<Response, RequestError>) -> Response {
        match answer {
            Ok(response) => {
                self.succeed();
                response
            }
            Err(error) => {
                let response = refuse(&error);
                self.fail(&error);
                response
            }
        }
    }

    pub(crate) fn succeed(mut self) {
        histogram!(names::SECONDS, "route" => self.route.label()).record(self.started.elapsed());
        self.end("ok");
    }

    pub(crate) fn fail(mut self, error: &RequestError) {
        self.end(error.code());
    }

    fn end(&mut self, outcome: &'static str) {
        if !std::mem::replace(&mut self.ended, true) {
            count(self.route, outcome);
        }
    }
}

impl Drop for Outcome {
    fn drop(&mut self) {
        self.end("cancelled");
        if self.is_admitted {
            let before = self.in_work.fetch_sub(1, Ordering::Relaxed);
            gauge!(names::IN_WORK).set(before.saturating_sub(1) as f64);
        }
    }
}

/// Counts tokens read and written.
pub(crate) fn count_tokens(prompt: u32, completion: u32) {
    counter!(names::TOKENS, "direction" => "prompt").increment(prompt.into());
    counter!(names::TOKENS, "direction" => "completion").increment(completion.into());
}
