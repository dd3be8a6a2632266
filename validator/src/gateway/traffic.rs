//! What is under way to each miner, who failed or was overtaken lately, and how many requests may be sent twice.
use super::metrics::{self, Outcome};
use crate::evidence::Subject;
use laurel_types::{RegistrationId, Uid};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What a request adds to the budget of second copies: one in 20.
const BUDGET_OF_EACH: f64 = 0.05;
/// The most that is saved up.
const MOST_BUDGET: f64 = 5.0;
/// How long a miner that keeps failing is left alone at most; after one failure 2 s, twice as long after each further one.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// Miners that are remembered; more than a subnet has.
const MINERS: usize = 4_096;

/// The traffic of one gateway.
#[derive(Debug, Default)]
pub(super) struct Traffic(Mutex<State>);

#[derive(Debug)]
struct State {
    miners: HashMap<RegistrationId, Miner>,
    /// Second copies that may be sent now.
    budget: f64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            miners: HashMap::new(),
            budget: 1.0,
        }
    }
}

#[derive(Debug, Default)]
struct Miner {
    in_flight: u32,
    /// In a row.
    failures: u32,
    rests_until: Option<Instant>,
}

impl Miner {
    fn failed(&mut self, now: Instant) {
        self.failures += 1;
        let rest = Duration::from_secs(1 << self.failures.min(6)).min(LONGEST_REST);
        self.rests_until = Some(now + rest);
    }

    fn is_resting(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }
}

/// A request on its way to a miner; until it is dropped, it counts as under way.
#[derive(Debug)]
pub(super) struct Underway {
    traffic: Arc<Traffic>,
    registration: RegistrationId,
    uid: Uid,
    outcome: Outcome,
}

impl Traffic {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here can be left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Requests under way to a miner, and whether it is to be left alone.
    pub(super) fn of(&self, registration: RegistrationId) -> (u32, bool) {
        self.at(registration, Instant::now())
    }

    fn at(&self, registration: RegistrationId, now: Instant) -> (u32, bool) {
        let state = self.lock();
        let miner = state.miners.get(&registration);
        miner.map_or((0, false), |miner| (miner.in_flight, miner.is_resting(now)))
    }

    /// A user's request came.
    pub(super) fn request(&self) {
        let mut state = self.lock();
        state.budget = (state.budget + BUDGET_OF_EACH).min(MOST_BUDGET);
    }

    /// Takes one second copy from the budget, if there is one.
    pub(super) fn may_hedge(&self) -> bool {
        let mut state = self.lock();
        let may = state.budget >= 1.0;
        if may {
            state.budget -= 1.0;
        }
        may
    }

    /// A miner had nothing to show yet when another one did that was asked later.
    pub(super) fn overtaken(&self, registration: RegistrationId) {
        self.overtaken_at(registration, Instant::now());
    }

    fn overtaken_at(&self, registration: RegistrationId, now: Instant) {
        if let Some(miner) = self.lock().miners.get_mut(&registration) {
            miner.failed(now);
        }
    }

    /// A request is sent to a miner.
    pub(super) fn send(self: &Arc<Self>, subject: &Subject) -> Underway {
        let Subject { registration, uid, .. } = *subject;
        let mut state = self.lock();
        if state.miners.len() >= MINERS {
            let now = Instant::now();
            state
                .miners
                .retain(|_, miner| miner.in_flight > 0 || miner.is_resting(now));
        }
        state.miners.entry(registration).or_default().in_flight += 1;
        Underway {
            traffic: self.clone(),
            registration,
            uid,
            outcome: Outcome::Cancelled,
        }
    }
}

impl Underway {
    /// The miner answered, or failed.
    pub(super) fn ended(&mut self, is_answered: bool) {
        self.ended_at(is_answered, Instant::now());
    }

    fn ended_at(&mut self, is_answered: bool, now: Instant) {
        self.outcome = if is_answered {
            Outcome::Answered
        } else {
            Outcome::Failed
        };
        let mut state = self.traffic.lock();
        let Some(miner) = state.miners.get_mut(&self.registration) else {
            return;
        };
        match is_answered {
            true => (miner.failures, miner.rests_until) = (0, None),
            false => miner.failed(now),
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        metrics::miner(self.uid, self.outcome);
        if let Some(miner) = self.traffic.lock().miners.get_mut(&self.registration) {
            miner.in_flight = miner.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use laurel_types::{ModelRoot, NetUid};

    const MINER: RegistrationId = RegistrationId(1);

    fn subject() -> Subject {
        Subject {
            netuid: NetUid(1),
            uid: Uid(2),
            registration: MINER,
            hotkey: [3; 32],
            model: ModelRoot([4; 32]),
        }
    }

    #[test]
    fn what_is_under_way_is_counted_until_it_is_dropped() {
        let traffic = Arc::new(Traffic::default());
        let (one, two) = (traffic.send(&subject()), traffic.send(&subject()));
        assert_eq!((traffic.of(MINER).0, traffic.of(RegistrationId(2)).0), (2, 0));
        drop(one);
        assert_eq!(traffic.of(MINER).0, 1);
        drop(two);
        assert_eq!(traffic.of(MINER).0, 0);
    }

    #[test]
    fn who_fails_rests_longer_each_time_until_it_answers() {
        let traffic = Arc::new(Traffic::default());
        let mut underway = traffic.send(&subject());
        let now = Instant::now();
        let is_resting = |after: u64| traffic.at(MINER, now + Duration::from_millis(after)).1;
        for rest in [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
            underway.ended_at(false, now);
            assert!(is_resting(rest - 1) && !is_resting(rest), "{rest}");
        }
        underway.ended_at(true, now);
        assert!(!is_resting(0));
    }

    #[test]
    fn who_is_overtaken_rests_as_who_fails_does_and_what_is_cancelled_says_nothing() {
        let traffic = Arc::new(Traffic::default());
        let now = Instant::now();
        drop(traffic.send(&subject()));
        assert!(!traffic.at(MINER, now).1);
        let mut slow = traffic.send(&subject());
        traffic.overtaken_at(MINER, now);
        assert!(traffic.at(MINER, now + Duration::from_millis(1_999)).1);
        slow.ended_at(false, now);
        assert!(
            traffic.at(MINER, now + Duration::from_millis(3_999)).1,
            "twice in a row"
        );
    }

    #[test]
    fn one_request_in_twenty_may_be_sent_twice() {
        let traffic = Traffic::default();
        assert!(traffic.may_hedge(), "the first");
        let hedged = (0..1_000).filter(|_| {
            traffic.request();
            traffic.may_hedge()
        });
        assert!((49..=50).contains(&hedged.count()));
        (0..1_000).for_each(|_| traffic.request());
        assert_eq!(
            (0..100).filter(|_| traffic.may_hedge()).count(),
            5,
            "what is saved up is bounded"
        );
    }
}
