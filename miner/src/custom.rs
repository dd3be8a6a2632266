//! Custom work: what a subnet's author, or a miner with a better idea, lets answer.
use crate::{Backend, CustomBackend, CustomJob};
use async_trait::async_trait;
use laurel_protocol::{CustomWork, RequestError};
use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
};
use tokio::sync::Semaphore;

/// When a caller that met a full queue should try again, in seconds.
const RETRY_AFTER_S: u32 = 1;

/// Answers the tasks of a kind of custom work.
pub trait Solve: CustomWork {
    /// Answers a task. It runs on a thread of its own, one for each core at a time, and is not told when the asker has gone: a solver that
    /// could go on for ever sets itself a limit.
    ///
    /// # Errors
    /// What is wrong with the task, for whoever sent it.
    fn solve(&self, task: &Self::Task) -> Result<Self::Answer, String>;
}

/// Runs a solver, on as many threads as there are cores, with so many tasks waiting at most.
pub(crate) fn backend<S: Solve>(solver: S, queue: usize) -> Backend {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Backend::Custom(Arc::new(Solver {
        solver: Arc::new(solver),
        threads: Arc::new(Semaphore::new(cores)),
        waiting: AtomicUsize::new(0),
        queue,
    }))
}

struct Solver<S> {
    solver: Arc<S>,
    threads: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

/// A place in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Result<Self, RequestError> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(place);
        }
        Err(RequestError::Overloaded {
            retry_after_s: RETRY_AFTER_S,
        })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl<S: Solve> CustomBackend for Solver<S> {
    async fn work(&self, job: CustomJob) -> Result<Vec<u8>, RequestError> {
        let task: S::Task =
            serde_json::from_value(job.task).map_err(|error| RequestError::MalformedBody { why: error.to_string() })?;
        let thread = match self.threads.clone().try_acquire_owned() {
            Ok(thread) => thread,
            Err(_) => {
                let _place = Place::take(&self.waiting, self.queue)?;
                let waiting = self.threads.clone().acquire_owned();
                waiting.await.map_err(|_| RequestError::Internal)?
            }
        };
        let solver = self.solver.clone();
        let solving = tokio::task::spawn_blocking(move || {
            let answer = solver.solve(&task);
            // Only now: who hangs up does not stop the thread.
            drop(thread);
            answer
        });
        let answer = solving.await.map_err(failed)?;
        let answer = answer.map_err(|why| RequestError::InvalidInput { why })?;
        serde_json::to_vec(&answer).map_err(failed)
    }

    fn queue_depth(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// It panicked, or its answer is no JSON.
fn failed(error: impl std::fmt::Display) -> RequestError {
    tracing::error!(%error, "the solver failed");
    RequestError::Internal
}
