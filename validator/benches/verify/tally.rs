//! How many runs of a miner's answers were proof of cheating.
use laurel_validator::statistic::{Deviation, Window, WINDOW_TOKENS};
use laurel_validator::Fault;

/// What the validator says of one answer of so many tokens.
pub struct Judged {
    pub tokens: u32,
    pub found: Result<Deviation, Fault>,
}

/// Counts of one case.
///
/// A miner's answers are cut into runs of at most [`WINDOW_TOKENS`] tokens; a run is caught if an answer in it is refused, or if the
/// validator's window is over its bounds after one. Each run has a window that begins empty. A cheat's run ends where it is caught; an
/// honest miner's answers also pass through a window that rolls on, so that it has every chance of a false alarm.
#[derive(Default)]
pub struct Tally {
    pub requests: usize,
    pub tokens: u64,
    pub runs: usize,
    pub caught: usize,
    /// The first reason for which one was.
    pub reason: Option<String>,
    /// Tokens of each run that was caught, until then.
    pub until: Vec<u32>,
    /// Sums of the runs that were not.
    pub sums: Vec<Deviation>,
    rolling: Option<Window>,
    window: Window,
    run: u32,
    is_caught: bool,
}

impl Tally {
    pub fn new(is_honest: bool) -> Self {
        Self {
            rolling: is_honest.then(Window::default),
            ..Default::default()
        }
    }

    pub fn is_honest(&self) -> bool {
        self.rolling.is_some()
    }

    /// An answer without tokens is a run of its own.
    pub fn add(&mut self, judged: &Judged) {
        if self.run > 0 && self.run + judged.tokens > WINDOW_TOKENS {
            self.close();
        }
        self.requests += 1;
        self.tokens += u64::from(judged.tokens);
        self.run += judged.tokens;
        let pushed = match &judged.found {
            Ok(deviation) => {
                let rolled = self.rolling.as_mut().map_or(Ok(()), |window| window.push(deviation));
                self.window.push(deviation).and(rolled)
            }
            Err(fault) => Err(format!("{}: {}", fault.verdict, fault.reason)),
        };
        if let Err(reason) = pushed {
            self.reason.get_or_insert(reason);
            self.is_caught = true;
        }
        let is_over = self.is_caught && self.rolling.is_none();
        if is_over || judged.tokens == 0 {
            self.close();
        }
    }

    fn close(&mut self) {
        self.runs += 1;
        if self.is_caught {
            self.caught += 1;
            self.until.push(self.run);
        } else {
            self.sums.push(self.window.sum());
        }
        self.window = Window::default();
        (self.run, self.is_caught) = (0, false);
    }
}
