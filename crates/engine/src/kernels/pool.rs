//! The threads that kernels run on: one pool for the whole process, whose workers wait for work awake for a moment.
//!
//! A decoding step is some hundred operations of a few microseconds, less than it takes to wake a thread. So a worker
//! that has just worked spins for [`AWAKE`] before it sleeps. One operation has the workers at a time; whoever finds them
//! taken (another engine's step) computes alone, so nothing waits for anything but its own pieces.
use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long a worker spins after its last work. Beyond the time between two steps of a decoder, so that workers stay awake.
const AWAKE: Duration = Duration::from_micros(300);

thread_local! {
    static THREADS: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Runs `work` so that kernels called in it use at most `threads` threads, the calling one among them. Without this they
/// use as many as the processor runs at once, which is also the most that there are.
pub fn with_threads<R>(threads: usize, work: impl FnOnce() -> R) -> R {
    let before = THREADS.replace(Some(threads.max(1)));
    let _restore = OnDrop(|| THREADS.set(before));
    work()
}

/// How many threads kernels called from here may use.
pub fn threads() -> usize {
    let most = pool().workers + 1;
    THREADS.get().map_or(most, |threads| threads.min(most))
}

/// Calls `work` once for each of `0..pieces`, on several threads, and returns when all calls have.
///
/// # Panics
/// If a call panics, with its payload; calls that had not begun are left out.
pub(super) fn parallel(pieces: usize, work: impl Fn(usize) + Sync) {
    let helpers = threads().min(pieces).saturating_sub(1);
    let pool = pool();
    if helpers == 0 || pool.taken.swap(true, SeqCst) {
        (0..pieces).for_each(work);
        return;
    }
    let _give_back = OnDrop(|| pool.taken.store(false, SeqCst));
    let task = Task {
        work: &work,
        pieces,
        next: AtomicUsize::new(0),
        helpers,
        panic: Mutex::new(None),
    };
    {
        let _close = pool.open(&task);
        task.take_part();
    }
    let panic = task.panic.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

/// One call of [`parallel`].
struct Task<'a> {
    work: &'a (dyn Fn(usize) + Sync),
    pieces: usize,
    next: AtomicUsize,
    /// Workers that may take part.
    helpers: usize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Task<'_> {
    fn take_part(&self) {
        loop {
            let piece = self.next.fetch_add(1, SeqCst);
            if piece >= self.pieces {
                return;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.work)(piece))) {
                self.next.store(self.pieces, SeqCst);
                let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
                first.get_or_insert(panic);
            }
        }
    }
}

struct Pool {
    workers: usize,
    /// Whether a caller has the workers.
    taken: AtomicBool,
    /// Whether `task` may be read.
    open: AtomicBool,
    /// Workers between their look at `open` and the end of their part.
    inside: AtomicUsize,
    task: UnsafeCell<Option<*const Task<'static>>>,
    sleeping: Mutex<usize>,
    wake: Condvar,
}

// SAFETY: `task` is written only by the caller that has `taken`, while `open` is false and `inside` has been seen at 0
// after that; it is read only by a worker that has counted itself `inside` and then seen `open`. All of these accesses
// are sequentially consistent, so either the worker sees the pool closed or the caller sees the worker inside.
unsafe impl Sync for Pool {}
// SAFETY: the pointer in `task` is to a `Task`, whose parts can be shared between threads.
unsafe impl Send for Pool {}

impl Pool {
    /// Shows `task` to the workers until the answer is dropped, which waits for those that are at it.
    fn open<'a>(&'static self, task: &'a Task<'a>) -> impl Drop + 'a {
        // SAFETY: this caller has `taken` the pool, which is closed with nobody inside. The lifetime is forgotten; the
        // guard waits for everyone inside before `task` goes.
        unsafe { *self.task.get() = Some(std::ptr::from_ref(task).cast()) };
        self.open.store(true, SeqCst);
        if *self.sleeping.lock().unwrap_or_else(PoisonError::into_inner) > 0 {
            self.wake.notify_all();
        }
        OnDrop(move || {
            self.open.store(false, SeqCst);
            let mut looks = 0u32;
            while self.inside.load(SeqCst) > 0 {
                looks += 1;
                // With more threads than processors a worker may have been set aside in the middle of its piece.
                if looks.is_multiple_of(4096) {
                    std::thread::yield_now();
                } else {
                    std::hint::spin_loop();
                }
            }
        })
    }

    fn work(&self, index: usize) {
        let mut since = Instant::now();
        let mut looks = 0u32;
        loop {
            if self.open.load(SeqCst) && self.try_part(index) {
                since = Instant::now();
            }
            looks = looks.wrapping_add(1);
            std::hint::spin_loop();
            if looks.is_multiple_of(64) && since.elapsed() > AWAKE {
                self.sleep();
                since = Instant::now();
            }
        }
    }

    /// Takes part in what is open, if it still is and wants this worker.
    fn try_part(&self, index: usize) -> bool {
        self.inside.fetch_add(1, SeqCst);
        let _leave = OnDrop(|| {
            self.inside.fetch_sub(1, SeqCst);
        });
        if !self.open.load(SeqCst) {
            return false;
        }
        // SAFETY: open and inside, so the caller keeps the task until this worker has left.
        let task = unsafe { (*self.task.get()).map(|task| &*task) };
        match task {
            Some(task) if index < task.helpers && task.next.load(SeqCst) < task.pieces => {
                task.take_part();
                true
            }
            _ => false,
        }
    }

    fn sleep(&self) {
        let mut sleeping = self.sleeping.lock().unwrap_or_else(PoisonError::into_inner);
        *sleeping += 1;
        // `open` is looked at under the lock that the caller takes after opening, so a wake-up cannot be missed.
        while !self.open.load(SeqCst) {
            sleeping = self.wake.wait(sleeping).unwrap_or_else(PoisonError::into_inner);
        }
        *sleeping -= 1;
    }
}

fn pool() -> &'static Pool {
    static POOL: OnceLock<&'static Pool> = OnceLock::new();
    POOL.get_or_init(|| {
        let wanted = std::thread::available_parallelism().map_or(1, usize::from) - 1;
        let pool: &'static Pool = Box::leak(Box::new(Pool {
            workers: wanted,
            taken: AtomicBool::new(false),
            open: AtomicBool::new(false),
            inside: AtomicUsize::new(0),
            task: UnsafeCell::new(None),
            sleeping: Mutex::new(0),
            wake: Condvar::new(),
        }));
        for index in 0..wanted {
            let thread = std::thread::Builder::new().name(format!("laurel-kernel-{index}"));
            if let Err(error) = thread.spawn(move || pool.work(index)) {
                tracing::warn!(%error, "a thread for computing could not be started; fewer are used");
            }
        }
        pool
    })
}

/// Calls its function when dropped.
pub(super) struct OnDrop<F: FnMut()>(pub(super) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_also_from_several_threads_at_once() {
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for pieces in (0..40).chain([1000]) {
                        let done: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                        parallel(pieces, |piece| {
                            done[piece].fetch_add(1, SeqCst);
                        });
                        assert!(done.iter().all(|times| times.load(SeqCst) == 1));
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        for bad in [0, 7, 63] {
            let panic = catch_unwind(|| parallel(64, |piece| assert_ne!(piece, bad, "piece {bad}")));
            assert!(panic.is_err());
        }
        let sum = AtomicUsize::new(0);
        parallel(64, |piece| {
            sum.fetch_add(piece, SeqCst);
        });
        assert_eq!(sum.into_inner(), 63 * 64 / 2);
    }

    #[test]
    fn work_inside_of_work_is_done() {
        let sum = AtomicUsize::new(0);
        parallel(4, |_| {
            parallel(8, |_| {
                sum.fetch_add(1, SeqCst);
            });
        });
        assert_eq!(sum.into_inner(), 32);
    }

    #[test]
    fn a_limit_of_threads_holds_inside_only() {
        let before = threads();
        let _ = catch_unwind(|| with_threads(1, || panic!("{}", threads())));
        assert_eq!(with_threads(1, threads), 1);
        assert_eq!(threads(), before);
    }
}
