//! What flows in evenly over time and is kept up to one period's worth: requests and tokens of a minute, free tokens of a day.
use super::UnixMs;

/// How much flows in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// So much in each period, and at most so much is kept.
    pub(super) amount: u64,
    /// Milliseconds.
    pub(super) period_ms: u64,
}

impl Rate {
    pub(super) const fn a_minute(amount: u64) -> Self {
        Self {
            amount,
            period_ms: 60_000,
        }
    }

    /// What is kept at most, in parts.
    fn capacity(self) -> u128 {
        u128::from(self.amount) * u128::from(self.period_ms)
    }
}

/// What is there. It is counted in parts, of which a unit has as many as a period has milliseconds, so that nothing is lost by rounding
/// however often it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    parts: u128,
    at: UnixMs,
}

impl Bucket {
    /// A full one.
    pub(super) fn full(rate: Rate, at: UnixMs) -> Self {
        Self {
            parts: rate.capacity(),
            at,
        }
    }

    /// One with so many parts.
    pub(super) const fn with_parts(parts: u128, at: UnixMs) -> Self {
        Self { parts, at }
    }

    pub(super) fn parts(&self) -> u128 {
        self.parts
    }

    /// Lets in what came since the last time, at a rate that held all the while. Nothing comes while the clock goes back.
    pub(super) fn fill(&mut self, rate: Rate, now: UnixMs) {
        let elapsed = now.0.saturating_sub(self.at.0);
        let came = u128::from(elapsed) * u128::from(rate.amount);
        self.parts = self.parts.saturating_add(came).min(rate.capacity());
        self.at = now;
    }

    /// Whole units that are there.
    pub(super) fn left(&self, rate: Rate) -> u64 {
        // At most `rate.amount`, but for a rate that has become lower since the last filling.
        (self.parts / u128::from(rate.period_ms)).min(u128::from(rate.amount)) as u64
    }

    /// Takes so many units, if they are there.
    pub(super) fn take(&mut self, units: u64, rate: Rate) -> bool {
        let wanted = u128::from(units) * u128::from(rate.period_ms);
        match self.parts.checked_sub(wanted) {
            Some(rest) => {
                self.parts = rest;
                true
            }
            None => false,
        }
    }

    /// Puts back what was taken and not used.
    pub(super) fn put_back(&mut self, units: u64, rate: Rate) {
        let back = u128::from(units) * u128::from(rate.period_ms);
        self.parts = self.parts.saturating_add(back).min(rate.capacity());
    }

    /// Milliseconds until so many units are there; none if they never are.
    pub(super) fn until(&self, units: u64, rate: Rate) -> Option<u64> {
        let wanted = u128::from(units) * u128::from(rate.period_ms);
        if wanted > rate.capacity() {
            return None;
        }
        let missing = wanted.saturating_sub(self.parts);
        if missing == 0 {
            return Some(0);
        }
        // The rate is not 0, else nothing but 0 would fit.
        u64::try_from(missing.div_ceil(u128::from(rate.amount))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate::a_minute(60);

    #[test]
    fn a_minutes_worth_is_there_at_once_and_comes_back_evenly() {
        let mut bucket = Bucket::full(RATE, UnixMs(0));
        assert!(bucket.take(60, RATE));
        assert!(!bucket.take(1, RATE));
        assert_eq!(bucket.until(2, RATE), Some(2_000));
        bucket.fill(RATE, UnixMs(1_999));
        assert!(!bucket.take(2, RATE));
        bucket.fill(RATE, UnixMs(2_000));
        assert!(bucket.take(2, RATE));
        assert_eq!(bucket.until(61, RATE), None);
        bucket.fill(RATE, UnixMs(1_000_000));
        assert_eq!(bucket.left(RATE), 60);
        // A clock that goes back gives nothing, and takes nothing.
        bucket.fill(RATE, UnixMs(5));
        assert_eq!(bucket.left(RATE), 60);
    }

    #[test]
    fn looking_often_loses_nothing_and_a_lower_rate_keeps_less() {
        let slow = Rate {
            amount: 1,
            period_ms: 86_400_000,
        };
        let mut bucket = Bucket::with_parts(0, UnixMs(0));
        for at in 1..=1_000 {
            bucket.fill(slow, UnixMs(at * 86_400));
        }
        assert_eq!(bucket.left(slow), 1);
        let mut bucket = Bucket::full(RATE, UnixMs(0));
        bucket.fill(Rate::a_minute(10), UnixMs(0));
        assert_eq!(bucket.left(RATE), 10);
        assert_eq!(
            Bucket::full(Rate::a_minute(0), UnixMs(0)).until(1, Rate::a_minute(0)),
            None
        );
    }

    #[test]
    fn what_is_not_used_comes_back_but_never_more_than_fits() {
        let mut bucket = Bucket::full(RATE, UnixMs(0));
        assert!(bucket.take(50, RATE));
        bucket.put_back(20, RATE);
        assert_eq!(bucket.left(RATE), 30);
        bucket.put_back(1_000, RATE);
        assert_eq!(bucket.left(RATE), 60);
    }
}
