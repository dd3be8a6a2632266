//! The time by which accounts are kept.
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds of a day.
pub const DAY_MS: u64 = 86_400_000;

/// Milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// Days since 1970.
    pub fn day(self) -> u64 {
        self.0 / DAY_MS
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0 / 1_000
    }
}

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMs;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixMs {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        // A clock before 1970 is wrong anyway.
        UnixMs(since.map_or(0, |since| since.as_millis() as u64))
    }
}
