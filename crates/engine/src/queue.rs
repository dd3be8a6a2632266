//! A worker thread behind a bounded queue, as every engine has.
use crate::EngineError;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The callers' end. Dropping it ends the worker.
pub(crate) struct Queue<T>(Arc<Shared<T>>);

/// The worker's end.
pub(crate) struct Jobs<T>(Arc<Shared<T>>);

struct Shared<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    /// A job came, or nobody will send one any more.
    came: Condvar,
    /// A job was taken, or nobody will take one any more.
    went: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// Whether the callers' end was dropped.
    closed: bool,
    /// Whether the worker's end was dropped.
    stopped: bool,
}

impl<T: Send + 'static> Queue<T> {
    /// Starts `work` on a thread of its own; it should end when [`Jobs::next`] answers nothing.
    pub(crate) fn start(
        name: &str,
        capacity: usize,
        work: impl FnOnce(Jobs<T>) + Send + 'static,
    ) -> Result<Self, EngineError> {
        let shared = Arc::new(Shared {
            capacity: capacity.max(1),
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                closed: false,
                stopped: false,
            }),
            came: Condvar::new(),
            went: Condvar::new(),
        });
        let jobs = Jobs(shared.clone());
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(jobs));
        thread.map_err(|error| EngineError::Compute(format!("no thread could be started: {error}")))?;
        Ok(Self(shared))
    }

    /// Queues a job if there is room.
    pub(crate) fn offer(&self, job: T) -> Result<(), EngineError> {
        let mut state = self.0.lock();
        if state.stopped {
            return Err(EngineError::Stopped);
        }
        if state.waiting.len() >= self.0.capacity {
            return Err(EngineError::Overloaded { queue: self.0.capacity });
        }
        state.waiting.push_back(job);
        self.0.came.notify_one();
        Ok(())
    }

    /// Queues a job, waiting for room.
    pub(crate) fn push(&self, job: T) -> Result<(), EngineError> {
        let mut state = self.0.lock();
        while !state.stopped && state.waiting.len() >= self.0.capacity {
            state = self.0.went.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return Err(EngineError::Stopped);
        }
        state.waiting.push_back(job);
        self.0.came.notify_one();
        Ok(())
    }

    /// Jobs that wait.
    pub(crate) fn depth(&self) -> usize {
        self.0.lock().waiting.len()
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.came.notify_all();
    }
}

impl<T> Jobs<T> {
    /// The next job; waits for one. Nothing when the engine was dropped.
    pub(crate) fn next(&self) -> Option<T> {
        while self.wait() {
            if let Some(job) = self.next_waiting() {
                return Some(job);
            }
        }
        None
    }

    /// A job that is there already.
    pub(crate) fn next_waiting(&self) -> Option<T> {
        self.choose(VecDeque::pop_front)
    }

    /// Waits until there is a job; answers whether there is one, not so when the engine was dropped.
    pub(crate) fn wait(&self) -> bool {
        let mut state = self.0.lock();
        while !state.closed && state.waiting.is_empty() {
            state = self.0.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.closed
    }

    /// Takes what `choose` takes of the jobs that wait, the oldest first.
    pub(crate) fn choose<R>(&self, choose: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        let mut state = self.0.lock();
        let taken = choose(&mut state.waiting);
        drop(state);
        self.0.went.notify_all();
        taken
    }

    /// Whether the engine was dropped, so that work in progress is for nobody.
    pub(crate) fn closed(&self) -> bool {
        self.0.lock().closed
    }
}

impl<T> Drop for Jobs<T> {
    /// Jobs that still wait are dropped, so that their callers hear of it.
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.stopped = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
        self.0.went.notify_all();
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // What a panic left behind is whole: every change of the state is a single step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
