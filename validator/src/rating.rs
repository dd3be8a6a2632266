//! How a miner's record becomes one number.
use crate::{Score, Verdict};
use codec::{Decode, Encode};

/// The newest task's part in the average, in tenths.
const NEWEST_TENTHS: i64 = 3;
/// Correct answers that a miner proven to cheat must give before its rating starts anew.
const PROBATION: u32 = 16;

/// A registration's rating. It belongs to the registration, not to the uid: a newcomer inherits nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Rating {
    /// Moving average of scores.
    pub value: Score,
    /// Tasks in the average.
    pub tasks: u32,
    /// Correct answers still owed; while there are any, the rating stays 0.
    pub probation: u32,
}

impl Rating {
    /// The rating after one more task.
    ///
    /// The first tasks count equally (the n-th with weight 1/n), later ones with weight 0.3. Proof of cheating takes everything and
    /// puts the miner on probation: cheating sometimes must not pay, or a miner would cheat as often as it is not looked at.
    pub fn after(self, verdict: Verdict, score: Score) -> Self {
        if verdict.is_proof_of_cheating() {
            return Self {
                value: Score::ZERO,
                tasks: 0,
                probation: PROBATION,
            };
        }
        if self.probation > 0 {
            let paid = u32::from(verdict == Verdict::Correct);
            return Self {
                probation: self.probation - paid,
                ..self
            };
        }
        let tasks = self.tasks.saturating_add(1);
        let (old, new) = (i64::from(self.value.0), i64::from(score.0));
        let step = if i64::from(tasks) * NEWEST_TENTHS < 10 {
            (new - old) / i64::from(tasks)
        } else {
            (new - old) * NEWEST_TENTHS / 10
        };
        // Between two scores, so within their range.
        Self {
            value: Score((old + step) as u32),
            tasks,
            probation: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn honest(tasks: u32) -> Rating {
        (0..tasks).fold(Rating::default(), |rating, _| {
            rating.after(Verdict::Correct, Score::ONE)
        })
    }

    #[test]
    fn an_honest_miner_is_rated_fully_from_its_first_answer() {
        assert_eq!(honest(1).value, Score::ONE);
        assert_eq!(honest(50).value, Score::ONE);
    }

    #[test]
    fn the_rating_falls_with_every_kind_of_failure() {
        let before = honest(10);
        for verdict in Verdict::ALL.into_iter().filter(|v| *v != Verdict::Correct) {
            let after = before.after(verdict, Score::ZERO);
            assert!(after.value < before.value, "{verdict}");
        }
    }

    #[test]
    fn a_miner_that_stays_away_falls_below_one_hundredth() {
        let gone = (0..14).fold(honest(10), |rating, _| rating.after(Verdict::Down, Score::ZERO));
        assert!(gone.value < Score(10_000), "{}", gone.value);
    }

    #[test]
    fn proof_of_cheating_takes_everything_until_many_correct_answers_later() {
        let mut rating = honest(10).after(Verdict::WrongContent, Score::ZERO);
        for _ in 0..PROBATION {
            assert_eq!(rating.value, Score::ZERO);
            rating = rating.after(Verdict::Correct, Score::ONE);
        }
        assert_eq!(rating.value, Score::ZERO);
        assert_eq!(rating.after(Verdict::Correct, Score::ONE).value, Score::ONE);
    }

    #[test]
    fn being_down_does_not_shorten_probation() {
        let caught = honest(10).after(Verdict::Truncated, Score::ZERO);
        assert_eq!(caught.after(Verdict::Down, Score::ZERO), caught);
    }
}
