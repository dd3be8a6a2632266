//! What became of one task, and what it is worth.
use crate::{statistic::Deviation, work::Findings};
use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

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

    /// All of its decimals, as [`FromStr`] reads them.
    pub fn exact(self) -> String {
        let text = format!("{}.{:06}", self.0 / Self::ONE.0, self.0 % Self::ONE.0);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// Not a proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number from 0 to 1 with at most six decimals")]
pub struct NotAProportion;

impl FromStr for Score {
    type Err = NotAProportion;

    fn from_str(text: &str) -> Result<Self, NotAProportion> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{whole}{decimals:0<6}");
        if whole.is_empty() || decimals.len() > 6 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NotAProportion);
        }
        let score = digits.parse().map(Self).map_err(|_| NotAProportion)?;
        if score > Self::ONE {
            return Err(NotAProportion);
        }
        Ok(score)
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
    /// Nothing is wrong that can be seen without the model, and the lot did not fall on it to be checked.
    Unchecked,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 14] = [
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
        Self::Unchecked,
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
            Self::Unchecked => "unchecked",
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

/// An answer's verdict with its sub-scores: `score = correctness × speed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Part of the checked answer that is right; presumed to be all where nothing was checked.
    pub correctness: Score,
    /// See [`crate::pace::speed`].
    pub speed: Score,
    /// What counts for the rating.
    pub score: Score,
    /// How far a checked answer is from the registered model's.
    pub deviation: Option<Deviation>,
}

impl Judgement {
    /// An answer that was checked and, by itself, is right, or worth the part of a right one that was found.
    pub fn correct(findings: Findings, speed: Score) -> Self {
        Self {
            verdict: Verdict::Correct,
            reason: findings.reason,
            correctness: findings.correctness,
            speed,
            score: findings.correctness.times(speed),
            deviation: Some(findings.deviation),
        }
    }

    /// An answer that looked right and was not checked.
    pub fn unchecked(speed: Score) -> Self {
        Self {
            verdict: Verdict::Unchecked,
            reason: "it looks right, and was not drawn to be checked".into(),
            correctness: Score::ONE,
            speed,
            score: Score::ONE.times(speed),
            deviation: None,
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
            deviation: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_can_be_read_back_by_its_name() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_name(verdict.name()), Some(verdict));
        }
        assert_eq!(Verdict::from_name("excellent"), None);
    }

    #[test]
    fn a_proportion_is_read_and_written_to_the_last_decimal() {
        for (text, score) in [
            ("0.1", 100_000),
            ("1", 1_000_000),
            ("0.000001", 1),
            ("0", 0),
            ("0.25", 250_000),
        ] {
            assert_eq!(text.parse(), Ok(Score(score)));
            assert_eq!(Score(score).exact(), text);
        }
        for text in ["", ".5", "1.1", "0.0000001", "-0.1", "1e-1", "0.1.1", "99999999999"] {
            assert_eq!(text.parse::<Score>(), Err(NotAProportion), "{text}");
        }
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
