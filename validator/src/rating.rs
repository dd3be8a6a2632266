//! How a miner's record becomes one number.
use crate::{
    rate::{Policy, Sign},
    statistic::Window,
    Fault, Judgement, Score, Verdict,
};
use codec::{Decode, Encode};

/// The newest answer's part in the average, in tenths.
const NEWEST_TENTHS: i64 = 3;
/// Proofs of cheating that can be owed for at a time. Each adds to what is owed: who cheats on probation would otherwise risk nothing but
/// what it has paid off since. There is an end, so that a miner which was set up wrongly can come back.
const MOST_PROOFS: u32 = 16;

/// A registration's rating. It belongs to the registration, not to the uid: a newcomer inherits nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rating {
    /// Moving average of scores.
    pub value: Score,
    /// Answers in the average.
    pub tasks: u32,
    /// Answers still owed; while there are any, the value stays 0. Only those that were checked and correct pay it off.
    pub probation: u32,
    /// Probability that its next answer is checked.
    pub rate: Score,
}

impl Default for Rating {
    /// A newcomer's.
    fn default() -> Self {
        Self {
            value: Score::ZERO,
            tasks: 0,
            probation: 0,
            rate: Score::ONE,
        }
    }
}

impl Rating {
    /// The first answers count equally (the n-th with weight 1/n), later ones with weight 0.3. Proof of cheating takes everything and
    /// puts the miner on probation: cheating sometimes must not pay, or a miner would cheat as often as it is not looked at.
    fn after(self, verdict: Verdict, score: Score, sign: Sign, policy: &Policy) -> Self {
        if verdict.is_proof_of_cheating() {
            let most = policy.probation().saturating_mul(MOST_PROOFS);
            return Self {
                probation: self.probation.saturating_add(policy.probation()).min(most),
                ..Self::default()
            };
        }
        if self.probation > 0 {
            let paid = u32::from(verdict == Verdict::Correct);
            return Self {
                probation: self.probation - paid,
                rate: Score::ONE,
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
        Self {
            // Between two scores, so within their range.
            value: Score((old + step) as u32),
            tasks,
            probation: 0,
            rate: policy.rate_after(self.rate, sign),
        }
    }
}

/// What is known of a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Its rating.
    pub rating: Rating,
    /// How far its last checked answers are from the registered model's.
    pub window: Window,
}

impl Record {
    /// What an answer is worth to whoever has this record, and the record with it.
    ///
    /// An answer that is right by itself can still be one too many: [`Window::push`] refuses it when all together are too far from the model.
    pub fn with(&self, judgement: Judgement, policy: &Policy) -> (Judgement, Self) {
        let mut window = self.window.clone();
        let refused = judgement
            .deviation
            .as_ref()
            .and_then(|deviation| window.push(deviation).err());
        let judgement = match refused {
            Some(reason) => Judgement {
                deviation: judgement.deviation,
                ..Judgement::fault(Fault::new(Verdict::WrongContent, reason))
            },
            None => judgement,
        };
        let Judgement { verdict, score, .. } = judgement;
        if verdict.is_proof_of_cheating() {
            // What was proof once is not again.
            window = Window::default();
        }
        let sign = Sign::of(verdict, judgement.deviation.as_ref(), window.nearness());
        let rating = self.rating.after(verdict, score, sign, policy);
        (judgement, Self { rating, window })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{statistic::Deviation, work::Findings};

    /// An answer without a fault, as fast as can be.
    pub(crate) fn correct() -> Judgement {
        let findings = Findings {
            reason: "fine".into(),
            correctness: Score::ONE,
            deviation: Deviation::default(),
        };
        Judgement::correct(findings, Score::ONE)
    }

    pub(crate) fn fault(verdict: Verdict) -> Judgement {
        Judgement::fault(Fault::new(verdict, "as the test wants it"))
    }

    fn next(rating: &Rating, judgement: Judgement) -> Rating {
        let record = Record {
            rating: *rating,
            ..Default::default()
        };
        record.with(judgement, &Policy::default()).1.rating
    }

    fn honest(answers: u32) -> Rating {
        (0..answers).fold(Rating::default(), |rating, _| next(&rating, correct()))
    }

    #[test]
    fn an_honest_miner_is_rated_fully_from_its_first_answer() {
        assert_eq!(honest(1).value, Score::ONE);
        assert_eq!(honest(50).value, Score::ONE);
    }

    #[test]
    fn the_rating_falls_with_every_kind_of_failure() {
        let before = honest(10);
        let failures = Verdict::ALL
            .into_iter()
            .filter(|verdict| !matches!(verdict, Verdict::Correct | Verdict::Unchecked));
        for verdict in failures {
            let after = next(&before, fault(verdict));
            assert!(after.value < before.value, "{verdict}");
        }
    }

    #[test]
    fn a_miner_that_stays_away_falls_below_one_hundredth() {
        let gone = (0..14).fold(honest(10), |rating, _| next(&rating, fault(Verdict::Down)));
        assert!(gone.value < Score(10_000), "{}", gone.value);
    }

    #[test]
    fn an_answer_that_was_not_checked_counts_with_its_speed_and_pays_nothing_off() {
        let before = honest(10);
        let slow = next(&before, Judgement::unchecked(Score(500_000)));
        assert_eq!(slow.value, Score(850_000));
        assert_eq!(slow.rate, before.rate, "only what was checked lowers the rate");
        let caught = next(&before, fault(Verdict::WrongContent));
        assert_eq!(next(&caught, Judgement::unchecked(Score::ONE)), caught);
    }

    #[test]
    fn proof_of_cheating_takes_everything_until_many_correct_answers_later() {
        let mut rating = next(&honest(10), fault(Verdict::WrongContent));
        for _ in 0..Policy::default().probation() {
            assert_eq!((rating.value, rating.rate), (Score::ZERO, Score::ONE));
            rating = next(&rating, correct());
        }
        assert_eq!((rating.value, rating.rate), (Score::ZERO, Score::ONE));
        assert_eq!(next(&rating, correct()).value, Score::ONE);
    }

    #[test]
    fn being_down_does_not_shorten_probation() {
        let caught = next(&honest(10), fault(Verdict::Truncated));
        assert_eq!(next(&caught, fault(Verdict::Down)), caught);
    }

    #[test]
    fn who_cheats_on_probation_owes_more_but_not_without_end() {
        let owed = Policy::default().probation();
        let twice = (0..2).fold(honest(10), |rating, _| next(&rating, fault(Verdict::WrongContent)));
        assert_eq!(twice.probation, 2 * owed);
        let often = (0..100).fold(honest(10), |rating, _| next(&rating, fault(Verdict::WrongContent)));
        assert_eq!(often.probation, MOST_PROOFS * owed);
    }
}
