//! A worker thread behind a bounded queue, as every engine has.
use crate::EngineError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{sync_channel, Receiver, SyncSender, TrySendError};
use std::sync::Arc;

/// The callers' end. Dropping it ends the worker.
pub(crate) struct Queue<T> {
    sender: SyncSender<T>,
    state: Arc<State>,
    capacity: usize,
}

/// The worker's end.
pub(crate) struct Jobs<T> {
    receiver: Receiver<T>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    waiting: AtomicUsize,
    closed: AtomicBool,
}

impl<T: Send + 'static> Queue<T> {
    /// Starts `work` on a thread of its own; it should end when [`Jobs::next`] answers nothing.
    pub(crate) fn start(
        name: &str,
        capacity: usize,
        work: impl FnOnce(Jobs<T>) + Send + 'static,
    ) -> Result<Self, EngineError> {
        let capacity = capacity.max(1);
        let (sender, receiver) = sync_channel(capacity);
        let state = Arc::new(State::default());
        let jobs = Jobs {
            receiver,
            state: state.clone(),
        };
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(jobs));
        thread.map_err(|error| EngineError::Compute(format!("no thread could be started: {error}")))?;
        Ok(Self {
            sender,
            state,
            capacity,
        })
    }

    /// Queues a job if there is room.
    pub(crate) fn offer(&self, job: T) -> Result<(), EngineError> {
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        self.sender.try_send(job).map_err(|error| {
            self.state.waiting.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => EngineError::Overloaded { queue: self.capacity },
                TrySendError::Disconnected(_) => EngineError::Stopped,
            }
        })
    }

    /// Queues a job, waiting for room.
    pub(crate) fn push(&self, job: T) -> Result<(), EngineError> {
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        self.sender.send(job).map_err(|_| {
            self.state.waiting.fetch_sub(1, Ordering::Relaxed);
            EngineError::Stopped
        })
    }

    /// Jobs that wait.
    pub(crate) fn depth(&self) -> usize {
        self.state.waiting.load(Ordering::Relaxed)
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        self.state.closed.store(true, Ordering::Relaxed);
    }
}

impl<T> Jobs<T> {
    /// The next job; waits for one. Nothing when the engine was dropped.
    pub(crate) fn next(&self) -> Option<T> {
        let job = self.receiver.recv().ok()?;
        self.state.waiting.fetch_sub(1, Ordering::Relaxed);
        (!self.closed()).then_some(job)
    }

    /// A job that is there already.
    pub(crate) fn next_waiting(&self) -> Option<T> {
        let job = self.receiver.try_recv().ok()?;
        self.state.waiting.fetch_sub(1, Ordering::Relaxed);
        Some(job)
    }

    /// Whether the engine was dropped, so that work in progress is for nobody.
    pub(crate) fn closed(&self) -> bool {
        self.state.closed.load(Ordering::Relaxed)
    }
}

/// The threads that one engine computes on.
pub(crate) struct ThreadPool(Option<rayon::ThreadPool>);

impl ThreadPool {
    /// `threads` of its own, or those of the whole process.
    pub(crate) fn new(threads: Option<usize>) -> Result<Self, EngineError> {
        let Some(threads) = threads else { return Ok(Self(None)) };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
        pool.map(|pool| Self(Some(pool)))
            .map_err(|error| EngineError::Compute(format!("no threads could be started: {error}")))
    }

    /// Runs `work` so that what it computes in parallel stays on these threads.
    pub(crate) fn run<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}
