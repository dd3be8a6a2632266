//! What became of one task, and what it is worth.
use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A proportion in millionths, from 0 to 1000000. Integers, so that anyone who recomputes a score gets the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(pub u32);

impl Score {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All.
    pub const ONE: Self = Self(1_000_000);

    /// `part / whole`, rounded down; all if `part` is not below `whole`.
    pub fn ratio(part: u64, whole: u64) -> Self {
        if part >= whole {
            return Self::ONE;
        }
        // Below one million, because `part < whole`.
        Self((u128::from(part) * u128::from(Self::ONE.0) / u128::from(whole)) as u32)
    }

    /// The product of two proportions, rounded down.
    pub fn times(self, other: Self) -> Self {
        // Both are at most a million, so the quotient is too.
        Self((u64::from(self.0) * u64::from(other.0) / u64::from(Self::ONE.0)) as u32)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:04}", self.0 / 1_000_000, self.0 % 1_000_000 / 100)
    }
}

/// The verdict on one task. Names are stable: they stand in receipts and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The answer is the one that the registered model gives.
    Correct,
    /// The miner published no endpoint, or let it expire.
    NoAxon,
    /// Nobody answers at the endpoint.
    Down,
    /// No complete answer before the deadline.
    Late,
    /// The miner says that it is busy or stopping.
    Busy,
    /// The miner refused a valid request.
    Refused,
    /// The answer is not what the protocol prescribes.
    Malformed,
    /// There is no receipt, or the miner did not sign it.
    Unsigned,
    /// The receipt that the miner signed is about another request or answer.
    Mismatched,
    /// The miner signed that it ran another model than it was asked for.
    WrongModel,
    /// The registered model gives another answer.
    WrongContent,
    /// The answer ends before the model would.
    Truncated,
    /// The axon names a model or protocol that the subnet does not take: it took it when the axon was published.
    NotAccepted,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 13] = [
        Self::Correct,
        Self::NoAxon,
        Self::Down,
        Self::Late,
        Self::Busy,
        Self::Refused,
        Self::Malformed,
        Self::Unsigned,
        Self::Mismatched,
        Self::WrongModel,
        Self::WrongContent,
        Self::Truncated,
        Self::NotAccepted,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::NoAxon => "no_axon",
            Self::Down => "down",
            Self::Late => "late",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Malformed => "malformed",
            Self::Unsigned => "unsigned",
            Self::Mismatched => "mismatched",
            Self::WrongModel => "wrong_model",
            Self::WrongContent => "wrong_content",
            Self::Truncated => "truncated",
            Self::NotAccepted => "not_accepted",
        }
    }

    /// The verdict of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Whether it proves that the miner did not do the work that it says it did: no accident looks like this.
    pub fn is_proof_of_cheating(self) -> bool {
        matches!(
            self,
            Self::Mismatched | Self::WrongModel | Self::WrongContent | Self::Truncated
        )
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why an answer is not correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Never [`Verdict::Correct`].
    pub verdict: Verdict,
    /// For people: what was wrong, with the numbers.
    pub reason: String,
}

impl Fault {
    /// A fault.
    pub fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
        }
    }
}

/// A task's verdict with its sub-scores: `score = correctness × speed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Part of the checked answer that is right.
    pub correctness: Score,
    /// See [`speed`].
    pub speed: Score,
    /// What counts for the rating.
    pub score: Score,
}

impl Judgement {
    /// A correct answer that took `latency_ms` of `deadline_ms`.
    pub fn correct(reason: impl Into<String>, latency_ms: u64, deadline_ms: u64) -> Self {
        let (correctness, speed) = (Score::ONE, speed(latency_ms, deadline_ms));
        Self {
            verdict: Verdict::Correct,
            reason: reason.into(),
            correctness,
            speed,
            score: correctness.times(speed),
        }
    }

    /// An answer that is worth nothing.
    pub fn fault(fault: Fault) -> Self {
        let Fault { verdict, reason } = fault;
        Self {
            verdict,
            reason,
            correctness: Score::ZERO,
            speed: Score::ZERO,
            score: Score::ZERO,
        }
    }
}

/// What speed is worth: all up to a quarter of the deadline, then linearly less, down to a half at the deadline.
///
/// Bounded below, because a correct answer in time is the work; flat at first, so that miners that share a machine with the
/// validator, or sit near it, have no edge.
pub fn speed(latency_ms: u64, deadline_ms: u64) -> Score {
    let target = deadline_ms / 4;
    let over = latency_ms.saturating_sub(target);
    let lost = Score::ratio(over, deadline_ms.saturating_sub(target).max(1));
    Score(Score::ONE.0 - lost.0 / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_full_up_to_a_quarter_of_the_deadline_and_half_at_it() {
        assert_eq!(speed(0, 8_000), Score::ONE);
        assert_eq!(speed(2_000, 8_000), Score::ONE);
        assert_eq!(speed(5_000, 8_000), Score(750_000));
        assert_eq!(speed(8_000, 8_000), Score(500_000));
        assert_eq!(speed(80_000, 8_000), Score(500_000));
    }

    #[test]
    fn slower_is_never_better() {
        let speeds: Vec<Score> = (0..9_000).step_by(10).map(|ms| speed(ms, 8_000)).collect();
        assert!(speeds.windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn every_verdict_can_be_read_back_by_its_name() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_name(verdict.name()), Some(verdict));
        }
        assert_eq!(Verdict::from_name("excellent"), None);
    }

    #[test]
    fn scores_multiply_and_round_down() {
        assert_eq!(Score(500_000).times(Score(500_001)), Score(250_000));
        assert_eq!(Score::ratio(1, 3), Score(333_333));
        assert_eq!(Score::ratio(3, 3), Score::ONE);
        assert_eq!(Score(1_000_000).to_string(), "1.0000");
        assert_eq!(Score(123_456).to_string(), "0.1234");
    }
}
